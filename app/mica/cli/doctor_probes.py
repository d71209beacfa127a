"""Checks that try the thing itself: this computer, its microphone, and a dictation."""

import os
import platform
import threading
from typing import Final

from mica import settings
from mica.audio.capture import Microphone
from mica.audio.device_selection import Device, transport_of
from mica.audio.level import BLUETOOTH_SILENT_S, LevelMonitor
from mica.cli import strings
from mica.cli.doctor_check import Check
from mica.cli.self_test import dictate_recording
from mica.errors import MicaError
from mica.events import Chunk
from mica.host.select import open_permissions
from mica.host.values import Grant, Permission
from mica.model.mlx_build import this_mac

PROBE_S: Final = BLUETOOTH_SILENT_S + 2.0
_GIB: Final = 1 << 30
_OLDEST_MACOS: Final = (14, 0)


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
    """Whether the one that is used gives sound. It is listened to until it does."""
    permissions = open_permissions()
    if permissions is not None:
        grant = permissions.state(Permission.MICROPHONE)
        if grant is not Grant.GRANTED:  # opening it would ask, or give zeros
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
    heard: list[bytes] = []
    enough = threading.Event()

    def on_chunk(chunk: Chunk) -> None:
        heard.append(chunk.pcm)
        if any(chunk.pcm):  # zeros are zeros in any format
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
    for pcm in heard:
        monitor.push(pcm)
    return device, monitor


def dictation_check() -> Check:
    """A whole dictation of the recording that comes with Mica; `Mica --self-test`."""
    try:
        result = dictate_recording()
    except MicaError as error:
        return Check(strings.DICTATION, False, error.what, error.remedy)
    found = strings.DICTATED.format(result.model, result.latency_ms, result.mlx)
    if result.is_understood:
        return Check(strings.DICTATION, True, found)
    return Check(strings.DICTATION, False, found, strings.MISUNDERSTOOD)
