"""How long a microphone stays open after a dictation, and the timer that ends it."""

import math
import threading
from collections.abc import Callable
from typing import Final

from mica.host.sound import Transport
from mica.settings import KeepOpen

SHORT_S: Final = 30.0  # a quarter of all dictations follow the last one sooner
Cancel = Callable[[], None]


def keep_open_s(keep_open: KeepOpen, transport: Transport) -> float:
    """How long a microphone stays open after a dictation: a Bluetooth headset, which
    plays worse as long as it is open, only by “always”."""
    if keep_open is KeepOpen.ALWAYS:
        return math.inf
    spared = keep_open is KeepOpen.OFF or transport is Transport.BLUETOOTH
    return 0.0 if spared else SHORT_S


def call_later(delay_s: float, call: Callable[[], None]) -> Cancel:
    """Call later on a thread of its own; the result cancels it."""
    timer = threading.Timer(delay_s, call)
    timer.daemon = True
    timer.start()
    return timer.cancel
