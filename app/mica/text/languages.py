"""Languages that speech can be translated into, by name and by ISO code."""

from typing import Final

from mica.events import Language

CODES: Final = {
    Language.ENGLISH: "en",
    Language.FRENCH: "fr",
    Language.GERMAN: "de",
    Language.SPANISH: "es",
    Language.PORTUGUESE: "pt",
    Language.JAPANESE: "ja",
    Language.ITALIAN: "it",
    Language.MANDARIN: "zh",
}


def language(name: str) -> Language | None:
    """The language of an English name or ISO code, in any case; None if unknown."""
    key = name.strip().casefold()
    for known, code in CODES.items():
        if key in (known.value.casefold(), code):
            return known
    return None
