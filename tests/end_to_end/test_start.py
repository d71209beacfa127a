"""Starting and ending the app, as processes."""

import os
import subprocess
import sys
from pathlib import Path

from end_to_end.parts import mica, needs_desktop
from support import xserver
from support.xserver import until

pytestmark = needs_desktop
LIMIT_S = 60.0


def test_only_one_of_two_starts_at_once_becomes_the_app(tmp_path: Path) -> None:
    command, pipe = [sys.executable, "-m", "mica"], subprocess.PIPE
    with xserver.display():
        environment = {**os.environ, "MICA_HOME": str(tmp_path)}
        environment |= {"QT_QPA_PLATFORM": "xcb", "PULSE_SERVER": "unix:/nonexistent"}
        both = [
            subprocess.Popen(command, env=environment, stderr=pipe, text=True)
            for _ in range(2)
        ]
        try:
            until(lambda: any(app.poll() is not None for app in both), LIMIT_S)
            [ended] = [app for app in both if app.poll() is not None]
            [stays] = [app for app in both if app is not ended]
            assert ended.stderr is not None
            assert "already running" in ended.stderr.read()
            assert ended.returncode == 0
            until(lambda: mica(tmp_path, "tell", "quit").returncode == 0, LIMIT_S)
            assert stays.wait(LIMIT_S) == 0
        finally:
            for app in both:
                app.kill()
                app.wait(LIMIT_S)
                assert app.stderr is not None
                app.stderr.close()
