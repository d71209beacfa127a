"""Checks of `mica doctor` that only a Mac has: GPU, APIs, permissions, Secure Input.

A terminal's permissions are not the app's: macOS answers for the program that started
the command, which each line names. Apple's frameworks are imported where they are
called, so this module imports anywhere.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from mica.cli import strings
from mica.cli.doctor_check import Check
from mica.host.values import Grant, Permission
from mica.model.mlx_build import (
    FIRST_MACOS,
    MATRIX_UNITS,
    Mac,
    MlxBuild,
    installed_build,
    this_mac,
)

_PAGES: Final = {  # of System Settings
    Permission.MICROPHONE: "Microphone",
    Permission.INSERTION: "Accessibility",
    Permission.CLIPBOARD: "Paste from Other Apps",
}


def mac_checks() -> list[Callable[[], Check]]:
    """The checks that only a Mac has."""
    permissions = [partial(_permission, permission) for permission in Permission]
    return [_matrix_units, _mac_apis, *permissions, _secure_input]


def _matrix_units() -> Check:
    return matrix_units_check(this_mac(), installed_build())


def matrix_units_check(mac: Mac, build: MlxBuild | None) -> Check:
    """Whether the GPU's matrix units are used: the M5's, by MLX's build for 26.2."""
    name, uses = strings.MATRIX_UNITS, build is not None and build.tag == MATRIX_UNITS
    if not mac.has_matrix_units:
        return Check(name, True, strings.NO_MATRIX_UNITS)
    if mac.macos >= FIRST_MACOS:
        if uses:
            return Check(name, True, strings.USED)
        return Check(name, False, strings.WRONG_BUILD, strings.INSTALL_AGAIN)
    if uses:  # it switches them on wrongly there
        return Check(name, False, strings.WRONG_BUILD, strings.UPDATE_MACOS)
    return Check(name, True, strings.NOT_BEFORE)


def _mac_apis() -> Check:
    from mica.host.macos.check import missing

    if names := missing():
        found = strings.APIS_MISSING.format(len(names), names[0])
        return Check(strings.MAC_APIS, False, found, strings.REPORT_MACOS)
    return Check(strings.MAC_APIS, True, strings.ALL_FOUND)


def _permission(permission: Permission) -> Check:
    """By what macOS says, and for Accessibility by a question to another program."""
    from mica.host.macos.permissions import MacPermissions, accessibility_works, holder

    page, app = _PAGES[permission], holder()
    name = strings.PERMISSION.format(page)
    grant = MacPermissions().state(permission)
    found = strings.PERMISSION_OF.format(grant.value, app)
    if grant is Grant.DENIED:
        return Check(name, False, found, strings.ALLOW.format(app, page))
    if permission is Permission.INSERTION and not accessibility_works():
        found = strings.NOT_IN_EFFECT.format(found)
        return Check(name, False, found, strings.ALLOW_AGAIN.format(app, page))
    return Check(name, True, found)


def _secure_input() -> Check:
    from mica.host.macos import carbon
    from mica.host.macos.keyboard import secure_input_owner

    owner = secure_input_owner(carbon.load())
    if owner is None:
        return Check(strings.SECURE_INPUT, True, strings.OFF)
    found = strings.SECURE_INPUT_ON.format(owner or strings.SOME_APP)
    return Check(strings.SECURE_INPUT, False, found, strings.END_SECURE_INPUT)
