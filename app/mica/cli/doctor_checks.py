"""Checks of `mica doctor` that try things out, and those for Macs only.

They try this computer, its microphone and a whole dictation; on a Mac they check GPU,
APIs, permissions and Secure Input. A terminal's permissions are not the app's: macOS
answers for the program that started the command, and each line names it. Apple's
frameworks are imported where they are called, so this module can be imported anywhere.
"""

import os
import platform
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from mica import settings
from mica.audio.capture import Microphone
from mica.audio.device_selection import Device, transport_of
from mica.audio.level import BLUETOOTH_SILENT_S, LevelMonitor
from mica.cli import strings
from mica.cli.self_test import dictate_recording
from mica.errors import MicaError
from mica.events import Chunk
from mica.host.select import open_permissions
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
PROBE_S: Final = BLUETOOTH_SILENT_S + 2.0
_GIB: Final = 1 << 30
_OLDEST_MACOS: Final = (14, 0)


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check; `remedy` is empty if it passed."""

    name: str
    ok: bool
    found: str
    remedy: str = ""


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
    if uses:  # it would use them there, with wrong results
        return Check(name, False, strings.WRONG_BUILD, strings.UPDATE_MACOS)
    return Check(name, True, strings.NOT_BEFORE)


def _mac_apis() -> Check:
    from mica.host.macos.check import missing

    if names := missing():
        found = strings.APIS_MISSING.format(len(names), names[0])
        return Check(strings.MAC_APIS, False, found, strings.REPORT_MACOS)
    return Check(strings.MAC_APIS, True, strings.ALL_FOUND)


def _permission(permission: Permission) -> Check:
    """From macOS's answer; for Accessibility also from a query to another program."""
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


def machine_check() -> Check:
    """The processor, the system and the memory."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / _GIB
    if platform.system() != "Darwin":
        system = f"{platform.machine()}, {platform.system()} {platform.release()}"
        return Check(strings.COMPUTER, True, strings.MACHINE.format(system, memory))
    mac = this_mac()
    system = f"{mac.chip}, macOS {mac.macos[0]}.{mac.macos[1]}"
    found = strings.MACHINE.format(system, memory)
    if mac.chip.startswith("Apple") and mac.macos >= _OLDEST_MACOS:
        return Check(strings.COMPUTER, True, found)
    return Check(strings.COMPUTER, False, found, strings.NEEDS_MAC)


def microphone_check() -> Check:
    """Whether the microphone in use gives sound; waits until it does, up to PROBE_S."""
    permissions = open_permissions()
    if permissions is not None:
        grant = permissions.state(Permission.MICROPHONE)
        if grant is not Grant.GRANTED:  # opening it would show a dialog or give zeros
            found = strings.NOT_TRIED.format(grant.value)
            return Check(strings.MICROPHONE, True, found)
    try:
        device, monitor = _listen()
    except MicaError as error:
        return Check(strings.MICROPHONE, False, error.what, error.remedy)
    found = f"{device.name}, {device.rate_hz} Hz"
    if monitor.flowing:
        return Check(strings.MICROPHONE, True, strings.GIVES_SOUND.format(found))
    found = strings.GIVES_SILENCE.format(found)
    return Check(strings.MICROPHONE, False, found, strings.UNMUTE)


def _listen() -> tuple[Device, LevelMonitor]:
    chunks: list[bytes] = []
    enough = threading.Event()

    def on_chunk(chunk: Chunk) -> None:
        chunks.append(chunk.pcm)
        if any(chunk.pcm):  # all-zero bytes are silence in any format
            enough.set()

    microphone = Microphone(settings.load()[0].microphone, on_chunk)
    microphone.open()
    try:
        enough.wait(PROBE_S)
    finally:
        microphone.close()
    device = microphone.device
    assert device is not None, "it was open"
    monitor = LevelMonitor(device.rate_hz, transport_of(device))
    for pcm in chunks:
        monitor.push(pcm)
    return device, monitor


def dictation_check() -> Check:
    """A whole dictation of the bundled recording, as `Mica --self-test` does."""
    try:
        result = dictate_recording()
    except MicaError as error:
        return Check(strings.DICTATION, False, error.what, error.remedy)
    found = strings.DICTATED.format(result.model, result.latency_ms, result.mlx)
    if result.is_understood:
        return Check(strings.DICTATION, True, found)
    return Check(strings.DICTATION, False, found, strings.MISUNDERSTOOD)
