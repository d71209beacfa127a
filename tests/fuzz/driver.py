"""Fuzzes one part of Mica, or all of them, each for some seconds in its own process.

    python -m fuzz.driver [SECONDS [TARGET…]]       with tests/ in PYTHONPATH

First come the inputs in corpus/<target>, then new ones. An input that breaks a law
(laws.py) is made smaller and added there, so that it is tried from then on. A target is
a module with

    inputs()              a strategy for bytes
    check(data, folder)   tries one input in a folder of its own
    prepare(folder)       optional; called once
    LIMIT_S, MEMORY_BYTES, ALLOWED   optional; see laws.py
"""

import hashlib
import importlib
import os
import subprocess
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

import hypothesis

from fuzz.laws import Laws, smaller

CORPUS = Path(__file__).parent / "corpus"
SECONDS = float(os.environ.get("MICA_FUZZ_SECONDS", "20"))
EXAMPLES = 500  # with one seed
SHRINKING_S = 10.0
PEAK = "VmHWM:"  # of /proc/self/status
TARGETS = (
    "engine_messages",
    "decoder_messages",
    "sound_files",
    "model_config",
    "model_weights",
    "model_tokenizer",
    "settings_file",
    "keyword_lists",
    "control_socket",
    "library_file",
)


@dataclass(frozen=True)
class Outcome:
    """What fuzzing one target gave.

    line    a summary
    found   the input that broke a law, in the corpus; None if none did
    """

    line: str
    found: Path | None


def fuzz(target: str, seconds: float, seed: int = 0) -> Outcome:
    """Fuzz one target; the same seed tries the same inputs."""
    with tempfile.TemporaryDirectory(prefix="mica-fuzz-") as scratch:
        tests = str(Path(__file__).parent.parent)
        done = subprocess.run(
            [sys.executable, "-m", "fuzz.driver", target, str(seconds), str(seed)],
            env={
                **os.environ,
                "MICA_HOME": f"{scratch}/home",
                "MICA_FUZZ_FOLDER": scratch,
                "PYTHONPATH": tests,
                "QT_QPA_PLATFORM": "offscreen",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        told = done.stdout.decode("utf-8", "replace")
        if done.returncode == 0:
            return Outcome(told.splitlines()[-1], None)
        current = Path(scratch, "current")
        kept = _keep(target, current.read_bytes()) if current.exists() else None
        ended = f"{target} ended with {done.returncode}, after the input {kept}"
        return Outcome(f"{told}\n{ended}", kept or Path(scratch))


def _keep(target: str, data: bytes) -> Path:
    """Add an input to the corpus."""
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / hashlib.sha256(data).hexdigest()[:12]
    file.write_bytes(data)
    return file


def _try(target: str, seconds: float, seed: int) -> None:
    """The process that tries the inputs. Exits with 1 at the first that breaks a law,
    which is then in the file `current`."""
    module = importlib.import_module(f"fuzz.{target}")
    folder = Path(os.environ["MICA_FUZZ_FOLDER"]).resolve()
    if hasattr(module, "prepare"):
        module.prepare(folder)
    laws = Laws(module, folder)
    laws.limit_memory()
    start_s = time.monotonic()
    kept = [file.read_bytes() for file in sorted((CORPUS / target).glob("*"))]
    for data in kept:
        _check(laws, data)
    while time.monotonic() < start_s + seconds:
        seed += 1
        _search(module.inputs(), laws, seed, start_s + seconds)
    took_s = time.monotonic() - start_s
    status = Path("/proc/self/status").read_text().split(PEAK)[1]
    print(
        f"{target}: {laws.count} inputs in {took_s:.0f} s, {len(kept)} of them kept; "
        f"slowest {laws.slowest_s:.2f} s, peak {int(status.split()[0]) >> 10} MB"
    )


def _search(
    inputs: hypothesis.strategies.SearchStrategy[bytes],
    laws: Laws,
    seed: int,
    until_s: float,
) -> None:
    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(inputs)
    def search(data: bytes) -> None:
        if time.monotonic() < until_s:
            _check(laws, data)

    search()


def _check(laws: Laws, data: bytes) -> None:
    """Try an input; if it breaks a law, exit with a smaller one in `current`."""
    try:
        laws.check(data)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        traceback.print_exc()
        kind = type(error)
        until_s = time.monotonic() + SHRINKING_S
        data = smaller(data, lambda shorter: _breaks(laws, shorter, kind), until_s)
        with_current = Path(os.environ["MICA_FUZZ_FOLDER"], "current")
        with_current.write_bytes(data)
        sys.stdout.flush()
        os._exit(1)


def _breaks(laws: Laws, data: bytes, kind: type[BaseException]) -> bool:
    try:
        laws.check(data)
    except BaseException as error:  # noqa: BLE001 as in _check()
        return type(error) is kind
    return False


def main(arguments: list[str]) -> int:
    """Fuzz the targets one after another; 1 if a law was broken."""
    seconds = float(arguments[0]) if arguments else SECONDS
    seed = int(time.time())
    print(f"{seconds:g} s each, seed {seed}", flush=True)
    has_found = False
    for target in arguments[1:] or TARGETS:
        outcome = fuzz(target, seconds, seed)
        has_found |= outcome.found is not None
        print(outcome.line, flush=True)
    return int(has_found)


if __name__ == "__main__":
    if "MICA_FUZZ_FOLDER" in os.environ:
        _try(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))
    else:
        sys.exit(main(sys.argv[1:]))
