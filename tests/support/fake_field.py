"""A text field of the fake Mac, and the AXValues that describe ranges in it."""

from dataclasses import dataclass
from typing import Any

RANGE = 4  # kAXValueTypeCFRange
NO_VALUE = -25212  # kAXErrorNoValue


@dataclass
class FakeValue:
    """An AXValue: its kind and its content."""

    kind: int
    held: Any


@dataclass
class FakeField:
    """A text field as Accessibility reports it; without text, nothing is reported.

    selection   its start and length, in UTF-16 units
    answers     returned instead of the selection's AXValue, if set
    names       extra attributes by which kinds of programs are told apart
    is_counted  whether it reports the length of its text
    """

    text: str | None = None
    selection: tuple[int, int] = (0, 0)
    answers: Any = None
    names: tuple[str, ...] = ()
    is_counted: bool = True

    def select(self, first: int, length: int = 0) -> None:
        self.selection, self.answers = (first, length), None

    def attribute(self, name: str) -> tuple[int, Any]:
        if self.text is None:
            return NO_VALUE, None
        if name == "AXNumberOfCharacters":
            return (0, self._units()) if self.is_counted else (NO_VALUE, None)
        if name == "AXSelectedText":
            return 0, self._part(*self.selection)
        return 0, self.answers or FakeValue(RANGE, self.selection)

    def part(self, where: FakeValue) -> tuple[int, str | None]:
        """The answer to AXStringForRange."""
        assert where.kind == RANGE
        first, length = where.held
        if self.text is None or not 0 <= first < first + length <= self._units():
            return NO_VALUE, None
        return 0, self._part(first, length)

    def _units(self) -> int:
        return len((self.text or "").encode("utf-16-le")) // 2

    def _part(self, first: int, length: int) -> str:
        raw = (self.text or "").encode("utf-16-le")[2 * first : 2 * (first + length)]
        return raw.decode("utf-16-le", "surrogatepass")


def values() -> dict[str, Any]:
    """pyobjc's functions for AXValues, which it implements by hand, and constants."""

    def held(value: FakeValue, kind: int, _none: None) -> tuple[bool, Any]:
        assert isinstance(value, FakeValue), "Apple's function would read anything"
        return (True, value.held) if value.kind == kind else (False, None)

    return {
        "AXValueCreate": FakeValue,
        "AXValueGetValue": held,
        "AXValueRef": FakeValue,
        "kAXValueTypeCFRange": RANGE,
    }
