"""All messages of the commands; help texts are with their options.

"{}" is filled in when the text is printed. Errors below the commands have lines of
their own (mica.errors).
"""

from typing import Final

# Any command
USAGE: Final = "{} For help, run `{} --help`."
UNEXPECTED: Final = (
    "Something went wrong ({}). For details, repeat the command as `mica --debug …`."
)
SYSTEM_ERROR: Final = "{}. Check the path, its permissions, and the free disk space."
NOT_FOUND: Final = "{} doesn’t exist."
CHECK_PATH: Final = "Check the path."
FILE_EXISTS: Final = "{} already exists."
RENAME_OR_OVERWRITE: Final = "Choose another name or add --overwrite."

# Models and devices
NO_MICROPHONE: Final = "No microphone found. Connect one and try again."
SYSTEM_DEFAULT: Final = "system default"
MICROPHONE_IN_USE: Final = "Mica uses {}: {}."
MODEL_IN_USE: Final = "in use"
MODEL_MISSING: Final = "missing"
MODEL_DAMAGED: Final = "damaged: {}"
MODEL_PUBLISHED: Final = "not installed"
MODEL_ORIGINAL: Final = "{}, {} GB; original: {}"
MODEL_LANGUAGES: Final = "English and five more languages"
MODEL_PUNCTUATES: Final = "punctuated or plain text"
MODEL_PLAIN: Final = "plain text only"
MODEL_TRANSLATES: Final = "translation"
MODEL_TRANSLATES_NOT: Final = "no translation"
MODEL_EMBEDDED: Final = "English; {}; understands synthetic voices only"
NOT_A_FOLDER: Final = "{} isn’t a folder."
CHOOSE_MODEL_FOLDER: Final = "Choose the folder of the downloaded model."
MODEL_CONVERTED: Final = "Saved the converted model in {}."
MODEL_VERIFIED: Final = "No problems found in {}."
MORE_PROBLEMS: Final = "There are {:,} more problems."
REPLACE_MODEL: Final = "Convert or install the model again."
LIST_MODELS: Final = "To see the available models, run `mica models list`."
MODEL_CHOSEN: Final = "Mica now uses {}."
MODEL_NOT_LOADED: Final = (
    "The settings now say {}, but the running app didn’t switch to it. {}"
)

# Keywords
NO_KEYWORDS: Final = "No keywords yet."
REMOVED: Final = "Removed {:,} {}."
NOT_A_KEYWORD: Final = "“{}” isn’t in your keywords."
STANDARD_INPUT: Final = "Standard input"

# Files
IS_URL: Final = "{} is a URL, not a file."
USE_PATH: Final = "Use the file’s path instead."
DOWNLOAD_FIRST: Final = "Download the file first."
NO_NAME: Final = "The file name is empty."
SPECIFY_FILE: Final = "Specify a sound or video file."
WAITING: Final = "Waiting for audio from {}. To stop, press Control-C."
NO_SPEECH: Final = "No speech detected in {}."
NO_SPEECH_IN_TRACK: Final = (
    "No speech detected in this track of {}. To choose another one, add --track: {}."
)
SAME_RESULT: Final = "Two files would both be saved as “{}”; rename one of them"
NO_FOLDER: Final = "The folder {} couldn’t be created ({})."
OTHER_FOLDER: Final = "Choose another folder with --output."
NOT_SAVED: Final = "{} couldn’t be saved ({}). The text is printed instead."
SKIPPED: Final = "{} already exists, so {} was skipped. Move it or add --overwrite."
NO_FILE: Final = "Specify at least one file"
UNKNOWN_LANGUAGE: Final = "“{}” isn’t a supported language. Choose from {}."

