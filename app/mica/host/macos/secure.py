"""Secure input: a program keeps the keyboard to itself, and posted keys are dropped.

Whether, by Carbon, or by the window server's word where a system no longer exports
that function; who, only by the window server, which may name the front program in
place of the one that asked for it.
"""

from typing import Any

from AppKit import NSRunningApplication
from Quartz import CGSessionCopyCurrentDictionary

_KEEPER = "kCGSSessionSecureInputPID"


def guardian(library: Any) -> str | None:
    """See ports.Focus. `library`: Carbon."""
    session = CGSessionCopyCurrentDictionary()  # None without a window server
    pid = session.get(_KEEPER) if session is not None else None
    ask = getattr(library, "IsSecureEventInputEnabled", None)
    if not (ask() if ask is not None else pid):
        return None
    if not pid:
        return ""
    program = NSRunningApplication.runningApplicationWithProcessIdentifier_(int(pid))
    return str(program.localizedName() or "") if program is not None else ""
