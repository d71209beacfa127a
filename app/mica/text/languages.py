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


def language(wanted: str) -> Language | None:
    """The one of an English name or an ISO code, in any case; None for no such one."""
    asked = wanted.strip().casefold()
    for known, code in CODES.items():
        if asked in (known.value.casefold(), code):
            return known
    return None
