"""Only one app runs at a time, even if two start at the same moment."""

import subprocess
import sys
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from mica import paths
from mica.dictation import control
from mica.dictation.control import single_instance

APP = """
import sys
from mica import paths
from mica.dictation import control
control.START_S = 0.3
with control.single_instance(paths.instance_lock(), paths.control_socket()) as is_first:
    print(is_first, flush=True)
    if is_first:
        sys.stdin.read()
"""
LIMIT_S = 30.0


class Apps:
    """Processes that try to become the only app; each reports whether it succeeded."""

    def __init__(self) -> None:
        self.started: list[subprocess.Popen[str]] = []

    def start(self) -> "subprocess.Popen[str]":
        command, pipe = [sys.executable, "-c", APP], subprocess.PIPE
        app = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        self.started.append(app)
        return app


@pytest.fixture
def apps() -> Iterator[Apps]:
    apps = Apps()
    yield apps
    for app in apps.started:
        app.kill()
        app.wait(LIMIT_S)
        for pipe in (app.stdin, app.stdout):
            assert pipe is not None
            pipe.close()


def is_first(app: "subprocess.Popen[str]") -> bool:
    assert app.stdout is not None
    return app.stdout.readline() == "True\n"


def quit_app(app: "subprocess.Popen[str]") -> None:
    assert app.stdin is not None
    app.stdin.close()
    app.wait(LIMIT_S)


def test_only_one_of_two_apps_started_at_once_runs(apps: Apps) -> None:
    both = [apps.start(), apps.start()]
    found = [is_first(app) for app in both]
    assert sorted(found) == [False, True]
    [running] = [app for app, first in zip(both, found, strict=True) if first]
    assert not is_first(apps.start())
    quit_app(running)
    assert is_first(apps.start())


def test_an_app_that_was_killed_is_no_instance(apps: Apps) -> None:
    killed = apps.start()
    assert is_first(killed)
    killed.kill()
    killed.wait(LIMIT_S)
    assert is_first(apps.start())


def test_an_app_waits_for_one_that_is_quitting(
    apps: Apps, monkeypatch: pytest.MonkeyPatch
) -> None:
    quitting, looks = apps.start(), 0
    assert is_first(quitting)

    def wait(seconds: float) -> None:
        nonlocal looks
        looks += 1
        quit_app(quitting)

    clock = SimpleNamespace(monotonic=time.monotonic, sleep=wait)
    monkeypatch.setattr(control, "time", clock)
    with single_instance(paths.instance_lock(), paths.control_socket()) as first:
        assert first and looks == 1


def test_the_lock_is_not_inherited_by_the_engine(apps: Apps) -> None:
    """The engine may outlive a killed app by a second or two."""
    with single_instance(paths.instance_lock(), paths.control_socket()) as first:
        assert first
        child = subprocess.Popen(
            [sys.executable, "-c", "input()"], stdin=subprocess.PIPE
        )
    try:
        assert is_first(apps.start())
    finally:
        child.communicate(b"\n", timeout=LIMIT_S)
