"""One thing `mica doctor` looked at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """`remedy` is empty where it is fine."""

    name: str
    ok: bool
    found: str
    remedy: str = ""
