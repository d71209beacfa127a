"""Reads text that people wrote, whatever program saved it; says what it cannot read.

A byte order mark counts, else strict UTF-8, else UTF-16 or UTF-32 without a mark, else
Windows-1252. A document whose words stand between marks is no plain text. It writes
nothing and reads no format.
"""

import codecs
import contextlib
import json
import os
import select
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from mica.errors import TextFileError

MAX_BYTES: Final = 16 << 20  # of a file; a list of 300 000 names takes about 5
SILENT_S: Final = 30.0  # without a byte from who writes to a pipe
UNWRITTEN_S: Final = 3.0  # for somebody to begin
REMEDY: Final = "Save it as plain text in UTF-8, or choose another file."
_READ_BYTES: Final = 1 << 16
_MARKS: Final = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE_MARKS: Final = tuple(mark for mark, _ in _MARKS)
_DOCUMENTS: Final = (  # all text, whose words are between marks
    ("{\\rtf", "an RTF document"),
    ("%PDF-", "a PDF document"),
    ("%!PS", "a PostScript document"),
    ("<?xml", "an XML document"),
    ("<!doctype", "a web page"),
    ("<html", "a web page"),
)
_CONTROLS: Final = "".join(map(chr, {*range(32)} - {*b"\t\n\v\f\r\x1a\x1b"})) + "\x7f"


@dataclass(frozen=True, slots=True)
class UserText:
    """What was read; its lines end in \\n, and no byte order mark is left.

    guessed   some of it is no UTF-8 and was taken for Windows-1252
    """

    text: str
    guessed: bool = False


def read(file: Path, *, pipe: bool = False, silent_s: float = SILENT_S) -> UserText:
    """A file's text. Raises TextFileError, FileNotFoundError among OSErrors alone.

    pipe       whether it may be one, or a terminal: a shell's <(command)
    silent_s   how long a pipe may give nothing
    """
    try:
        opened = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as why:
        raise _unreadable(file, why) from why
    try:
        _check_kind(file, os.fstat(opened), pipe)
        return decode(_all_of(opened, file, silent_s), str(file))
    except OSError as why:
        raise _unreadable(file, why) from why
    finally:
        os.close(opened)


def read_stream(source: IO[bytes], name: str) -> UserText:
    """The text of a stream that is open already, such as stdin; waits for its end."""
    data = source.read(MAX_BYTES + 1)
    _check_size(len(data), name)
    return decode(data, name)


def decode(data: bytes, name: str) -> UserText:
    """The text of these bytes. Raises TextFileError where they are none.

    name   of their file, for the error
    """
    found = _marked(data) if data.startswith(_WIDE_MARKS) else _unmarked(data)
    if found is None or "\0" in found.text or _is_binary(found.text):
        raise TextFileError(f"{name} is not a text file.", REMEDY)
    text = found.text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\x1a")
    text = text.replace("\n\ufeff", "\n")  # of files that were joined
    if kind := _document(text):
        raise TextFileError(f"{name} is {kind}, not plain text.", REMEDY)
    return UserText(text, found.guessed)


def _document(text: str) -> str | None:
    """What kind of document it is that other programs show; None for plain text."""
    start = text.lstrip()
    for mark, kind in _DOCUMENTS:
        if start[: len(mark)].lower() == mark.lower():
            return kind
    if start.startswith(("[", "{")):
        with contextlib.suppress(ValueError, RecursionError):
            return "a JSON file" if json.loads(start) else None
    return None


def _check_kind(file: Path, status: os.stat_result, pipe: bool) -> None:
    kind = status.st_mode
    if stat.S_ISDIR(kind):
        raise TextFileError(f"{file} is a folder.", "Choose a text file.")
    may_flow = pipe and (stat.S_ISFIFO(kind) or stat.S_ISCHR(kind))
    if not stat.S_ISREG(kind) and not may_flow:
        raise TextFileError(f"{file} is not a file.", "Choose a text file.")


def _check_size(size: int, name: str) -> None:
    if size > MAX_BYTES:
        limit = f"Mica reads text files of up to {MAX_BYTES >> 20} MB."
        raise TextFileError(f"{name} is too large.", limit)


def _all_of(opened: int, file: Path, silent_s: float) -> bytes:
    data = bytearray()
    while True:
        part = _next_of(opened)
        if part is None or (not part and not data and _flows(opened)):
            # Nothing yet, or nobody writes yet: who is about to has a moment.
            wait_s = silent_s if part is None else min(silent_s, UNWRITTEN_S)
            if not select.select([opened], [], [], wait_s)[0]:
                what = f"Nothing came from {file} for {wait_s:g} seconds."
                raise TextFileError(what, "Check what writes to it.")
            part = _next_of(opened)
        if not part and part is not None:
            return bytes(data)
        data += part or b""
        _check_size(len(data), str(file))


def _next_of(opened: int) -> bytes | None:
    """What there is; empty at the end, None where more may come."""
    try:
        return os.read(opened, _READ_BYTES)
    except BlockingIOError:
        return None


def _flows(opened: int) -> bool:
    return stat.S_ISFIFO(os.fstat(opened).st_mode)


def _marked(data: bytes) -> UserText | None:
    """UTF-16 or UTF-32, as the mark says; None where the rest is neither."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = _strictly(data[len(mark) :], encoding)
            if text is not None:
                return UserText(text)
    return None


def _unmarked(data: bytes) -> UserText | None:
    data = data.removeprefix(codecs.BOM_UTF8)
    if b"\0" in data:
        return _wide(data)
    text = _strictly(data, "utf-8")
    if text is not None:
        return UserText(text)
    try:  # line by line: one that another program added spoils no other
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = [_either(line) for line in data.split(b"\n")]
    except UnicodeDecodeError:  # bytes that Windows-1252 has no letter for
        return None
    return UserText("\n".join(lines), guessed=True)


def _wide(data: bytes) -> UserText | None:
    """UTF-16 or UTF-32 without a mark: many letters have a NUL on the same side, and
    where all else is ASCII, every one."""
    low, high = data[::2].count(0), data[1::2].count(0)
    share = 1 if data.isascii() else 1 / 4
    if 2 * max(low, high) < share * len(data):
        return _wide_foreign(data, low, high)
    order = "le" if high > low else "be"
    encodings = (f"utf-32-{order}", f"utf-16-{order}")
    for encoding in encodings:
        text = _strictly(data, encoding)
        if text is not None and "\0" not in text and not _is_binary(text):
            return UserText(text)
    return None


def _wide_foreign(data: bytes, low: int, high: int) -> UserText | None:
    """UTF-16 without a mark whose letters are not Latin: only spaces, digits and line
    ends have a NUL, all on one side, and all of it is letters and signs."""
    if min(low, high):
        return None
    text = _strictly(data, "utf-16-le" if high else "utf-16-be")
    is_text = text and all(c.isprintable() or c.isspace() for c in text)
    is_likely = text and ("\n" in text or not data.isascii())
    return UserText(text) if text and is_text and is_likely else None


def _either(line: bytes) -> str:
    text = _strictly(line, "utf-8")
    return line.decode("cp1252") if text is None else text


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_binary(text: str) -> bool:
    """Over one character in a hundred is a control character, and it is not alone."""
    count = sum(text.count(control) for control in _CONTROLS)
    return count > 1 and 100 * count > len(text)


def _unreadable(file: Path, why: Exception) -> TextFileError:
    reason = (why.strerror if isinstance(why, OSError) else None) or str(why)
    what = f"{file} can't be read ({reason})."
    return TextFileError(what, "Check the file and its permissions.")
