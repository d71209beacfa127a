"""Writes TOML in one line, for tables in braces."""

from typing import Any

import tomli_w


def key(name: str) -> str:
    """A name, in quotes where it needs them."""
    return tomli_w.dumps({name: 0}).removesuffix(" = 0\n")


def inline(value: Any) -> str:
    """A value in one line, as it stands behind the equals sign."""
    if isinstance(value, dict):
        inside = ", ".join(
            f"{key(name)} = {inline(one)}" for name, one in value.items()
        )
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(inline, value))}]"
    return tomli_w.dumps({"x": value}).removeprefix("x = ").rstrip("\n")
