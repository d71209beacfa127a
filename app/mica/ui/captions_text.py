"""Captions in lines: which words stand in which line, and which lines are shown.

A line that is full stays as it is, for committed words never change; lines only ever
move up. Words that may still change stand behind the committed ones. It paints nothing.
"""

from dataclasses import dataclass

from PySide6.QtGui import QFontMetrics

from mica.ui.picture import wrapped


@dataclass(frozen=True, slots=True)
class Line:
    """What is final of a line, and behind it what is not."""

    committed: str
    tentative: str = ""


class CaptionLines:
    """All words since captions began, as far as they can still be seen.

    rows    how many lines are shown at most
    """

    def __init__(self, rows: int, metrics: QFontMetrics, room: int) -> None:
        self._rows, self._metrics, self._room = rows, metrics, room
        self._full: list[str] = []  # committed lines, the last ones only
        self._rest = ""  # committed words of the line that is not full
        self._tentative = ""
        self._top = 0  # of the lines there are, the first that is shown

    def hear(self, committed: str, tentative: str) -> None:
        """More words that are final, and all that may still change."""
        self._tentative = tentative
        if committed:
            *full, self._rest = self._wrapped(self._rest, committed)
            self._full += full
        total = len(self._all())
        # fewer words than before leave room below; nothing comes back from above
        self._top = max(total - self._rows, min(self._top, total - 1), 0)
        gone = max(0, min(self._top, len(self._full) - self._rows))
        del self._full[:gone]
        self._top -= gone

    def fit(self, room: int) -> None:
        """The lines are that wide from now on."""
        if room != self._room:
            said = " ".join([*self._full, self._rest])
            self._room, self._full, self._rest, self._top = room, [], "", 0
            self.hear(said, self._tentative)

    @property
    def shown(self) -> tuple[Line, ...]:
        """From the top."""
        return tuple(self._all()[self._top :])

    def _all(self) -> list[Line]:
        lines = [Line(full) for full in self._full]
        if not self._rest and not self._tentative:
            return lines
        final = _letters(self._rest)
        for line in self._wrapped(self._rest, self._tentative):
            stop = _after(line, final)
            lines.append(Line(line[:stop].rstrip(), line[stop:].lstrip()))
            final -= _letters(line[:stop])
        return lines

    def _wrapped(self, before: str, behind: str) -> list[str]:
        return wrapped(f"{before} {behind}".strip(), self._metrics, self._room)


def _letters(text: str) -> int:
    return sum(not character.isspace() for character in text)


def _after(line: str, letters: int) -> int:
    """Where in the line so many letters have gone by."""
    for place, character in enumerate(line):
        if letters == 0:
            return place
        letters -= not character.isspace()
    return len(line)
