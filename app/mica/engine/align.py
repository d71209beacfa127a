"""Aligns a draft with settled text: where the draft continues it, and how.

Words are compared without case or punctuation, within a band, so alignment survives
words that the draft left out, added or replaced. Pure functions of strings; no model.

For example, the decoder has written "The quik brown", and the draft reads "the quick
brown fox jumps". The cheapest alignment of the settled words with words of the draft is

    the    the      -2   the same word
    quik   quick    20   one word in place of another
    brown  brown    -2   the same word

for a total of 16. Treating "quick" as deleted and "quik" as inserted would cost 20 + 21
for that word alone. So resume_index returns 15, the end of "brown", and " fox jumps" is
proposed next. Had the decoder written "The quik brown.", fit_continuation would turn
that into " Fox jumps".
"""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from mica.text.capitals import lower_first

BAND: Final = 24  # words a draft may be ahead of or behind the settled text
WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
PUNCTUATION: Final = re.compile(r"[.,;:?!…]+")
AROUND: Final = 3  # tokens on each side of a change; most of them must agree
_SENTENCE_END: Final = re.compile(r"[.?!…][\"'”’)\]]*$")
_OPEN_HYPHEN: Final = re.compile(r"\w[-–]$")

# Alignment costs. A substituted word is likelier than an extra word in the settled
# text; a match has a negative cost, so that one deletion beats two substitutions.
_SUBSTITUTED, _DELETED, _INSERTED = 20, 20, 21
_SAME, _PREFIX = -2, -1
_FAR: Final = 10**9


def match_key(word: str) -> str:
    """The word's letters and digits, case-folded, for comparing two spellings."""
    return "".join(filter(str.isalnum, word.casefold()))


def capital(text: str) -> str:
    """The text with its first word's first letter in upper case."""
    word = WORD.search(text)
    if word is None:
        return text
    at = word.start()
    return text[:at] + text[at].upper() + text[at + 1 :]


def resume_index(
    draft: str, settled: str, *, open_ended: bool = True, inside: bool = True
) -> tuple[int, float]:
    """The index at which `draft` continues `settled`, found by alignment.

    open_ended   the last settled word may be incomplete
    inside       it probably is. If False, only a draft word that is at least two
                 letters longer counts: one more letter is usually another spelling
    returns      an index in `draft`, inside a word if only its beginning is settled;
                 and a distance: 0 or less for the same words, 1 if none match
    """
    words = [match_key(word) for word in WORD.findall(settled)]
    if not words:
        return 0, 0.0
    open_ended = open_ended and settled[-1].isalnum()
    places = list(WORD.finditer(draft))
    before, cost = _aligned(
        words, [match_key(place.group()) for place in places], open_ended
    )
    least = min(cost)
    j = cost.index(least)
    at = places[j - 1].end() if j else 0
    if open_ended and j and least - before[j - 1] in (_PREFIX, _SUBSTITUTED):
        word = places[j - 1]
        key, last = match_key(word.group()), words[-1]
        if inside or (key.startswith(last) and len(key) - len(last) > 1):
            at = word.start() + _length(word.group(), _letters_covered(key, last))
    return at, least / len(words) / _SUBSTITUTED


def fit_continuation(settled: str, text: str) -> str:
    """Draft text adjusted to follow `settled`: punctuation not doubled, case fitted."""
    if not settled:
        return text
    if settled[-1].isspace():  # some tokenizers make the space a token of its own
        return fit_continuation(settled.rstrip(), text).lstrip()
    if _OPEN_HYPHEN.search(settled):
        return text.lstrip()
    punctuation = PUNCTUATION.match(text)
    without = text[punctuation.end() :] if punctuation else text
    if _SENTENCE_END.search(settled):
        return capital(without)
    if punctuation and PUNCTUATION.match(settled[-1]):
        return lower_first(without, ())
    return text


