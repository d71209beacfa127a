"""The user's settings: one frozen struct, saved as TOML.

An invalid value affects only itself: it is replaced by its default and named in a note;
a line with a mistake is ignored. The file is written only when a setting changes, and
the rest of it, comments included, stays as it is. It holds no state. Over 300 lines:
one setting after another.
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
    MAX_LISTED,
    display_name,
    expected,
    ignored,
    shown,
    unknown,
)

Name = Annotated[str, Meta(max_length=1000, pattern=r"^[^\x00-\x1f\x7f]*\S\Z")]
Minutes = Annotated[float, Meta(ge=0, le=10_080)]  # a week; poll() takes 24 days
Tokens = Annotated[int, Meta(ge=0, le=1000)]
LongestS = Annotated[float, Meta(ge=10, le=86_400)]
QuietS = Annotated[float, Meta(ge=0, le=3600)]
UNREADABLE: Final = "The settings can’t be read: {}"
DEFAULTS: Final = "Mica uses the default settings."
SAVED_ANEW: Final = "The settings were saved. The unreadable old file is now {}."
MAX_NOTES: Final = 12


class OverlayStyle(Enum):
    """How much the overlay shows."""

    OFF = "off"  # errors only
    MINIMAL = "minimal"  # the level, and what needs the user's action
    LIVE = "live"  # live text too


class KeepOpen(Enum):
    """How long the microphone stays open after a dictation."""

    OFF = "off"
    SHORT = "30 s"
    ALWAYS = "always"


class InsertBy(Enum):
    """How text gets into a window."""

    PASTE = "paste"
    TYPE = "type"  # key by key, for apps without paste


class App(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Settings that differ for one app; None: as for all apps.

    keywords   in addition to the user's own
    insert     None: type into remote desktops, paste elsewhere
    """

    style: Style | None = None
    keywords: tuple[str, ...] = ()
    insert: InsertBy | None = None
    trailing_space: bool | None = None
    auto_submit: bool | None = None


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=False, kw_only=True):
    """All settings with their defaults; names of times end with the unit.

    microphone            a name: only this one; a list of names: the first that is
                          connected; None, or none of the list: the system default
    keep_microphone_open  how long it stays open after a dictation, so that the next
                          one starts at once. Nothing is recorded meanwhile, but the
                          system's microphone indicator stays on; a Bluetooth headset
                          is closed at once unless “always”
    sounds                play a sound when recording starts and when it stops
    reduce_motion         no movement in the overlay
    idle_unload_minutes   without a dictation until the model is unloaded; 0: never
    max_dictation_s       limit for a dictation that is not locked
    quiet_stop_s          of silence until a hands-free dictation stops; 0: never
    smart_spacing         fit spaces and capitals to the text around the cursor
    trailing_space        add a space after every dictation
    auto_submit           press Return after every dictation
    private_dictation     keep recordings and texts in memory only
    apps                  per app: WM_CLASS on X11, bundle identifier on macOS
    """

    model: Name = "pebble"
    style: Style = Style.PUNCTUATED
    hold_key: Name = "right_alt"
    translate_key: Name | None = None  # held to dictate into `translate_to`
    translate_to: Language = Language.ENGLISH
    paste_last_key: Name | None = None  # such as "ctrl+alt+v"
    undo_key: Name | None = None
    captions_key: Name | None = None
    microphone: Name | tuple[Name, ...] | None = None
    keep_microphone_open: KeepOpen = KeepOpen.SHORT
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
    private_dictation: bool = False
    apps: dict[str, App] = {}


def load(file: Path | None = None) -> tuple[Settings, list[str]]:
    """The settings, and notes for the user about problems with their file."""
    try:
        text = _text(file or paths.settings_file(create=False))
    except (TextFileError, OSError) as error:
        what = error.what if isinstance(error, TextFileError) else f"{error.strerror}."
        return Settings(), [f"{UNREADABLE.format(what)} {DEFAULTS}"]
    return _parse(text)


def reread(now: Settings, file: Path | None = None) -> tuple[Settings, list[str]]:
    """Like load(), but if the file is missing or unreadable, returns the current
    settings, which save() then writes."""
    try:
        text = _text(file or paths.settings_file(create=False))
    except TextFileError as error:
        return now, [f"{UNREADABLE.format(error.what)} Nothing was changed."]
    except OSError:
        return now, []
    return _parse(text) if text else (now, [])


def merged(now: Settings, before: Settings, after: Settings) -> Settings:
    """The current settings, with the changes between `before` and `after`."""
    fields = Settings.__struct_fields__
    new = {name: getattr(after, name) for name in fields if name != "apps"}
    changed = {name: new[name] for name in new if new[name] != getattr(before, name)}
    removed = before.apps.keys() - after.apps.keys()
    apps = {name: app for name, app in now.apps.items() if name not in removed}
    apps |= {name: a for name, a in after.apps.items() if a != before.apps.get(name)}
    return msgspec.structs.replace(now, **changed, apps=apps)


