"""Stories about keys that the user presses around a dictation."""

from host.rehearsal.day import Day
from host.rehearsal.fake_mac.keyboard import ARROWS, FN, RIGHT_OPTION, A
from host.rehearsal.fake_mac.programs import textedit


def after_the_arrow_keys(day: Day) -> None:
    """Moving the caret leaves Fn's flag set although no modifier is held."""
    editor = textedit()
    day.click_into(editor)
    day.mac.keyboard.type("hello")
    for _ in range(5):
        day.mac.keyboard.tap(ARROWS[0])
    day.wait(1.0)
    day.dictate("Oh,")
    day.expect(front=editor, holds="Oh, hello")


def fn_is_tapped(day: Day) -> None:
    """A tap latches until the next one, although macOS also acts on taps of Fn and
    presses a key itself."""
    editor = textedit()
    day.click_into(editor)
    tap(day, FN)
    day.wait_for(lambda: bool(day.mac.sound.streams), "a microphone opens")
    day.speak("Hello there.")
    tap(day, FN)
    day.settle()
    day.expect(front=editor, holds="Hello there.")


def fn_is_held(day: Day) -> None:
    """Arrow keys left Fn's flag set earlier; that does not delay the text."""
    editor = textedit()
    day.click_into(editor)
    day.mac.keyboard.tap(ARROWS[1])
    day.wait(1.0)
    day.dictate("Hello there.", FN)
    day.expect(front=editor, holds="Hello there.")


def an_arrow_key_says_fn(day: Day) -> None:
    """On some Macs, arrow keys send Fn's own events; these do not start a dictation."""
    editor = textedit()
    day.click_into(editor)
    for down in (True, False):
        day.mac.keyboard.arrow_with_fn(ARROWS[1], down)
        day.wait(0.6)
    day.expect(front=editor, holds="")
    assert day.mac.sound.opened == 0


def a_tap_while_mica_is_busy(day: Day) -> None:
    """The key was down for 0.1 s and both events are handled late: still a tap."""
    editor = textedit()
    day.click_into(editor)
    day.mac.keyboard.press(RIGHT_OPTION)
    day.mac.timers.later(0.1, lambda: day.mac.keyboard.release(RIGHT_OPTION))
    day.wait(0.01)
    day.be_busy(0.9)
    day.wait_for(lambda: bool(day.mac.sound.streams), "a microphone opens")
    day.wait(0.3)
    day.speak("Hello there.")
    tap(day, RIGHT_OPTION)
    day.settle()
    day.expect(front=editor, holds="Hello there.")


def an_option_shortcut(day: Day) -> None:
    """Option and a letter is a shortcut of the program: nothing is dictated."""
    editor = textedit()
    day.click_into(editor)
    day.mac.keyboard.press(RIGHT_OPTION)
    day.wait(0.2)
    day.mac.keyboard.tap(A)
    day.wait(0.3)
    day.mac.keyboard.release(RIGHT_OPTION)
    day.settle()
    day.expect(front=editor, holds="a")


def escape(day: Day) -> None:
    """Esc cancels the dictation, and the program never sees it."""
    editor = textedit()
    day.click_into(editor)
    day.cancel("Never mind.")
    day.expect(front=editor, holds="")


def tap(day: Day, key: int) -> None:
    day.mac.keyboard.press(key)
    day.wait(0.1)
    day.mac.keyboard.release(key)
    day.wait(0.3)
