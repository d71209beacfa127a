"""Parses the Objective-C type encodings that the tests need."""

import re

_ONE = r"[rnNoORVA^]*(?:\{(?:[^{}]|\{[^{}]*\})*\}|\([^)]*\)|\[[^\]]*\]|@\?|.)"


def split_types(encoded: str) -> list[str]:
    """The types of a function, the return type first."""
    return re.findall(_ONE, encoded)
