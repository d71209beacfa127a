"""Services that dictation and captions use; created once, by the app."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mica import paths
from mica.audio.capture import Microphone
from mica.audio.microphone_source import MakeSource
from mica.dictation.engine_feed import Engine
from mica.dictation.recording import ActiveRecordings, Recording
from mica.dictation.recording_events import RecordingEvent
from mica.library.background import RunsWrites, run_at_once
from mica.library.store import Library
from mica.settings import Settings


def recordings_folder(is_private: bool) -> Path:
    """The folder of the files of recordings; private ones have no names in it."""
    return paths.scratch_folder() if is_private else paths.journal_folder()


@dataclass(frozen=True, slots=True)
class Services:
    """Shared by dictation and captions.

    active         recordings in progress
    settings       those in effect
    keywords       the user's own
    post           runs a call on the main thread, in order; callable on any thread
    library_thread runs writes to the library in order; by default at once
    microphone     opens microphones
    clock          seconds, monotonic
    wall_clock     seconds since 1970, UTC
    """

    engine: Engine
    active: ActiveRecordings
    library: Library
    settings: Callable[[], Settings]
    keywords: Callable[[], list[str]]
    post: Callable[[Callable[[], None]], None]
    microphone: MakeSource = Microphone
    library_thread: RunsWrites = run_at_once
    clock: Callable[[], float] = time.monotonic
    wall_clock: Callable[[], float] = time.time

    def recording(
        self, utterance: int, on_event: Callable[[RecordingEvent], None]
    ) -> Recording:
        """A recording, not yet started. on_event: called on the main thread."""

        def post(event: RecordingEvent) -> None:
            self.post(lambda: on_event(event))

        engine = self.engine, self.active
        return Recording(utterance, *engine, post, self.clock)
