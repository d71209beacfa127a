"""Reads the names in a vCard file, as address books export contacts.

vCard 2.1 to 4.0 (RFC 6350).
"""

import quopri
import re
from collections.abc import Iterator
from typing import Final

_LINE: Final = re.compile(r"(?:[\w-]+\.)?(FN|N|ORG)((?:;[^:]*)?):(.*)", re.IGNORECASE)
_QUOTED: Final = "QUOTED-PRINTABLE:"
_PARTS: Final = re.compile(r"(?<!\\);")
_ESCAPED: Final = re.compile(r"\\(.)")


def is_vcard(text: str) -> bool:
    """Whether the text is a vCard file."""
    return text.lstrip()[:11].upper() == "BEGIN:VCARD"


def names(text: str) -> tuple[str, ...]:
    """The full (else given and family) name and the organization of each contact."""
    text = "".join(_without_soft_ends(text))
    text = re.sub(r"\n[ \t]", "", text)
    cards = re.split(r"^END:VCARD.*$", text, flags=re.MULTILINE | re.IGNORECASE)
    return tuple(name for card in cards for name in _of_a_card(card))


def _without_soft_ends(text: str) -> Iterator[str]:
    """The text, in which quoted-printable lines that go on in the next are joined."""
    goes_on = False
    for line in text.split("\n"):
        goes_on = (goes_on or _QUOTED in line.upper()) and line.endswith("=")
        yield line[:-1] if goes_on else f"{line}\n"


def _of_a_card(card: str) -> Iterator[str]:
    found: dict[str, str] = {}
    for line in card.splitlines():
        if field := _LINE.fullmatch(line.strip()):
            name, parameters, value = field.groups()
            if _QUOTED.rstrip(":") in parameters.upper():
                value = quopri.decodestring(value.encode()).decode("utf-8", "replace")
            found.setdefault(name.upper(), value)
    full = found.get("FN", "").strip()
    if not full and (parts := _PARTS.split(found.get("N", ""))):
        full = " ".join(filter(None, [*parts[1:2], *parts[:1]]))
    for value in (full, *_PARTS.split(found.get("ORG", ""))):
        if plain := _ESCAPED.sub(lambda one: one[1], value).strip():
            yield plain
