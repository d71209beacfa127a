"""What the user chose: one frozen value, kept as TOML.

A value that cannot be is reset alone and named; so is a line with a mistake. The file
stays as it is until a setting is changed, and then all else in it stays. State (what
the app remembers by itself) is not kept here.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from mica import atomic, paths, textfile, toml_text
from mica.errors import SettingsError, TextFileError
from mica.events import Language, Style
from mica.settings_notes import (
    LARGE,
    MENTIONED,
    ignored,
    must_be,
    plain,
    shown,
    unknown,
)

Name = Annotated[str, Meta(max_length=1000, pattern=r"^[^\x00-\x1f\x7f]*\S\Z")]
Minutes = Annotated[
    float, Meta(ge=0, le=10_080)
]  # a week: poll() takes 24 days at most
Tokens = Annotated[int, Meta(ge=0, le=1000)]
LongestS = Annotated[float, Meta(ge=10, le=86_400)]
QuietS = Annotated[float, Meta(ge=0, le=3600)]
DEFAULTS: Final = "Mica uses the defaults."
MENTIONED_NOTES: Final = 12


class OverlayStyle(Enum):
    """How much the overlay shows."""

    OFF = "off"  # only what went wrong
    MINIMAL = "minimal"  # a mark and the level; words only where something is to do
    LIVE = "live"  # also what is being said


class KeepOpen(Enum):
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

    model: Name = "pebble"
    style: Style = Style.PUNCTUATED
    hold_key: Name = "right_alt"
    translate_key: Name | None = None  # the same for a dictation into `translate_to`
    translate_to: Language = Language.ENGLISH
    paste_last_key: Name | None = None  # such as "ctrl+alt+v"; None has no key
    undo_key: Name | None = None
    captions_key: Name | None = None
    microphone: Name | tuple[Name, ...] | None = None
    warm_microphone: KeepOpen = KeepOpen.SHORT
    sounds: bool = True
    overlay: OverlayStyle = OverlayStyle.LIVE
    reduce_motion: bool = False
    keyword_token_budget: Tokens = 30
    idle_unload_minutes: Minutes = 10.0
    restore_clipboard: bool = True
    max_dictation_s: LongestS = 3600.0
    quiet_stop_s: QuietS = 15.0
    smart_spacing: bool = True
    trailing_space: bool = False
    auto_submit: bool = False
    apps: dict[str, App] = {}


def load(file: Path | None = None) -> tuple[Settings, list[str]]:
    """The settings, and what to tell the user about the file (often nothing)."""
    try:
        text = _text(file or paths.settings_file())
    except TextFileError as why:
        return Settings(), [f"The settings can't be read: {why.what} {DEFAULTS}"]
    return _parsed(text)


def reread(now: Settings, file: Path | None = None) -> tuple[Settings, list[str]]:
    """As load(), but those in force where there is no file, or none that can be read:
    save() writes them all then."""
    try:
        text = _text(file or paths.settings_file())
    except (TextFileError, OSError):
        return now, []
    return _parsed(text) if text else (now, [])


def merged(now: Settings, before: Settings, after: Settings) -> Settings:
    """Those in force, with what is different after from before."""
    fields = Settings.__struct_fields__
    new = {name: getattr(after, name) for name in fields if name != "apps"}
    changed = {name: new[name] for name in new if new[name] != getattr(before, name)}
    removed = before.apps.keys() - after.apps.keys()
    apps = {name: app for name, app in now.apps.items() if name not in removed}
    apps |= {name: a for name, a in after.apps.items() if a != before.apps.get(name)}
    return msgspec.structs.replace(now, **changed, apps=apps)


def _parsed(text: str) -> tuple[Settings, list[str]]:
    raw, wrong = toml_text.values(text)
    apps = raw.pop("apps", {})
    notes = [ignored(wrong)] if wrong else []
    kept, told = _values(raw, Settings, "")
    of_apps, told_of_apps = _apps(apps)
    notes += told + told_of_apps
    if (more := len(notes) - MENTIONED_NOTES) > 1:
        notes[MENTIONED_NOTES:] = [f"{more:,} more settings have mistakes."]
    return Settings(**kept, apps=of_apps), notes


def save(before: Settings, after: Settings, file: Path | None = None) -> str | None:
    """Write what is different, and nothing else: another process may have changed the
    rest. What to tell the user; None where there is nothing.

    A file that cannot be read is moved aside. Into a new or empty one goes all that is
    not the default.
    """
    file = file or paths.settings_file()
    with atomic.locked(file) as real:
        told = None
        try:
            text = _text(real)
        except TextFileError:
            aside = atomic.set_aside(real)
            text, told = "", f"The old settings file is kept as {aside.name}."
        _write(real, text, _differences(before if text else Settings(), after))
    return told


def save_one(name: str, value: object, file: Path | None = None) -> None:
    """Write one value; SettingsError where the file cannot be read."""
    with atomic.locked(file or paths.settings_file()) as real:
        try:
            text = _text(real)
        except TextFileError as why:
            raise SettingsError(f"Not saved: {why.what}", why.remedy) from why
        _write(real, text, {(name,): value})


def _text(file: Path) -> str:
    """The file's; empty where there is none. TextFileError where it is no TOML."""
    try:
        text = textfile.read(file).text
        toml_text.values(text)
    except FileNotFoundError:
        return ""
    except toml_text.NotTomlError as why:
        what = f"{file} holds no settings."
        raise TextFileError(what, "Move it away, and Mica begins a new one.") from why
    return text


