"""The user's keywords: one a line in a UTF-8 file, cleaned on the way in.

Kept in the user's order, comments and all; one that differs from another by capitals or
the kind of apostrophe is the same. A keyword rides in the model's instruction, so
nothing that could act there (line ends, control characters, special tokens, list
commas) gets in. It chooses none of them; engine/prompt.py does.
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

LONGEST: Final = 80  # characters; longer ones are sentences, not terms
MOST_USED: Final = 20_000  # beyond it the engine takes over 0.2 s to choose some
TOO_MANY: Final = (
    f"Only the first {MOST_USED:,} of your keywords are used. Shorten the list."
)
_SPECIAL_TOKEN: Final = re.compile(r"<\|[^|<>]*\|>")
_INVISIBLE: Final = re.compile(  # not the joiners inside emoji and Persian words
    "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
_ALIKE: Final = str.maketrans(
    dict.fromkeys("’‘‛ʼʹ′`´＇", "'") | dict.fromkeys("‐‑‒–−", "-")
)
_TO_CLEAN: Final = re.compile(r"<\||\|>|[,;]|  |^ | $")


def clean_keyword(raw: str) -> str | None:
    """The keyword as it is kept, or None when nothing of it is left.

    One that is too long ends with a whole word.
    """
    return _cut(_whole(raw))


def folded(word: str) -> str:
    """What two keywords have in common that are the same to the user."""
    if word.isascii():
        return word.replace("`", "'").lower()
    # casefold() would make one of Straße and Strasse, which are two spellings
    return unicodedata.normalize("NFC", word.translate(_ALIKE).lower())


def typed(word: str) -> list[str]:
    """The entries of what was typed for one: nobody types a comment."""
    parts = (part for line in word.splitlines() for part in typed_line(line))
    return [part for part in parts if part.strip()]


def gather(words: Iterable[str], known: Iterable[str] = ()) -> Additions:
    """These words cleaned, without those that are known or come twice."""
    seen = {folded(word) for word in known}
    kept: list[str] = []
    duplicates = shortened = unusable = joined = 0
    for raw in words:
        whole = _whole(raw)
        word = _cut(whole)
        if word is None:
            unusable += 1
        elif (same := folded(word)) in seen:
            duplicates += 1
        else:
            seen.add(same)
            kept.append(word)
            shortened += len(word) < len(whole)
            joined += "," in raw or ";" in raw
    return Additions(tuple(kept), duplicates, shortened, unusable, joined)


def gather_text(read: textfile.UserText, known: Iterable[str] = ()) -> Additions:
    """What a list that was read gives."""
    is_contacts = vcard.is_one(read.text)
    found = Entries(vcard.names(read.text)) if is_contacts else entries_of(read.text)
    return gather(found.words, known).of_a_list(found, guessed=read.guessed)


class Keywords:
    """The list in its file. Every change is on disk when the call returns, and none
    that another process makes meanwhile is lost.

    tell   of what is wrong with the file, where all() cannot have it; once
    """

    def __init__(
        self, file: Path, tell: Callable[[str], None] = lambda line: None
    ) -> None:
        self._file, self._tell = file, tell
        self._stamp: tuple[int, ...] | None = None
        self._last: list[str] = []
        self._has_more, self._told = False, ""

    def all(self) -> list[str]:
        """All keywords; never fails: where the file cannot be read, those it had last.

        Read again only when the file is another: it is asked for at each key press.
        """
        problem = ""
        try:
            status = self._file.stat()
            stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
            if stamp != self._stamp:
                listed = self.read()
                self._last, self._stamp = listed[:MOST_USED], stamp
                self._has_more = len(listed) > MOST_USED
        except FileNotFoundError:
            self._last, self._stamp, self._has_more = [], None, False
        except (MicaError, OSError) as why:
            problem = _problem(why, "the list it read last" if self._last else "none")
        if self._has_more and not problem:
            problem = TOO_MANY
        if problem and problem != self._told:
            self._tell(problem)
        self._told = problem
        return self._last

    def read(self) -> list[str]:
        """All keywords, cleaned again, since people edit the file by hand. Raises
        MicaError where it cannot be read."""
        return list(gather(_entries(self._read(self._file).text)).words)

    def add(self, words: Iterable[str]) -> Additions:
        """Append what is new, whatever is between commas as one of its own."""
        words = [word for word in words if word.strip()]
        parts = [part for word in words for part in typed(word)]
        split = sum(len(typed(word)) > 1 for word in words)
        return self._append(lambda known: gather(parts, known).typed(split))

    def restore(self, words: Iterable[str]) -> Additions:
        """Append keywords that were there before, letter by letter."""
        return self._append(lambda known: gather(words, known))

    def import_text(self, text: str | textfile.UserText) -> Additions:
        """Add from a list that was pasted or read."""
        read = textfile.UserText(text) if isinstance(text, str) else text
        return self._append(lambda known: gather_text(read, known))

    def remove(self, words: Iterable[str]) -> list[str]:
        """Take out what add() of these adds; those that were there, as they were
        written."""
        known = {folded(word) for word in self.read()}
        gone = {name for word in words for name in _names(word, known)}
        with atomic.locked(self._file) as real:
            return self._replace(
                real, lambda word: () if folded(word) in gone else (word,)
            )

    def rename(self, old: str, new: str) -> Additions:
        """Write one otherwise, in its place; nothing changes where that is another."""
        same = folded(old)
        with atomic.locked(self._file) as real:
            listed = _cleaned(_entries(self._read(real).text))
            others = [word for word in listed if folded(word) != same]
            wanted = gather(typed(new), others)
            if wanted.words:
                self._replace(
                    real,
                    lambda word: wanted.words if folded(word) == same else (word,),
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
        """Put what `change` gives in each keyword's place; those it was another for.
        Other lines stay as they are."""
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
        """Replace what was read, if the text gives these keywords and no others. What
        Windows-1252 was a guess for is kept as it was."""
        _check_size(text)
        if _cleaned(_entries(text)) != expected:
            what = "The keywords were not changed: their file would not keep them."
            raise TextFileError(what, f"Check the lines of {real}.")
        if read.guessed:
            kept = atomic.keep_copy(real)
            self._tell(
                "Your keyword list was not UTF-8 and was read as Windows-1252. The "
                f"old one is kept as {kept.name}. Check the names in the new one."
            )
        atomic.replace(real, text)

    def _read(self, file: Path) -> textfile.UserText:
        try:
            return textfile.read(file)
        except FileNotFoundError:
            return textfile.UserText("")
        except TextFileError as why:
            remedy = "Move it away, and Mica begins a new list."
            raise TextFileError(why.what, remedy) from why


def _whole(raw: str) -> str:
    """Cleaned, however long."""
    is_nfc = raw.isascii() or unicodedata.is_normalized("NFC", raw)
    if is_nfc and raw.isprintable() and not _TO_CLEAN.search(raw):
        return raw  # most are; of 300 000 this is felt
    text = _SPECIAL_TOKEN.sub(" ", unicodedata.normalize("NFC", raw))
    text = _INVISIBLE.sub("", text)
    for mark in ("<|", "|>", ",", ";"):
        text = text.replace(mark, " ")
    kept = "".join(c if _harmless(c) else " " for c in text)
    return " ".join(kept.split())


def _cut(word: str) -> str | None:
    if len(word) > LONGEST:
        word = word[: LONGEST + 1].rpartition(" ")[0]
    if word.isprintable():
        return word or None
    return word if any(c.isprintable() and not c.isspace() for c in word) else None


def _harmless(character: str) -> bool:
    """Everything but controls; the joiners inside emoji are format characters."""
    return unicodedata.category(character) not in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}


def _entries(text: str) -> list[str]:
    """All entries of our own file; it has no heading."""
    return [word for record in records(text) for word in record.entries if word]


def _cleaned(raw: Iterable[str]) -> list[str]:
    return [word for one in raw if (word := clean_keyword(one)) is not None]


def _names(word: str, known: Container[str]) -> list[str]:
    """The keywords, folded, that are meant by a word to be taken out: what it would be
    added as, else all of it."""
    parts = [folded(part) for part in _cleaned(typed(word))]
    whole = [folded(part) for part in _cleaned([word])]
    return parts if any(part in known for part in parts) else whole


def _line(word: str) -> str:
    """As it stands in a file, so that it is read again as it is."""
    if is_plain(word):
        return word
    quoted = word.replace('"', '""')
    return f'"{quoted}"'


def _check_size(text: str) -> None:
    """A list that is not read again would be lost."""
    if len(text.encode()) > textfile.MAX_BYTES:
        limit = f"A list can have {textfile.MAX_BYTES >> 20} MB."
        raise TextFileError("That is too much for your list of keywords.", limit)


def _problem(why: MicaError | OSError, used: str) -> str:
    what = why.what if isinstance(why, MicaError) else f"{why}."
    return f"Your keywords can't be read: {what} Until they can, Mica uses {used}."
