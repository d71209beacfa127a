"""Spells numbers as words, so that a transcript contains only spoken words.

Pure functions on text. `spelled` returns None if it is unclear how a person would read
the text aloud; such a sentence is better left out.
"""

import re

# ruff: noqa: SIM905  # lists of words read better as text

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen "
    "fourteen fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth",
    "eight": "eighth", "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip
_YEARS = range(1100, 2100)
_NUMBER = r"\d{1,3}(?:,\d{3})+|\d+"


def cardinal(number: int) -> str:
    """0 to 999 999 999 in American words: "one hundred five", "twenty-one"."""
    if number < 20:
        return _UNITS[number]
    if number < 100:
        rest = f"-{_UNITS[number % 10]}" if number % 10 else ""
        return _TENS[number // 10 - 2] + rest
    for size, name in ((1_000_000, "million"), (1000, "thousand"), (100, "hundred")):
        if number >= size:
            rest = f" {cardinal(number % size)}" if number % size else ""
            return f"{cardinal(number // size)} {name}{rest}"
    raise AssertionError("every number from 100 on has a size")


def ordinal(number: int) -> str:
    """The ordinal number in words: "twenty-first"."""
    words = cardinal(number)
    start, last = re.fullmatch(r"(.*?)([a-z]+)", words).groups()  # type: ignore[union-attr]
    if last in _ORDINALS:
        return start + _ORDINALS[last]
    return f"{start}{last.removesuffix('y')}ieth" if last[-1] == "y" else words + "th"


def year(number: int) -> str:
    """1100 to 2099: "nineteen ninety", "two thousand four", "twenty eighteen"."""
    century, rest = divmod(number, 100)
    if 2000 <= number < 2010:
        return cardinal(number)
    if rest == 0:
        return f"{cardinal(century)} hundred"
    between = "oh " if rest < 10 else ""
    return f"{cardinal(century)} {between}{cardinal(rest)}"


def _plural(words: str) -> str:
    return f"{words.removesuffix('y')}ies" if words[-1] == "y" else f"{words}s"


def _clock(found: re.Match[str]) -> str:
    hour, minute, half = int(found[1]), int(found[2]), found[3]
    words = cardinal(hour)
    if minute:
        words += f" {'oh ' if minute < 10 else ''}{cardinal(minute)}"
    elif not half:
        words += " o'clock"
    return words + (f" {half.replace('.', '')}" if half else "")


def _dollars(found: re.Match[str]) -> str:
    whole, cents, size = _integer(found[1]), found[2], found[3]
    words = cardinal(whole)
    if size:
        point = f" point {' '.join(_UNITS[int(d)] for d in cents)}" if cents else ""
        return f"{words}{point} {size} dollars"
    words += " dollar" if whole == 1 else " dollars"
    return f"{words} and {cardinal(int(cents))} cents" if cents else words


def _integer(digits: str) -> int:
    return int(digits.replace(",", ""))


def _number(found: re.Match[str]) -> str:
    number = _integer(found[0])
    if "," not in found[0] and number in _YEARS and len(found[0]) == 4:
        return year(number)
    return cardinal(number)


def _point(found: re.Match[str]) -> str:
    words = " ".join(_UNITS[int(digit)] for digit in found[2])
    return f"{cardinal(_integer(found[1]))} point {words}"


_RULES = [
    (
        rf"\$({_NUMBER})(?:\.(\d+))?(?: (hundred|thousand|million|billion)\b)?",
        _dollars,
    ),
    (r"\b(\d{1,2})[:.]([0-5]\d) ?([ap]\.?m\b)", _clock),
    (r"\b(\d{1,2}):([0-5]\d)()\b", _clock),
    (rf"\b({_NUMBER}) ?([ap]m)\b", lambda m: f"{cardinal(_integer(m[1]))} {m[2]}"),
    (rf"\b({_NUMBER})(?:st|nd|rd|th)\b", lambda m: ordinal(_integer(m[1]))),
    (r"\b(\d{1,2})(\d0)'?s\b", lambda m: f"{cardinal(int(m[1]))} {_tens(m[2])}"),
    (r"\b([2-9]0)'?s\b", lambda m: _tens(m[1])),
    (rf"\b({_NUMBER})\.(\d+)\b", _point),
    (rf"\b(?:{_NUMBER})\b", _number),
]


def _tens(digits: str) -> str:
    return "hundreds" if digits == "00" else _plural(cardinal(int(digits)))


def spelled(text: str) -> str | None:
    """The sentence without digits and symbols; None if its reading is not certain."""
    words = text.replace("%", " percent").replace(" & ", " and ")
    for pattern, replacement in _RULES:
        words = re.sub(pattern, replacement, words, flags=re.IGNORECASE)
    words = re.sub(r" {2,}", " ", words).strip()
    if not words or re.search(r"[^A-Za-z' .,?!;:-]", words):
        return None
    return (
        words[0].upper() + words[1:] if text[0].isdigit() or text[0] == "$" else words
    )
