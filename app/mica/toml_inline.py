"""Formats TOML values in one line, for inline tables ({…})."""

from typing import Any

import tomli_w


def key(name: str) -> str:
    """A key, in quotes if it needs them."""
    return tomli_w.dumps({name: 0}).removesuffix(" = 0\n")


def inline(value: Any) -> str:
    """A value in one line, as after the equals sign."""
    if isinstance(value, dict):
        inside = ", ".join(
            f"{key(name)} = {inline(one)}" for name, one in value.items()
        )
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(inline, value))}]"
    return tomli_w.dumps({"x": value}).removeprefix("x = ").rstrip("\n")
