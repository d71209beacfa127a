"""Samples wait until it is known how they are to be transcribed."""

import threading
from pathlib import Path
from unittest.mock import Mock

from mica.dictation.engine_feed import MAX_WAITING, EngineFeed
from mica.events import TranscribeOptions


def test_a_canceled_recording_waits_for_no_options() -> None:
    engine, cancelled = Mock(), threading.Event()
    feed = EngineFeed(1, engine)
    feed.open(16_000, None)
    cancelled.set()
    feed.end(0, 0, cancelled)
    engine.end.assert_not_called()


def test_only_samples_that_are_on_disk_are_dropped_while_they_wait() -> None:
    engine = Mock()
    feed = EngineFeed(1, engine)
    feed.open(16_000, Path("1.wav"))
    for first in range(MAX_WAITING + 2):
        feed.push(first, b"0000", saved=True)
    feed.push(MAX_WAITING + 2, b"0000", saved=False)
    feed.transcribe(TranscribeOptions())
    feed.end(MAX_WAITING + 3, MAX_WAITING + 3, threading.Event())
    pushed = [call.args[1] for call in engine.push.call_args_list]
    assert MAX_WAITING + 2 in pushed and 0 not in pushed
    engine.end.assert_called_once_with(1, MAX_WAITING + 3)


def test_the_end_waits_for_the_options() -> None:
    engine = Mock()
    feed = EngineFeed(1, engine)
    feed.open(16_000, None)

    def is_set() -> bool:  # asked while it waits
        feed.transcribe(TranscribeOptions())
        return False

    feed.end(0, 0, Mock(is_set=is_set))
    engine.end.assert_called_once_with(1, 0)
