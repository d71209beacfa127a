"""A text field of a pretend Mac, and the values in which it tells of places in it."""

from dataclasses import dataclass
from typing import Any

RANGE = 4  # kAXValueTypeCFRange
NO_VALUE = -25212  # kAXErrorNoValue


@dataclass
class FakeValue:
    """An AXValue: `held` by its kind."""

    kind: int
    held: Any


@dataclass
class FakeField:
    """What Accessibility tells of it; nothing where it has no text.

    selection   where it begins and its length, in UTF-16 units
    answers     what a program says instead, where it is not an AXValue of a range
    names       of attributes that tell one kind of program from another
    is_counted  whether it says how long its text is
    """

    text: str | None = None
    selection: tuple[int, int] = (0, 0)
    answers: Any = None
    names: tuple[str, ...] = ()
    is_counted: bool = True

    def select(self, first: int, length: int = 0) -> None:
        self.selection, self.answers = (first, length), None

    def say(self, attribute: str) -> tuple[int, Any]:
        if self.text is None:
            return NO_VALUE, None
        if attribute == "AXNumberOfCharacters":
            return (0, self._units()) if self.is_counted else (NO_VALUE, None)
        if attribute == "AXSelectedText":
            return 0, self._part(*self.selection)
        return 0, self.answers or FakeValue(RANGE, self.selection)

    def part(self, where: FakeValue) -> tuple[int, str | None]:
        """AXStringForRange."""
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
    """What pyobjc has of them, by hand and with no look at types."""

    def held(value: FakeValue, kind: int, _none: None) -> tuple[bool, Any]:
        assert isinstance(value, FakeValue), "Apple's function would read anything"
        return (True, value.held) if value.kind == kind else (False, None)

    return {
        "AXValueCreate": FakeValue,
        "AXValueGetValue": held,
        "AXValueRef": FakeValue,
        "kAXValueTypeCFRange": RANGE,
    }