def apply_choices(pieces: Sequence[str], choices: Sequence[str]) -> str:
    """The text of `pieces`, edited toward the decoder's own choices.

    pieces    the draft's tokens after a mismatch, as text
    choices   the decoder's choice for each piece, made after reading a wrong token, and
              one more for the end. An empty string is the end mark.

    Only small changes are applied (case, punctuation, a word dropped or replaced), and
    only where most choices around them agree with the draft; elsewhere the decoder is
    at a different place in the text.
    """
    pairs = zip(pieces, choices, strict=False)
    alike = [match_key(piece) == match_key(choice) for piece, choice in pairs]
    text: list[str] = []
    at, choice = 0, choices[0]
    while at < len(pieces):
        stop = _word_end(pieces, at)
        following = pieces[stop] if stop < len(pieces) else ""
        around = alike[max(0, at - AROUND) : at] + alike[stop : stop + AROUND]
        if 2 * sum(around) > len(around):
            new = _edited(pieces[at:stop], choice, choices[stop], following)
        else:
            new = "".join(pieces[at:stop])
        text.append(new)
        # If a punctuation mark is dropped, the choice was for the word after it.
        dropped = not new and choice and not match_key(pieces[at])
        at, choice = stop, choice if dropped else choices[stop]
    return "".join(text)


def _edited(word: Sequence[str], choice: str, then: str, following: str) -> str:
    """One word or punctuation mark of a draft, as the decoder would write it.

    choice      the decoder's choice for the word's first piece
    then        its choice after the word, where the draft has `following`
    """
    own, key, wanted = "".join(word), match_key("".join(word)), match_key(choice)
    if choice == word[0]:
        return own
    if wanted and own[:1].isspace() and not choice[:1].isspace():
        return own  # the decoder is still in the word before
    if not key:  # a mark
        if wanted and wanted != match_key(following):
            return own
        return "" if wanted else choice
    if not wanted:  # a mark before the word, or the end
        return choice + (capital(own) if _SENTENCE_END.search(choice) else own)
    if key.startswith(wanted):
        return choice + own[_length(own, len(wanted)) :]
    if wanted == match_key(following):
        return ""
    return choice if len(word) == 1 and match_key(then) == match_key(following) else own


def _word_end(pieces: Sequence[str], at: int) -> int:
    """The end of the word that starts at piece `at`; punctuation stands alone."""
    stop = at + 1
    if match_key(pieces[at]):
        while stop < len(pieces) and pieces[stop][:1].isalnum():
            stop += 1
    return stop


def _aligned(
    words: Sequence[str], keys: Sequence[str], open_ended: bool
) -> tuple[list[int], list[int]]:
    """Costs of aligning `words` with keys[:j] for each j: without the last word, and
    with it. `open_ended`: the last word may be a prefix."""
    before: list[int] = []
    cost = [_DELETED * j for j in range(len(keys) + 1)]
    for number, word in enumerate(words, 1):
        center = cost.index(min(cost)) + 1
        before, cost = cost, [_FAR] * (len(keys) + 1)
        first = max(0, center - BAND)
        if first == 0:
            cost[0] = before[0] + _INSERTED
        prefix = open_ended and number == len(words)
        for j in range(max(1, first), min(len(keys), center + BAND) + 1):
            key = keys[j - 1]
            if word == key:
                step = _SAME
            else:
                step = _PREFIX if prefix and key.startswith(word) else _SUBSTITUTED
            cost[j] = min(
                before[j - 1] + step, before[j] + _INSERTED, cost[j - 1] + _DELETED
            )
    return before, cost


def edits(text: str, other: str) -> list[int]:
    """The Levenshtein distances of a text to each beginning other[:k], k from 0 on."""
    codes = np.array([ord(letter) for letter in other], np.int32)
    steps = np.arange(len(other) + 1)
    row = steps
    for number, letter in enumerate(text, 1):
        changed = np.minimum(row[:-1] + (codes != ord(letter)), row[1:] + 1)
        # A letter more in `other` costs one: a running minimum replaces the loop.
        row = np.concatenate([[number], changed]) - steps
        row = np.minimum.accumulate(row) + steps
    found: list[int] = row.tolist()
    return found


def _letters_covered(word: str, prefix: str) -> int:
    """How many letters of `word` a `prefix` covers that may be spelled differently;
    all of them if the two do not match."""
    costs = edits(prefix, word)
    least = min(costs)
    if 2 * least > len(prefix):
        return len(word)
    nearest = [k for k, cost in enumerate(costs) if cost == least]
    return min(nearest, key=lambda k: abs(k - len(prefix)))


def _length(word: str, count: int) -> int:
    """How many characters of `word` contain its first `count` match_key characters."""
    for length in range(len(word) + 1):
        if len(match_key(word[:length])) >= count:
            return length
    return len(word)
