"""What the decoder is asked: the instruction for a style and its keywords.

The four forms the models were trained on (granite-speech-4.1-2b's card; punctuated with
keywords is not on the card). It renders no template and chooses no keyword.
"""

from collections.abc import Sequence

from mica.events import Style

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


def instruction(style: Style, keywords: Sequence[str]) -> str:
    """The instruction that follows the audio."""
    if not keywords:
        return _PLAIN[style]
    return f"{_BEFORE_KEYWORDS[style]} Keywords: {', '.join(keywords)}"
