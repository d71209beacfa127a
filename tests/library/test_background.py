"""The thread that writes to the library."""

import threading

import pytest

from mica.library import background
from mica.library.background import WriterThread
from support.fakes import LIMIT_S


@pytest.fixture
def thread(monkeypatch: pytest.MonkeyPatch) -> WriterThread:
    monkeypatch.setattr(background, "RETRY_S", 0.01)
    return WriterThread()


def test_a_slow_write_does_not_delay_the_caller(thread: WriterThread) -> None:
    free, calls = threading.Event(), list[str]()

    def slow() -> bool:
        assert free.wait(LIMIT_S)
        calls.append("slow")
        return True

    def quick() -> bool:
        calls.append("quick")
        return True

    thread.submit(slow)
    thread.submit(quick)
    assert calls == []
    free.set()
    assert thread.close(LIMIT_S) and calls == ["slow", "quick"]


def test_a_failed_write_is_tried_again_until_it_works(thread: WriterThread) -> None:
    attempts, done = list[int](), threading.Event()

    def failing() -> bool:
        attempts.append(len(attempts))
        if len(attempts) < 4:
            return False
        done.set()
        return True

    thread.submit(failing)
    assert done.wait(LIMIT_S) and thread.close(LIMIT_S)
    assert attempts == [0, 1, 2, 3]


@pytest.mark.parametrize("error", [OSError(5, "no"), RecursionError(), MemoryError()])
def test_no_error_ends_the_thread(thread: WriterThread, error: Exception) -> None:
    written = threading.Event()

    def broken() -> bool:
        raise error

    def works() -> bool:
        written.set()
        return True

    thread.submit(broken)
    thread.submit(works)
    assert written.wait(LIMIT_S) and thread.close(LIMIT_S)
