"""What the decoder will probably write: a segment's text before the decoder is asked.

The text of both CTC heads, dressed for the style asked for, behind the decoder's own
text of an older part. Pure functions; it runs no network and verifies nothing.
"""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

from mica.engine.align import (
    MARKS,
    WORD,
    capital,
    fit_continuation,
    match_key,
    resume_index,
)
from mica.events import Style
from mica.model.speech_model import TokenCodec

UNLIKE: Final = 0.75  # replaced words beyond which interim text is of something else
#: Below it a word of tokens is right less often than one of letters.
SURE: Final = 0.9
_SPELLED: Final = re.compile(r"[\0-ÿ]*")  # no Katakana, which tokens do not write
_LONE_I: Final = re.compile(r"(?<![\w'’.])i(?![\w.])")


def draft_tokens(
    words: TokenCodec,
    heard: str,
    style: Style,
    keywords: Sequence[str],
    interim: str = "",
    answered: str = "",
) -> list[int]:
    """The draft for a segment.

    heard      what CTC heard of the whole segment
    interim    the decoder's text of an older part of it, if there is one
    answered   its text of the whole, where it was asked before
    """
    if answered:
        return words.encode(answered)
    text = add_punctuation(heard, keywords) if style is Style.PUNCTUATED else heard
    return words.encode(splice(interim, text))


def merge_ctc_heads(
    words: TokenCodec, tokens: Sequence[tuple[int, float]], heard: str
) -> str:
    """What the two CTC heads heard: the tokens' words, where these are sure of them.

    A word the tokens hardly know is spelled by letters, and so is everything where
    there are none: either head may hear something in a sound in which the other does
    not.

    tokens   each with its probability
    heard    the letters' text
    """
    if not tokens:
        return heard
    pieces = [words.decode([token]) for token, _ in tokens]
    starts = [at for at, piece in enumerate(pieces) if at == 0 or piece[:1].isspace()]
    spans = list(zip(starts, [*starts[1:], len(pieces)], strict=True))
    own = [words.decode([token for token, _ in tokens[a:b]]).strip() for a, b in spans]
    sure = [min(likely for _, likely in tokens[a:b]) >= SURE for a, b in spans]
    if all(sure) or not _SPELLED.fullmatch(heard):
        return " ".join(own)
    letters = heard.split()
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


def add_punctuation(heard: str, keywords: Sequence[str]) -> str:
    """Plain text with a first capital, I, keywords as listed and a closing stop."""
    text = _with_keyword_spelling(_LONE_I.sub("I", heard.strip()), keywords)
    if not text:
        return ""
    return capital(text if MARKS.fullmatch(text[-1]) else f"{text}.")


def splice(interim: str, heard: str) -> str:
    """Interim text without its last word, then what follows it in `heard`.

    Its last word and closing mark were written without knowing what comes next. Where
    the two have nothing in common, `heard` alone.
    """
    words = list(WORD.finditer(interim))
    if len(words) < 2:
        return heard
    kept = interim[: words[-1].start()].rstrip()
    at, unlike = resume_index(heard, kept, begun=False)
    return heard if unlike > UNLIKE else kept + fit_continuation(kept, heard[at:])


def _with_keyword_spelling(text: str, keywords: Sequence[str]) -> str:
    """The text with each keyword as the list spells it, the first of two that differ in
    spelling only."""
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
