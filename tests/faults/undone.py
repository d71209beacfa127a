"""Undoes a mend: replaces a part of one function's source."""

import inspect
import sys
import textwrap
from typing import Any

import pytest


def undo(
    patch: pytest.MonkeyPatch, owner: Any, name: str, mended: str, before: str
) -> None:
    """Replace `mended` in a function or method by what stood there before.

    owner   its class or module
    Raises LookupError if the code is not there (any more).
    """
    function = inspect.unwrap(getattr(owner, name))
    source = textwrap.dedent(inspect.getsource(function))
    if source.count(mended) != 1:
        raise LookupError(f"{owner.__name__}.{name} has not once: {mended}")
    module = vars(sys.modules[function.__module__])
    found: dict[str, Any] = {}
    code = compile(source.replace(mended, before), f"<{name} undone>", "exec")
    exec(code, module, found)
    kind = inspect.getattr_static(owner, name)
    wrapped = type(kind) if isinstance(kind, classmethod | staticmethod) else None
    patch.setattr(owner, name, wrapped(found[name]) if wrapped else found[name])
