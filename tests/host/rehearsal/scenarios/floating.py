"""Scenarios about floating windows: visible, and clicks do not activate Mica."""

from host.rehearsal.fake_mac.programs import textedit
from host.rehearsal.simulation import ScenarioFailed, Simulation


def above_a_full_screen_program(sim: Simulation) -> None:
    """A full-screen program has its own space, and the overlay appears there."""
    slides = textedit(name="Keynote")
    slides.is_full_screen = True
    sim.click_into(slides)
    sim.hold()
    if not sim.mac.is_seen(sim.app._overlay):
        raise ScenarioFailed("the overlay is on another space")
    sim.speak("Hello there.")
    sim.release()
    sim.expect(front=slides, holds="Hello there.")


def undo_on_the_overlay(sim: Simulation) -> None:
    """The button works at the first click, without an earlier mouse event."""
    editor = textedit()
    sim.click_into(editor)
    sim.cancel("Never mind.")
    sim.expect(front=editor, holds="")
    button = sim.app._overlay.undo
    if not button.isVisible():
        raise ScenarioFailed("there is no Undo button")
    sim.mac.click(button)
    sim.settle()
    sim.expect(front=editor, holds="Never mind.")
