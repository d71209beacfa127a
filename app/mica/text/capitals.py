"""Fits a text's first letter and final period to its context; removes punctuation.

The first letter is capitalized where a sentence begins and lowered where one continues,
except in words that are always capitalized. Pure rules over strings.

    lower_first          “We met.”: “we met.”    “I met.”, “Monday.”, “NATO.” stay
    raise_first          “we met.”: “We met.”    “iPhone.”, “example.com” stay
    begins_with_name     “The Hague”, “New York”, “B flat”    not “The house”
    without_stop         “We met.”: “We met”     “We met...” stays
    without_punctuation  “Well, I met Ann at 8.30.”: “well I met Ann at 8.30”
"""

import re
from collections.abc import Iterable
from typing import Final

#: Never lowered.
ALWAYS_CAPITAL: Final = frozenset(
    """
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday
    January February March April June July August September October November December
    English French German Spanish Italian American British European
    London Paris Berlin America Europe Christmas Easter Internet Mr Mrs Ms Dr
    """.split()  # noqa: SIM905 the words stay readable
)
#: No name begins with these, so they are lowered even before a capitalized word.
NEVER_NAMES: Final = frozenset(
    """
    And But Or Nor So Yet Because Although Though While When Where Which Who Whose That
    This These Those It Its He She They We You Him Her Them Us His Our Your Their There
    Then Than Of In On At To From For With Without By About After Before Into Over Under
    As If Is Are Was Were Be Been Has Have Had Do Does Did Not No Also Just Only Very
    Too Even Still Maybe Please Can Could Would Should Might Must Again Already Always
    Never Often Now Here Soon Today Tomorrow Yesterday What Why How Some Any All Both
    Each Every More Most Since Until During Between Against Like Dear Hello Hi Thanks
    Ask Tell Call Meet Send Give Show Let Make Take Get Go See Say Said Put Pay Bring
    Help Invite Visit Join Follow Thank Remind Write Email Read Find Keep Leave Move Add
    Buy Sell Use Try Need Want Know Think Hope Wish Watch Wait Work Talk Speak Turn Yes
    """.split()  # noqa: SIM905 the words stay readable
)
_STRIPPED: Final = ".,;:!?\"'()[]“”‘’…"
_ENDS: Final = tuple(".,;:!?…")
_OPENING_QUOTES: Final = "\"'“‘«‹("
_FIRST_WORD: Final = re.compile(
    r"""[\s"'“‘«‹(¿¡]*
    (?P<word> [^\W\d_]+ (?:['’-][^\W\d_]+)* )  # letters: no address, no number
    (?= [.,;:!?…"'”’»)]* (?:\s|$) )""",
    re.VERBOSE,
)
_MARKS: Final = '.,;:!?…"“”„«»()[]'
_STOPS: Final = (".", "!", "?", "…")
_CLOSING: Final = '"”»)]'


def lower_first(text: str, keywords: Iterable[str]) -> str:
    """The text with its first letter in lower case, to continue a sentence.

    keywords   a word that begins one of these keeps its case
    """
    bare = next(iter(text.split()), "").strip(_STRIPPED)
    if not bare or not bare[0].isupper() or _keeps_capital(bare, text, keywords):
        return text
    at = text.index(bare)
    return text[:at] + text[at].lower() + text[at + 1 :]


def _keeps_capital(word: str, text: str, keywords: Iterable[str]) -> bool:
    stem = word.split("'")[0].split("’")[0]
    if stem == "I" or stem in ALWAYS_CAPITAL or any(c.isupper() for c in word[1:]):
        return True
    starts = (keyword.split() for keyword in keywords)
    return any(words and words[0] in (word, stem) for words in starts)


def raise_first(text: str, keywords: tuple[str, ...]) -> str:
    """The text with its first letter capitalized, to begin a sentence; words such as
    iPhone and example.com stay.

    keywords   the first word of one that is in lower case stays
    """
    found = _FIRST_WORD.match(text)
    if found is None:
        return text
    word, at = found["word"], found.start("word")
    if not word.islower() or any(known.split()[:1] == [word] for known in keywords):
        return text
    capital = word[0].upper()
    return text[:at] + capital + text[at + 1 :] if len(capital) == 1 else text


def begins_with_name(text: str) -> bool:
    """Whether the first word is part of a name ("The Hague", "New York") or a letter
    used as a name ("plan B", "B flat")."""
    word, rest = (*text.split(maxsplit=1), "", "")[:2]
    word = word.lstrip(_OPENING_QUOTES)
    if len(word) == 1:
        return not rest or word not in "AEIOY"
    if word in NEVER_NAMES or word.endswith(_ENDS):
        return False
    return rest[:1].isupper() and not re.match(r"I\b", rest)


def without_stop(text: str) -> str:
    """The text without its final period, for a sentence that continues; "..." stays."""
    return text[:-1].rstrip() if text.endswith(".") and text[-2:] != ".." else text


def without_punctuation(text: str, keywords: Iterable[str] = ()) -> str:
    """The words alone, with the text's leading and trailing spaces.

    keywords   a word that begins one of these keeps its case
    """
    known = tuple(keywords)
    words, begins = [], True
    for spoken in text.split():
        word = spoken.strip(_MARKS)
        if word:
            words.append(lower_first(word, known) if begins else word)
        begins = spoken.rstrip(_CLOSING).endswith(_STOPS)
    core = text.strip()
    before, after = text.split(core) if core else (text, "")
    return f"{before}{' '.join(words)}{after}"
