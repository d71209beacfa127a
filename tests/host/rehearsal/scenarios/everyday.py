"""Scenarios in which everything is allowed and the user dictates into many programs."""

from host.rehearsal.fake_mac.layouts import DVORAK, FRENCH, GERMAN, US, Layout
from host.rehearsal.fake_mac.programs import (
    browser,
    password_field,
    remote_desktop,
    textedit,
)
from host.rehearsal.simulation import ScenarioFailed, Simulation
from mica.dictation.control import ControlCommand


def right_after_the_start(sim: Simulation) -> None:
    """Mica was started in Terminal, which still has the keyboard focus."""
    terminal = sim.terminal
    sim.dictate("Show all files.")
    sim.expect(front=terminal, holds="Show all files.")
    if sim.mac.activation.raises_process:
        raise ScenarioFailed("any window that Qt raises brings Mica to the front")
    if sim.mac.activation.was_in_dock:
        raise ScenarioFailed("Python’s icon was in the Dock")


def textedit_twice(sim: Simulation) -> None:
    """A space is inserted before the second sentence."""
    editor = textedit()
    sim.click_into(editor)
    sim.dictate("Hello there.")
    sim.expect(front=editor, holds="Hello there.")
    sim.dictate("How are you?")
    sim.expect(front=editor, holds="Hello there. How are you?")


def a_browser(sim: Simulation) -> None:
    """A browser accepts Command only after that key's own key-down event, and must also
    get its key-up event: the next letter is typed as a letter."""
    page = browser()
    sim.click_into(page)
    sim.dictate("Hello there.")
    sim.mac.keyboard.type("v")
    sim.wait(0.1)
    sim.expect(front=page, holds="Hello there.v")


def dvorak(sim: Simulation) -> None:
    """V is on the key that types a period on a US keyboard."""
    sim.mac.choose_layout(DVORAK)
    textedit_twice(sim)


def a_remote_desktop(sim: Simulation, layout: Layout, words: str) -> None:
    """A remote desktop sends keycodes, so both machines must have the same layout."""
    sim.mac.choose_layout(layout)
    remote = remote_desktop(guest=layout)
    sim.click_into(remote)
    sim.dictate(words)
    sim.expect(front=remote, holds=words)


def a_remote_desktop_in_english(sim: Simulation) -> None:
    a_remote_desktop(sim, US, "Hello there: 3 cats & 1 dog!")


def a_remote_desktop_in_german(sim: Simulation) -> None:
    a_remote_desktop(sim, GERMAN, "Zwölf Boxkämpfer jagen Yvonne über die Straße.")


def a_remote_desktop_in_french(sim: Simulation) -> None:
    a_remote_desktop(sim, FRENCH, "Voilà 3 mots, déjà.")


def a_remote_desktop_in_dvorak(sim: Simulation) -> None:
    a_remote_desktop(sim, DVORAK, "Hello, world.")


def a_password_field(sim: Simulation) -> None:
    """Nothing is inserted into a password field, which turns Secure Input on."""
    field = password_field()
    sim.click_into(field)
    sim.mac.switch_secure_input(field.pid)
    sim.dictate("My password.")
    sim.expect(
        front=field, holds="", messages=["Secure Input on"], clipboard="My password."
    )


def secure_input_left_on(sim: Simulation) -> None:
    """Secure Input was left on by a program that has ended; pasting still works."""
    editor = textedit()
    sim.click_into(editor)
    sim.mac.switch_secure_input(4711)
    sim.dictate("Hello there.")
    sim.expect(front=editor, holds="Hello there.")


def secure_keyboard_entry_in_terminal(sim: Simulation) -> None:
    terminal = sim.terminal
    sim.mac.switch_secure_input(terminal.pid)
    sim.dictate("Show all files.")
    sim.expect(front=terminal, holds="Show all files.")


def no_other_device_is_offered_the_text(sim: Simulation) -> None:
    editor = textedit()
    sim.click_into(editor)
    sim.dictate("Hello there.")
    sim.expect(front=editor, holds="Hello there.")
    if sim.mac.pasteboard.shared:
        raise ScenarioFailed(f"other devices were offered {sim.mac.pasteboard.shared}")


def captions_while_typing(sim: Simulation) -> None:
    """The captions window floats, and the keyboard focus stays where it is."""
    editor = textedit()
    sim.click_into(editor)
    sim.app._commands.by_socket(ControlCommand.CAPTIONS)
    sim.wait(0.5)
    sim.mac.keyboard.type("hello")
    sim.expect(front=editor, holds="hello")
    if not sim.mac.power.lit:
        raise ScenarioFailed("the display goes dark while captions are read")
    sim.app._commands.by_socket(ControlCommand.CAPTIONS)
    sim.wait_for(lambda: not sim.app._captions_timer.going, "captions end")
    sim.expect(front=editor, holds="hello")


def settings_opened_and_closed(sim: Simulation) -> None:
    """Settings come to the front; after they close, the previous program does."""
    editor = textedit()
    sim.click_into(editor)
    sim.app._commands.by_socket(ControlCommand.SETTINGS)
    sim.wait(0.1)
    sim.expect(front=sim.mac.activation.mica, holds="")
    sim.app._windows.show_settings().close()
    sim.wait(0.1)
    sim.dictate("Hello there.")
    sim.expect(front=editor, holds="Hello there.")


def settings_when_macos_refuses_activation(sim: Simulation) -> None:
    """From macOS 27 on, the front program must yield, which it does not do here.
    Settings still appear above its windows, and a click gives them the focus."""
    editor = textedit()
    sim.click_into(editor)
    sim.app._commands.by_socket(ControlCommand.SETTINGS)
    sim.wait(0.1)
    sim.expect(front=editor, holds="")
    settings = sim.app._windows.show_settings()
    if not sim.mac.window_of(settings).state.get("front"):
        raise ScenarioFailed("the settings are behind TextEdit's window")
    sim.click_into(sim.mac.activation.mica)
    settings.close()
    sim.wait(0.1)
    sim.dictate("Hello there.")
    sim.expect(front=editor, holds="Hello there.")


def mica_is_reopened(sim: Simulation) -> None:
    """The user opens Mica in the Finder, since the notch hides its icon: Settings open,
    and when they are closed, the focus returns to where it was."""
    editor = textedit()
    sim.click_into(editor)
    sim.mac.open_again()
    sim.wait(0.1)
    shown = [one for one in sim.mac.own_windows() if one.canBecomeKeyWindow()]
    if not shown:
        raise ScenarioFailed("no window was opened")
    sim.expect(front=sim.mac.activation.mica, holds="")
    sim.app._windows.show_settings().close()
    sim.wait(0.1)
    sim.dictate("Hello there.")
    sim.expect(front=editor, holds="Hello there.")


def undo(sim: Simulation) -> None:
    """Undo selects and deletes the dictated text and nothing else."""
    editor = textedit()
    sim.click_into(editor)
    sim.mac.keyboard.type("hello")
    sim.dictate("there.")
    sim.expect(front=editor, holds="hello there.")
    sim.app._commands.by_socket(ControlCommand.UNDO)
    sim.settle()
    sim.expect(front=editor, holds="hello", messages=["Dictation removed."])
