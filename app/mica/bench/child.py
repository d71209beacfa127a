"""Runs what measures in a process of its own, with the engine's environment.

The command line starts it and loads no MLX itself. The last line a child prints is
JSON; what its libraries print before is left out.
"""

import json
import subprocess
import sys
from typing import Any, Final

from mica.engine import process
from mica.errors import EngineError

DEADLINE_S: Final = 7200.0  # without OpenBLAS one block takes two minutes


def measured(module: str, asked: object) -> Any:
    """What the module printed, asked with one argument of JSON."""
    try:
        ended = subprocess.run(
            [sys.executable, "-m", module, json.dumps(asked)],
            env=process.environment(),
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        why = (getattr(error, "stderr", None) or str(error)).strip()
        line = why.splitlines()[-1] if why else "no reason given"
        what = f"The benchmark's process failed: {line}"
        raise EngineError(what, "Try again with --debug.") from error
    return json.loads(ended.stdout.splitlines()[-1])
