"""The protocol that every kind of model implements for the engine.

How a kind turns a segment into text is up to its reader (mica.engine.readers): Granite
Speech drafts with its CTC and verifies with a language model, a CTC-only model has its
text after one pass, and a model of another library may accept only whole segments. So
the protocol contains neither encoder states nor decoder passes; those are private to a
kind and its reader. Nothing is implemented here.
"""

from collections.abc import Set as AbstractSet
from dataclasses import replace
from enum import Enum, auto
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mica.events import Language, Style, TranscribeOptions


class Ability(Enum):
    """Abilities of a model besides transcribing."""

    PUNCTUATION = auto()
    KEYWORDS = auto()
    TRANSLATION = auto()


class TokenCodec(Protocol):
    """A tokenizer; `eos` is the end mark."""

    eos: int

    def encode(self, text: str) -> list[int]: ...
    def decode(self, ids: list[int]) -> str: ...


class SpeechModel(Protocol):
    """A loaded model; use it only on the thread that loaded it.

    languages   that it understands
    abilities   options that need other abilities are not passed to its reader
    """

    @property
    def languages(self) -> AbstractSet[Language]: ...

    @property
    def abilities(self) -> AbstractSet[Ability]: ...

    def ctc_labels(self, samples: NDArray[np.float32]) -> list[int]:
        """The best character label of each 20 ms frame, for live text.

        samples   float32 (n,), mono, 16 kHz; too few for a frame give no labels
        returns   0 for a blank, else labels as in mica.engine.ctc.characters
        """

    def warm_up(self) -> float:
        """Run a whole inference, which compiles kernels; returns the seconds it takes
        for 4 s of audio."""

    def prefetch_weights(self) -> None:
        """Read every weight once, since the system swaps out memory that is unused for
        a while."""


def supported(options: TranscribeOptions, model: SpeechModel) -> TranscribeOptions:
    """The options without those that the model was not trained for."""
    able = model.abilities
    translates = Ability.TRANSLATION in able
    return replace(
        options,
        style=options.style if Ability.PUNCTUATION in able else Style.RAW,
        keywords=options.keywords if Ability.KEYWORDS in able else (),
        language=options.language if options.language in model.languages else None,
        target_language=options.target_language if translates else None,
    )
