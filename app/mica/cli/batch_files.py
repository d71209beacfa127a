"""The files of `mica transcribe`: sound files in, and texts out.

A text goes to stdout or to a file of its own, which appears whole or not at all.
"""

import errno
import os
import stat
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from mica import paths
from mica.audio import files
from mica.audio.files import STDIN
from mica.cli import strings
from mica.cli.reporting import report
from mica.errors import AudioFileError, MicaError
from mica.events import Transcript
from mica.text.format import FORMATS, SUFFIXES

WAITING_NOTE_S: Final = 3.0  # without audio from a pipe or device
_FOR_PEOPLE: Final = {"text": "==> {} <==\n{}", "md": "# {}\n\n{}"}
_NO_LINKS: Final = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK}


def existing_file(name: str) -> Path:
    """The path of a file; AudioFileError with the name as typed if there is none.

    A Path would show `//` as `/`, and an empty name as a dot.
    """
    path = Path(name)
    if path == STDIN or os.path.lexists(name):
        return path
    if "://" in name:
        is_local = name.startswith("file:")
        remedy = strings.USE_PATH if is_local else strings.DOWNLOAD_FIRST
        raise AudioFileError(strings.IS_URL.format(name), remedy)
    if not name:
        raise AudioFileError(strings.NO_NAME, strings.SPECIFY_FILE)
    raise AudioFileError(strings.NOT_FOUND.format(name), strings.CHECK_PATH)


@contextmanager
def open_sound(path: Path, track: int | None = None) -> Iterator[files.SoundFile]:
    """audio.files.opened(), with a note on stderr while a pipe or device gives no
    audio."""
    with ExitStack() as stack:
        note = strings.WAITING.format(path)
        timer = threading.Timer(WAITING_NOTE_S, report, [note])
        if _may_have_to_wait(path):
            timer.start()
        try:
            sound = stack.enter_context(files.opened(path, track))
        finally:
            timer.cancel()
        yield sound


def _may_have_to_wait(path: Path) -> bool:
    """Whether it is a pipe or device; a file is all there, if slow to decode."""
    try:
        mode = os.fstat(0).st_mode if path == STDIN else path.stat().st_mode
    except OSError:  # opening it says why
        return False
    return not stat.S_ISREG(mode)


@dataclass(frozen=True, slots=True)
class ResultFiles:
    """The result files of sound files, and where they are written.

    form        one of text.format.FORMATS
    folder      where <stem>.<format> is written; None: all texts go to stdout
    overwrite   whether an existing file is replaced
    has_several whether names are printed with the texts
    """

    form: str
    folder: Path | None
    overwrite: bool
    has_several: bool = False

    def prepare(self, sounds: Iterable[Path]) -> list[Path]:
        """The sounds whose texts can be written; the others are reported.

        Call it before anything is transcribed. Raises UsageError if two texts would
        have the same name, MicaError if the folder can't be created.
        """
        if self.folder is None:
            return list(sounds)
        sounds = list(sounds)
        _refuse_same_names([_stem(sound) for sound in sounds])
        try:
            with paths.as_user():
                self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            what = strings.NO_FOLDER.format(self.folder, error.strerror)
            raise MicaError(what, strings.OTHER_FOLDER) from error
        return [sound for sound in sounds if self._is_free(sound)]

    def deliver(self, transcript: Transcript, sound: Path) -> int:
        """Write the text; the exit code. If it can't be saved, it goes to stdout."""
        for note in transcript.notes:
            report(note)
        text = FORMATS[self.form](transcript)
        if self.folder is None:
            print_text(text, self.form, sound.name if self.has_several else None)
            return 0
        file = self._file(self.folder, sound)
        try:
            _write(file, text, overwrite=self.overwrite)
        except OSError as error:
            report(strings.NOT_SAVED.format(file, error.strerror))
            print_text(text, self.form, sound.name if self.has_several else None)
            return MicaError.exit_code
        return 0

    def _file(self, folder: Path, sound: Path) -> Path:
        return folder / f"{_stem(sound)}.{SUFFIXES[self.form]}"

    def _is_free(self, sound: Path) -> bool:
        assert self.folder is not None
        file = self._file(self.folder, sound)
        # a folder with that name is no text: then this text is printed, as with a full
        # disk
        if self.overwrite or not os.path.lexists(file) or file.is_dir():
            return True
        report(strings.SKIPPED.format(file, sound.name))
        return False


def print_text(text: str, form: str, name: str | None) -> None:
    """Print a text on stdout: below its name if there are several.

    Only people read plain text and Markdown; a program would trip over a name in the
    other formats, so there it is printed on stderr.
    """
    if name is None:
        click.echo(text, nl=False)
    elif form in _FOR_PEOPLE:
        click.echo(_FOR_PEOPLE[form].format(name, text))
    else:
        report(f"{name}:")
        click.echo(text, nl=False)


def _stem(sound: Path) -> str:
    return "stdin" if sound == STDIN else sound.stem


def _refuse_same_names(stems: list[str]) -> None:
    """Raise UsageError if one text would replace another: on a Mac's volume, also if
    the names differ in capitals or in how accents are encoded."""
    keys = [unicodedata.normalize("NFC", stem.casefold()) for stem in stems]
    for stem, key in zip(stems, keys, strict=True):
        if keys.count(key) > 1:
            raise click.UsageError(strings.SAME_RESULT.format(stem))


def _write(file: Path, text: str, *, overwrite: bool) -> None:
    """Write the file whole or not at all: a temporary file is written and renamed."""
    if overwrite:
        file = Path(os.path.realpath(file))  # keep a symbolic link
    temporary = file.with_name(f".mica-{os.getpid()}.part")
    try:
        with paths.as_user(), temporary.open("w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        if overwrite:
            temporary.replace(file)
        else:
            _rename(temporary, file)
    finally:
        temporary.unlink(missing_ok=True)


def _rename(temporary: Path, file: Path) -> None:
    """Rename without replacing; FileExistsError if the name has been used meanwhile."""
    try:
        os.link(temporary, file)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if os.path.lexists(file):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from error
        temporary.rename(file)
