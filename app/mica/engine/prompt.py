"""What the decoder is asked: the instruction for a style and its keywords.

The forms granite-speech-4.1-2b was trained on (its card; punctuated with keywords is
not on it), and those of granite-4.0-1b-speech, which writes raw text only. It renders
no template and chooses no keyword.
"""

from collections.abc import Sequence
from enum import Enum

from mica.errors import ModelError
from mica.events import Language, Style


class Forms(Enum):
    """Whose instructions a model knows."""

    GRANITE_4_1 = "granite-speech-4.1-2b"
    GRANITE_4_0 = "granite-4.0-1b-speech"

    @classmethod
    def of(cls, *, has_bpe_head: bool) -> "Forms":
        """By the one thing that tells their folders apart."""
        return cls.GRANITE_4_1 if has_bpe_head else cls.GRANITE_4_0

    def style(self, wanted: Style) -> Style:
        """The style the model can write."""
        return wanted if self is Forms.GRANITE_4_1 else Style.RAW


_PLAIN = {
    Style.RAW: "can you transcribe the speech into a written format?",
    Style.PUNCTUATED: (
        "transcribe the speech with proper punctuation and capitalization."
    ),
}
_BEFORE_KEYWORDS = {
    Style.RAW: "transcribe the speech to text.",
    Style.PUNCTUATED: _PLAIN[Style.PUNCTUATED],
}


_TRANSLATED = {
    Style.RAW: "translate the speech to {}.",
    Style.PUNCTUATED: (
        "translate the speech to {} with proper punctuation and capitalization."
    ),
}
_TRANSLATED_4_0 = "can you translate the speech into {}?"


def instruction(
    style: Style,
    keywords: Sequence[str],
    forms: Forms = Forms.GRANITE_4_1,
    to: Language | None = None,
) -> str:
    """The instruction that follows the audio. `to`: None writes as spoken."""
    asked = _asked(forms.style(style), forms, to, named=bool(keywords))
    return f"{asked} Keywords: {', '.join(keywords)}" if keywords else asked


def _asked(style: Style, forms: Forms, to: Language | None, *, named: bool) -> str:
    """What stands before the keywords, if there are any (`named`)."""
    newest = forms is Forms.GRANITE_4_1
    if to is not None:
        form = _TRANSLATED[style] if newest else _TRANSLATED_4_0
        return form.format(to.value)
    return (_BEFORE_KEYWORDS if named and newest else _PLAIN)[style]


def cannot_translate(model: str) -> ModelError:
    """What a model cannot do that was not trained to; `model`: its name."""
    what = f"The model “{model}” cannot translate."
    return ModelError(what, "Install a Granite Speech model.")


def as_spoken(model: str) -> str:
    """The note of an utterance that such a model was to translate."""
    why = cannot_translate(model)
    return f"{why.what} The text is as spoken. {why.remedy}"
