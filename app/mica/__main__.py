"""Entry point of `mica`: a child process, the self-test, a command, or the app.

Before anything else, it guards the process against the network and makes its files
private. Then it imports only the one that runs.
"""

import os
import sys

from mica import network_guard, paths


def main() -> None:
    network_guard.install(sys.argv[1:])
    paths.make_private()
    if sys.argv[1:] == ["--engine"]:
        from mica.engine.worker import main as serve

        serve()
    elif sys.argv[1:2] == ["--decode"]:
        from mica.audio.decoding import main as decode

        decode(sys.argv[2:])
    elif sys.argv[1:2] == ["--module"]:
        from mica.bench.child import be_child

        be_child(*sys.argv[2:])
    elif sys.argv[1:] == ["--self-test"]:
        from mica.cli.self_test import main as test

        sys.exit(test())
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
