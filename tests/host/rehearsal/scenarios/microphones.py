"""Scenarios about microphones that appear, disappear or give only zeros."""

from host.rehearsal.fake_mac.programs import textedit
from host.rehearsal.fake_mac.sound_card import BLUETOOTH, USB, SoundDevice
from host.rehearsal.simulation import Simulation


def a_headset_is_connected_and_removed(sim: Simulation) -> None:
    """From the next dictation on, a headset is used while it is connected."""
    editor, headset = textedit(), SoundDevice("Headset", USB)
    sim.click_into(editor)
    sim.dictate("One.")
    sim.mac.sound.connect(headset)
    sim.wait(1.0)
    sim.hold()
    assert sim.mac.sound.streams[0].device is headset
    sim.speak("Two.")
    sim.release()
    sim.mac.sound.disconnect(headset)
    sim.wait(1.0)
    sim.dictate("Three.")
    sim.expect(front=editor, holds="One. Two. Three.")


def a_headset_negotiates(sim: Simulation) -> None:
    """A headset gives zeros for the first 1.5 s, which is not reported as a fault."""
    editor, headset = textedit(), SoundDevice("AirPods", BLUETOOTH, 24_000, zeros_s=1.5)
    sim.click_into(editor)
    sim.mac.sound.connect(headset)
    sim.wait(1.0)
    sim.hold()
    sim.wait(1.6)
    sim.speak("Hello there.")
    sim.release()
    sim.expect(front=editor, holds="Hello there.")


def zeros_until_it_is_opened_again(sim: Simulation) -> None:
    """The microphone is allowed but gives exact zeros until it is reopened."""
    editor, microphone = textedit(), sim.mac.sound.devices[0]
    sim.click_into(editor)
    microphone.is_deaf = True
    sim.hold()
    microphone.is_deaf = False
    sim.wait(1.5)
    sim.speak("Hello there.")
    sim.release()
    messages = ["only silence", "opened again"]
    sim.expect(front=editor, holds="Hello there.", messages=messages)


def the_microphone_is_pulled_out(sim: Simulation) -> None:
    """The microphone is unplugged in the middle of a sentence; the built-in one takes
    over."""
    editor, headset = textedit(), SoundDevice("Headset", USB)
    sim.click_into(editor)
    sim.mac.sound.connect(headset)
    sim.wait(1.0)
    sim.hold()
    sim.speak("Hello there.")
    sim.mac.sound.disconnect(headset)
    sim.wait_for(
        lambda: [s.device.name for s in sim.mac.sound.streams] != ["Headset"],
        "another microphone goes on",
    )
    sim.speak("Hello there.")
    sim.release()
    messages = ["changed from “Headset” to “MacBook Pro Microphone”"]
    sim.expect(front=editor, holds="Hello there.", messages=messages)


def a_terminal_that_never_asks(sim: Simulation) -> None:
    """No dialog appears, the microphone gives zeros, and the user is told. Once it is
    allowed, the next dictation works, though the silent stream could still be open."""
    editor = textedit()
    sim.click_into(editor)
    sim.dictate("Hello?")
    sim.expect(front=editor, holds="", messages=["Allow Terminal in the dialog"])
    sim.dictate("Hello?", seconds=2.5)  # silence is noticed after a second
    sim.expect(front=editor, holds="", messages=["gives only silence"] * 2)
    sim.mac.tcc.allow_microphone("Terminal")
    sim.wait(2.0)
    sim.dictate("Hello there.")
    sim.expect(front=editor, holds="Hello there.")
