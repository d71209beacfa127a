"""Stories about floating windows: they are visible, and clicks do not activate Mica."""

from host.rehearsal.day import Day, NotAsTold
from host.rehearsal.fake_mac.programs import textedit


def above_a_full_screen_program(day: Day) -> None:
    """A full-screen program has its own space, and the overlay appears there."""
    slides = textedit(name="Keynote")
    slides.is_full_screen = True
    day.click_into(slides)
    day.hold()
    if not day.mac.is_seen(day.app._overlay):
        raise NotAsTold("the overlay is on another space")
    day.speak("Hello there.")
    day.release()
    day.expect(front=slides, holds="Hello there.")


def undo_on_the_overlay(day: Day) -> None:
    """The button works at the first click, without an earlier mouse event."""
    editor = textedit()
    day.click_into(editor)
    day.cancel("Never mind.")
    day.expect(front=editor, holds="")
    button = day.app._overlay.undo
    if not button.isVisible():
        raise NotAsTold("there is no Undo button")
    day.mac.click(button)
    day.settle()
    day.expect(front=editor, holds="Never mind.")
