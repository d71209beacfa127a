"""All texts of the app's windows, menu, overlay and captions.

Title case for menu items and window titles, sentence case elsewhere, as in Apple's
Human Interface Guidelines. "{}" is filled in when the text is shown. Errors have lines
of their own (mica.errors), and insertion and dictation have their own strings.
"""

from typing import Final

APP: Final = "Mica"

# Menu
DISMISS: Final = "Dismiss"
START_DICTATION: Final = "Start Dictation"
STOP_DICTATION: Final = "Stop Dictation"
START_CAPTIONS: Final = "Start Live Captions"
STOP_CAPTIONS: Final = "Stop Live Captions"
COPY_CAPTIONS: Final = "Copy Captions"
UNDO_LAST: Final = "Undo Last Dictation"
UNDO_CANCEL: Final = "Undo Cancel"
PASTE_LAST: Final = "Paste Last Dictation"
REMOVE_PUNCTUATION: Final = "Remove Punctuation from Last Dictation"
COPY_LAST: Final = "Copy Last Dictation"
COPY_TEXT: Final = "Copy “{}”"
TRANSCRIBE_AGAIN: Final = "Transcribe Again"
RECORDINGS_MENU: Final = "Recordings"
NO_RECORDINGS: Final = "No Recordings"
INSERT: Final = "Insert"
COPY: Final = "Copy"
DELETE_ITEM: Final = "Delete…"
DELETE_ALL_ITEM: Final = "Delete All…"
CHECK_TEXT: Final = "(check the text)"
NOT_TRANSCRIBED: Final = "(not transcribed, {})"
CANCELED_RECORDING: Final = "(canceled, {})"
WITHOUT_SPEECH: Final = "(no speech, {})"
RESTORE_CLIPBOARD: Final = "Restore Clipboard"
KEYWORDS_ITEM: Final = "Keywords…"
MICROPHONE_MENU: Final = "Microphone"
SYSTEM_MICROPHONE: Final = "System Default"
FIRST_MICROPHONE_OF: Final = "First of: {}"
PRIVATE_DICTATION: Final = "Private Dictation"
PAUSE_SHORTCUTS: Final = "Pause Shortcuts"
SETTINGS_ITEM: Final = "Settings…"
QUIT: Final = "Quit Mica"

# Deleting recordings
DELETE_ONE: Final = "Delete this recording and its text?"
DELETE_ALL: Final = "Delete all recordings and texts?"
NO_UNDO: Final = "You can’t undo this."
NO_UNDO_ALL: Final = "You can’t undo this. Your settings and keywords stay."
DELETE: Final = "Delete"
DELETE_ALL_BUTTON: Final = "Delete All"

# Icon and overlay
GETTING_READY: Final = "Getting ready…"
LISTENING: Final = "Listening…"
TRANSLATING_INTO: Final = "Listening → {}…"
WRITING: Final = "Transcribing…"
DONE: Final = "Done"
CANCELLED: Final = "Canceled"
ONE_WORD: Final = "1 word"
WORDS: Final = "{:,} words"
TRANSCRIBING_AGAIN: Final = "Transcribing again…"
SHORTCUTS_PAUSED: Final = "Mica: shortcuts are paused"
READY: Final = "Mica: hold {} and speak"
CAPTIONS_RECORD: Final = "Live captions are recording"
MICROPHONE_READY: Final = "The microphone is kept ready. Nothing is recorded."
LOCKED: Final = "Locked."
TAP_TO_FINISH: Final = "Tap {} to finish."
FINISH_BY_MENU: Final = "Finish from Mica’s menu."
UNDO: Final = "Undo"
OVERLAY_NAME: Final = "Mica overlay"
MESSAGE_NAME: Final = "Mica message"

