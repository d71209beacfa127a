"""Stories of the first day: what macOS asks, what Mica says, and what already works."""

from host.rehearsal.day import THEIRS, Day
from host.rehearsal.fake_mac.programs import textedit

MICROPHONE = "“Terminal” would like to access the microphone."
ACCESSIBILITY = "“Terminal” would like to control this computer."


def grant_by_grant(day: Day) -> None:
    """The first key press asks for the microphone, the first text for Accessibility;
    each permission takes effect as soon as it is granted."""
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
    """Accessibility is turned on while Mica runs. macOS's functions keep their earlier
    answer, but Mica notices because other programs answer it."""
    editor = textedit()
    day.click_into(editor)
    day.mac.tcc.allow_accessibility("Terminal")
    day.dictate("Hello there.")
    day.expect(front=editor, holds="Hello there.")


def a_grant_that_an_update_cost(day: Day) -> None:
    """The list shows Mica as allowed, but macOS drops its keys: the user is told what
    to do, and gets the text on the clipboard."""
    editor = textedit()
    day.click_into(editor)
    day.dictate("Hello there.")
    told = ["If it is on already, quit Mica and start it again"]
    day.expect(front=editor, holds="", told=told, clipboard="Hello there.")


def the_microphone_is_refused(day: Day) -> None:
    """The user refuses in the dialog; from then on, Mica says where to allow it."""
    editor = textedit()
    day.click_into(editor)
    day.dictate("Hello?")
    day.expect(front=editor, holds="", told=["Allow Terminal in the dialog"])
    day.mac.tcc.answer_dialog(allow=False)
    day.dictate("Hello?", seconds=2.5)  # silence is noticed after a second
    told = ["Allow Terminal in System Settings › Privacy & Security › Microphone"]
    day.expect(front=editor, holds="", told=told * 2)  # when it is noticed, at the end
    day.expect_dialogs(MICROPHONE)


def dictating_on_without_accessibility(day: Day) -> None:
    """Each text is put on the clipboard; macOS asks only once, not for every text."""
    editor = textedit()
    day.click_into(editor)
    for words in ("Hello there.", "How are you?"):
        day.dictate(words)
        told = ["Allow Terminal in System Settings"]
        day.expect(front=editor, holds="", told=told, clipboard=words)
    day.expect_dialogs(ACCESSIBILITY)