def _parse(text: str) -> tuple[Settings, list[str]]:
    raw, wrong = toml_text.values(text)
    apps = raw.pop("apps", {})
    notes = [ignored(wrong)] if wrong else []
    values, value_notes = _convert_all(raw, Settings, "")
    per_app, app_notes = _convert_apps(apps)
    notes += value_notes + app_notes
    if (more := len(notes) - MAX_NOTES) > 1:
        notes[MAX_NOTES:] = [f"{more:,} more settings have mistakes."]
    return Settings(**values, apps=per_app), notes


def save(before: Settings, after: Settings, file: Path | None = None) -> str | None:
    """Write only what differs, since another process may have changed the rest.

    An unreadable file is renamed first. A new or empty one gets everything that is not
    the default. Returns a note for the user, or None.
    """
    file = file or paths.settings_file()
    with atomic.locked(file) as real:
        note = None
        try:
            text = _text(real)
        except TextFileError:
            broken = atomic.move_to_backup(real)
            text, note = "", SAVED_ANEW.format(broken.name)
        _write(real, text, _differences(before if text else Settings(), after))
    return note


def save_one(name: str, value: object, file: Path | None = None) -> None:
    """Write one value; SettingsError if the file can't be read."""
    with atomic.locked(file or paths.settings_file()) as real:
        try:
            text = _text(real)
        except TextFileError as error:
            what = f"The setting wasn’t saved: {error.what}"
            raise SettingsError(what, error.remedy) from error
        _write(real, text, {(name,): value})


def _text(file: Path) -> str:
    """The file's text; empty if there is no file. TextFileError if it is not TOML."""
    try:
        text = textfile.read(file).text
        toml_text.values(text)
    except FileNotFoundError:
        return ""
    except toml_text.NotTomlError as error:
        what = f"{file} isn’t a settings file."
        raise TextFileError(what, "Move it, and Mica creates a new one.") from error
    return text


def _write(real: Path, before: str, changes: Mapping[toml_text.Keys, object]) -> None:
    text = before
    for keys, value in changes.items():
        text = toml_text.with_value(text, keys, value)
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


def _convert_apps(raw: object) -> tuple[dict[str, App], list[str]]:
    if not isinstance(raw, dict):
        return {}, ["The apps settings were reset: they must be tables."]
    apps: dict[str, App] = {}
    notes: list[str] = []
    for name, table in raw.items():
        if isinstance(table, dict):
            if dotted := _unquoted_name(name, table):
                notes.append(
                    f"The settings of {shown(dotted)} were ignored. "
                    f'Add quotation marks: [apps."{shown(dotted)[1:-1]}"].'
                )
                continue
            values, value_notes = _convert_all(table, App, f" of {shown(name)}")
            notes += value_notes
            if values:  # a heading may have no values
                apps[name] = App(**values)
        else:
            of = shown(name)
            notes.append(f"The settings of {of} were reset: they must be a table.")
    return apps, notes


def _unquoted_name(name: str, table: Mapping[str, Any]) -> str:
    """The app's full name if it was written with dots but without quotes, which TOML
    reads as nested tables; otherwise empty."""
    fields = App.__struct_fields__
    while len(table) == 1:
        [(inner, value)] = table.items()
        if inner in fields or not isinstance(value, dict):
            return ""
        name, table = f"{name}.{inner}", value
        if any(one in fields for one in table):
            return name
    return ""


def _convert_all(
    raw: Mapping[str, Any], table: type[msgspec.Struct], of: str
) -> tuple[dict[str, Any], list[str]]:
    """The valid values, and a note for each invalid one."""
    fields = {field.name: field for field in msgspec.structs.fields(table)}
    values: dict[str, Any] = {}
    notes: list[str] = []
    others: list[str] = []
    for name, value in raw.items():
        if name not in fields:
            others.append(name)
            continue
        try:
            values[name] = _convert(name, value, table)
        except (ValueError, OverflowError):
            notes.append(
                f"The {display_name(name)} setting{of} was reset: "
                f"it must be {expected(fields[name].type)}, not {shown(value)}."
            )
    notes += [unknown(name, list(fields)) for name in others[:MAX_LISTED]]
    if (more := len(others) - MAX_LISTED) > 0:
        settings = "setting was" if more == 1 else "settings were"
        notes.append(f"{more:,} more unknown {settings} ignored.")
    return values, notes


def _convert(name: str, value: object, table: type[msgspec.Struct]) -> object:
    """Raises ValueError for an invalid value. "" stands for null, which TOML lacks."""
    if value in ("", []) and getattr(table(), name) is None:
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < LARGE:
        value = int(value)  # 30.0 is a whole number
    # WORKAROUND: msgspec 0.22 crashes when a union with Meta is converted often outside
    # a struct, or inspected. Alike: https://github.com/msgspec/msgspec/issues/717
    return getattr(msgspec.convert({name: value}, table), name)
