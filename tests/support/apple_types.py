"""Objective-C's type encodings, as far as the tests read them."""

import re

_ONE = r"[rnNoORVA^]*(?:\{(?:[^{}]|\{[^{}]*\})*\}|\([^)]*\)|\[[^\]]*\]|@\?|.)"


def split_types(encoded: str) -> list[str]:
    """The types of a function, what is returned first."""
    return re.findall(_ONE, encoded)
