"""What the log and the user get of exceptions that no code handles."""

import logging
import sys
import threading

import pytest

from mica.dictation.strings import MODEL_MISSING
from mica.errors import ModelError
from mica.unhandled import (
    AGAIN_S,
    OUT_OF_MEMORY,
    UNKNOWN,
    UnhandledExceptions,
    reason,
    trace,
    user_line,
)
from support.fakes import Clock


@pytest.fixture
def unhandled(monkeypatch: pytest.MonkeyPatch) -> UnhandledExceptions:
    for hook in ("excepthook", "unraisablehook"):
        monkeypatch.setattr(sys, hook, getattr(sys, hook))
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    return UnhandledExceptions(Clock())


LINES = {
    OUT_OF_MEMORY: MemoryError(),
    UNKNOWN: ValueError("secret words"),
    "Something went wrong (No space left on device). If it happens again, restart "
    "Mica.": OSError(28, "No space left on device", "/home/secret"),
    f"{MODEL_MISSING} Get one.": ModelError(MODEL_MISSING, "Get one."),
}


@pytest.mark.parametrize("line", LINES)
def test_the_user_gets_one_line_and_the_log_no_words(
    unhandled: UnhandledExceptions, caplog: pytest.LogCaptureFixture, line: str
) -> None:
    try:
        raise LINES[line]
    except Exception as why:  # noqa: BLE001 what is tested
        unhandled.handle(why, "a test")
    assert unhandled.lines == [line] == [user_line(LINES[line])]
    assert "test_unhandled.py" in caplog.text and "secret" not in caplog.text
    assert type(LINES[line]).__name__ in caplog.text


def test_the_same_fault_is_said_once_a_minute(unhandled: UnhandledExceptions) -> None:
    for _ in range(100):
        unhandled.handle(ValueError(), "a timer")
    assert unhandled.lines == [UNKNOWN]
    unhandled.handle(MemoryError(), "a timer")
    unhandled._clock.now_s += AGAIN_S
    unhandled.handle(ValueError(), "a timer")
    assert unhandled.lines == [UNKNOWN, OUT_OF_MEMORY, UNKNOWN]


def test_exceptions_of_threads_and_of_the_main_thread_are_said(
    unhandled: UnhandledExceptions, caplog: pytest.LogCaptureFixture
) -> None:
    unhandled.install()

    def broken() -> None:
        raise MemoryError

    thread = threading.Thread(target=broken, name="a worker")
    thread.start()
    thread.join()
    assert unhandled.lines == [OUT_OF_MEMORY] and "a worker" in caplog.text
    sys.excepthook(ValueError, ValueError(), None)
    assert unhandled.lines == [OUT_OF_MEMORY, UNKNOWN]


def test_a_window_that_cannot_show_a_fault_hides_none_from_the_log(
    unhandled: UnhandledExceptions, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(line: str) -> None:
        raise RuntimeError

    unhandled.tell = broken
    with caplog.at_level(logging.ERROR):
        unhandled.handle(MemoryError(), "a test")
    assert "MemoryError" in caplog.text and "RuntimeError" in caplog.text


def test_a_system_error_is_named_without_its_file() -> None:
    why = FileNotFoundError(2, "No such file or directory", "/home/secret")
    assert reason(why) == "FileNotFoundError (No such file or directory)" == trace(why)
