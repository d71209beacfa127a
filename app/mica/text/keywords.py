"""The user's keywords: a UTF-8 file with one per line, cleaned when read.

The file keeps the user's order and comments. Keywords that differ only in capitals or
in the kind of apostrophe are the same; the spelling that was typed last counts. They
become part of the model's instruction, so whatever has a meaning there (line ends,
control characters, special tokens, commas) is removed: `Smith,\tJohn<|end|>` becomes
`Smith John`. Which of them the model gets is decided in engine/prompt.py. Over 300
lines: what one keyword is, and every change of the list.
"""

import re
import unicodedata
from collections.abc import Callable, Container, Iterable
from pathlib import Path
from typing import Final

from mica import atomic, textfile
from mica.errors import MicaError, TextFileError
from mica.text import vcard
from mica.text.additions import Additions
from mica.text.wordlist import Entries, entries_of, is_plain, records, typed_line

MAX_CHARACTERS: Final = 80  # longer ones are sentences, not terms
_MOST_CLEANED: Final = 1000  # characters; normalizing takes time by their square
MOST_USED: Final = 20_000  # beyond this, choosing among them takes the engine > 0.2 s
TOO_MANY: Final = (
    f"Mica uses only the first {MOST_USED:,} of your keywords. Shorten the list."
)
_SPECIAL_TOKEN: Final = re.compile(r"<\|[^|<>]*\|>")
_INVISIBLE: Final = re.compile(  # not the joiners inside emoji and Persian words
    "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
_EQUIVALENT: Final = str.maketrans(
    dict.fromkeys("’‘‛ʼʹ′`´＇", "'") | dict.fromkeys("‐‑‒–−", "-")
)
_TO_CLEAN: Final = re.compile(r"<\||\|>|[,;]|  |^ | $")


def clean_keyword(raw: str) -> str | None:
    """The keyword as it is saved, or None if nothing is left of it.

    One that is too long is cut after a word.
    """
    return _shorten(_clean(raw))


def folded(word: str) -> str:
    """A key that is equal for keywords which are the same to the user."""
    if word.isascii():
        return word.replace("`", "'").lower()
    # casefold() would make Straße and Strasse equal, which are two spellings
    return unicodedata.normalize("NFC", word.translate(_EQUIVALENT).lower())


def typed(word: str) -> list[str]:
    """The keywords in typed text, separated by commas; `#` starts no comment here."""
    parts = (part for line in word.splitlines() for part in typed_line(line))
    return [part for part in parts if part.strip()]


def gather(words: Iterable[str], known: Iterable[str] = ()) -> Additions:
    """The words cleaned, without known ones and duplicates."""
    seen = {folded(word) for word in known}
    new: list[str] = []
    duplicates = shortened = unusable = joined = 0
    for raw in words:
        whole = _clean(raw)
        word = _shorten(whole)
        if word is None:
            unusable += 1
        elif (key := folded(word)) in seen:
            duplicates += 1
        else:
            seen.add(key)
            new.append(word)
            shortened += len(word) < len(whole)
            joined += "," in raw or ";" in raw
    return Additions(tuple(new), duplicates, shortened, unusable, joined)


def gather_text(read: textfile.UserText, known: Iterable[str] = ()) -> Additions:
    """The keywords in an imported list or contacts file."""
    is_contacts = vcard.is_vcard(read.text)
    found = Entries(vcard.names(read.text)) if is_contacts else entries_of(read.text)
    return gather(found.words, known).with_list(found, guessed=read.guessed)


class Keywords:
    """The list in its file. A change is on disk when the call returns; changes that
    other processes make are kept.

    on_problem   called once with a line for the user if the file can't be read
    """

    def __init__(
        self, file: Path, on_problem: Callable[[str], None] = lambda line: None
    ) -> None:
        self._file, self._on_problem = file, on_problem
        self._stamp: tuple[int, ...] | None = None
        self._last: list[str] = []
        self._has_more, self._last_problem = False, ""

    def all(self) -> list[str]:
        """All keywords; if the file can't be read, those last read. Never raises.

        Called at each key press, so it reads the file only if it has changed.
        """
        problem = ""
        try:
            stamp = self.stamp()
            if stamp != self._stamp:
                listed = self.read()
                self._last, self._stamp = listed[:MOST_USED], stamp
                self._has_more = len(listed) > MOST_USED
        except FileNotFoundError:
            self._last, self._stamp, self._has_more = [], None, False
        except (MicaError, OSError) as error:
            problem = _problem(
                error, "the last version of the list" if self._last else "none"
            )
        if self._has_more and not problem:
            problem = TOO_MANY
        if problem and problem != self._last_problem:
            self._on_problem(problem)
        self._last_problem = problem
        return self._last

    @property
    def folder(self) -> Path:
        """Where the file is, or will be."""
        return self._file.parent

    def stamp(self) -> tuple[int, ...]:
        """A value that changes with the file. Raises OSError."""
        status = self._file.stat()
        return (status.st_mtime_ns, status.st_size, status.st_ino)

    def read(self) -> list[str]:
        """All keywords, cleaned, since people edit the file. Raises MicaError if it
        can't be read."""
        return list(gather(_entries(self._read(self._file).text)).words)

    def add(self, words: Iterable[str]) -> Additions:
        """Append new keywords; commas separate them. A listed one that differs only in
        its capitals is spelled as it is given now."""
        words = [word for word in words if word.strip()]
        parts = [part for word in words for part in typed(word)]
        split = sum(len(typed(word)) > 1 for word in words)
        respelled = self.respell(_cleaned(parts))
        added = self._append(lambda known: gather(parts, known).with_split(split))
        return added.with_respelled(respelled)

    def respell(self, words: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """Spell listed keywords as these; before and after, of those that changed."""
        wanted = {folded(word): word for word in reversed(list(words))}  # first counts
        with atomic.locked(self._file) as real:
            changed = self._replace(
                real, lambda word: (wanted.get(folded(word), word),)
            )
        return tuple((word, wanted[folded(word)]) for word in changed)

    def restore(self, words: Iterable[str]) -> Additions:
        """Append keywords that were removed, exactly as they were."""
        return self._append(lambda known: gather(words, known))

    def import_text(self, text: str | textfile.UserText) -> Additions:
        """Append the keywords of a list that was pasted or read."""
        read = textfile.UserText(text) if isinstance(text, str) else text
        return self._append(lambda known: gather_text(read, known))

    def remove(self, words: Iterable[str]) -> list[str]:
        """Remove what add() of these words would add; the removed ones, as written."""
        known = {folded(word) for word in self.read()}
        removed = {key for word in words for key in _keys_to_remove(word, known)}
        with atomic.locked(self._file) as real:
            return self._replace(
                real, lambda word: () if folded(word) in removed else (word,)
            )

    def rename(self, old: str, new: str) -> Additions:
        """Change a keyword in place; nothing changes if the list has the new one."""
        key = folded(old)
        with atomic.locked(self._file) as real:
            listed = _cleaned(_entries(self._read(real).text))
            others = [word for word in listed if folded(word) != key]
            wanted = gather(typed(new), others)
            if wanted.words:
                self._replace(
                    real,
                    lambda word: wanted.words if folded(word) == key else (word,),
                )
        return wanted

    def export(self) -> str:
        return "".join(f"{_line(word)}\n" for word in self.read())

    def _append(self, choose: Callable[[list[str]], Additions]) -> Additions:
        with atomic.locked(self._file) as real:
            read = self._read(real)
            listed = _cleaned(_entries(read.text))
            new = choose(listed)
            if new.words:
                ended = read.text if read.text.endswith("\n") else f"{read.text}\n"
                lines = "".join(f"{_line(word)}\n" for word in new.words)
                text = ended + lines if read.text else lines
                self._write(real, read, text, [*listed, *new.words])
        return new

    def _replace(
        self, real: Path, change: Callable[[str], tuple[str, ...]]
    ) -> list[str]:
        """Replace each keyword by what `change` returns; the keywords that changed. All
        other lines stay as they are."""
        read = self._read(real)
        lines, changed, expected = list[str](), list[str](), list[str]()
        for record in records(read.text):
            words = _cleaned(record.entries)
            after = [word for one in words for word in change(one)]
            different = [word for word in words if change(word) != (word,)]
            changed += different
            expected += after
            lines += map(_line, after) if different else [record.raw]
        if changed:
            text = "".join(f"{line}\n" for line in lines)
            self._write(real, read, text, expected)
        return list(dict.fromkeys(changed))

    def _write(
        self, real: Path, read: textfile.UserText, text: str, expected: list[str]
    ) -> None:
        """Replace the file if the text reads back as the expected keywords. If its
        encoding was guessed, it is copied first."""
        _check_size(text)
        if _cleaned(_entries(text)) != expected:
            what = "The keywords weren’t changed, because the file couldn’t store them."
            raise TextFileError(what, f"Check the lines of {real}.")
        if read.guessed:
            copy = atomic.back_up(real)
            self._on_problem(
                "Your keywords file wasn’t UTF-8, so Mica read it as Windows-1252 and "
                f"converted it. Check the spellings. The original is {copy.name}."
            )
        atomic.replace(real, text)

    def _read(self, file: Path) -> textfile.UserText:
        try:
            return textfile.read(file)
        except FileNotFoundError:
            return textfile.UserText("")
        except TextFileError as error:
            remedy = "Move the file, and Mica starts a new list."
            raise TextFileError(error.what, remedy) from error


def _clean(raw: str) -> str:
    """A keyword without whatever has a meaning in the instruction."""
    raw = raw[:_MOST_CLEANED]
    is_nfc = raw.isascii() or unicodedata.is_normalized("NFC", raw)
    if is_nfc and raw.isprintable() and not _TO_CLEAN.search(raw):
        return raw  # most are clean; this matters for 300,000
    text = _SPECIAL_TOKEN.sub(" ", unicodedata.normalize("NFC", raw))
    text = _INVISIBLE.sub("", text)
    for separator in ("<|", "|>", ",", ";"):
        text = text.replace(separator, " ")
    allowed = "".join(c if _is_allowed(c) else " " for c in text)
    return " ".join(allowed.split())


def _shorten(word: str) -> str | None:
    if len(word) > MAX_CHARACTERS:
        word = word[: MAX_CHARACTERS + 1].rpartition(" ")[0]
    if word.isprintable():
        return word or None
    return word if any(c.isprintable() and not c.isspace() for c in word) else None


def _is_allowed(character: str) -> bool:
    """Whether it is not a control character; format characters, which join emoji, are
    allowed."""
    return unicodedata.category(character) not in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}


def _entries(text: str) -> list[str]:
    """All entries of our own file."""
    return [word for record in records(text) for word in record.entries if word]


def _cleaned(raw: Iterable[str]) -> list[str]:
    return [word for one in raw if (word := clean_keyword(one)) is not None]


def _keys_to_remove(word: str, known: Container[str]) -> list[str]:
    """The folded keywords that a word stands for: those that add() would make of it, or
    the whole word if none of them is known."""
    parts = [folded(part) for part in _cleaned(typed(word))]
    whole = [folded(part) for part in _cleaned([word])]
    return parts if any(part in known for part in parts) else whole


def _line(word: str) -> str:
    """A keyword as a line of the file, quoted if needed to be read back."""
    if is_plain(word):
        return word
    quoted = word.replace('"', '""')
    return f'"{quoted}"'


def _check_size(text: str) -> None:
    """Refuse a text that would be too large to be read back."""
    if len(text.encode()) > textfile.MAX_BYTES:
        remedy = f"The list can have up to {textfile.MAX_BYTES >> 20} MB."
        raise TextFileError("Your list of keywords would be too large.", remedy)


def _problem(error: MicaError | OSError, used: str) -> str:
    what = error.what if isinstance(error, MicaError) else f"{error}."
    return f"Your keywords can’t be read: {what} Until they can, Mica uses {used}."