# Recordings
NO_RECORDINGS: Final = "No recordings yet."
RECORDING_SHORTER: Final = (
    "Only part of recording {} was saved. Its earlier text was kept in the library."
)
CHECK: Final = "Mica did not understand all of recording {}. Check the text."
INCOMPLETE: Final = "The text of recording {} is missing or incomplete."
NUMBERS_OR_ALL: Final = "Specify numbers of recordings, or --all"
CONFIRM_DELETION: Final = "Delete recording {} and its text? You can’t undo this."
CONFIRM_DELETIONS: Final = "Delete recordings {} and their texts? You can’t undo this."
CONFIRM_ALL: Final = "Delete all recordings and texts? You can’t undo this."
NOTHING_DELETED: Final = "Nothing was deleted."
RECORDING: Final = "recording {}"
NO_RECORDING: Final = "There is no recording {}."
LIST_RECORDINGS: Final = "To list recordings, run `mica library list --all`."
IN_PROGRESS: Final = "Recording {} is still in progress."
TRY_LATER: Final = "Try again when it has ended."
RECORDING_ERROR: Final = "Recording {}: {}"
CANCELED: Final = "(canceled)"
WITHOUT_SPEECH: Final = "(no speech)"

# Live
LISTENING: Final = "Listening. To stop, press Return."
PLAYING: Final = "Transcribing…"
APP_LISTENS: Final = "The running Mica app is listening. To stop, press Return."
SILENT: Final = "The microphone gives only silence. Check that it isn’t muted."
NO_DISPLAY: Final = (
    "No display found, so Mica dictates in this terminal. Speak, then press Return."
)
DEMO: Final = "No display or microphone found. Transcribing a demo recording instead."
OVERLOADED: Final = "This computer was too busy: {:.1f} s of audio was lost."
ANSWER_DIALOG: Final = "Mica needs the microphone. Allow {} in the dialog."
NOT_ALLOWED: Final = "Mica isn’t allowed to use the microphone."
NO_AUDIO: Final = "The microphone sent no audio."
OTHER_MICROPHONE: Final = "Try another microphone."
DISCONNECTED: Final = "The microphone was disconnected. Transcribing what you said."

# Running app
NO_SUCH_COMMAND: Final = "There is no command “{}”."
NO_ARGUMENT: Final = "“{}” takes no argument"
ON_OR_OFF: Final = "Captions can be turned on or off, not “{}”"
PRIVATE_ON_OR_OFF: Final = "Private dictation can be turned on or off, not “{}”"

# Uninstall
WRITTEN: Final = "{}: {:,} {}, {}"
MORE_ITEMS: Final = "and {:,} more"
RUNNING: Final = "Mica is running."
QUIT_FIRST: Final = "Quit it, then try again."
NOTHING_TO_REMOVE: Final = "There is nothing to remove."
NOTHING_REMOVED: Final = "Nothing was removed."
UNINSTALLED: Final = "Everything listed was removed."
CONFIRM_REMOVAL: Final = "Remove all of this? You can’t undo this."
DELETE_PROGRAM: Final = "To remove Mica itself, delete {}."
NOT_REMOVED: Final = "{} couldn’t be removed ({})."
PERMISSIONS_KEPT: Final = (
    "Permissions couldn’t be reset. Remove Mica in System Settings › "
    "Privacy & Security."
)

# Self-test
MISUNDERSTOOD: Final = (
    "The self-test failed: the text doesn’t match the recording. Install Mica again."
)

# Benchmarks
NEEDS_RIVAL: Final = (
    "mlx-audio isn’t part of this Mica. To measure it, run Mica from its source code."
)
NEEDS_PILLOW: Final = (
    "--plot requires Pillow. To install it, run: pip install 'mica-dictation[plot]'"
)
NOT_SECONDS: Final = "Expected numbers separated by commas, such as 3,10,60."
SHAPE_OR_MODEL: Final = "--shape can’t be combined with --model"
TARGETS: Final = "Figures with targets"

