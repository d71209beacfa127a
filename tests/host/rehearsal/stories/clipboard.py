"""Stories about the clipboard: afterward, it has what the user had copied."""

from host.rehearsal.day import THEIRS, Day, NotAsTold
from host.rehearsal.fake_mac.pasteboard import ALWAYS_DENY, ASK
from host.rehearsal.fake_mac.programs import textedit
from mica import paths


def macos_would_ask_before_it_is_read(day: Day) -> None:
    """The clipboard cannot be saved, so it is not replaced: the text is typed."""
    day.mac.board.behavior = ASK
    is_typed_instead(day)
    assert day.mac.board.alerts == 0, "an alert that cannot be shown hangs us"


def reading_is_not_allowed(day: Day) -> None:
    day.mac.board.behavior = ALWAYS_DENY
    is_typed_instead(day)


def is_typed_instead(day: Day) -> None:
    editor = textedit()
    day.click_into(editor)
    day.dictate("Hello there.")
    told = ["Mica isn’t allowed to read the clipboard"]
    day.expect(front=editor, holds="Hello there.", told=told)


def macos_asks_and_the_user_refuses(day: Day) -> None:
    """The clipboard then looks empty although it may not be: it is left alone."""
    day.mac.board.asks_by_default = True
    is_left_alone_behind_an_alert(day)


def macos_asks_and_the_user_thinks(day: Day) -> None:
    """The alert is shown for longer than Mica waits for the clipboard's content."""
    day.mac.board.asks_by_default = True
    day.mac.board.answer_after_s = 2.0
    is_left_alone_behind_an_alert(day)


def is_left_alone_behind_an_alert(day: Day) -> None:
    editor = textedit()
    day.click_into(editor)
    day.dictate("Hello there.")
    day.expect(front=editor, holds="Hello there.")
    day.dictate("How are you?")
    told = ["Mica isn’t allowed to read the clipboard"]
    day.expect(front=editor, holds="Hello there. How are you?", told=told)
    if day.mac.board.alerts != 1:
        raise NotAsTold(f"macOS asked {day.mac.board.alerts} times")


def macos_may_ask_at_the_first_text(day: Day) -> None:
    """Mica explains macOS's alert before the first paste, and only then."""
    paths.clipboard_hint_file().unlink()
    editor = textedit()
    day.click_into(editor)
    day.dictate("Hello there.")
    told = ["macOS may ask whether Terminal can paste from other apps"]
    day.expect(front=editor, holds="Hello there.", told=told)
    day.dictate("And more.")
    day.expect(front=editor, holds="Hello there. And more.")


def a_clipboard_manager_reads_first(day: Day) -> None:
    """A clipboard manager ignores the markers and reads first; the target still gets
    the promised text."""
    editor = textedit()
    day.click_into(editor)
    day.mac.board.eager_reader = True
    day.dictate("Hello there.")
    day.expect(front=editor, holds="Hello there.")


def a_program_reads_late(day: Day) -> None:
    """A busy program reads the clipboard more than a second after Cmd+V."""
    editor = textedit()
    editor.reads_after_s = 1.2
    day.click_into(editor)
    day.dictate("Hello there.")
    day.expect(front=editor, holds="Hello there.")


def nobody_reads(day: Day) -> None:
    """The front window has no text field."""
    viewer = textedit(has_field=False)
    day.click_into(viewer)
    day.dictate("Hello there.")
    day.wait(8.0)
    day.expect(front=viewer, holds="", told=["couldn’t be inserted here"])


def a_table_that_is_slow_to_copy(day: Day) -> None:
    """The owner needs seconds for each of the types: Mica waits for no more than one of
    them, leaves the clipboard alone and types."""
    editor = textedit()
    day.click_into(editor)
    day.mac.board.user_copies_slowly(takes_s=2.0, types=8)
    began_s = day.mac.clock.now_s
    day.dictate("Hello there.")
    took_s = day.mac.clock.now_s - began_s
    if took_s > 6.0:
        raise NotAsTold(f"it took {took_s:.1f} s")
    day.expect(front=editor, holds="Hello there.", clipboard="")
    assert len(day.mac.board.items[0].held) == 8


def the_user_copies_meanwhile(day: Day) -> None:
    editor = textedit()
    editor.reads_after_s = 0.3
    day.click_into(editor)
    day.hold()
    day.speak("Hello there.")
    day.mac.timers.later(1.5, lambda: day.mac.board.user_copies("newer"))
    day.release()
    day.wait(2.0)
    day.expect(front=editor, holds="Hello there.", clipboard="newer")
    day.mac.board.user_copies(THEIRS)


def a_clipboard_manager_keeps_our_text(day: Day) -> None:
    """After the clipboard was restored, a clipboard manager copies Mica's text again;
    Mica restores the user's content once more."""
    editor = textedit()
    day.click_into(editor)
    day.dictate("Hello there.")
    day.mac.board.keep("Hello there.", after_s=0.5)
    day.wait(2.0)
    day.expect(front=editor, holds="Hello there.")


def nobody_reads_under_secure_input(day: Day) -> None:
    """The message names the owner of Secure Input, which may be the cause."""
    viewer = textedit(has_field=False)
    day.click_into(viewer)
    day.mac.programs[4711] = "Steam"
    day.mac.switch_secure_input(4711)
    day.dictate("Hello there.")
    day.wait(8.0)
    day.expect(front=viewer, holds="", told=["“Steam” has Secure Input on."])