def _write(real: Path, before: str, changes: Mapping[toml_text.Keys, object]) -> None:
    text = before
    for keys, value in changes.items():
        text = toml_text.changed(text, keys, value)
    if text != before:
        atomic.replace(real, text)


def _differences(
    before: Settings, after: Settings
) -> dict[toml_text.Keys, object | None]:
    old, new = dict(_flat(before)), dict(_flat(after))
    keys = dict.fromkeys([*old, *new])
    return {key: new.get(key) for key in keys if old.get(key) != new.get(key)}


def _flat(settings: Settings) -> Iterator[tuple[toml_text.Keys, object]]:
    tables = msgspec.to_builtins(settings)
    for name, app in tables.pop("apps").items():
        yield from ((("apps", name, field), value) for field, value in app.items())
    yield from (((field,), value) for field, value in tables.items())


def _apps(raw: object) -> tuple[dict[str, App], list[str]]:
    if not isinstance(raw, dict):
        return {}, ["The apps settings were reset: they must be tables."]
    apps: dict[str, App] = {}
    notes: list[str] = []
    for name, table in raw.items():
        if isinstance(table, dict):
            if dotted := _dotted(name, table):
                notes.append(
                    f"The settings of {shown(dotted)} were ignored: "
                    f'write [apps."{shown(dotted)[1:-1]}"], with quotation marks.'
                )
                continue
            kept, told = _values(table, App, f" of {shown(name)}")
            notes += told
            if kept:  # a heading may be left behind
                apps[name] = App(**kept)
        else:
            of = shown(name)
            notes.append(f"The settings of {of} were reset: they must be a table.")
    return apps, notes


def _dotted(name: str, table: Mapping[str, Any]) -> str:
    """The name that is meant by tables in tables, as dots without quotes make them;
    empty where there are none."""
    fields = App.__struct_fields__
    while len(table) == 1:
        [(inner, value)] = table.items()
        if inner in fields or not isinstance(value, dict):
            return ""
        name, table = f"{name}.{inner}", value
        if any(one in fields for one in table):
            return name
    return ""


def _values(
    raw: Mapping[str, Any], table: type[msgspec.Struct], of: str
) -> tuple[dict[str, Any], list[str]]:
    """The values that can be, and a line for each that cannot."""
    fields = {field.name: field for field in msgspec.structs.fields(table)}
    kept: dict[str, Any] = {}
    notes: list[str] = []
    others: list[str] = []
    for name, value in raw.items():
        if name not in fields:
            others.append(name)
            continue
        try:
            kept[name] = _converted(name, value, table)
        except (ValueError, OverflowError):
            notes.append(
                f"The {plain(name)} setting{of} was reset: "
                f"it must be {must_be(fields[name].type)}, not {shown(value)}."
            )
    notes += [unknown(name, list(fields)) for name in others[:MENTIONED]]
    if (more := len(others) - MENTIONED) > 0:
        settings = "setting was" if more == 1 else "settings were"
        notes.append(f"{more:,} more unknown {settings} ignored.")
    return kept, notes


def _converted(name: str, value: object, table: type[msgspec.Struct]) -> object:
    """Raises ValueError for what cannot be. TOML has no null: "" takes its place."""
    if value in ("", []) and getattr(table(), name) is None:
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < LARGE:
        value = int(value)  # 30.0 is as good where whole numbers are meant
    # WORKAROUND: msgspec 0.22 crashes when a union is converted often by itself, or
    # asked for by its inspect module.
    return getattr(msgspec.convert({name: value}, table), name)
