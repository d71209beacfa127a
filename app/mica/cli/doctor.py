"""One thing `mica doctor` looked at.

What `mica doctor` looks at on a Mac only: its names, permissions, secure input.

A terminal's permissions are not the app's: macOS asks for the program that started us.
Apple's frameworks are imported by what is called, for this file can be on any system.

`mica doctor`: whether everything Mica needs is there, with a remedy where not.
"""

import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Final

import click

from mica import paths, settings
from mica.audio.devices import find_device
from mica.dictation.keys import chosen_keys
from mica.engine.process import openblas
from mica.errors import MicaError, SettingsError
from mica.host import key_names
from mica.host.ports import Grant, Permission
from mica.store import catalogue
from mica.text.keywords import Keywords


@dataclass(frozen=True, slots=True)
class Check:
    """`remedy` is empty where it is fine."""

    name: str
    ok: bool
    found: str
    remedy: str = ""


_PAGES: Final = {
    Permission.MICROPHONE: "Microphone",
    Permission.INSERTION: "Accessibility",
}


def mac_checks() -> list[Check]:
    return [_names(), *(_permission(what) for what in Permission), _keyboard()]


def _names() -> Check:
    from mica.host.macos.check import missing

    lacking = missing()
    if lacking:
        found = f"{len(lacking)} are missing, the first is {lacking[0]}"
        return Check("Apple's names", False, found, "Please report this macOS to us.")
    return Check("Apple's names", True, "all there")


def _permission(what: Permission) -> Check:
    from mica.host.macos.permissions import MacPermissions, holder

    name = f"permission for {what.value}"
    grant = MacPermissions().state(what)
    found = f"{grant.value} for {holder()}"
    if grant is not Grant.DENIED:
        return Check(name, True, found)
    page = f"System Settings › Privacy & Security › {_PAGES[what]}"
    return Check(name, False, found, f"Allow {holder()} in {page}.")


def _keyboard() -> Check:
    from mica.host.macos import carbon
    from mica.host.macos.keyboard import secure_input_owner

    keeper = secure_input_owner(carbon.load())
    if keeper is None:
        return Check("keyboard", True, "nobody protects it")
    found = f"{keeper or 'some program'} protects it: text may not arrive"
    remedy = "Leave the password field, or turn off Secure Keyboard Entry."
    return Check("keyboard", False, found, remedy)


@click.command()
@click.option("--json", "as_json", is_flag=True)
def doctor(as_json: bool) -> int:
    """Look at everything Mica needs. Exit code 1 when something is missing."""
    checks = [look() for look in CHECKS]
    if sys.platform == "darwin":
        checks += mac_checks()
    if as_json:
        click.echo(json.dumps([asdict(check) for check in checks], indent=2))
    else:
        for check in checks:
            mark = "ok     " if check.ok else "missing"
            found = f"{check.found.rstrip('.')}." if check.remedy else check.found
            click.echo(f"{mark} {check.name}: {found} {check.remedy}".rstrip())
    return 0 if all(check.ok for check in checks) else 1


def _python() -> Check:
    return Check("Python", True, platform.python_version())


def _mlx() -> Check:
    version = importlib.metadata.version("mlx")
    return Check("MLX", True, version)


def _blas() -> Check:
    if not sys.platform.startswith("linux"):
        return Check("linear algebra", True, "the system's own")
    library = openblas()
    if library is None:
        remedy = "Install libopenblas0-pthread: the engine is about 50 times slower."
        return Check("linear algebra", False, "no OpenBLAS", remedy)
    return Check("linear algebra", True, f"OpenBLAS ({library})")


def _microphone() -> Check:
    try:
        device = find_device(settings.load()[0].microphone).device
    except MicaError as why:
        return Check("microphone", False, why.what, why.remedy)
    return Check("microphone", True, f"{device.name}, {device.rate_hz} Hz")


def _settings() -> Check:
    chosen, notes = settings.load()
    try:
        key_names.bound(chosen_keys(chosen))
    except SettingsError as why:
        notes.append(why.line())
    file = str(paths.settings_file())
    if notes:
        return Check("settings", False, " ".join(notes), f"Edit {file}.")
    return Check("settings", True, file)


def _keywords() -> Check:
    try:
        count = len(Keywords(paths.keywords_file()).read())
    except MicaError as why:
        return Check("keywords", False, why.what, why.remedy)
    return Check("keywords", True, f"{count:,}")


def _model() -> Check:
    from mica.store.verify import structure_problems

    name = settings.load()[0].model
    try:
        problems = structure_problems(catalogue.folder(name))
    except MicaError as why:
        problems = [why.what]
    if problems:
        return Check("model", False, problems[0], "See `mica models list`.")
    return Check("model", True, name)


def _display() -> Check:
    if not sys.platform.startswith("linux"):
        return Check("display", True, platform.system())
    display = os.environ.get("DISPLAY")
    if display:
        return Check("display", True, f"X11 {display}")
    return Check("display", True, "none; Mica runs in the terminal")


def _state() -> Check:
    home = paths.home()
    if os.access(home, os.W_OK):
        return Check("state", True, str(home))
    return Check("state", False, f"{home} cannot be written", "Set MICA_HOME.")


CHECKS: tuple[Callable[[], Check], ...] = (
    _python,
    _mlx,
    _blas,
    _settings,
    _keywords,
    _microphone,
    _model,
    _display,
    _state,
)
