"""Messages of insertion to the user: what happened, then what to do.

All of them, so that they are consistent and can be translated in one place.
"""

from typing import Final

PASTE_LAST: Final = "Choose Paste Last Dictation to insert it."
_RESTORE: Final = "choose Restore Clipboard in the menu."

# Why a text did not go into its window
NO_TEXT_FIELD: Final = "No text field was active."
WINDOW_SWITCHED: Final = "You switched windows."
WINDOW_HUNG: Final = "The app isn’t responding."
PASSWORD_FIELD: Final = "Mica can’t type into password fields."
MODIFIER_HELD: Final = "A modifier key was held down."
COMPOSING: Final = "An accent or Compose key was waiting for its letter."
TYPING_INTERRUPTED: Final = "You switched windows while Mica was typing."
TYPED_IN_PART: Final = "The first part was typed."

# Where the text is instead
ON_CLIPBOARD: Final = "The text is on the clipboard, ready to paste."
CLIPBOARD_IN_USE: Final = (
    f"Mica couldn’t save what’s on the clipboard, so it was left there. {PASTE_LAST}"
)
NOT_INSERTED: Final = (
    f"The text couldn’t be inserted here. {PASTE_LAST} "
    "If this app never takes dictated text, set it to Typing in Per-App Settings."
)
NOT_INSERTED_IN_MICA: Final = (
    f"{NO_TEXT_FIELD} Click where the text should go, then choose Paste Last Dictation."
)
NOT_CONFIRMED: Final = (
    f"Mica can’t tell whether the text arrived. If it didn’t: {PASTE_LAST}"
)
INSERTED_LATE: Final = "The text arrived after all."
LINE_BREAKS_LOST: Final = "Line breaks were typed as spaces."
KEY_PRESSED: Final = "You pressed a key first."
NOT_SUBMITTED: Final = "Return was not pressed."
WITHDRAWN: Final = (
    "The text was removed from the clipboard, since an app that isn’t responding "
    f"might paste it. {PASTE_LAST}"
)

# The clipboard
NOTHING_TO_RESTORE: Final = "No earlier clipboard to restore."
RESTORED: Final = "Clipboard restored."
NOT_SAVED: Final = "What was on it before couldn’t be saved."
TAKEN_OVER: Final = (
    "Another app keeps putting the dictated text on the clipboard. "
    f"To get back what you copied, {_RESTORE}"
)
MAYBE_TAKEN_OVER: Final = (
    f"The dictated text is on the clipboard. If you didn’t copy it, {_RESTORE}"
)

# Undo
UNDONE: Final = "Dictation removed."
NOTHING_TO_UNDO: Final = "There is no dictation to undo in this window."
UNDO_IN_TERMINAL: Final = "Mica can’t undo in a terminal. Delete the text there."
UNDO_TOO_LONG: Final = (
    "The last dictation is too long to undo. Use the app’s own Undo command."
)
UNDO_BLOCKED: Final = (
    "An app isn’t responding and may still use the clipboard. Try again shortly."
)
TEXT_CHANGED: Final = "The text before the cursor is no longer the last dictation."
TEXT_UNKNOWN: Final = "This app doesn’t let Mica read the text before the cursor."
CLIPBOARD_NOT_SAVED: Final = "Mica couldn’t save what’s on the clipboard."
UNDO_INTERRUPTED: Final = "You kept typing or switched windows."
NO_DICTATION: Final = "There is no dictation in this window."
STRIP_IN_TERMINAL: Final = (
    "Mica can’t remove punctuation in a terminal. Edit the text there."
)
STRIP_TOO_LONG: Final = "The last dictation is too long to remove its punctuation."
NO_PUNCTUATION: Final = "The last dictation has no punctuation."
UNCHANGED: Final = "Nothing was changed."
CLIPBOARD_AT_RISK: Final = (
    f"The text was not changed. If your clipboard changed, {_RESTORE}"
)


def secure_input(owner: str) -> str:
    """owner   the app that has Secure Input on, by its name; "": not known"""
    return f"{f'“{owner}”' if owner else 'An app'} has Secure Input on."
