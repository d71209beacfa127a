"""Runs a benchmark in a child process with the engine's environment.

The command line, which starts it, loads no MLX. The last line that a child prints is
JSON; anything its libraries print before is ignored. Its progress is passed on to this
process's stderr as it arrives.
"""

import json
import os
import runpy
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from typing import Any, Final

from mica.engine import process
from mica.errors import EngineError
from mica.model.mlx_build import use_suited_build
from mica.program import own_command

#: How long a child may go without reporting progress. Without OpenBLAS one block takes
#: two minutes, and `memory` transcribes an hour between two lines.
DEADLINE_S: Final = 7200.0
PREFIX: Final = "mica bench: "
#: How many children may run in parallel if they measure no time. A Mac's GPU cannot be
#: divided among them, and its memory may not hold two models.
AT_ONCE: Final = 2 if sys.platform != "darwin" and (os.cpu_count() or 1) > 1 else 1


def print_progress(progress: str) -> None:
    """Print a benchmark's progress to stderr; for children and parents alike."""
    print(f"{PREFIX}{progress}", file=sys.stderr, flush=True)


def measure_in_child(module: str, request: object, threads: int | None = None) -> Any:
    """Run a module as a child with a JSON argument; returns the JSON it prints.

    threads   of its linear algebra; None = as many as the engine has
    """
    command = own_command("--module", module, json.dumps(request))
    environment = process.environment()
    if threads is not None:
        names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
        environment |= dict.fromkeys(names, str(threads))
    with tempfile.TemporaryFile("w+", encoding="utf-8") as printed:
        try:
            child = subprocess.Popen(
                command,
                env=environment,
                stdout=printed,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
            )
        except OSError as why:
            raise _failed(why.strerror or "no reason given") from why
        why_not = _watched(child)
        if child.returncode != 0:
            raise _failed(why_not)
        printed.seek(0)
        return json.loads(printed.read().splitlines()[-1])


def be_child(module: str, request: str) -> None:
    """Act as the child. Only for benchmarks: no other code may run with the permissions
    granted to Mica."""
    if not module.startswith("mica.bench."):
        sys.exit(f"mica: {module} is not a benchmark.")
    use_suited_build()
    sys.argv[1:] = [request]
    runpy.run_module(module, run_name="__main__")


def _watched(child: "subprocess.Popen[str]") -> str:
    """Pass on the child's progress and wait for its end. Returns why it failed, if it
    did: the last line on its stderr other than progress, or that it was killed."""
    assert child.stderr is not None
    last, ended = "no reason given", threading.Event()

    def end() -> None:
        ended.set()
        child.kill()

    limit = _started(end)
    for line in child.stderr:
        if line.startswith(PREFIX):
            limit.cancel()
            limit = _started(end)
            sys.stderr.write(line)
            sys.stderr.flush()
        elif line.strip():
            last = line.strip()
    child.wait()
    limit.cancel()
    child.stderr.close()
    if ended.is_set():
        return f"It made no progress for {DEADLINE_S / 60:.0f} minutes."
    return last


def _started(end: Callable[[], None]) -> threading.Timer:
    timer = threading.Timer(DEADLINE_S, end)
    timer.daemon = True
    timer.start()
    return timer


def _failed(why: str) -> EngineError:
    message = f"The benchmark’s process failed: {why}"
    return EngineError(message, "Try again with --debug.")
