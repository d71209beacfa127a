"""What the user chose: one frozen value, kept as TOML.

An unknown key is a warning that names the nearest known one; a file that cannot
be read is kept aside as `.broken`, defaults are used and it is said. State (what
the app remembers by itself) is not kept here.
"""

import difflib
import tomllib
from enum import Enum
from pathlib import Path
from typing import Any

import msgspec
import tomli_w

from mica import paths
from mica.events import Language, Style


class OverlayStyle(Enum):
    """How much the overlay shows."""

    OFF = "off"  # only what went wrong
    MINIMAL = "minimal"  # a mark and the level; words only where something is to do
    LIVE = "live"  # also what is being said


class Warmth(Enum):
    """How long the microphone stays open after a dictation."""

    OFF = "off"
    SHORT = "30 s"
    ALWAYS = "always"


class Means(Enum):
    """How text gets into a window."""

    PASTE = "paste"
    TYPE = "type"  # key by key, where nothing can be pasted


class App(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one application has of its own; None: as everywhere.

    keywords   besides the user's
    insert     None: typed into remote desktops, pasted elsewhere
    """

    style: Style | None = None
    keywords: tuple[str, ...] = ()
    insert: Means | None = None
    trailing_space: bool | None = None
    auto_submit: bool | None = None


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=False, kw_only=True):
    """Every choice with its default; times carry their unit in the name.

    microphone            a name: this one or none; a list of names: the first that is
                          connected; None, or none of the list: the system's choice
    warm_microphone       how long it stays open after a dictation, so that the next
                          one begins at once. Nothing of that time is kept, yet the
                          system's microphone light stays on; a Bluetooth headset is
                          closed at once unless “always”
    sounds                a quiet one when Mica listens, another when it has heard all
    reduce_motion         nothing in the overlay travels
    idle_unload_minutes   without dictation until the model leaves memory; 0: never
    max_dictation_s       of one that is not locked
    quiet_stop_s          without speech until one that a tap began ends; 0: never
    smart_spacing         a dictation goes on from the one before it: a space between,
                          and no capital in the midst of a sentence
    trailing_space        a space behind every dictation
    auto_submit           Return behind every dictation
    apps                  by application: WM_CLASS on X11, bundle id on macOS
    """

    model: str = "pebble"
    style: Style = Style.PUNCTUATED
    hold_key: str = "right_alt"
    translate_key: str | None = None  # the same for a dictation into `translate_to`
    translate_to: Language = Language.ENGLISH
    paste_last_key: str | None = None  # such as "ctrl+alt+v"; None has no key
    undo_key: str | None = None
    captions_key: str | None = None
    microphone: str | tuple[str, ...] | None = None
    warm_microphone: Warmth = Warmth.SHORT
    sounds: bool = True
    overlay: OverlayStyle = OverlayStyle.LIVE
    reduce_motion: bool = False
    keyword_token_budget: int = 30
    idle_unload_minutes: float = 10.0
    restore_clipboard: bool = True
    max_dictation_s: float = 3600.0
    quiet_stop_s: float = 15.0
    smart_spacing: bool = True
    trailing_space: bool = False
    auto_submit: bool = False
    apps: dict[str, App] = {}


def load(file: Path | None = None) -> tuple[Settings, list[str]]:
    """The settings, and what to tell the user about the file (often nothing)."""
    file = file or paths.settings_file()
    if not file.exists():
        return Settings(), []
    try:
        raw = tomllib.loads(file.read_text("utf-8"))
        settings = msgspec.convert(raw, Settings)
    except (ValueError, msgspec.ValidationError) as why:
        return Settings(), [_set_aside(file, why)]
    return settings, _unknown(raw)


def save(settings: Settings, file: Path | None = None) -> None:
    """Write the settings whole, or leave the old file as it was."""
    file = file or paths.settings_file()
    chosen = {k: v for k, v in msgspec.to_builtins(settings).items() if v is not None}
    draft = file.with_suffix(".new")
    draft.write_text(tomli_w.dumps(chosen), "utf-8")
    draft.replace(file)


def _set_aside(file: Path, why: Exception) -> str:
    broken = file.with_suffix(file.suffix + ".broken")
    file.replace(broken)
    reason = str(why).splitlines()[0]
    return (
        f"The settings file could not be read ({reason}). "
        f"Defaults are used; the old file is kept as {broken.name}."
    )


def _unknown(raw: dict[str, Any]) -> list[str]:
    notes = _unknown_in(raw, Settings)
    for app in raw.get("apps", {}).values():
        notes += _unknown_in(app, App)
    return notes


def _unknown_in(raw: dict[str, Any], table: type[msgspec.Struct]) -> list[str]:
    known = [field.name for field in msgspec.structs.fields(table)]
    notes = []
    for key in raw:
        if key in known:
            continue
        near = difflib.get_close_matches(key, known, n=1)
        hint = f" Did you mean “{near[0]}”?" if near else ""
        notes.append(f"Unknown setting “{key}” is ignored.{hint}")
    return notes
