"""Scenarios of the first day: permission dialogs, messages, and what already works."""

from host.rehearsal.fake_mac.programs import textedit
from host.rehearsal.simulation import THEIRS, Simulation

MICROPHONE = "“Terminal” would like to access the microphone."
ACCESSIBILITY = "“Terminal” would like to control this computer."


def grant_by_grant(sim: Simulation) -> None:
    """The first key press asks for the microphone, the first text for Accessibility;
    each permission takes effect as soon as it is granted."""
    tcc, editor = sim.mac.tcc, textedit()
    sim.click_into(editor)
    sim.dictate("Can you hear me?")
    sim.expect(front=editor, holds="", messages=["Allow Terminal in the dialog"])
    sim.expect_dialogs(MICROPHONE)
    assert sim.mac.sound.opened == 0, "it would give zeros for ever"

    tcc.answer_dialog(allow=True)
    sim.dictate("Hello there.")
    messages = ["Allow Terminal in System Settings"]
    sim.expect(front=editor, holds="", messages=messages, clipboard="Hello there.")
    sim.expect_dialogs(MICROPHONE, ACCESSIBILITY)

    tcc.allow_accessibility("Terminal")
    sim.mac.pasteboard.user_copies(THEIRS)
    sim.dictate("How are you?")
    sim.expect(front=editor, holds="How are you?")
    sim.expect_dialogs(MICROPHONE, ACCESSIBILITY)


def accessibility_granted_while_running(sim: Simulation) -> None:
    """Accessibility is turned on while Mica runs. macOS's functions keep their earlier
    answer, but Mica notices because other programs answer it."""
    editor = textedit()
    sim.click_into(editor)
    sim.mac.tcc.allow_accessibility("Terminal")
    sim.dictate("Hello there.")
    sim.expect(front=editor, holds="Hello there.")


def a_grant_lost_by_an_update(sim: Simulation) -> None:
    """The list shows Mica as allowed, but macOS drops its keys: the user is told what
    to do, and gets the text on the clipboard."""
    editor = textedit()
    sim.click_into(editor)
    sim.dictate("Hello there.")
    messages = ["If it is on already, quit Mica and start it again"]
    sim.expect(front=editor, holds="", messages=messages, clipboard="Hello there.")


def the_microphone_is_refused(sim: Simulation) -> None:
    """The user refuses in the dialog; from then on, Mica says where to allow it."""
    editor = textedit()
    sim.click_into(editor)
    sim.dictate("Hello?")
    sim.expect(front=editor, holds="", messages=["Allow Terminal in the dialog"])
    sim.mac.tcc.answer_dialog(allow=False)
    sim.dictate("Hello?", seconds=2.5)  # silence is noticed after a second
    messages = ["Allow Terminal in System Settings › Privacy & Security › Microphone"]
    sim.expect(
        front=editor, holds="", messages=messages * 2
    )  # when it is noticed, at the end
    sim.expect_dialogs(MICROPHONE)


def dictation_without_accessibility(sim: Simulation) -> None:
    """Each text is put on the clipboard; macOS asks only once, not for every text."""
    editor = textedit()
    sim.click_into(editor)
    for words in ("Hello there.", "How are you?"):
        sim.dictate(words)
        messages = ["Allow Terminal in System Settings"]
        sim.expect(front=editor, holds="", messages=messages, clipboard=words)
    sim.expect_dialogs(ACCESSIBILITY)
