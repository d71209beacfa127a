"""What the decoder is asked: the instruction for a style and its keywords.

The four forms granite-speech-4.1-2b was trained on (its card; punctuated with keywords
is not on it), and the two of granite-4.0-1b-speech, which writes raw text only. It
renders no template and chooses no keyword.
"""

from collections.abc import Sequence
from enum import Enum

from mica.events import Style


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


def instruction(
    style: Style, keywords: Sequence[str], forms: Forms = Forms.GRANITE_4_1
) -> str:
    """The instruction that follows the audio."""
    style = forms.style(style)
    if not keywords:
        return _PLAIN[style]
    before = _BEFORE_KEYWORDS if forms is Forms.GRANITE_4_1 else _PLAIN
    return f"{before[style]} Keywords: {', '.join(keywords)}"
