"""Sound files as the commands open them: who waits for one is told so.

Where the texts of sound files go: to stdout, or each to a file of its own.
"""

import errno
import os
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from mica.audio import files
from mica.audio.files import STDIN
from mica.cli.messages import say
from mica.errors import AudioFileError, MicaError
from mica.events import Transcript
from mica.text.format import FORMATS, SUFFIXES

PATIENCE_S: Final = 3.0  # for the first sound of a file, pipe or device


def named(name: str) -> Path:
    """A file as it was typed; what is none is an AudioFileError that shows it so.

    A Path would make one slash of two, and a dot of nothing.
    """
    path = Path(name)
    if path == STDIN or os.path.lexists(name):
        return path
    if "://" in name:
        is_local = name.startswith("file:")
        remedy = "Give its path." if is_local else "Download it first."
        raise AudioFileError(f"{name} is an address, not a file.", remedy)
    if not name:
        raise AudioFileError("An empty name is no file.", "Give a sound or video file.")
    raise AudioFileError(f"{name} does not exist.", "Check the path.")


@contextmanager
def opened(path: Path, track: int | None = None) -> Iterator[files.SoundFile]:
    """As audio.files.opened()."""
    with ExitStack() as stack:
        line = f"Waiting for sound from {path}. Press Control-C to stop."
        waiting = threading.Timer(PATIENCE_S, say, [line])
        waiting.start()
        try:
            sound = stack.enter_context(files.opened(path, track))
        finally:
            waiting.cancel()
        yield sound


_NO_LINKS: Final = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK}


@dataclass(frozen=True, slots=True)
class Results:
    """What becomes of the texts.

    form        one of text.format.FORMATS
    folder      where <stem>.<format> is written; None: all go to stdout
    overwrite   whether one may take the place of what is there
    """

    form: str
    folder: Path | None
    overwrite: bool

    def prepare(self, sounds: Iterable[Path]) -> list[Path]:
        """Those whose result has a place, before a word is heard; others are named.

        Two results of one name are a usage error, a folder that cannot be made is a
        MicaError.
        """
        if self.folder is None:
            return list(sounds)
        sounds = list(sounds)
        _refuse_same_names([_stem(sound) for sound in sounds])
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as why:
            what = f"The folder {self.folder} cannot be made ({why.strerror})."
            raise MicaError(what, "Give --output another one.") from why
        return [sound for sound in sounds if self._has_room(sound)]

    def deliver(self, transcript: Transcript, sound: Path) -> int:
        """The text to its place; the exit code. What no file takes goes to stdout."""
        for note in transcript.notes:
            say(note)
        text = FORMATS[self.form](transcript)
        if self.folder is None:
            click.echo(text, nl=False)
            return 0
        file = self._file(self.folder, sound)
        try:
            _write(file, text, overwrite=self.overwrite)
        except OSError as why:
            reason = f"{file} cannot be written ({why.strerror})"
            say(f"{reason}. Its text is printed instead.")
            click.echo(text, nl=False)
            return MicaError.exit_code
        return 0

    def _file(self, folder: Path, sound: Path) -> Path:
        return folder / f"{_stem(sound)}.{SUFFIXES[self.form]}"

    def _has_room(self, sound: Path) -> bool:
        assert self.folder is not None
        file = self._file(self.folder, sound)
        # a folder in the way is no result: the text is printed, as with a full disk
        if self.overwrite or not os.path.lexists(file) or file.is_dir():
            return True
        say(
            f"{file} exists already; {sound.name} is left out. "
            "Move it, or give --overwrite."
        )
        return False


def _stem(sound: Path) -> str:
    return "stdin" if sound == STDIN else sound.stem


def _refuse_same_names(stems: list[str]) -> None:
    """One result would be written over another; on a Mac's volume also where they
    differ in capitals or in how accents are encoded."""
    same = [unicodedata.normalize("NFC", stem.casefold()) for stem in stems]
    for stem, key in zip(stems, same, strict=True):
        if same.count(key) > 1:
            raise click.UsageError(
                f"Two results would be called “{stem}”; rename a file."
            )


def _write(file: Path, text: str, *, overwrite: bool) -> None:
    """Whole or not at all: beside it first, then to its name."""
    if overwrite:
        file = Path(os.path.realpath(file))  # a link stays one
    beside = file.with_name(f".mica-{os.getpid()}.part")
    try:
        with beside.open("w", encoding="utf-8") as written:
            written.write(text)
            written.flush()
            os.fsync(written.fileno())
        if overwrite:
            beside.replace(file)
        else:
            _name(beside, file)
    finally:
        beside.unlink(missing_ok=True)


def _name(beside: Path, file: Path) -> None:
    """Give it a name that nobody took meanwhile; FileExistsError where one did."""
    try:
        os.link(beside, file)
    except OSError as why:
        if why.errno not in _NO_LINKS:
            raise
        if os.path.lexists(file):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from why
        beside.rename(file)
