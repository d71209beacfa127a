"""Stories in which everything is allowed and the user dictates into many programs."""

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
    """Mica was started in Terminal, which still has the keyboard focus."""
    terminal = day.terminal
    day.dictate("Show all files.")
    day.expect(front=terminal, holds="Show all files.")
    if day.mac.activation.raises_process:
        raise NotAsTold("any window that Qt raises brings Mica to the front")
    if day.mac.activation.was_in_dock:
        raise NotAsTold("Python’s icon was in the Dock")


def textedit_twice(day: Day) -> None:
    """A space is inserted before the second sentence."""
    editor = textedit()
    day.click_into(editor)
    day.dictate("Hello there.")
    day.expect(front=editor, holds="Hello there.")
    day.dictate("How are you?")
    day.expect(front=editor, holds="Hello there. How are you?")


def a_browser(day: Day) -> None:
    """A browser accepts Command only after that key's own key-down event, and must also
    get its key-up event: the next letter is typed as a letter."""
    page = browser()
    day.click_into(page)
    day.dictate("Hello there.")
    day.mac.keyboard.type("v")
    day.wait(0.1)
    day.expect(front=page, holds="Hello there.v")


def dvorak(day: Day) -> None:
    """V is on the key that types a period on a US keyboard."""
    day.mac.choose_layout(DVORAK)
    textedit_twice(day)


def a_remote_desktop(day: Day, layout: Layout, words: str) -> None:
    """A remote desktop sends keycodes, so both machines must have the same layout."""
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
    """Nothing is inserted into a password field, which turns Secure Input on."""
    field = password_field()
    day.click_into(field)
    day.mac.switch_secure_input(field.pid)
    day.dictate("My password.")
    day.expect(
        front=field, holds="", told=["Secure Input on"], clipboard="My password."
    )


def secure_input_left_on(day: Day) -> None:
    """Secure Input was left on by a program that has ended; pasting still works."""
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
    """The captions window floats, and the keyboard focus stays where it is."""
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
    """Settings come to the front; after they close, the previous program does."""
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
    """From macOS 27 on, the front program must yield, which it does not do here.
    Settings still appear above its windows, and a click gives them the focus."""
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
    """The user opens Mica in the Finder, since the notch hides its icon: Settings open,
    and when they are closed, the focus returns to where it was."""
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
    """Undo selects and deletes the dictated text and nothing else."""
    editor = textedit()
    day.click_into(editor)
    day.mac.keyboard.type("hello")
    day.dictate("there.")
    day.expect(front=editor, holds="hello there.")
    day.app._commands.by_socket(ControlCommand.UNDO)
    day.settle()
    day.expect(front=editor, holds="hello", told=["Dictation removed."])
