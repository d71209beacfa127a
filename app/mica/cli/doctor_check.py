"""What `mica doctor` finds: one line each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check; `remedy` is empty if it passed."""

    name: str
    ok: bool
    found: str
    remedy: str = ""
