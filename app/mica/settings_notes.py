"""What is said of settings that cannot be, for people."""

import difflib
import math
from datetime import date, time
from enum import Enum
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin

SHOWN: Final = 40  # characters of a value that cannot be
LARGE: Final = 1e15
MENTIONED: Final = 5  # lines, or unknown settings
UNITS: Final = (" s", " minutes")  # at the end of a setting's name


def plain(name: str) -> str:
    """A setting's name as it is spoken."""
    words = name.replace("_", " ")
    for unit in UNITS:
        words = words.removesuffix(unit)
    return words


def must_be(wanted: Any) -> str:
    """What a type allows, for people."""
    inside = get_args(wanted)
    if get_origin(wanted) in (Union, UnionType):
        return _either([must_be(one) for one in inside if one is not type(None)])
    if get_origin(wanted) is tuple:
        return "a list of names in quotes"
    if inside and inside[0] in (int, float):
        return f"a number from {inside[1].ge:,} to {inside[1].le:,}"
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return _either([f"“{one.value}”" for one in wanted])
    return "true or false" if wanted is bool else "a name in quotes"


def _either(words: list[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last


def shown(value: object) -> str:
    """A value as it stands in the file; long ones and tables in short."""
    if isinstance(value, str):
        plain = "".join(one if one.isprintable() else "�" for one in value[:SHOWN])
        return f"“{plain}”" if len(value) <= SHOWN else f"“{plain}…”"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        is_long = LARGE < abs(value) < math.inf
        return "so large a number" if is_long else f"{value:g}"
    if isinstance(value, date | time):
        return "a date or time"
    return "a list with other things" if isinstance(value, list) else "a table"


def ignored(lines: list[int]) -> str:
    """Of lines with a mistake."""
    one = len(lines) == 1
    has = (
        "was ignored: it has a mistake or repeats"
        if one
        else ("were ignored: they have mistakes or repeat")
    )
    return f"{_listed(lines)} of the settings file {has} a setting."


def _listed(lines: list[int]) -> str:
    if len(lines) == 1:
        return f"Line {lines[0]}"
    some = ", ".join(map(str, lines[:MENTIONED]))
    return f"Lines {some}{' and more' if len(lines) > MENTIONED else ''}"


def unknown(name: str, known: list[str]) -> str:
    """Of a name that is no setting."""
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean “{near[0]}”?" if near else ""
    return f"The unknown setting {shown(name)} was ignored.{hint}"
