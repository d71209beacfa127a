"""`mica doctor`: checks that everything Mica needs is there, and gives remedies.

Each line is printed once known: the microphone is opened for a moment, and the last
check is a whole dictation. doctor_checks.py has the checks only for Macs.
"""

import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Final

import click

from mica import paths, settings
from mica.cli import strings
from mica.cli.doctor_checks import (
    Check,
    dictation_check,
    mac_checks,
    machine_check,
    microphone_check,
)
from mica.cli.doctor_network import network_checks
from mica.cli.shared_options import json_option
from mica.dictation.hold_keys import chosen_keys
from mica.engine.process import openblas
from mica.errors import MicaError, SettingsError
from mica.host import key_names
from mica.model.mlx_build import installed_build, use_suited_build
from mica.store import catalog
from mica.text.keywords import Keywords

LABEL_COLUMNS: Final = len(strings.PROBLEM)


@click.command()
@click.option("--network", is_flag=True, help="Show instead that Mica uses no network.")
@json_option
def doctor(as_json: bool, network: bool) -> int:
    """Check that everything Mica needs is there.

    Listens to the microphone for a moment and dictates a recording, so it takes some
    20 seconds. The exit code is 1 if there is a problem.
    """
    done = []
    for check in _network_checks() if network else _checks():
        done.append(check)
        if not as_json:
            click.echo(_line(check))
    if as_json:
        click.echo(json.dumps([asdict(check) for check in done], indent=2))
    return 0 if all(check.ok for check in done) else 1


def _checks() -> Iterator[Check]:
    is_mac = sys.platform == "darwin"
    for check in (*CHECKS, *(mac_checks() if is_mac else ()), *PROBES):
        yield check()


def _network_checks() -> Iterator[Check]:
    for check in network_checks():
        yield check()


def _line(check: Check) -> str:
    label = strings.PASSED if check.ok else strings.PROBLEM
    found = f"{check.found.rstrip('.')}." if check.remedy else check.found
    start = f"{label:{LABEL_COLUMNS}} {check.name}:"
    if "\n" not in found:
        return f"{start} {found} {check.remedy}".rstrip()
    lines = [start, *found.splitlines(), check.remedy]
    return "\n".join(lines).replace("\n", "\n" + " " * (LABEL_COLUMNS + 1))


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
    file = str(paths.settings_file(create=False))
    if notes:
        remedy = strings.CORRECT_SETTINGS.format(file)
        return Check("settings", False, "\n".join(notes), remedy)
    found = file if os.path.lexists(file) else strings.DEFAULTS
    return Check("settings", True, found)


def _keywords() -> Check:
    try:
        count = len(Keywords(paths.keywords_file(create=False)).read())
    except MicaError as error:
        return Check("keywords", False, error.what, error.remedy)
    return Check("keywords", True, f"{count:,}")


def _model() -> Check:
    from mica.store.verify import structure_problems

    name = settings.load()[0].model
    try:
        problems = structure_problems(catalog.folder(name))
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
    if not os.access(home, os.W_OK):
        found = strings.READ_ONLY.format(home)
        return Check(strings.DATA_FOLDER, False, found, strings.OTHER_HOME)
    if not paths.is_private():
        found = strings.NOT_PRIVATE.format(home)
        return Check(strings.DATA_FOLDER, False, found, strings.MAKE_PRIVATE)
    return Check(strings.DATA_FOLDER, True, str(home))


CHECKS: tuple[Callable[[], Check], ...] = (
    machine_check,
    _python,
    _mlx,
    _blas,
    _settings,
    _keywords,
    _model,
    _display,
    _data_folder,
)
PROBES: tuple[Callable[[], Check], ...] = (microphone_check, dictation_check)
