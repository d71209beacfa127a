"""Entry point of `mica`: the engine, the decoder, a command, or the app.

It imports only the one that runs.
"""

import os
import sys


def main() -> None:
    if sys.argv[1:] == ["--engine"]:
        from mica.engine.worker import main as serve

        serve()
    elif sys.argv[1:2] == ["--decode"]:
        from mica.audio.decoding import main as decode

        decode(sys.argv[2:])
    elif sys.argv[1:] not in ([], ["--debug"]) or not _has_display():
        from mica.cli.main import run

        sys.exit(run(sys.argv[1:]))
    else:
        from mica.start import main as start

        sys.exit(start())


def _has_display() -> bool:
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY"))


if __name__ == "__main__":
    main()
