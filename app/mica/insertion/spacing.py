"""Fits a text to the text around the caret: the spaces beside it, its first letter,
its final stop. Pure rules over strings.

The caller supplies the surrounding text, or says that it is unknown. The rules are
those of ordinary typing in languages with spaces. A first letter is changed only if a
sentence is known to begin or to continue there, by the rules of text/capitals.py.

    before        text           after       becomes
    “Thanks.”     “see you.”     “”          “ See you.”
    “Thanks,”     “See you.”     “”          “ see you.”
    “I am ”       “Very late.”   “today.”    “very late ”
    “(”           “Or not.”      “)”         “Or not.”
"""

import re
import unicodedata
from collections.abc import Iterable
from enum import Enum, auto
from typing import Final

from mica.host.values import SurroundingText
from mica.text.capitals import begins_with_name, lower_first, raise_first, without_stop

_BRACKETS: Final = frozenset("([{<¿¡„‚")  # always opening: no space after them
_JOINED: Final = frozenset("/\\@#$£€_-")  # nor after these
_DASHES: Final = frozenset("–—")  # nor after these, unless a space precedes them
_QUOTES: Final = frozenset("\"'“”‘’«»‹›")  # opening or closing, by what is beside them
_PARTNERS: Final = {"«": "»", "»": "«", "‹": "›", "›": "‹"}
_HARD: Final = frozenset("\u00a0\u202f")  # used inside French quotes
_CLOSING: Final = frozenset(".,;:!?…%)]}>")  # no space before these
_CLOSE_A_STOP: Final = "\"')]}”’»›“‘ "  # may follow a stop
_LINE_END: Final = re.compile(r"[\n\r\v\f\u2028\u2029]")
_SUFFIX: Final = re.compile(r"['’](?:s|re|ve|ll|d|t|m)\b", re.IGNORECASE)
_UNSPACED: Final = (
    "CJK",
    "HIRAGANA",
    "KATAKANA",
    "IDEOGRAPHIC",
    "FULLWIDTH",
    "THAI",
    "LAO",
    "KHMER",
    "MYANMAR",
    "TIBETAN",
)  # scripts without spaces between words
_MID_SENTENCE: Final = frozenset(
    ",;%°"
)  # after a letter or one of these the sentence continues
_STOPS: Final = frozenset(".!?")
_ENDS: Final = tuple(".,;:!?…")
_BOUND: Final = re.compile(
    r"(?:^|[\s(])(?:e\.g|i\.e|vs|cf|approx|incl|z\.\s?B|d\.\s?h|p\.\s?ej)\.$|\w@$",
    re.IGNORECASE,
)  # the sentence continues after these; so does an address
_MAY_CONTINUE: Final = re.compile(
    r"(?:^|[\s(])(?:\w|\w+\.\w|Mr|Mrs|Ms|Dr|Prof|St|No|Nr|etc|usw)\.$|\.\.$|^\s*\d+\.$",
    re.IGNORECASE,
)  # an initial, title, ellipsis or list number: undecided


class _Sentence(Enum):
    """Where in a sentence a text begins."""

    BEGINS = auto()
    CONTINUES = auto()
    UNKNOWN = auto()  # either is possible


def fit_to_context(
    around: SurroundingText,
    text: str,
    *,
    punctuated: bool,
    keywords: Iterable[str] = (),
) -> str:
    """The text with its case, spaces and stop fitted to what surrounds the caret.

    punctuated   whether the text's style has sentences; if not, its letters stay as
                 they are
    keywords     the user's; the first letter of one is kept
    """
    before, after = _visible(around.before), _visible(around.after)
    if not text:
        return text
    if punctuated:
        text = _with_case(text, _sentence(before), tuple(keywords))
        if before.strip() and _continues_after(after):
            text = without_stop(text) or text  # keep a text that is only a stop
    if before and _apart(before, text):
        text = f" {text}"
    trailing = " " if _is_word(after) and _apart(text, after) else ""
    return f"{text}{trailing}"


def _visible(text: str) -> str:
    """Without invisible characters, which some editors put into empty lines."""
    return "".join(c for c in text if unicodedata.category(c) != "Cf")


def _apart(before: str, text: str) -> bool:
    """Whether a space belongs between them."""
    last, first = before[-1], text[0]
    if last.isspace() or first.isspace():
        return False
    if _opens(before) or last in _JOINED or first in _CLOSING or _closes(text):
        return False
    if last in _DASHES and not before[:-1].endswith(" "):
        return False
    return not (_is_unspaced(last) or _is_unspaced(first))


def _opens(before: str) -> bool:
    """Whether the last mark opens what follows. A quote does at the beginning, and
    after a space or another opening mark."""
    if not before or before[-1].isspace():
        return True
    rest, last = before[:-1], before[-1]
    if last not in _QUOTES:
        return last in _BRACKETS
    partner = _PARTNERS.get(last)  # « and » open in some languages and close in others
    if partner and (rest[-1:] in _HARD or rest.count(partner) > rest.count(last)):
        return False
    return rest[-1:] in _DASHES or _opens(rest)


def _closes(text: str) -> bool:
    """Whether the text begins with a closing mark or a contraction such as ’s."""
    if _SUFFIX.match(text):
        return True
    beside = text[1:2]
    return text[0] in _QUOTES and (not beside.strip() or beside in _CLOSING)


def _is_word(after: str) -> bool:
    """Whether the caret is directly before a word, or before a mark that opens one."""
    first = after[:1]
    return first.isalnum() or (first in _BRACKETS | _QUOTES and not _closes(after))


def _is_unspaced(character: str) -> bool:
    return unicodedata.name(character, "").startswith(_UNSPACED)


def _sentence(before: str) -> _Sentence:
    """Whether a sentence begins or continues after this text."""
    line = _LINE_END.split(before)[-1].strip()
    if not line:
        return _Sentence.BEGINS
    core = line.rstrip(_CLOSE_A_STOP)
    if _opens(line) or not core or _is_unspaced(core[-1]):
        return _Sentence.UNKNOWN
    if core[-1].isalnum() or core[-1] in _MID_SENTENCE or _BOUND.search(core):
        return _Sentence.CONTINUES
    is_over = core[-1] in _STOPS and not _MAY_CONTINUE.search(core)
    return _Sentence.BEGINS if is_over else _Sentence.UNKNOWN


def _with_case(text: str, sentence: _Sentence, keywords: tuple[str, ...]) -> str:
    """The text with its first letter's case corrected."""
    if sentence is _Sentence.BEGINS:
        return raise_first(text, keywords)
    if sentence is _Sentence.CONTINUES and not begins_with_name(text):
        return lower_first(text, keywords)
    return text


def _continues_after(after: str) -> bool:
    """Whether the sentence continues after the caret, or already has its stop."""
    rest = after.lstrip(" \u00a0")
    return rest[:1].islower() or rest.startswith(_ENDS)
