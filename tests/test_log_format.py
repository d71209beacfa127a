"""Logs hold no content: what exceptions quote stays out of them."""

import logging
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from mica.errors import MicaError
from mica.log_format import ContentFreeFormatter

SECRET = "my secret words"


class Quoting(Exception):
    """An error that quotes what was said."""


def logged(fail: object) -> str:
    out = StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(ContentFreeFormatter())
    log = logging.Logger("test")
    log.addHandler(handler)
    try:
        fail()  # type: ignore[operator]
    except Exception:
        log.exception("it failed")
    return out.getvalue()


def quote() -> None:
    raise Quoting(SECRET)


def quote_a_key() -> None:
    {}[SECRET]


def quote_a_file() -> None:
    Path("/nowhere", SECRET).read_text()


def quote_as_a_cause() -> None:
    try:
        quote()
    except Quoting as why:
        raise MicaError(SECRET) from why


def quote_as_a_context() -> None:
    try:
        quote()
    finally:
        raise ValueError(SECRET)


def quote_in_a_group() -> None:
    raise ExceptionGroup(SECRET, [Quoting(SECRET)])


@pytest.mark.parametrize(
    ("fail", "types"),
    [
        (quote, ["Quoting"]),
        (quote_a_key, ["KeyError"]),
        (quote_a_file, ["FileNotFoundError"]),
        (quote_as_a_cause, ["Quoting", "MicaError"]),
        (quote_as_a_context, ["Quoting", "ValueError"]),
        (quote_in_a_group, ["ExceptionGroup"]),
    ],
)
def test_an_exception_is_logged_by_place_and_type(fail, types) -> None:
    text = logged(fail)
    assert SECRET not in text and "it failed" in text
    assert f"in {fail.__name__}\n" in text
    lines = text.splitlines()
    places = [lines.index(one) for one in types]
    assert places == sorted(places) and places[-1] == len(lines) - 1


def test_a_cycle_of_causes_ends() -> None:
    first, second = ValueError(SECRET), KeyError(SECRET)
    first.__cause__, second.__cause__ = second, first

    def fail() -> None:
        raise first

    text = logged(fail)
    assert SECRET not in text and "ValueError" in text and "KeyError" in text


#: The engine's process, in which something fails as soon as it serves.
ENGINE = """
import sys, threading
from mica.engine import worker
def fail(*_):
    raise KeyError(sys.argv[1])
class Broken:
    def __init__(self, pipe):
        self.run = fail
    def start(self):
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
worker.Pipe = worker.Worker = lambda *_: Broken(None)
worker.main()
"""


def test_the_engines_log_has_no_messages_of_exceptions() -> None:
    """Of its main thread and of another."""
    command = [sys.executable, "-c", ENGINE, SECRET]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert lines.count("KeyError") == 2 and SECRET not in done.stderr
    assert sum(line.endswith("ERROR mica.log_format: unhandled") for line in lines) == 2
