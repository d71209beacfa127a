"""The user's keywords: one a line in a UTF-8 file, cleaned on the way in.

Kept in the user's order. A keyword rides in the model's instruction, so nothing that
could act there (line ends, control characters, special tokens, list commas) gets in.
It chooses none of them; engine/keywords.py does.
"""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Final

LONGEST: Final = 80  # characters; longer ones are sentences, not terms
_SPECIAL_TOKEN: Final = re.compile(r"<\|[^|<>]*\|>")


def clean_keyword(raw: str) -> str | None:
    """The keyword as it is kept, or None when nothing of it is left."""
    text = _SPECIAL_TOKEN.sub(" ", unicodedata.normalize("NFC", raw))
    text = text.replace("<|", " ").replace("|>", " ").replace(",", " ")
    kept = "".join(c if _harmless(c) else " " for c in text)
    word = " ".join(kept.split())[:LONGEST].strip()
    return word if any(c.isprintable() and not c.isspace() for c in word) else None


def split_keywords(text: str) -> list[str]:
    """The entries of a pasted text, not cleaned: one a line, or with , or ; between."""
    return [part.strip() for part in re.split(r"[\n\r,;]+", text) if part.strip()]


def _harmless(character: str) -> bool:
    """Everything but controls; the joiners inside emoji are format characters."""
    return unicodedata.category(character) not in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}


class Keywords:
    """The list in its file. Every change is on disk when the call returns."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def all(self) -> list[str]:
        """All keywords; cleaned again, since people edit the file by hand."""
        try:
            lines = self._file.read_text("utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return []
        return _unique(lines)

    def add(self, words: Iterable[str]) -> int:
        """Append what is new; returns how many were."""
        before = self.all()
        after = _unique([*before, *words])
        self._save(after)
        return len(after) - len(before)

    def remove(self, words: Iterable[str]) -> int:
        """Take out; returns how many were there."""
        before = self.all()
        gone = {clean_keyword(word) for word in words}
        after = [word for word in before if word not in gone]
        self._save(after)
        return len(before) - len(after)

    def import_text(self, text: str) -> int:
        """Add from pasted text; returns how many were new."""
        return self.add(split_keywords(text))

    def export(self) -> str:
        return "".join(f"{word}\n" for word in self.all())

    def _save(self, words: Iterable[str]) -> None:
        draft = self._file.with_suffix(".new")
        draft.write_text("".join(f"{word}\n" for word in words), "utf-8")
        draft.replace(self._file)


def _unique(raw: Iterable[str]) -> list[str]:
    cleaned = (clean_keyword(word) for word in raw)
    return list(dict.fromkeys(word for word in cleaned if word))
