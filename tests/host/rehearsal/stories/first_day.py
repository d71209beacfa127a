"""Nothing is allowed yet: what macOS asks, what Mica says, and what works already."""

from host.rehearsal.day import THEIRS, Day
from host.rehearsal.fake_mac.programs import textedit

MICROPHONE = "“Terminal” would like to access the microphone."
ACCESSIBILITY = "“Terminal” would like to control this computer."


def grant_by_grant(day: Day) -> None:
    """The first key press asks for the microphone, the first text for Accessibility;
    each works from the moment it is allowed."""
    tcc, editor = day.mac.tcc, textedit()
    day.click_into(editor)
    day.dictate("Can you hear me?")
    day.expect(front=editor, holds="", told=["Allow Terminal in the dialog"])
    day.expect_dialogs(MICROPHONE)
    assert day.mac.sound.opened == 0, "it would give zeros for ever"

    tcc.answer_dialog(allow=True)
    day.dictate("Hello there.")
    told = ["Allow Terminal in System Settings"]
    day.expect(front=editor, holds="", told=told, clipboard="Hello there.")
    day.expect_dialogs(MICROPHONE, ACCESSIBILITY)

    tcc.allow_accessibility("Terminal")
    day.mac.board.user_copies(THEIRS)
    day.dictate("How are you?")
    day.expect(front=editor, holds="How are you?")
    day.expect_dialogs(MICROPHONE, ACCESSIBILITY)


def a_grant_nobody_hears_of(day: Day) -> None:
    """Accessibility is switched on while Mica runs, and the functions that are there to
    tell keep their answer: other programs answer, so it is noticed all the same."""
    editor = textedit()
    day.click_into(editor)
    day.mac.tcc.allow_accessibility("Terminal")
    day.dictate("Hello there.")
    day.expect(front=editor, holds="Hello there.")