# Doctor: the names of checks, what was found, and remedies
PASSED: Final = "ok"
PROBLEM: Final = "problem"
COMPUTER: Final = "computer"
MACHINE: Final = "{}, {:.0f} GB of memory"
NEEDS_MAC: Final = "Mica needs Apple silicon and macOS 14 or later."
MICROPHONE: Final = "microphone"
GIVES_SOUND: Final = "{}, gives sound"
GIVES_SILENCE: Final = "{}, gives only silence"
UNMUTE: Final = "Check that it isn’t muted, or choose another one."
NOT_TRIED: Final = "not tested (permission: {})"
DICTATION: Final = "dictation"
DICTATED: Final = "{}, text {:.0f} ms after the last word, MLX {}"
MATRIX_UNITS: Final = "matrix units"
NO_MATRIX_UNITS: Final = "none (M5 and later chips have them)"
USED: Final = "used"
NOT_BEFORE: Final = "not used before macOS 26.2"
WRONG_BUILD: Final = "not used: MLX is the wrong build for this Mac"
UPDATE_MACOS: Final = "Update macOS to 26.2 or later."
NOT_IN_EFFECT: Final = "{}, but macOS doesn’t apply it"
ALLOW_AGAIN: Final = (
    "Remove {} in System Settings › Privacy & Security › {}, then add it again."
)
MAC_APIS: Final = "macOS APIs"
ALL_FOUND: Final = "all found"
APIS_MISSING: Final = "{} not found; the first is {}"
REPORT_MACOS: Final = "Report this version of macOS to the developers of Mica."
PERMISSION: Final = "{} permission"
PERMISSION_OF: Final = "{} for {}"
ALLOW: Final = "Allow {} in System Settings › Privacy & Security › {}."
SECURE_INPUT: Final = "Secure Input"
OFF: Final = "off"
SECURE_INPUT_ON: Final = "{} has it on, so text may not be inserted"
SOME_APP: Final = "an app"
END_SECURE_INPUT: Final = "Leave the password field, or turn off Secure Keyboard Entry."
BUILT_IN: Final = "built in"
NOT_INSTALLED: Final = "not installed"
INSTALL_AGAIN: Final = "Install Mica again."
INSTALL_OPENBLAS: Final = (
    "Install libopenblas0-pthread; without it, transcription is about 50 times slower."
)
DEFAULTS: Final = "defaults (no settings file yet)"
CORRECT_SETTINGS: Final = "Correct {}."
CHOOSE_MODEL: Final = f"{LIST_MODELS} To choose one, run `mica models use`."
TERMINAL_ONLY: Final = "none (Mica runs in the terminal)"
DATA_FOLDER: Final = "data folder"
READ_ONLY: Final = "{} can’t be written to"
NOT_PRIVATE: Final = "other users of this computer can open {}"
MAKE_PRIVATE: Final = (
    "Make it a folder of your own that only you can open, or set MICA_HOME to one."
)
OTHER_HOME: Final = "Check its permissions, or set MICA_HOME to another folder."

# Doctor: the network
GUARD: Final = "network guard"
GUARD_WORKS: Final = "refuses every network connection from Mica’s own code"
NO_GUARD: Final = "doesn’t work"
TRACED: Final = (
    "strace watched a dictation in {} processes and threads: {} calls about sockets, "
    "all of them local. None reached for another machine or looked up its address."
)
SAMPLED: Final = (
    "A dictation in {} processes was looked at {} times: no network connection was "
    "open. One that lasts less than a fifth of a second can be missed."
)
USES_NETWORK: Final = "{} {} to other machines"
REPORT: Final = "Report this to the developers of Mica."
NOT_DICTATED: Final = "the test dictation failed, so nothing was shown"
RUN_DOCTOR: Final = "To find out why, run `mica doctor`."
NOTHING_SEEN: Final = "nothing could be watched, so nothing was shown"
RUNNING_APP: Final = "running app"
APP_NOT_RUNNING: Final = "not running"
APP_SOCKETS: Final = (
    "none of its {} processes has a network connection open now. It says: {}."
)
