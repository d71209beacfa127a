"""Scenarios about keys that the user presses around a dictation."""

from host.rehearsal.fake_mac.keyboard import ARROWS, FN, RIGHT_OPTION, A
from host.rehearsal.fake_mac.programs import textedit
from host.rehearsal.simulation import Simulation


def after_the_arrow_keys(sim: Simulation) -> None:
    """Moving the caret leaves Fn's flag set although no modifier is held."""
    editor = textedit()
    sim.click_into(editor)
    sim.mac.keyboard.type("hello")
    for _ in range(5):
        sim.mac.keyboard.tap(ARROWS[0])
    sim.wait(1.0)
    sim.dictate("Oh,")
    sim.expect(front=editor, holds="Oh, hello")


def fn_is_tapped(sim: Simulation) -> None:
    """A tap latches until the next one, although macOS also acts on taps of Fn and
    presses a key itself."""
    editor = textedit()
    sim.click_into(editor)
    tap(sim, FN)
    sim.wait_for(lambda: bool(sim.mac.sound.streams), "a microphone opens")
    sim.speak("Hello there.")
    tap(sim, FN)
    sim.settle()
    sim.expect(front=editor, holds="Hello there.")


def fn_is_held(sim: Simulation) -> None:
    """Arrow keys left Fn's flag set earlier; that does not delay the text."""
    editor = textedit()
    sim.click_into(editor)
    sim.mac.keyboard.tap(ARROWS[1])
    sim.wait(1.0)
    sim.dictate("Hello there.", FN)
    sim.expect(front=editor, holds="Hello there.")


def an_arrow_key_that_sends_fn_events(sim: Simulation) -> None:
    """On some Macs, arrow keys send Fn's own events; these do not start a dictation."""
    editor = textedit()
    sim.click_into(editor)
    for down in (True, False):
        sim.mac.keyboard.arrow_with_fn(ARROWS[1], down)
        sim.wait(0.6)
    sim.expect(front=editor, holds="")
    assert sim.mac.sound.opened == 0


def a_tap_while_mica_is_busy(sim: Simulation) -> None:
    """The key was down for 0.1 s and both events are handled late: still a tap."""
    editor = textedit()
    sim.click_into(editor)
    sim.mac.keyboard.press(RIGHT_OPTION)
    sim.mac.timers.later(0.1, lambda: sim.mac.keyboard.release(RIGHT_OPTION))
    sim.wait(0.01)
    sim.be_busy(0.9)
    sim.wait_for(lambda: bool(sim.mac.sound.streams), "a microphone opens")
    sim.wait(0.3)
    sim.speak("Hello there.")
    tap(sim, RIGHT_OPTION)
    sim.settle()
    sim.expect(front=editor, holds="Hello there.")


def an_option_shortcut(sim: Simulation) -> None:
    """Option and a letter is a shortcut of the program: nothing is dictated."""
    editor = textedit()
    sim.click_into(editor)
    sim.mac.keyboard.press(RIGHT_OPTION)
    sim.wait(0.2)
    sim.mac.keyboard.tap(A)
    sim.wait(0.3)
    sim.mac.keyboard.release(RIGHT_OPTION)
    sim.settle()
    sim.expect(front=editor, holds="a")


def escape(sim: Simulation) -> None:
    """Esc cancels the dictation, and the program never sees it."""
    editor = textedit()
    sim.click_into(editor)
    sim.cancel("Never mind.")
    sim.expect(front=editor, holds="")


def tap(sim: Simulation, key: int) -> None:
    sim.mac.keyboard.press(key)
    sim.wait(0.1)
    sim.mac.keyboard.release(key)
    sim.wait(0.3)
