"""The plain text of a clipboard's content, and whether it is one of Mica's. Pure."""

from collections.abc import Iterable
from typing import Final

from mica.host.values import Snapshot

_TEXTS: Final = (
    "text/plain;charset=utf-8",
    "UTF8_STRING",
    "text/plain",
    "public.utf8-plain-text",
)


def plain(text: str) -> str:
    """The text with normalized line ends and spaces."""
    return text.replace("\r\n", "\n").replace("\u2029", "\n").replace("\u00a0", " ")


def text_of(snapshot: Snapshot) -> str | None:
    """The plain text; None if there is none."""
    held = {piece.type: piece.data for piece in snapshot.pieces}
    found = next((held[type] for type in _TEXTS if type in held), None)
    return None if found is None else plain(found.decode("utf-8", "replace"))


def is_one_of(snapshot: Snapshot, texts: Iterable[str]) -> bool:
    """Whether it is one of these; some clipboard managers strip spaces at the ends."""
    held = text_of(snapshot)
    return held is not None and held.strip() in [plain(text).strip() for text in texts]


def is_no_copy(held: Snapshot, before: Snapshot) -> bool:
    """Whether it is nothing the user would copy: the earlier content, or nothing."""
    text = text_of(held)
    return not held.pieces or (text is not None and text == text_of(before))
