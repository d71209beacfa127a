"""`mica doctor`: checks that everything Mica needs is there, with a remedy where not.

On a Mac it also checks the macOS APIs, permissions, and Secure Input. A terminal's
permissions are not the app's: macOS answers for the program that started the command.
Apple's frameworks are imported where they are called, so this module imports anywhere.
"""

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
from mica.cli import strings
from mica.cli.shared_options import json_option
from mica.dictation.keys import chosen_keys
from mica.engine.process import openblas
from mica.errors import MicaError, SettingsError
from mica.host import key_names
from mica.host.values import Grant, Permission
from mica.model.mlx_build import installed_build, use_suited_build
from mica.store import catalogue
from mica.text.keywords import Keywords

MARK_COLUMNS: Final = len(strings.PROBLEM)
_PAGES: Final = {  # of System Settings
    Permission.MICROPHONE: "Microphone",
    Permission.INSERTION: "Accessibility",
    Permission.CLIPBOARD: "Paste from Other Apps",
}


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check; `remedy` is empty if it passed."""

    name: str
    ok: bool
    found: str
    remedy: str = ""


@click.command()
@json_option
def doctor(as_json: bool) -> int:
    """Check that everything Mica needs is there.

    The exit code is 1 if there is a problem.
    """
    checks = [check() for check in CHECKS]
    if sys.platform == "darwin":
        checks += mac_checks()
    if as_json:
        click.echo(json.dumps([asdict(check) for check in checks], indent=2))
    else:
        for check in checks:
            click.echo(_line(check))
    return 0 if all(check.ok for check in checks) else 1


def _line(check: Check) -> str:
    mark = strings.PASSED if check.ok else strings.PROBLEM
    found = f"{check.found.rstrip('.')}." if check.remedy else check.found
    return f"{mark:{MARK_COLUMNS}} {check.name}: {found} {check.remedy}".rstrip()


def _python() -> Check:
    return Check("Python", True, platform.python_version())


def _mlx() -> Check:
    try:
        use_suited_build()
    except MicaError as error:
        return Check("MLX", False, error.what, error.remedy)
    build = installed_build()
    if build is None:
        return Check("MLX", False, strings.NOT_INSTALLED, strings.INSTALL_AGAIN)
    return Check(
        "MLX",
        not build.is_mixed,
        build.line(),
        strings.INSTALL_AGAIN if build.is_mixed else "",
    )


def _blas() -> Check:
    if not sys.platform.startswith("linux"):
        return Check("BLAS", True, strings.BUILT_IN)
    library = openblas()
    if library is None:
        return Check("BLAS", False, strings.NOT_INSTALLED, strings.INSTALL_OPENBLAS)
    return Check("BLAS", True, f"OpenBLAS ({library})")


def _settings() -> Check:
    loaded, notes = settings.load()
    try:
        key_names.bound(chosen_keys(loaded))
    except SettingsError as error:
        notes.append(error.line())
    file = str(paths.settings_file())
    if notes:
        remedy = strings.CORRECT_SETTINGS.format(file)
        return Check("settings", False, " ".join(notes), remedy)
    return Check("settings", True, file)


def _keywords() -> Check:
    try:
        count = len(Keywords(paths.keywords_file()).read())
    except MicaError as error:
        return Check("keywords", False, error.what, error.remedy)
    return Check("keywords", True, f"{count:,}")


def _microphone() -> Check:
    try:
        device = find_device(settings.load()[0].microphone).device
    except MicaError as error:
        return Check("microphone", False, error.what, error.remedy)
    return Check("microphone", True, f"{device.name}, {device.rate_hz} Hz")


def _model() -> Check:
    from mica.store.verify import structure_problems

    name = settings.load()[0].model
    try:
        problems = structure_problems(catalogue.folder(name))
    except MicaError as error:
        problems = [error.what]
    if problems:
        return Check("model", False, problems[0], strings.CHOOSE_MODEL)
    return Check("model", True, name)


def _display() -> Check:
    if not sys.platform.startswith("linux"):
        return Check("display", True, platform.system())
    display = os.environ.get("DISPLAY")
    found = f"X11 {display}" if display else strings.TERMINAL_ONLY
    return Check("display", True, found)


def _data_folder() -> Check:
    home = paths.home()
    if os.access(home, os.W_OK):
        return Check(strings.DATA_FOLDER, True, str(home))
    found = strings.READ_ONLY.format(home)
    return Check(strings.DATA_FOLDER, False, found, strings.OTHER_HOME)


CHECKS: tuple[Callable[[], Check], ...] = (
    _python,
    _mlx,
    _blas,
    _settings,
    _keywords,
    _microphone,
    _model,
    _display,
    _data_folder,
)


def mac_checks() -> list[Check]:
    """The checks that only a Mac has."""
    return [_mac_apis(), *map(_permission, Permission), _secure_input()]


def _mac_apis() -> Check:
    from mica.host.macos.check import missing

    if names := missing():
        found = strings.APIS_MISSING.format(len(names), names[0])
        return Check(strings.MAC_APIS, False, found, strings.REPORT_MACOS)
    return Check(strings.MAC_APIS, True, strings.ALL_FOUND)


def _permission(permission: Permission) -> Check:
    from mica.host.macos.permissions import MacPermissions, holder

    page, app = _PAGES[permission], holder()
    name = strings.PERMISSION.format(page)
    grant = MacPermissions().state(permission)
    found = strings.PERMISSION_OF.format(grant.value, app)
    if grant is not Grant.DENIED:
        return Check(name, True, found)
    return Check(name, False, found, strings.ALLOW.format(app, page))


def _secure_input() -> Check:
    from mica.host.macos import carbon
    from mica.host.macos.keyboard import secure_input_owner

    owner = secure_input_owner(carbon.load())
    if owner is None:
        return Check(strings.SECURE_INPUT, True, strings.OFF)
    found = strings.SECURE_INPUT_ON.format(owner or strings.SOME_APP)
    return Check(strings.SECURE_INPUT, False, found, strings.END_SECURE_INPUT)
