"""A simulated decoder that always writes one known text, and drafts of it with errors.

Tokens are pieces of at most six letters, similar to a real tokenizer's: case matters, a
space belongs to the word after it, a punctuation mark is a token of its own. It runs no
network; benchmarks and tests of the decoding loop use it.
"""

import random
import re
from typing import Final

from mica.engine.align import match_key
from mica.model.speech_model import TokenCodec

SPOKEN: Final = """
So I talked to Maria yesterday, and she thinks we can ship the new build on Thursday.
There are still two open issues, though. The first one is the memory leak in the audio
thread, which Daniel is looking at right now. The second is that the paste sometimes
fails in Chrome when the clipboard is busy. Can you check if that still happens on
your machine? I'd rather delay the release by a day than ship it broken. Also, please
remember to update the change log, because the last two versions are missing. If
everything works, we'll send the email to the beta group on Friday morning. Thanks,
and let me know if you need anything else from me. I will be in the office until five,
and after that you can reach me on my phone. By the way, the meeting with Olivia has
moved to Monday at nine, so we should have the numbers ready before the weekend.
"""
TEXT: Final = " ".join(SPOKEN.split())  # 161 words: a minute
NOTHING: Final = "zzz"  # what a blind oracle chooses after an error
_PIECE = re.compile(r" ?[^\W_][\w']*|\s|.", re.DOTALL)


class PieceTokenizer:
    """A tokenizer that assigns ids to pieces as they occur; 0 is the end mark, and an
    unassigned id decodes to nothing."""

    eos = 0

    def __init__(self) -> None:
        self._pieces = [""]
        self._ids: dict[str, int] = {}

    def encode(self, text: str) -> list[int]:
        pieces: list[str] = []
        for word in _PIECE.findall(text):
            first = 7 if word[0] == " " else 6
            pieces.append(word[:first])
            pieces += [word[i : i + 6] for i in range(first, len(word), 6)]
        return [self._id(piece) for piece in pieces]

    def decode(self, ids: list[int]) -> str:
        known = len(self._pieces)
        return "".join(self._pieces[token] for token in ids if token < known)

    def _id(self, piece: str) -> int:
        if piece not in self._ids:
            self._ids[piece] = len(self._pieces)
            self._pieces.append(piece)
        return self._ids[piece]


class Oracle:
    """A DraftVerifier whose choices are `target`, then the end mark.

    After a token that is not in its text, it chooses what a decoder that follows the
    audio would; a blind one chooses an unrelated token.

    passes, rows    counted
    """

    def __init__(self, words: TokenCodec, target: list[int], blind: bool) -> None:
        self.words = words
        self.target = [*target, words.eos]
        self.blind = blind
        self.passes = self.rows = 0
        self._lost = words.encode(NOTHING)[0]

    def read(self, tokens: list[int], proposed: list[int]) -> list[tuple[int, bool]]:
        assert tokens == self.target[: len(tokens)]
        self.passes += 1
        self.rows += len(proposed) + 1
        place, lost = len(tokens), False
        choices = [self.target[place]]
        for token in proposed:
            lost = lost or token != self.target[place]
            place = min(self._next_token(place, token), len(self.target) - 1)
            choices.append(self._lost if lost and self.blind else self.target[place])
        return [(choice, False) for choice in choices]

    def _next_token(self, place: int, token: int) -> int:
        """The position where the text continues after a token, right or wrong."""
        key = self._key(token)
        for step in (0, 1, -1, 2, -2, 3):
            at = place + step
            if 0 <= at < len(self.target) and self._key(self.target[at]) == key:
                return at + 1
        return place + bool(key)

    def _key(self, token: int) -> str:
        return match_key(self.words.decode([token]))


def spoken_form(text: str) -> str:
    """The text as the CTC writes it: lower case, no punctuation."""
    return re.sub(r"[^\w' ]", "", text).lower()


def with_token_errors(
    words: TokenCodec, text: str, seed: int, share: float = 0.03
) -> str:
    """The text with a share of wrong tokens: most replaced, some missing or added."""
    chance = random.Random(seed)
    tokens = words.encode(text)
    wrong: list[int] = []
    for token in tokens:
        draw = chance.random()
        if draw >= share:
            wrong.append(token)
        elif draw < 0.6 * share:
            wrong.append(chance.choice(tokens))
        elif draw < 0.8 * share:
            wrong += [token, chance.choice(tokens)]
    return words.decode(wrong)
