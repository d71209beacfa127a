"""Calls from AppKit into Python, which must not raise.

pyobjc turns a Python exception into an NSException. In a block, an observer or a
promise nobody catches that, and the process ends (pyobjc's documentation, “Exceptions”;
ronaldoussoren/pyobjc#659).
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

_log = logging.getLogger(__name__)


@contextmanager
def contained() -> Iterator[None]:
    """Log exceptions instead of raising them. On any thread."""
    try:
        yield
    except Exception:  # noqa: BLE001 the process would end
        _log.exception("a call from macOS failed")
