"""What the decoder will probably write: a segment's text before the decoder is asked.

The CTC's text, dressed for the style asked for, behind the decoder's own text of an
older part. Pure functions; it runs no network and verifies nothing.
"""

import re
from collections.abc import Sequence
from typing import Final, Protocol

from mica.engine.align import MARKS, WORD, behind, capital, continued, folded
from mica.events import Style

UNLIKE: Final = 0.75  # replaced words beyond which interim text is of something else
_LONE_I: Final = re.compile(r"(?<![\w'’.])i(?![\w.])")


class Words(Protocol):
    """A tokenizer; `eos` is the end mark."""

    eos: int

    def encode(self, text: str) -> list[int]: ...
    def decode(self, ids: list[int]) -> str: ...


def draft_tokens(
    words: Words,
    heard: list[int],
    style: Style,
    keywords: Sequence[str],
    interim: str = "",
    answered: str = "",
) -> list[int]:
    """The draft for a segment.

    heard      the CTC's tokens of the whole segment
    interim    the decoder's text of an older part of it, if there is one
    answered   its text of the whole, where it was asked before
    """
    if answered:
        return words.encode(answered)
    text = words.decode(heard)
    if style is Style.PUNCTUATED:
        text = dressed(text, keywords)
    return words.encode(glued(interim, text))


def dressed(heard: str, keywords: Sequence[str]) -> str:
    """Plain text with a first capital, I, keywords as listed and a closing stop."""
    text = _spelled(_LONE_I.sub("I", heard.strip()), keywords)
    if not text:
        return ""
    return capital(text if MARKS.fullmatch(text[-1]) else f"{text}.")


def glued(interim: str, heard: str) -> str:
    """Interim text without its last word, then what follows it in `heard`.

    Its last word and closing mark were written without knowing what comes next. Where
    the two have nothing in common, `heard` alone.
    """
    words = list(WORD.finditer(interim))
    if len(words) < 2:
        return heard
    kept = interim[: words[-1].start()].rstrip()
    at, unlike = behind(heard, kept, begun=False)
    return heard if unlike > UNLIKE else kept + continued(kept, heard[at:])


def _spelled(text: str, keywords: Sequence[str]) -> str:
    """The text with each keyword as the list spells it, the first of two that differ in
    spelling only."""
    spelling: dict[str, str] = {}
    for keyword in keywords:
        spelling.setdefault(folded(keyword), keyword)
    patterns = [
        r"[\W_]+".join(re.findall(r"[^\W_]+", keyword))
        for keyword in sorted(spelling.values(), key=len, reverse=True)
    ]
    either = "|".join(filter(None, patterns))
    if not either:
        return text
    return re.sub(
        rf"(?<!\w)(?:{either})(?!\w)",
        lambda found: spelling.get(folded(found.group()), found.group()),
        text,
        flags=re.IGNORECASE,
    )
