"""Calls from AppKit into Python that must not raise.

pyobjc makes an NSException of a Python exception. In a block, an observer or a promise
nobody catches that, and it ends the process (pyobjc's documentation, “Exceptions”;
ronaldoussoren/pyobjc#659).
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

_log = logging.getLogger(__name__)


@contextmanager
def contained() -> Iterator[None]:
    """Log what is raised, and go on behind it. On any thread."""
    try:
        yield
    except Exception:  # noqa: BLE001 the process would end
        _log.exception("a call from macOS failed")
