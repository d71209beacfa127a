"""How keystrokes change the text around a caret: a pure function of the presses,
without a model of the editor.

What was typed is known to be right before the caret, even if the text before that is
unknown. A letter is known to be one, but not which.

    after “We met.” the user types “, hi”            before the caret: “We met., xx”
    Backspace                                        “We met., x”
    a click                                          something unknown
    the user types “ and”                            something unknown, then “ xxx”
    Ctrl+A, Delete                                   nothing
"""

from collections.abc import Iterable
from typing import Final

from mica.host.values import (
    LETTER,
    OBJECT_REPLACEMENT,
    EditKey,
    Keystroke,
    SurroundingText,
)

UNKNOWN: Final = SurroundingText(OBJECT_REPLACEMENT)
#: Keys that mean something else in a terminal: readline's, and Ctrl+C.
_IN_TERMINAL: Final[dict[Keystroke, Keystroke]] = {
    EditKey.SELECT_ALL: EditKey.LINE_START,
    EditKey.COPY: EditKey.UNKNOWN,
    EditKey.CUT: EditKey.UNKNOWN,
}


def apply_strokes(
    around: SurroundingText | None,
    strokes: Iterable[Keystroke],
    *,
    in_terminal: bool = False,
) -> SurroundingText:
    """The text around the caret after these presses, oldest first.

    around   the text before them; None if it is not known
    """
    caret = _Caret(around)
    for stroke in strokes:
        caret.press(_IN_TERMINAL.get(stroke, stroke) if in_terminal else stroke)
    return SurroundingText(caret.before, caret.after)


class _Caret:
    """The state of one caret. `before` begins with OBJECT_REPLACEMENT unless the text
    or its line is known to begin there."""

    def __init__(self, around: SurroundingText | None) -> None:
        self.before = OBJECT_REPLACEMENT + (around.before if around else "")
        self.after = around.after if around else ""
        self._is_all_selected = False
        self._selected = ""  # the text, while all of it is selected
        self._has_line_above = False  # or may have, if `before` begins a line
        self._composing: list[EditKey] = []  # the keys still expected

    def press(self, stroke: Keystroke) -> None:
        if stroke in (EditKey.NO_CHANGE, EditKey.COPY):
            return
        if self._composing:
            self._compose(stroke)
            return
        had_all = self._is_all_selected
        self._is_all_selected = stroke is EditKey.SELECT_ALL
        match stroke:
            case "\t":  # may also move to another field
                self._forget(stroke)
            case str():
                self.before += stroke
            case EditKey.BACKSPACE:
                self._backspace()
            case EditKey.DELETE:
                self.after = self.after[1:]
            case EditKey.DELETE_WORD:
                self.after = ""
            case EditKey.CUT if had_all or self.before[-1:] in ("", "\n"):
                self.after = ""
            case EditKey.SELECT_ALL if had_all:
                pass
            case EditKey.SELECT_ALL:
                above = OBJECT_REPLACEMENT if self._has_line_above else ""
                self._selected = above + self.before + self.after
                self.before = self.after = ""
                self._has_line_above = False
            case EditKey.LINE_START if had_all and "\n" in self._selected:
                self._forget()  # the caret may be at either end of the selection
            case EditKey.LINE_START | EditKey.TEXT_START:
                if had_all:
                    self.before = self._selected
                self._go_back(whole=stroke is EditKey.TEXT_START)
            case EditKey.DEAD_KEY:
                self._composing = [stroke]
            case EditKey.COMPOSE_KEY:
                self._composing = [stroke, stroke]
            case _:
                self._forget()

    def _backspace(self) -> None:
        if self.before == "" and self._has_line_above:
            self.before, self._has_line_above = OBJECT_REPLACEMENT, False
        elif self.before != OBJECT_REPLACEMENT:
            self.before = self.before[:-1]

    def _go_back(self, *, whole: bool) -> None:
        """Move to the beginning of the text or of its line."""
        is_open = self._has_line_above or self.before.startswith(OBJECT_REPLACEMENT)
        _, line_end, line = self.before.rpartition("\n")
        passed = self.before if whole else line
        if passed.startswith(OBJECT_REPLACEMENT) or (whole and is_open):
            # The first characters are not known, but there are some.
            passed = passed.replace(OBJECT_REPLACEMENT, "").strip() or LETTER
        self.after = passed + self.after
        if line_end and not whole:
            self.before = self.before.removesuffix(line)
        else:
            self.before = ""
            self._has_line_above = is_open and not whole

    def _compose(self, stroke: Keystroke) -> None:
        """A dead key and a letter give a letter; any other result is unknown."""
        pending = self._composing.pop()
        if pending is EditKey.DEAD_KEY and stroke == LETTER:
            self.before += LETTER
        elif isinstance(stroke, str):
            self._forget()
        else:
            self._composing.clear()
            self._forget()
            self._composing = [stroke] * 2 if stroke is EditKey.COMPOSE_KEY else []

    def _forget(self, suffix: str = "") -> None:
        self.before, self.after = OBJECT_REPLACEMENT + suffix, ""
        self._has_line_above = False
