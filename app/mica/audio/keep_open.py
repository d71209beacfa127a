"""How long a microphone stays open after a dictation, and the timer that closes it."""

import logging
import math
import threading
from collections.abc import Callable
from typing import Final

from mica.host.sound import Transport
from mica.settings import KeepOpen
from mica.unhandled import trace

_log = logging.getLogger(__name__)
SHORT_S: Final = 30.0  # a quarter of all dictations follow the last one within this
Cancel = Callable[[], None]


def keep_open_s(keep_open: KeepOpen, transport: Transport) -> float:
    """How long a microphone stays open after a dictation. A Bluetooth headset, whose
    playback suffers while it is open, only if the setting is “always”."""
    if keep_open is KeepOpen.ALWAYS:
        return math.inf
    spared = keep_open is KeepOpen.OFF or transport is Transport.BLUETOOTH
    return 0.0 if spared else SHORT_S


def call_later(delay_s: float, call: Callable[[], None]) -> Cancel:
    """Call `call` after a delay, on a thread of its own; the result cancels it."""
    timer = threading.Timer(delay_s, _guarded, [call])
    timer.daemon = True
    timer.start()
    return timer.cancel


def _guarded(call: Callable[[], None]) -> None:
    try:
        call()
    except Exception as why:  # noqa: BLE001 nobody waits for it
        _log.error("later: %s", trace(why))
