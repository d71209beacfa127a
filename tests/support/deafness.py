"""Makes the X server stop reporting keys to all listeners for a while.

RECORD reports even those releases that a grab, a frozen keyboard or a new keymap keeps
from a window. So this removes the clients from every RECORD context, which the protocol
lets any program do.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from Xlib import X
from Xlib.display import Display
from Xlib.ext import record

_CLIENTS: Final = range(1, 64)
_KEYS: Final = {  # the range that a key listener records
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
    """Suspend all key listeners; queries of the keyboard still work."""
    display = Display()
    display.set_error_handler(lambda *_: None)  # most clients have no RECORD context
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
    """The id of each client's first resource, which is its RECORD context if any."""
    size = display.display.info.resource_id_mask + 1
    return [client * size for client in _CLIENTS]
