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


def a_grant_that_an_update_cost(day: Day) -> None:
    """The list shows Mica as allowed, and macOS drops its keys: the user is told what
    helps, and has the text."""
    editor = textedit()
    day.click_into(editor)
    day.dictate("Hello there.")
    told = ["If it is on already, quit Mica and start it again"]
    day.expect(front=editor, holds="", told=told, clipboard="Hello there.")


def the_microphone_is_refused(day: Day) -> None:
    """In the dialog; from then on Mica says where to allow it."""
    editor = textedit()
    day.click_into(editor)
    day.dictate("Hello?")
    day.expect(front=editor, holds="", told=["Allow Terminal in the dialog"])
    day.mac.tcc.answer_dialog(allow=False)
    day.dictate("Hello?")
    told = ["Allow Terminal in System Settings › Privacy & Security › Microphone"]
    day.expect(front=editor, holds="", told=[*told, "No speech detected"])
    day.expect_dialogs(MICROPHONE)


def dictating_on_without_accessibility(day: Day) -> None:
    """Each text is on the clipboard; macOS asks once, and not at every text."""
    editor = textedit()
    day.click_into(editor)
    for words in ("Hello there.", "How are you?"):
        day.dictate(words)
        told = ["Allow Terminal in System Settings"]
        day.expect(front=editor, holds="", told=told, clipboard=words)
    day.expect_dialogs(ACCESSIBILITY)
