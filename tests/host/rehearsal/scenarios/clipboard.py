"""Scenarios about the clipboard: afterward, it has what the user had copied."""

from host.rehearsal.fake_mac.pasteboard import ALWAYS_DENY, ASK
from host.rehearsal.fake_mac.programs import textedit
from host.rehearsal.simulation import THEIRS, ScenarioFailed, Simulation
from mica import paths


def macos_would_ask_before_it_is_read(sim: Simulation) -> None:
    """The clipboard cannot be saved, so it is not replaced: the text is typed."""
    sim.mac.pasteboard.behavior = ASK
    is_typed_instead(sim)
    assert sim.mac.pasteboard.alerts == 0, "an alert that cannot be shown hangs us"


def reading_is_not_allowed(sim: Simulation) -> None:
    sim.mac.pasteboard.behavior = ALWAYS_DENY
    is_typed_instead(sim)


def is_typed_instead(sim: Simulation) -> None:
    editor = textedit()
    sim.click_into(editor)
    sim.dictate("Hello there.")
    messages = ["Mica isn’t allowed to read the clipboard"]
    sim.expect(front=editor, holds="Hello there.", messages=messages)


def macos_asks_and_the_user_refuses(sim: Simulation) -> None:
    """The clipboard then looks empty although it may not be: it is left alone."""
    sim.mac.pasteboard.asks_by_default = True
    is_left_alone_behind_an_alert(sim)


def macos_asks_and_the_user_thinks(sim: Simulation) -> None:
    """The alert is shown for longer than Mica waits for the clipboard's content."""
    sim.mac.pasteboard.asks_by_default = True
    sim.mac.pasteboard.answer_after_s = 2.0
    is_left_alone_behind_an_alert(sim)


def is_left_alone_behind_an_alert(sim: Simulation) -> None:
    editor = textedit()
    sim.click_into(editor)
    sim.dictate("Hello there.")
    sim.expect(front=editor, holds="Hello there.")
    sim.dictate("How are you?")
    messages = ["Mica isn’t allowed to read the clipboard"]
    sim.expect(front=editor, holds="Hello there. How are you?", messages=messages)
    if sim.mac.pasteboard.alerts != 1:
        raise ScenarioFailed(f"macOS asked {sim.mac.pasteboard.alerts} times")


def macos_may_ask_at_the_first_text(sim: Simulation) -> None:
    """Mica explains macOS's alert before the first paste, and only then."""
    paths.clipboard_hint_file().unlink()
    editor = textedit()
    sim.click_into(editor)
    sim.dictate("Hello there.")
    messages = ["macOS may ask whether Terminal can paste from other apps"]
    sim.expect(front=editor, holds="Hello there.", messages=messages)
    sim.dictate("And more.")
    sim.expect(front=editor, holds="Hello there. And more.")


def a_clipboard_manager_reads_first(sim: Simulation) -> None:
    """A clipboard manager ignores the markers and reads first; the target still gets
    the promised text."""
    editor = textedit()
    sim.click_into(editor)
    sim.mac.pasteboard.eager_reader = True
    sim.dictate("Hello there.")
    sim.expect(front=editor, holds="Hello there.")


def a_program_reads_late(sim: Simulation) -> None:
    """A busy program reads the clipboard more than a second after Cmd+V."""
    editor = textedit()
    editor.reads_after_s = 1.2
    sim.click_into(editor)
    sim.dictate("Hello there.")
    sim.expect(front=editor, holds="Hello there.")


def no_program_reads_the_clipboard(sim: Simulation) -> None:
    """The front window has no text field."""
    viewer = textedit(has_field=False)
    sim.click_into(viewer)
    sim.dictate("Hello there.")
    sim.wait(8.0)
    sim.expect(front=viewer, holds="", messages=["couldn’t be inserted here"])


def a_table_that_is_slow_to_copy(sim: Simulation) -> None:
    """The owner needs seconds for each of the types: Mica waits for no more than one of
    them, leaves the clipboard alone and types."""
    editor = textedit()
    sim.click_into(editor)
    sim.mac.pasteboard.user_copies_slowly(delay_s=2.0, types=8)
    began_s = sim.mac.clock.now_s
    sim.dictate("Hello there.")
    elapsed_s = sim.mac.clock.now_s - began_s
    if elapsed_s > 6.0:
        raise ScenarioFailed(f"it took {elapsed_s:.1f} s")
    sim.expect(front=editor, holds="Hello there.", clipboard="")
    assert len(sim.mac.pasteboard.items[0].held) == 8


def the_user_copies_meanwhile(sim: Simulation) -> None:
    editor = textedit()
    editor.reads_after_s = 0.3
    sim.click_into(editor)
    sim.hold()
    sim.speak("Hello there.")
    sim.mac.timers.later(1.5, lambda: sim.mac.pasteboard.user_copies("newer"))
    sim.release()
    sim.wait(2.0)
    sim.expect(front=editor, holds="Hello there.", clipboard="newer")
    sim.mac.pasteboard.user_copies(THEIRS)


def a_clipboard_manager_copies_our_text_again(sim: Simulation) -> None:
    """After the clipboard was restored, a clipboard manager copies Mica's text again;
    Mica restores the user's content once more."""
    editor = textedit()
    sim.click_into(editor)
    sim.dictate("Hello there.")
    sim.mac.pasteboard.copy_again("Hello there.", after_s=0.5)
    sim.wait(2.0)
    sim.expect(front=editor, holds="Hello there.")


def no_program_reads_under_secure_input(sim: Simulation) -> None:
    """The message names the owner of Secure Input, which may be the cause."""
    viewer = textedit(has_field=False)
    sim.click_into(viewer)
    sim.mac.programs[4711] = "Steam"
    sim.mac.switch_secure_input(4711)
    sim.dictate("Hello there.")
    sim.wait(8.0)
    sim.expect(front=viewer, holds="", messages=["“Steam” has Secure Input on."])
