"""The texts of all notes that the engine adds to a transcript for the user."""

from typing import Final

KEYWORD_REMOVED: Final = "A keyword that wasn’t spoken was removed."
REPEATED: Final = "A passage was transcribed again because the model repeated itself."
UNTRANSLATED: Final = "A passage wasn’t translated because the model repeated itself."
IN_PARTS: Final = "A passage was transcribed in parts because the model stopped early."
UNREADABLE: Final = "Your speech could not be transcribed."
SKIPPED: Final = "What you said at {} could not be transcribed."
GAP: Final = "At {}, {:.1f} s of the recording were lost."
SAMPLES_REPLACED: Final = "Samples that were not numbers were taken as silence."
CHECK: Final = "Some words are spelled by sound. Check the text."
NOT_UNDERSTOOD: Final = "Some of what you said wasn’t understood. Check the text."
DEMONSTRATION: Final = (
    "Some of what you said wasn’t understood. The demonstration model, {}, understands "
    "synthetic voices only. IBM’s Granite Speech models understand people."
)
