"""What the engine asks of every model, of whatever kind.

How a kind turns a segment into text is its reader's (mica.engine.readers): Granite
Speech drafts with its CTC and lets a language model decide, a CTC-only model has its
text after one pass, a model of another library may take whole segments only. So this
names neither encoder states nor decoder passes; those are between a kind and its
reader. No values of it are made here.
"""

from collections.abc import Set as AbstractSet
from dataclasses import replace
from enum import Enum, auto
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mica.events import Language, Style, TranscribeOptions


class Ability(Enum):
    """Abilities of a model beside transcribing."""

    PUNCTUATION = auto()
    KEYWORDS = auto()
    TRANSLATION = auto()


class TokenCodec(Protocol):
    """A tokenizer; `eos` is the end mark."""

    eos: int

    def encode(self, text: str) -> list[int]: ...
    def decode(self, ids: list[int]) -> str: ...


class SpeechModel(Protocol):
    """A model that is loaded, used on the thread that loaded it.

    languages   that may be spoken
    abilities   what is asked for beyond them is not passed on to its reader
    """

    @property
    def languages(self) -> AbstractSet[Language]: ...

    @property
    def abilities(self) -> AbstractSet[Ability]: ...

    def ctc_labels(self, samples: NDArray[np.float32]) -> list[int]:
        """The best character label of each frame of 20 ms, for live text.

        samples   float32 (n,), mono, 16 kHz; too few for a frame have no label
        returns   0 for a blank, else labels as mica.engine.ctc.characters reads them
        """

    def warm_up(self) -> float:
        """One whole inference, which compiles; how long it takes to encode 4 s, in
        seconds."""

    def prefetch_weights(self) -> None:
        """Read every weight once, since those unused for a while are swapped out."""


def supported(options: TranscribeOptions, model: SpeechModel) -> TranscribeOptions:
    """The options without what the model was not trained to."""
    able = model.abilities
    translates = Ability.TRANSLATION in able
    return replace(
        options,
        style=options.style if Ability.PUNCTUATION in able else Style.RAW,
        keywords=options.keywords if Ability.KEYWORDS in able else (),
        language=options.language if options.language in model.languages else None,
        target_language=options.target_language if translates else None,
    )
