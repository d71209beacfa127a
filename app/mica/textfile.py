"""Reads text files written by people, whatever their encoding.

A byte order mark decides; else strict UTF-8, else UTF-16 or UTF-32 without a mark, else
Windows-1252. Documents with markup (RTF, PDF, web pages…) are refused: they are not
plain text. Every error names the file. Writes nothing.
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

MAX_BYTES: Final = 16 << 20  # of a file; a list of 300,000 names takes about 5
PIPE_TIMEOUT_S: Final = 30.0  # how long a pipe may send nothing
WRITER_TIMEOUT_S: Final = 3.0  # how long a pipe may have no writer
REMEDY: Final = "Save it as plain text in UTF-8, or choose another file."
_READ_BYTES: Final = 1 << 16
_BOMS: Final = (  # UTF-32 first: its mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE_BOMS: Final = tuple(mark for mark, _ in _BOMS)
_DOCUMENTS: Final = (  # text with markup, by its first characters
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
    """A file's text, with \\n as line ends and without a byte order mark.

    guessed   part of it is not UTF-8 and was read as Windows-1252
    """

    text: str
    guessed: bool = False


def read(
    file: Path, *, pipe: bool = False, timeout_s: float = PIPE_TIMEOUT_S
) -> UserText:
    """A file's text. Raises TextFileError; of OSErrors only FileNotFoundError.

    pipe        whether it may be a pipe or a terminal: a shell's <(command)
    timeout_s   how long a pipe may send nothing
    """
    try:
        opened = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise _unreadable(file, error) from error
    try:
        _check_kind(file, os.fstat(opened), pipe)
        return decode(_read_all(opened, file, timeout_s), str(file))
    except OSError as error:
        raise _unreadable(file, error) from error
    finally:
        os.close(opened)


def read_stream(source: IO[bytes], name: str) -> UserText:
    """The text of an open stream, such as stdin; waits for its end."""
    data = source.read(MAX_BYTES + 1)
    _check_size(len(data), name)
    return decode(data, name)


def decode(data: bytes, name: str) -> UserText:
    """The text of these bytes. Raises TextFileError if they are not text.

    name   of their file, for the error
    """
    found = _decode_with_bom(data) if data.startswith(_WIDE_BOMS) else _decode(data)
    if found is None or "\0" in found.text or _is_binary(found.text):
        raise TextFileError(f"{name} isn’t a text file.", REMEDY)
    text = found.text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\x1a")
    text = text.replace("\n\ufeff", "\n")  # in concatenated files
    if kind := _document_kind(text):
        raise TextFileError(f"{name} is {kind}, not plain text.", REMEDY)
    return UserText(text, found.guessed)


def _document_kind(text: str) -> str | None:
    """The kind of a document with markup, such as “a web page”; None for plain text."""
    start = text.lstrip()
    for magic, kind in _DOCUMENTS:
        if start[: len(magic)].lower() == magic.lower():
            return kind
    if start.startswith(("[", "{")):
        with contextlib.suppress(ValueError, RecursionError):
            return "a JSON file" if json.loads(start) else None
    return None


def _check_kind(file: Path, status: os.stat_result, pipe: bool) -> None:
    kind = status.st_mode
    if stat.S_ISDIR(kind):
        raise TextFileError(f"{file} is a folder.", "Choose a text file.")
    is_allowed_pipe = pipe and (stat.S_ISFIFO(kind) or stat.S_ISCHR(kind))
    if not stat.S_ISREG(kind) and not is_allowed_pipe:
        raise TextFileError(f"{file} isn’t a file.", "Choose a text file.")


def _check_size(size: int, name: str) -> None:
    if size > MAX_BYTES:
        remedy = f"Text files can have up to {MAX_BYTES >> 20} MB."
        raise TextFileError(f"{name} is too large.", remedy)


def _read_all(opened: int, file: Path, timeout_s: float) -> bytes:
    data = bytearray()
    while True:
        part = _read_part(opened)
        if part is None or (not part and not data and _is_pipe(opened)):
            # No bytes yet, or no program has opened the pipe for writing yet.
            wait_s = timeout_s if part is None else min(timeout_s, WRITER_TIMEOUT_S)
            if not select.select([opened], [], [], wait_s)[0]:
                what = f"No data came from {file} for {wait_s:g} seconds."
                raise TextFileError(what, "Check the program that writes to it.")
            part = _read_part(opened)
        if not part and part is not None:
            return bytes(data)
        data += part or b""
        _check_size(len(data), str(file))


def _read_part(opened: int) -> bytes | None:
    """The bytes at hand; empty at the end, None if more may come."""
    try:
        return os.read(opened, _READ_BYTES)
    except BlockingIOError:
        return None


def _is_pipe(opened: int) -> bool:
    return stat.S_ISFIFO(os.fstat(opened).st_mode)


def _decode_with_bom(data: bytes) -> UserText | None:
    """UTF-16 or UTF-32 by its byte order mark; None if the rest is neither."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            text = _try_decode(data[len(bom) :], encoding)
            if text is not None:
                return UserText(text)
    return None


def _decode(data: bytes) -> UserText | None:
    """UTF-8, UTF-16 or UTF-32 without a mark, or lines of Windows-1252."""
    data = data.removeprefix(codecs.BOM_UTF8)
    if b"\0" in data:
        return _decode_wide(data)
    text = _try_decode(data, "utf-8")
    if text is not None:
        return UserText(text)
    try:  # line by line: programs may have added lines in different encodings
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = [_decode_line(line) for line in data.split(b"\n")]
    except UnicodeDecodeError:  # bytes that Windows-1252 does not define
        return None
    return UserText("\n".join(lines), guessed=True)


def _decode_wide(data: bytes) -> UserText | None:
    """UTF-16 or UTF-32 without a mark: many characters have a NUL on the same side, or
    every one does if all others are ASCII."""
    low, high = data[::2].count(0), data[1::2].count(0)
    share = 1 if data.isascii() else 1 / 4
    if 2 * max(low, high) < share * len(data):
        return _decode_wide_non_latin(data, low, high)
    order = "le" if high > low else "be"
    encodings = (f"utf-32-{order}", f"utf-16-{order}")
    for encoding in encodings:
        text = _try_decode(data, encoding)
        if text is not None and "\0" not in text and not _is_binary(text):
            return UserText(text)
    return None


def _decode_wide_non_latin(data: bytes, low: int, high: int) -> UserText | None:
    """UTF-16 without a mark in a non-Latin script: only spaces, digits and line ends
    have a NUL, all on the same side, and every character is printable."""
    if min(low, high):
        return None
    text = _try_decode(data, "utf-16-le" if high else "utf-16-be")
    is_text = text and all(c.isprintable() or c.isspace() for c in text)
    is_likely = text and ("\n" in text or not data.isascii())
    return UserText(text) if text and is_text and is_likely else None


def _decode_line(line: bytes) -> str:
    """A line in UTF-8, or else in Windows-1252."""
    text = _try_decode(line, "utf-8")
    return line.decode("cp1252") if text is None else text


def _try_decode(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_binary(text: str) -> bool:
    """Whether over one character in a hundred, and at least two, are controls."""
    count = sum(text.count(control) for control in _CONTROLS)
    return count > 1 and 100 * count > len(text)


def _unreadable(file: Path, error: Exception) -> TextFileError:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    what = f"{file} can’t be read ({reason})."
    return TextFileError(what, "Check the file and its permissions.")
