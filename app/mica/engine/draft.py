"""Builds a segment's draft: the text that the decoder will probably write.

The draft is the decoder's own text of an earlier part, if any, followed by the text of
both CTC heads in the requested style. Pure functions; this module runs no network and
verifies nothing.
"""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

from mica.engine.align import (
    PUNCTUATION,
    WORD,
    capital,
    fit_continuation,
    match_key,
    resume_index,
)
from mica.events import Style
from mica.model.speech_model import TokenCodec

UNLIKE: Final = 0.75  # distance beyond which interim text is unrelated to the CTC's
#: Below this probability a token head's word is right less often than the letters.
SURE: Final = 0.9
_LATIN: Final = re.compile(r"[\0-ÿ]*")  # no Katakana, which the tokens never write
_LONE_I: Final = re.compile(r"(?<![\w'’.])i(?![\w.])")


def draft_tokens(
    words: TokenCodec,
    ctc_text: str,
    style: Style,
    keywords: Sequence[str],
    interim: str = "",
    previous_text: str = "",
) -> list[int]:
    """The draft for a segment.

    ctc_text        the CTC's text of the whole segment
    interim         the decoder's text of an earlier part of it, if any
    previous_text   the decoder's text of the whole segment from an earlier prompt
    """
    if previous_text:
        return words.encode(previous_text)
    if style is Style.PUNCTUATED:
        ctc_text = add_punctuation(ctc_text, keywords)
    return words.encode(splice(interim, ctc_text))


def merge_ctc_heads(
    words: TokenCodec, tokens: Sequence[tuple[int, float]], ctc_text: str
) -> str:
    """The text of both CTC heads: the token head's words where it is confident.

    Other words are taken from the character head, as is the whole text if there are no
    tokens: either head may hear something in a sound in which the other hears nothing.

    tokens     each with its probability
    ctc_text   the character head's text
    """
    if not tokens:
        return ctc_text
    pieces = [words.decode([token]) for token, _ in tokens]
    starts = [at for at, piece in enumerate(pieces) if at == 0 or piece[:1].isspace()]
    spans = list(zip(starts, [*starts[1:], len(pieces)], strict=True))
    own = [words.decode([token for token, _ in tokens[a:b]]).strip() for a, b in spans]
    sure = [min(likely for _, likely in tokens[a:b]) >= SURE for a, b in spans]
    if all(sure) or not _LATIN.fullmatch(ctc_text):
        return " ".join(own)
    letters = ctc_text.split()
    keys, others = [match_key(w) for w in own], [match_key(w) for w in letters]
    text: list[str] = []
    matcher = SequenceMatcher(None, keys, others, autojunk=False)
    for _, a, b, c, d in matcher.get_opcodes():
        if b - a == d - c:
            trios = zip(own[a:b], letters[c:d], sure[a:b], strict=True)
            text += [word if known else other for word, other, known in trios]
        else:
            text += own[a:b] if a < b and all(sure[a:b]) else letters[c:d]
    return " ".join(text)


def add_punctuation(ctc_text: str, keywords: Sequence[str]) -> str:
    """The text with an initial capital, "I", listed keyword spelling and a period."""
    text = _with_keyword_spelling(_LONE_I.sub("I", ctc_text.strip()), keywords)
    if not text:
        return ""
    return capital(text if PUNCTUATION.fullmatch(text[-1]) else f"{text}.")


def splice(interim: str, ctc_text: str) -> str:
    """Interim text without its last word, then what follows it in `ctc_text`.

    The last word and its punctuation were decoded without knowing what comes next. If
    the two texts have nothing in common, returns `ctc_text` alone.
    """
    words = list(WORD.finditer(interim))
    if len(words) < 2:
        return ctc_text
    stable = interim[: words[-1].start()].rstrip()
    at, unlike = resume_index(ctc_text, stable, open_ended=False)
    if unlike > UNLIKE:
        return ctc_text
    return stable + fit_continuation(stable, ctc_text[at:])


def _with_keyword_spelling(text: str, keywords: Sequence[str]) -> str:
    """The text with keywords spelled as in the list; of two that differ only in
    spelling, the first."""
    spelling: dict[str, str] = {}
    for keyword in keywords:
        spelling.setdefault(match_key(keyword), keyword)
    patterns = [
        r"[\W_]+".join(re.findall(r"[^\W_]+", keyword))
        for keyword in sorted(spelling.values(), key=len, reverse=True)
    ]
    either = "|".join(filter(None, patterns))
    if not either:
        return text
    return re.sub(
        rf"(?<!\w)(?:{either})(?!\w)",
        lambda found: spelling.get(match_key(found.group()), found.group()),
        text,
        flags=re.IGNORECASE,
    )
