"""A text to undo in an editor that may be slow, and helpers that run the undo."""

from mica.host.values import Target
from mica.insertion.undo import UndoOutcome, UndoResult, UndoTransaction
from support.fake_editor import FakeEditor
from support.fake_paste import TARGET, CountingClipboard
from support.fakes import FakeHost

OURS = " I have time."
BEFORE = "Ask the manager."
REMOVED = UndoOutcome(UndoResult.REMOVED)


def editor(text: str = BEFORE + OURS) -> FakeEditor:
    return FakeEditor(CountingClipboard(), text)


def made(
    field: FakeEditor, *, text: str = OURS, leaves_selected: bool = False
) -> UndoTransaction:
    fake = FakeHost()
    fake.paster = fake.caret = fake.focus = fake.hotkeys = field  # type: ignore[assignment]
    fake.clipboard = field.clipboard  # type: ignore[assignment]
    return UndoTransaction(text, TARGET, fake.host(), leaves_selected=leaves_selected)


def ended(
    back: UndoTransaction, field: FakeEditor, at_s: float = 0.0
) -> UndoOutcome | None:
    """Run ten steps, which suffice for an immediate target."""
    for step in range(10):
        back.evaluate(at_s + step / 100)
    return back.outcome


def queried(text: str = BEFORE + OURS) -> tuple[FakeEditor, UndoTransaction]:
    """A slow target that was sent the copy keys and has not copied yet."""
    field = editor(text)
    field.late = True
    back = made(field)
    ended(back, field)
    return field, back


def go_on(field: FakeEditor, meanwhile: str) -> None:
    if meanwhile == "key":
        field.presses = 1
    elif meanwhile == "modifier":
        field.is_ready = False
    else:
        field.target = Target(9, 9, "Other") if meanwhile == "focus" else None
