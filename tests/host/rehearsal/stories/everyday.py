"""Everything is allowed, and the user dictates into one program after the other."""

from host.rehearsal.day import Day, NotAsTold
from host.rehearsal.fake_mac.layouts import DVORAK, FRENCH, GERMAN, US, Layout
from host.rehearsal.fake_mac.programs import (
    browser,
    password_field,
    remote_desktop,
    textedit,
)
from mica.dictation.control import ControlCommand


def right_after_the_start(day: Day) -> None:
    """Mica was started in Terminal, and the keyboard is there still."""
    terminal = day.terminal
    day.dictate("Show all files.")
    day.expect(front=terminal, holds="Show all files.")
    if day.mac.activation.raises_process:
        raise NotAsTold("any window that Qt raises brings Mica to the front")
    if day.mac.activation.was_in_dock:
        raise NotAsTold("Python’s icon was in the Dock")


def textedit_twice(day: Day) -> None:
    """The second sentence gets its space."""
    editor = textedit()
    day.click_into(editor)
    day.dictate("Hello there.")
    day.expect(front=editor, holds="Hello there.")
    day.dictate("How are you?")
    day.expect(front=editor, holds="Hello there. How are you?")


def a_browser(day: Day) -> None:
    """It believes in Command only if it saw that key go down, and is told it came up:
    the next letter is a letter."""
    page = browser()
    day.click_into(page)
    day.dictate("Hello there.")
    day.mac.keyboard.type("v")
    day.wait(0.1)
    day.expect(front=page, holds="Hello there.v")


def dvorak(day: Day) -> None:
    """V is where a US keyboard has its full stop."""
    day.mac.choose_layout(DVORAK)
    textedit_twice(day)


def a_remote_desktop(day: Day, layout: Layout, words: str) -> None:
    """It sends keycodes, so both machines need the same layout."""
    day.mac.choose_layout(layout)
    remote = remote_desktop(guest=layout)
    day.click_into(remote)
    day.dictate(words)
    day.expect(front=remote, holds=words)


def a_remote_desktop_in_english(day: Day) -> None:
    a_remote_desktop(day, US, "Hello there: 3 cats & 1 dog!")


def a_remote_desktop_in_german(day: Day) -> None:
    a_remote_desktop(day, GERMAN, "Zwölf Boxkämpfer jagen Yvonne über die Straße.")


def a_remote_desktop_in_french(day: Day) -> None:
    a_remote_desktop(day, FRENCH, "Voilà 3 mots, déjà.")


def a_remote_desktop_in_dvorak(day: Day) -> None:
    a_remote_desktop(day, DVORAK, "Hello, world.")


def a_password_field(day: Day) -> None:
    """Nothing is typed into it, and it has Secure Input on."""
    field = password_field()
    day.click_into(field)
    day.mac.switch_secure_input(field.pid)
    day.dictate("My password.")
    day.expect(
        front=field, holds="", told=["Secure Input on"], clipboard="My password."
    )


def secure_input_left_on(day: Day) -> None:
    """By a program that has ended: pasting works all the same."""
    editor = textedit()
    day.click_into(editor)
    day.mac.switch_secure_input(4711)
    day.dictate("Hello there.")
    day.expect(front=editor, holds="Hello there.")


def secure_keyboard_entry_in_terminal(day: Day) -> None:
    terminal = day.terminal
    day.mac.switch_secure_input(terminal.pid)
    day.dictate("Show all files.")
    day.expect(front=terminal, holds="Show all files.")


def no_other_device_is_offered_the_text(day: Day) -> None:
    editor = textedit()
    day.click_into(editor)
    day.dictate("Hello there.")
    day.expect(front=editor, holds="Hello there.")
    if day.mac.board.shared:
        raise NotAsTold(f"other devices were offered {day.mac.board.shared}")


def captions_beside_a_text(day: Day) -> None:
    """Their window floats, and the keyboard stays where it is."""
    editor = textedit()
    day.click_into(editor)
    day.app._commands.by_socket(ControlCommand.CAPTIONS)
    day.wait(0.5)
    day.mac.keyboard.type("hello")
    day.expect(front=editor, holds="hello")
    if not day.mac.power.lit:
        raise NotAsTold("the display goes dark while captions are read")
    day.app._commands.by_socket(ControlCommand.CAPTIONS)
    day.wait_for(lambda: not day.app._captions_timer.going, "captions end")
    day.expect(front=editor, holds="hello")


def the_settings_and_back(day: Day) -> None:
    """A window of ours comes to the front, and gives it back when it closes."""
    editor = textedit()
    day.click_into(editor)
    day.app._commands.by_socket(ControlCommand.SETTINGS)
    day.wait(0.1)
    day.expect(front=day.mac.activation.mica, holds="")
    day.app._windows.show_settings().close()
    day.wait(0.1)
    day.dictate("Hello there.")
    day.expect(front=editor, holds="Hello there.")


def settings_that_macos_keeps_back(day: Day) -> None:
    """From 27 on the app in front must yield; it is no event of ours that opens them.
    They are in front of its windows all the same, and a click brings the keyboard."""
    editor = textedit()
    day.click_into(editor)
    day.app._commands.by_socket(ControlCommand.SETTINGS)
    day.wait(0.1)
    day.expect(front=editor, holds="")
    settings = day.app._windows.show_settings()
    if not day.mac.window_of(settings).told.get("front"):
        raise NotAsTold("the settings are behind TextEdit's window")
    day.click_into(day.mac.activation.mica)
    settings.close()
    day.wait(0.1)
    day.dictate("Hello there.")
    day.expect(front=editor, holds="Hello there.")


def mica_is_opened_again(day: Day) -> None:
    """In the Finder, since the notch hides its icon: the settings come, and when they
    are closed the keyboard is where it was."""
    editor = textedit()
    day.click_into(editor)
    day.mac.open_again()
    day.wait(0.1)
    shown = [one for one in day.mac.own_windows() if one.canBecomeKeyWindow()]
    if not shown:
        raise NotAsTold("no window was opened")
    day.expect(front=day.mac.activation.mica, holds="")
    day.app._windows.show_settings().close()
    day.wait(0.1)
    day.dictate("Hello there.")
    day.expect(front=editor, holds="Hello there.")


def undo(day: Day) -> None:
    """What was dictated is selected and deleted, and nothing else."""
    editor = textedit()
    day.click_into(editor)
    day.mac.keyboard.type("hello")
    day.dictate("there.")
    day.expect(front=editor, holds="hello there.")
    day.app._commands.by_socket(ControlCommand.UNDO)
    day.settle()
    day.expect(front=editor, holds="hello", told=["Dictation removed."])
