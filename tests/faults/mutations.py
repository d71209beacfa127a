"""What keeps the laws, how to undo it, and a run that then breaks one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pytest

from mica.audio import microphone_source
from mica.audio.journal import Journal
from mica.dictation import retry
from mica.dictation.results import FinalTexts
from mica.engine import outbox
from mica.insertion.borrowed_clipboard import BorrowedClipboard
from mica.library.store import Library
from mica.library.writer import LibraryWriter

Undo = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Mutation:
    """One undone mend.

    run   the name of a run, see runs.case()
    law   which then breaks
    """

    undo: Undo
    run: str
    law: str


def _nothing(*_: object, **__: object) -> None:
    """Does nothing."""


def keep_recordings_in_memory(patch: pytest.MonkeyPatch) -> None:
    """Audio is written when the recording ends, not as it comes."""
    append, close = Journal.append, Journal.close
    waiting: dict[int, list[bytes]] = {}

    def keep(self: Journal, pcm: bytes) -> None:
        waiting.setdefault(id(self), []).append(pcm)

    def write(self: Journal) -> None:
        for pcm in waiting.pop(id(self), []):
            append(self, pcm)
        close(self)

    patch.setattr(Journal, "append", keep)
    patch.setattr(Journal, "close", write)


def forget_what_an_earlier_run_left(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(retry, "recover", lambda *_: [])


def offer_no_failed_recording(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(LibraryWriter, "failed", lambda self: None)


def insert_before_saving(patch: pytest.MonkeyPatch) -> None:
    """A text is in the library only once it is inserted."""
    patch.setattr(LibraryWriter, "set_text", _nothing)


def number_rows_that_are_not_there(patch: pytest.MonkeyPatch) -> None:
    """A dictation goes on with a number that no row has."""

    def add(self: Library, *_: Any, **__: Any) -> int:
        return 999_999

    patch.setattr(Library, "add", add)


def leave_the_text_on_the_clipboard(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(BorrowedClipboard, "restore", _nothing)


def keep_little_for_a_slow_disk(patch: pytest.MonkeyPatch) -> None:
    """A tenth of a second, instead of a minute."""
    defaults = (1600,)
    patch.setattr(microphone_source.ChunkQueue.__init__, "__defaults__", defaults)


def replay_only_what_follows(patch: pytest.MonkeyPatch) -> None:
    """The next engine gets no sample that the last one had got."""
    replay = outbox.Job.replay

    def rest(self: outbox.Job) -> None:
        sent = self.sent
        replay(self)
        self.sent = self.consumed = max(sent, self.sent)

    patch.setattr(outbox.Job, "replay", rest)


def tell_nothing_after_an_absence(patch: pytest.MonkeyPatch) -> None:
    def resume(self: FinalTexts) -> None:
        self.away = self._missed = False

    patch.setattr(FinalTexts, "resume", resume)


MUTATIONS: Final = (
    Mutation(keep_recordings_in_memory, "killed/listening/2", "kept"),
    Mutation(forget_what_an_earlier_run_left, "killed/listening/2", "reachable"),
    Mutation(offer_no_failed_recording, "killed/listening/2", "reachable"),
    Mutation(insert_before_saving, "killed/inserting/0", "told is true"),
    Mutation(number_rows_that_are_not_there, "killed/release/0", "reachable"),
    Mutation(leave_the_text_on_the_clipboard, "killed/inserting/0", "clipboard"),
    Mutation(keep_little_for_a_slow_disk, "disk slow/listening/0", "kept"),
    Mutation(replay_only_what_follows, "engine dies/listening/2", "told is true"),
    Mutation(tell_nothing_after_an_absence, "the user goes away/encoding/0", "silence"),
)
