"""Key names as settings write them: "right_alt", "f13", "ctrl+alt+v". Pure.

Which names are valid, which conflict, and how a name is recorded from pressed keys. The
host maps names to keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from mica.errors import SettingsError


class Hotkey(Enum):
    """Mica's hotkeys, by their labels in Settings."""

    HOLD = "Hold to dictate"
    TRANSLATE = "Hold to translate"
    PASTE_LAST = "Paste last dictation"
    UNDO = "Undo last dictation"
    CAPTIONS = "Live captions"


HOLD_KEYS: Final = (Hotkey.HOLD, Hotkey.TRANSLATE)  # keys that dictate, held or tapped
MODIFIERS: Final = ("ctrl", "alt", "shift", "super")
BARE: Final = {  # modifier keys, and the modifiers they are in a chord
    **{f"{side}_{name}": name for side in ("left", "right") for name in MODIFIERS},
    "fn": "",
}
PRINTED: Final = (
    *"abcdefghijklmnopqrstuvwxyz0123456789",
    *("minus", "equal", "bracketleft", "bracketright", "backslash", "semicolon"),
    *("apostrophe", "grave", "comma", "period", "slash"),
)
_TYPING: Final = frozenset(
    (
        *(*PRINTED, "space", "tab", "return", "backspace", "delete", "home", "end"),
        *("page_up", "page_down", "left", "right", "up", "down"),
    )
)
FUNCTION: Final = tuple(f"f{n}" for n in range(1, 25))
NAMES: Final = frozenset(
    (*BARE, *_TYPING, *FUNCTION, "insert", "menu", "pause", "scroll_lock", "escape")
)
_EVERYWHERE: Final = {  # what Mica presses itself, and what people use all day
    **dict.fromkeys(("ctrl+v", "ctrl+shift+v", "shift+insert", "super+v"), "Paste"),
    **dict.fromkeys(("ctrl+c", "super+c"), "Copy"),
    **dict.fromkeys(("ctrl+x", "super+x"), "Cut"),
    **dict.fromkeys(("ctrl+z", "super+z"), "Undo"),
}


@dataclass(frozen=True, slots=True)
class Chord:
    """A key and the modifiers held with it, if any."""

    key: str
    modifiers: frozenset[str] = frozenset()

    @property
    def is_bare(self) -> bool:
        """Whether it is a modifier alone."""
        return self.key in BARE

    def __str__(self) -> str:
        held = [name for name in MODIFIERS if name in self.modifiers]
        return "+".join((*held, self.key))


def parse(name: str) -> Chord:
    """Parse a key name into a Chord. Raises SettingsError if it is invalid."""
    *held, key = name.lower().replace(" ", "").split("+")
    if key not in NAMES:
        raise SettingsError(
            f"There is no key “{key}”.", "Use a name such as right_alt, f13 or v."
        )
    for modifier in held:
        if modifier not in MODIFIERS or key in BARE:
            raise SettingsError(
                f"“{name}” isn’t a shortcut.",
                f"Write {', '.join(MODIFIERS)} before one other key, joined by +.",
            )
    return Chord(key, frozenset(held))


def bound(keys: Mapping[Hotkey, str]) -> dict[Hotkey, Chord]:
    """The chords of all hotkeys. Raises SettingsError for one that cannot be used."""
    chords = {use: parse(name) for use, name in keys.items()}
    bound_keys: dict[Chord, Hotkey] = {}
    for use, chord in chords.items():
        problem = _conflict(use, chord)
        if problem is not None:
            raise SettingsError(f"{label(str(chord))} {problem}", "Choose another key.")
        if chord in bound_keys:
            raise SettingsError(
                f"{label(str(chord))} can’t be used for both "
                f"“{bound_keys[chord].value}” and “{use.value}.”",
                "Choose another key.",
            )
        bound_keys[chord] = use
    return chords


def _conflict(use: Hotkey, chord: Chord) -> str | None:
    if chord.key == "escape":
        return "cancels a dictation."
    if chord.is_bare and use not in HOLD_KEYS:
        return "can be used alone only as a hold key."
    if chord.key in _TYPING and chord.modifiers <= {"shift"}:
        return "is used for typing."
    reserved = _EVERYWHERE.get(str(chord))
    return f"is already {reserved}." if reserved else None


@dataclass(slots=True)
class ShortcutRecorder:
    """Names a pressed shortcut: a chord at its key's press, a modifier at release."""

    _held: list[str] = field(default_factory=list)
    _alone: str | None = None

    def on(self, key: str, pressed: bool) -> str | None:
        """The name, once it is complete; `key` is one of NAMES."""
        if key in BARE:
            return self._modifier(key, pressed)
        self._alone = None
        held = frozenset(BARE[name] for name in self._held) - {""}
        return str(Chord(key, held)) if pressed else None

    def _modifier(self, key: str, pressed: bool) -> str | None:
        if pressed:
            self._alone = None if self._held else key
            self._held.append(key)
            return None
        self._held = [name for name in self._held if name != key]
        return key if self._alone == key else None


_LABELS: Final = {"page_up": "Page Up", "page_down": "Page Down", "fn": "Fn"} | {
    "bracketleft": "[", "bracketright": "]", "backslash": "\\", "semicolon": ";",
    "apostrophe": "'", "grave": "`", "comma": ",", "period": ".", "slash": "/",
    "minus": "-", "equal": "=",
}  # fmt: skip
_MAC: Final = {"ctrl": "Control", "alt": "Option", "super": "Command"}


def label(name: str, *, mac: bool = False) -> str:
    """A key name for people: "Right Alt", "Ctrl+Alt+V"; `mac`: in Apple's terms."""
    return "+".join(_word(part, mac) for part in name.split("+"))


def _word(part: str, mac: bool) -> str:
    if part in _LABELS:
        return _LABELS[part]
    words = part.split("_")
    return " ".join(_MAC.get(w, w.title()) if mac else w.title() for w in words)
