"""Scenarios in which the user is away, or in which something fails."""

import os
import signal
import threading

from host.rehearsal.fake_mac.keyboard import RIGHT_OPTION
from host.rehearsal.fake_mac.programs import textedit
from host.rehearsal.simulation import THEIRS, ScenarioFailed, Simulation
from mica import paths
from mica.dictation.control import is_running


def the_lid_is_closed(sim: Simulation) -> None:
    """The lid is closed in the middle of a sentence: it is saved in the library, but
    not inserted."""
    editor = textedit()
    sim.click_into(editor)
    sim.hold()
    sim.speak("Hello there.")
    sim.mac.session_of_user.close_lid()
    sim.release()
    if sim.mac.sound.streams:
        raise ScenarioFailed("a microphone is open on a locked Mac")
    sim.mac.session_of_user.open_lid()
    sim.expect(front=editor, holds="", messages=["Choose Paste Last Dictation"])
    sim.dictate("How are you?")
    sim.expect(front=editor, holds="How are you?")


def another_user_switches_in(sim: Simulation) -> None:
    editor = textedit()
    sim.click_into(editor)
    sim.mac.session_of_user.switch_to_another_user()
    sim.mac.keyboard.tap(61)
    sim.wait(1.0)
    assert sim.mac.sound.opened == 0, "it would be the other user who is heard"
    sim.mac.session_of_user.switch_back()
    sim.dictate("Hello there.")
    sim.expect(front=editor, holds="Hello there.")


def the_front_program_hangs(sim: Simulation) -> None:
    """When the program wakes, it gets its text or nothing: by then, no other text of
    Mica's is on the clipboard."""
    editor, other = textedit(), textedit(name="Notes", pid=90_100)
    sim.click_into(editor)
    editor.is_hung = True
    sim.dictate("Hello there.")
    sim.expect(front=editor, holds="", messages=["couldn’t be inserted here"])
    sim.click_into(other)
    sim.dictate("How are you?")
    sim.expect(front=other, holds="How are you?")
    editor.wake(sim.mac)
    sim.wait(1.0)
    if "How" in editor.text:
        raise ScenarioFailed(f"the hung program got {editor.text!r}")


def the_front_program_keeps_hanging(sim: Simulation) -> None:
    """A second text for a hung program is not sent or put where it could read it."""
    editor = textedit()
    sim.click_into(editor)
    editor.is_hung = True
    sim.dictate("Hello there.")
    sim.expect(front=editor, holds="", messages=["couldn’t be inserted here"])
    sim.dictate("How are you?")
    sim.expect(front=editor, holds="", messages=["isn’t responding"])


def the_temporary_folder_is_cleared(sim: Simulation) -> None:
    """macOS has cleared $TMPDIR, but a second Mica still finds the first one."""
    sim.mac.session_of_user.sweep(days=4)
    found: list[bool] = []
    second = threading.Thread(
        target=lambda: found.append(is_running(paths.control_socket()))
    )
    second.start()
    sim.wait_for(lambda: bool(found), "the second Mica looks for the first")
    if found != [True]:
        raise ScenarioFailed("no other program can tell Mica anything")


def an_event_handler_raises(sim: Simulation) -> None:
    """A handler called by the system raises: that is logged, and Mica keeps working."""
    editor = textedit()
    sim.click_into(editor)

    def fail() -> None:
        raise RuntimeError("a fault of ours")

    with sim.patched(sim.app._captions, "suspend", fail):
        sim.mac.session_of_user.switch_to_another_user()
    sim.mac.session_of_user.switch_back()
    sim.dictate("Hello there.")
    sim.expect(front=editor, holds="Hello there.", clipboard=THEIRS)


def the_first_words_after_sleep(sim: Simulation) -> None:
    """The lid was closed while a microphone was kept open; it would give zeros from
    then on, and so would new streams until PortAudio is reinitialized."""
    editor = textedit()
    sim.click_into(editor)
    sim.dictate("Good night.")
    sim.mac.session_of_user.close_lid()
    sim.wait(1.0)
    sim.mac.session_of_user.open_lid()
    sim.dictate("Good morning.")
    sim.expect(front=editor, holds="Good night. Good morning.")


def the_terminal_is_closed(sim: Simulation) -> None:
    """SIGHUP in the middle of a paste: the text arrives, and the user's clipboard is
    restored before Mica ends."""
    editor = textedit()
    editor.reads_after_s = 0.8
    sim.click_into(editor)
    sim.hold()
    sim.speak("Hello there.")
    sim.mac.keyboard.release(RIGHT_OPTION)
    sim.wait_for(
        lambda: sim.mac.pasteboard.text == "Hello there.", "the text is offered"
    )
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        raise ScenarioFailed("Mica would end at once")
    os.kill(os.getpid(), signal.SIGHUP)
    sim.wait_for(lambda: sim.has_quit, "Mica ends")
    sim.expect(front=editor, holds="Hello there.")
