"""A while in which the X server tells nobody of keys, though they move.

RECORD hears every release that a grab, a frozen keyboard or a new keymap keeps from a
window, so that what it records is taken away from it: by another program, as the
protocol allows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from Xlib import X
from Xlib.display import Display
from Xlib.ext import record

_CLIENTS: Final = range(1, 64)
_KEYS: Final = {  # what a listener asks for
    "core_requests": (0, 0),
    "core_replies": (0, 0),
    "ext_requests": (0, 0, 0, 0),
    "ext_replies": (0, 0, 0, 0),
    "delivered_events": (0, 0),
    "device_events": (X.KeyPress, X.ButtonPress),
    "errors": (0, 0),
    "client_started": False,
    "client_died": False,
}


@contextmanager
def deaf() -> Iterator[None]:
    """Whoever listens to keys hears none; what is asked of the keyboard is answered."""
    display = Display()
    display.set_error_handler(lambda *_: None)  # most have no recording
    try:
        for context in _contexts(display):
            display.record_unregister_clients(context, [record.AllClients])
        display.sync()
        yield
        for context in _contexts(display):
            display.record_register_clients(context, 0, [record.AllClients], [_KEYS])
        display.sync()
    finally:
        display.close()


def _contexts(display: Any) -> list[int]:
    """Where each program's first recording would be; it is the first it makes."""
    size = display.display.info.resource_id_mask + 1
    return [client * size for client in _CLIENTS]
