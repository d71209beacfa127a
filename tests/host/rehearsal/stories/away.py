"""Stories in which the user is away, or in which something fails."""

import os
import signal
import threading

from host.rehearsal.day import THEIRS, Day, NotAsTold
from host.rehearsal.fake_mac.keyboard import RIGHT_OPTION
from host.rehearsal.fake_mac.programs import textedit
from mica import paths
from mica.dictation.control import is_running


def the_lid_is_closed(day: Day) -> None:
    """The lid is closed in the middle of a sentence: it is saved in the library, but
    not inserted."""
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
    """When the program wakes, it gets its text or nothing: by then, no other text of
    Mica's is on the clipboard."""
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
    """A second text for a hung program is not sent or put where it could read it."""
    editor = textedit()
    day.click_into(editor)
    editor.is_hung = True
    day.dictate("Hello there.")
    day.expect(front=editor, holds="", told=["couldn’t be inserted here"])
    day.dictate("How are you?")
    day.expect(front=editor, holds="", told=["isn’t responding"])


def three_days_later(day: Day) -> None:
    """macOS has cleared $TMPDIR, but a second Mica still finds the first one."""
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
    """A handler called by the system raises: that is logged, and Mica keeps working."""
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
    """The lid was closed while a microphone was kept open; it would give zeros from
    then on, and so would new streams until PortAudio is reinitialized."""
    editor = textedit()
    day.click_into(editor)
    day.dictate("Good night.")
    day.mac.session_of_user.close_lid()
    day.wait(1.0)
    day.mac.session_of_user.open_lid()
    day.dictate("Good morning.")
    day.expect(front=editor, holds="Good night. Good morning.")


def the_terminal_is_closed(day: Day) -> None:
    """SIGHUP in the middle of a paste: the text arrives, and the user's clipboard is
    restored before Mica ends."""
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