# Captions
CAPTIONS_TITLE: Final = "Mica captions"
CAPTIONS_NAME: Final = "Live captions"
CAPTIONS_PAUSED: Final = "Captions resume after your dictation."
STOP: Final = "Stop"
CAPTIONS_COPIED: Final = "Captions copied."
NO_CAPTIONS: Final = "There are no captions to copy."
ON_OR_OFF: Final = "Captions can be turned on or off, not “{}”."
PRIVATE_ON_OR_OFF: Final = "Private dictation can be turned on or off, not “{}”."
NOT_A_NUMBER: Final = "“{}” isn’t the number of a recording."
LIST_RECORDINGS: Final = "`mica library list` lists the recordings."

# Settings window
SETTINGS_TITLE: Final = "Mica Settings"
SHORTCUTS: Final = "Shortcuts"
HOLD_TO_DICTATE: Final = "Hold to dictate:"
HOLD_TO_TRANSLATE: Final = "Hold to translate:"
PASTE_LAST_KEY: Final = "Paste last dictation:"
UNDO_LAST_KEY: Final = "Undo last dictation:"
CAPTIONS_KEY: Final = "Live captions:"
HOW_TO_RECORD: Final = (
    "Click a shortcut and press the new keys. Press Esc to keep the old ones."
)
FN_INPUT_SOURCE: Final = "On this Mac, tapping Fn also changes the input source"
FN_EMOJI: Final = "On this Mac, tapping Fn also shows emoji and symbols"
FN_DICTATION: Final = "On this Mac, tapping Fn twice also starts macOS dictation"
FN_UNKNOWN: Final = "macOS also uses the Fn key"
FREE_FN: Final = "in System Settings › Keyboard, set “Press 🌐 key to” to “Do Nothing”."
NEEDS_FN: Final = (
    "On Apple keyboards, press Fn with {}, or turn on “Use F1, F2, etc. keys as "
    "standard function keys” in System Settings › Keyboard › Keyboard Shortcuts."
)
TEXT: Final = "Text"
STYLE: Final = "Style:"
PUNCTUATED: Final = "Punctuated text"
RAW: Final = "Plain lowercase words"
TRANSLATE_TO: Final = "Translate to:"
MANDARIN: Final = "Chinese (Mandarin)"
CANNOT_TRANSLATE: Final = (
    "The model in use can’t translate. IBM’s Granite Speech models can."
)
SMART_SPACING: Final = "Adjust spacing and capitals automatically"
TRAILING_SPACE: Final = "Add a space after each dictation"
AUTO_SUBMIT: Final = "Press Return after each dictation"
RESTORE_AFTER_PASTE: Final = "Restore clipboard after pasting"
PER_APP_ITEM: Final = "Per-App Settings…"
MICROPHONE_HEADING: Final = "Microphone"
MICROPHONE: Final = "Microphone:"
KEEP_READY: Final = "Keep microphone ready:"
NEVER: Final = "Never"
FOR_30_SECONDS: Final = "For 30 seconds"
ALWAYS: Final = "Always"
ABOUT_READY: Final = (
    "A ready microphone starts instantly; the system’s microphone light stays on. "
    "Nothing is recorded."
)
STOP_AFTER: Final = "Stop hands-free dictation after {:g} seconds of silence"
FEEDBACK: Final = "Feedback"
OVERLAY: Final = "Overlay:"
LEVEL_AND_TEXT: Final = "Level and live text"
LEVEL_ONLY: Final = "Level only"
ERRORS_ONLY: Final = "Errors only"
SOUNDS: Final = "Play start and stop sounds"
REDUCE_MOTION: Final = "Reduce motion"
PRIVACY: Final = "Privacy"
PRIVATELY: Final = "Private dictation"
ABOUT_PRIVATE: Final = (
    "Recordings are deleted as soon as their text is ready, and texts when you quit "
    "Mica. This includes live captions."
)
DELETE_ALL_SETTING: Final = "Delete All Recordings and Texts…"
GENERAL: Final = "General"
START_AT_LOGIN: Final = "Start Mica when you log in"
NETWORK: Final = "Network:"
NETWORK_USE: Final = "{:,} {} since start"
BLOCKED: Final = "{:,} blocked"
NETWORK_UNGUARDED: Final = "not checked; quit Mica and open it again"
NETWORK_BLOCKED: Final = (
    "Mica blocked an attempt to use the network. Nothing was sent. "
    "Report this to the developers of Mica."
)
NETWORK_USED: Final = (
    "A part of Mica has a network connection, which it should never have. Quit Mica "
    "and report this to its developers."
)
NO_CONTROL_SOCKET: Final = (
    "The data folder allows no sockets ({}), so commands and a second start don’t "
    "reach Mica. To use them, move the folder to another disk."
)
ALLOW_LOGIN: Final = "Allow Mica in System Settings › General › Login Items."

