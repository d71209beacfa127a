"""Messages of dictation and captions to the user: what happened, then what to do.

All of them, so that they are consistent and can be translated in one place.
"""

from typing import Final

# Captions
CAPTIONS_ENDED_AWAY: Final = (
    "Captions stopped because you were away. The text so far was saved."
)
CAPTIONS_CUT: Final = "Mica quit during this recording, so its last words may be wrong."

# The clipboard on a Mac
_PASTE_SETTINGS: Final = "System Settings › Privacy & Security › Paste from Other Apps"
CLIPBOARD_MAY_ASK: Final = (
    "macOS may ask whether {} can paste from other apps. Mica reads the clipboard only "
    f"to put it back after a paste. To always allow it, use {_PASTE_SETTINGS}."
)
CLIPBOARD_DENIED: Final = (
    "Mica isn’t allowed to read the clipboard, so it types your text instead of "
    f"pasting it. Allow {{}} in {_PASTE_SETTINGS}."
)

# The last dictation
COPIED: Final = "Last dictation copied."
MISSED: Final = (
    "Your computer was locked before the text was ready. "
    "Choose Paste Last Dictation to insert it."
)
NO_TEXT: Final = "There is no dictation yet."
LAST_FAILED: Final = (
    "The last dictation has no text yet. Choose Transcribe Again first."
)
LAST_WORKING: Final = "The last dictation is still being transcribed."
LAST_LOST: Final = (
    "The last dictation couldn’t be saved. Earlier ones are in the menu, in Recordings."
)

# What takes too long
SOUND_STALLED: Final = (
    "The sound system isn’t responding. Check that the microphone is connected."
)
DISK_STALLED: Final = (
    "The disk isn’t responding. Mica keeps the recording in memory until it does."
)
STILL_TRANSCRIBING: Final = "Transcription is taking longer than usual."
ENGINE_UNRESPONSIVE: Final = (
    "Transcription isn’t responding. Mica restarts it if necessary; keep speaking."
)

# Permission for the microphone
MICROPHONE_NEEDED: Final = "Mica needs the microphone."
ANSWER_DIALOG: Final = "Allow {} in the dialog, then dictate again."

# The model
MODEL_MISSING: Final = "Mica can’t find the model “{}”."
CONNECT_DISK: Final = "Connect the disk it is on, or install it again."

# The microphone during a recording
MICROPHONE_SILENT: Final = "{} gives only silence. Check that it isn’t muted."
VOICE_ABSENT: Final = (
    "No voice heard yet. If you’re speaking, check which microphone is selected."
)
VOICE_SOFT: Final = (
    "Your voice is very quiet. "
    "Move closer to the microphone, or raise its input volume."
)
MICROPHONE_WITHOUT_SOUND: Final = (
    "The microphone gave no sound. Check that it’s connected and not muted, "
    "or choose another one from the menu."
)
MICROPHONE_DENIED: Final = (
    "Mica isn’t allowed to use the microphone. "
    "Allow {} in System Settings › Privacy & Security › Microphone."
)
MICROPHONE_LOST: Final = "The microphone stopped working. Transcribing what you said."

# What an earlier run left
RECOVERABLE_ONE: Final = (
    "Mica quit before what you said was transcribed. The recording is safe: "
    "choose Transcribe Again from the menu."
)
RECOVERABLE_MANY: Final = (
    "Mica quit before {} recordings were transcribed. "
    "They are safe: choose them from Recordings in the menu."
)
FOUND_ONE: Final = (
    "A recording was found without its text. Choose it from Recordings in the menu."
)
FOUND_MANY: Final = (
    "{} recordings were found without their texts. "
    "Choose them from Recordings in the menu."
)
UNINSERTED: Final = (
    "Mica quit before your last dictation was inserted. "
    "Choose Paste Last Dictation from the menu."
)

# The result of a dictation
NO_SPEECH: Final = "No speech detected."
ENGINE_RESTARTED: Final = "The speech engine restarted."
NOTHING_LOST: Final = "Nothing was lost."

# Recordings
NO_RECORDING: Final = "This recording doesn’t exist any more."
NO_TEXT_YET: Final = "This recording has no text yet. Choose Transcribe Again first."
NOT_ENDED: Final = "This recording hasn’t ended yet."
RECORDING_COPIED: Final = "Text copied."
RECORDING_DELETED: Final = "Recording deleted."
ALL_DELETED: Final = "All recordings and texts were deleted."

# Transcribe Again
RETRY_BUSY: Final = "A recording is being transcribed. Try again when it’s done."
NOTHING_TO_RETRY: Final = "There is no failed dictation to transcribe."
RECORDING_SILENT: Final = "No speech detected in the recording."
RECORDING_SHORTER: Final = (
    "Only part of the recording was saved. Its earlier text was kept."
)
TRANSCRIPTION_FAILED: Final = "Transcription failed."
TRANSCRIBED: Final = "Transcribed. Choose Paste Last Dictation to insert it."
TRANSCRIBED_EARLIER: Final = (
    "Transcribed. To insert it, choose it from Recordings in the menu."
)
PART_SAFE: Final = (
    "Part of your recording is safe: choose Transcribe Again from the menu."
)
RECORDING_SAFE: Final = "Your recording is safe: choose Transcribe Again from the menu."
