"""Stories about microphones that appear, disappear or give only zeros."""

from host.rehearsal.day import Day
from host.rehearsal.fake_mac.programs import textedit
from host.rehearsal.fake_mac.sound_card import BLUETOOTH, USB, SoundDevice


def a_headset_comes_and_goes(day: Day) -> None:
    """From the next dictation on, a headset is used while it is connected."""
    editor, headset = textedit(), SoundDevice("Headset", USB)
    day.click_into(editor)
    day.dictate("One.")
    day.mac.sound.connect(headset)
    day.wait(1.0)
    day.hold()
    assert day.mac.sound.streams[0].device is headset
    day.speak("Two.")
    day.release()
    day.mac.sound.disconnect(headset)
    day.wait(1.0)
    day.dictate("Three.")
    day.expect(front=editor, holds="One. Two. Three.")


def a_headset_negotiates(day: Day) -> None:
    """A headset gives zeros for the first 1.5 s, which is not reported as a fault."""
    editor, headset = textedit(), SoundDevice("AirPods", BLUETOOTH, 24_000, zeros_s=1.5)
    day.click_into(editor)
    day.mac.sound.connect(headset)
    day.wait(1.0)
    day.hold()
    day.wait(1.6)
    day.speak("Hello there.")
    day.release()
    day.expect(front=editor, holds="Hello there.")


def zeros_until_it_is_opened_again(day: Day) -> None:
    """The microphone is allowed but gives exact zeros until it is reopened."""
    editor, microphone = textedit(), day.mac.sound.devices[0]
    day.click_into(editor)
    microphone.is_deaf = True
    day.hold()
    microphone.is_deaf = False
    day.wait(1.5)
    day.speak("Hello there.")
    day.release()
    told = ["only silence", "opened again"]
    day.expect(front=editor, holds="Hello there.", told=told)


def the_microphone_is_pulled_out(day: Day) -> None:
    """The microphone is unplugged in the middle of a sentence; the built-in one takes
    over."""
    editor, headset = textedit(), SoundDevice("Headset", USB)
    day.click_into(editor)
    day.mac.sound.connect(headset)
    day.wait(1.0)
    day.hold()
    day.speak("Hello there.")
    day.mac.sound.disconnect(headset)
    day.wait_for(
        lambda: [s.device.name for s in day.mac.sound.streams] != ["Headset"],
        "another microphone goes on",
    )
    day.speak("Hello there.")
    day.release()
    told = ["changed from “Headset” to “MacBook Pro Microphone”"]
    day.expect(front=editor, holds="Hello there.", told=told)


def a_terminal_that_never_asks(day: Day) -> None:
    """No dialog appears, the microphone gives zeros, and the user is told. Once it is
    allowed, the next dictation works, though the silent stream could still be open."""
    editor = textedit()
    day.click_into(editor)
    day.dictate("Hello?")
    day.expect(front=editor, holds="", told=["Allow Terminal in the dialog"])
    day.dictate("Hello?", seconds=2.5)  # silence is noticed after a second
    day.expect(front=editor, holds="", told=["gives only silence"] * 2)
    day.mac.tcc.allow_microphone("Terminal")
    day.wait(2.0)
    day.dictate("Hello there.")
    day.expect(front=editor, holds="Hello there.")