# Shortcut button
RECORD_SHORTCUT: Final = "Record Shortcut"
PRESS_A_KEY: Final = "Press a key…"
UNUSABLE_KEY: Final = "{} can’t be a shortcut. Choose another key."
CLEAR_SHORTCUT: Final = "Clear Shortcut"
CAPS_LOCK: Final = "Caps Lock"
NUM_LOCK: Final = "Num Lock"
SCROLL_LOCK: Final = "Scroll Lock"
DEFAULT_KEY: Final = "Until then the default key is used."

# Microphone picker
SYSTEM_DEFAULT: Final = "System default"
FIRST_AVAILABLE: Final = "First available in this list"
NOT_CONNECTED: Final = "{} (not connected)"
MOVE_UP: Final = "Move up"
MOVE_DOWN: Final = "Move down"
NO_SUCH_MICROPHONE: Final = "No microphone named “{}” is connected."
LIST_MICROPHONES: Final = "`mica devices` lists the connected ones."

# Per-app settings
PER_APP_TITLE: Final = "Per-App Settings"
ABOUT_PER_APP: Final = (
    "Override settings for one app. Apps appear here after you dictate in them."
)
APP_LABEL: Final = "App:"
DEFAULT: Final = "Default"
YES: Final = "Yes"
NO: Final = "No"
INSERT_BY: Final = "Insert text by:"
AUTOMATIC: Final = "Automatic"
PASTING: Final = "Pasting"
TYPING: Final = "Typing"
SPACE_AT_END: Final = "Add a space at the end:"
RETURN_AT_END: Final = "Press Return at the end:"
KEYWORDS_LABEL: Final = "Keywords:"
EXTRA_KEYWORDS: Final = "Extra keywords, separated by commas"

# Keywords window
KEYWORDS_TITLE: Final = "Keywords"
ABOUT_KEYWORDS: Final = "Names and terms Mica should spell your way."
NO_KEYWORDS: Final = "No keywords yet.\nAdd a name or term that you often dictate."
NO_MATCH: Final = "No keyword matches your search."
SEARCH: Final = "Search"
NEW_KEYWORD: Final = "New keyword"
ADD: Final = "Add"
REMOVE: Final = "Remove"
ADD_SEVERAL: Final = "Add Several…"
ADD_SEVERAL_TITLE: Final = "Add Several Keywords"
HOW_TO_ADD: Final = "One per line, or separated by commas"
CANCEL: Final = "Cancel"
DISCARD_KEYWORDS: Final = "Discard these keywords?"
DISCARD: Final = "Discard"
KEEP_EDITING: Final = "Keep Editing"
RESPELLED: Final = "Changed “{}” to “{}”."
IN_LIST: Final = "“{}” is already in your list."
REMOVED: Final = "Removed {:,} {}."
UNREADABLE_KEYWORDS: Final = "Your keywords can’t be read: "
NOT_SAVED: Final = "Not saved: "

# Window where the desktop shows no icon
HOW_TO_DICTATE: Final = (
    "Hold {} and speak. When you let go, the words appear at the cursor."
)
NO_ICON: Final = (
    "This desktop shows no icon for Mica. Everything is in the menu below; "
    "open Mica again to come back to this window."
)
MENU_BUTTON: Final = "Mica Menu"
