"""The user goes, or something they rely on does."""

import os
import signal
import threading

from host.rehearsal.day import THEIRS, Day, NotAsTold
from host.rehearsal.fake_mac.keyboard import RIGHT_OPTION
from host.rehearsal.fake_mac.programs import textedit
from mica import paths
from mica.dictation.control import is_running


def the_lid_is_closed(day: Day) -> None:
    """In the middle of a sentence: it is in the history, and in no window."""
    editor = textedit()
    day.click_into(editor)
    day.hold()
    day.speak("Hello there.")
    day.mac.session_of_user.close_lid()
    day.release()
    if day.mac.sound.streams:
        raise NotAsTold("a microphone is open on a locked Mac")
    day.mac.session_of_user.open_lid()
    day.expect(front=editor, holds="", told=["Choose Paste Last Dictation"])
    day.dictate("How are you?")
    day.expect(front=editor, holds="How are you?")


def another_user_takes_over(day: Day) -> None:
    editor = textedit()
    day.click_into(editor)
    day.mac.session_of_user.switch_to_another_user()
    day.mac.keyboard.tap(61)
    day.wait(1.0)
    assert day.mac.sound.opened == 0, "it would be the other user who is heard"
    day.mac.session_of_user.switch_back()
    day.dictate("Hello there.")
    day.expect(front=editor, holds="Hello there.")


def the_front_program_hangs(day: Day) -> None:
    """It gets the text when it wakes, or never: no other text of ours is on the
    clipboard by then."""
    editor, other = textedit(), textedit(name="Notes", pid=90_100)
    day.click_into(editor)
    editor.is_hung = True
    day.dictate("Hello there.")
    day.expect(front=editor, holds="", told=["couldn’t be inserted here"])
    day.click_into(other)
    day.dictate("How are you?")
    day.expect(front=other, holds="How are you?")
    editor.wake(day.mac)
    day.wait(1.0)
    if "How" in editor.text:
        raise NotAsTold(f"the hung program got {editor.text!r}")


def the_front_program_hangs_still(day: Day) -> None:
    """A second text for it is not sent at all, and lies nowhere it might take it."""
    editor = textedit()
    day.click_into(editor)
    editor.is_hung = True
    day.dictate("Hello there.")
    day.expect(front=editor, holds="", told=["couldn’t be inserted here"])
    day.dictate("How are you?")
    day.expect(front=editor, holds="", told=["isn’t responding"])


def three_days_later(day: Day) -> None:
    """macOS has cleared $TMPDIR; a second start finds the first Mica all the same."""
    day.mac.session_of_user.sweep(days=4)
    found: list[bool] = []
    second = threading.Thread(
        target=lambda: found.append(is_running(paths.control_socket()))
    )
    second.start()
    day.wait_for(lambda: bool(found), "the second Mica looks for the first")
    if found != [True]:
        raise NotAsTold("no other program can tell Mica anything")


def a_part_of_mica_fails(day: Day) -> None:
    """Where the system calls it: that is logged, and the day goes on."""
    editor = textedit()
    day.click_into(editor)

    def fail() -> None:
        raise RuntimeError("a fault of ours")

    with day.patched(day.app._captions, "suspend", fail):
        day.mac.session_of_user.switch_to_another_user()
    day.mac.session_of_user.switch_back()
    day.dictate("Hello there.")
    day.expect(front=editor, holds="Hello there.", clipboard=THEIRS)


def the_first_words_after_sleep(day: Day) -> None:
    """The lid was closed over a warm microphone, which would give zeros from now on, as
    would PortAudio until it is begun anew."""
    editor = textedit()
    day.click_into(editor)
    day.dictate("Good night.")
    day.mac.session_of_user.close_lid()
    day.wait(1.0)
    day.mac.session_of_user.open_lid()
    day.dictate("Good morning.")
    day.expect(front=editor, holds="Good night. Good morning.")


def the_terminal_is_closed(day: Day) -> None:
    """SIGHUP in the middle of a paste: the text arrives, and what the user had is back
    before Mica ends."""
    editor = textedit()
    editor.reads_after_s = 0.8
    day.click_into(editor)
    day.hold()
    day.speak("Hello there.")
    day.mac.keyboard.release(RIGHT_OPTION)
    day.wait_for(lambda: day.mac.board.text == "Hello there.", "the text is offered")
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        raise NotAsTold("Mica would end at once")
    os.kill(os.getpid(), signal.SIGHUP)
    day.wait_for(lambda: day.has_quit, "Mica ends")
    day.expect(front=editor, holds="Hello there.")
