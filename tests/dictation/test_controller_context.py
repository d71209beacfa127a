"""The context of the second of two dictations, whatever happens between them."""

from collections.abc import Callable

import pytest

from dictation.harness import Harness
from mica.host.values import SurroundingQuery, SurroundingText, Target
from mica.settings import Settings
from support.fakes import LIMIT_S


def dictate(harness: Harness, text: str) -> str:
    """Dictate a text; return what is pasted."""
    before = len(harness.fake.paster.pasted)
    harness.deliver_text(harness.spoken(), text)
    harness.until(lambda: len(harness.fake.paster.pasted) > before)
    harness.until(lambda: harness.dictation.is_quiet)
    return harness.fake.paster.pasted[-1][0]


def press_something(harness: Harness) -> None:
    """Press anything: a click in the text or on the tray, a letter, an arrow key."""
    harness.fake.hotkeys.others = 1


def cancel_and_undo(harness: Harness) -> None:
    """Cancel, then click Undo on the overlay."""
    microphone = harness.pressed()
    microphone.speak(0.5)
    harness.escape()
    microphone.speak(0.3)
    utterance, _ = harness.engine.ended.get(timeout=LIMIT_S)
    harness.deliver_text(utterance, "Withheld.")
    harness.fake.hotkeys.down = False
    press_something(harness)
    harness.dictation.undo()
    harness.until(lambda: harness.dictation.is_quiet)


def wait(harness: Harness) -> None:
    harness.clock.now_s += 3600.0


def switch_window_and_return(harness: Harness) -> None:
    editor = harness.fake.focus.target
    harness.fake.focus.target = Target(2, 200, "Other")
    dictate(harness, "Elsewhere.")
    harness.fake.focus.target = editor


@pytest.mark.parametrize(
    "meanwhile",
    [press_something, cancel_and_undo, wait, switch_window_and_return],
)
def test_two_dictations_are_separated_by_a_space(
    harness: Harness, meanwhile: Callable[[Harness], None]
) -> None:
    assert dictate(harness, "Bananas.") == "Bananas."
    meanwhile(harness)
    assert dictate(harness, "We need more.") == " We need more."
    pasted = [text for text, at in harness.fake.paster.pasted if at.window == 1]
    assert "".join(pasted).replace(".", ". ").split() == "".join(pasted).split()


def test_accessibility_is_queried_at_the_press_and_again_after_typing(
    harness: Harness,
) -> None:
    queries = list[Target]()

    def surrounding(target: Target) -> SurroundingQuery:
        queries.append(target)
        typed = "we need" if harness.fake.hotkeys.others else ""
        return SurroundingQuery(done=True, found=SurroundingText(typed))

    harness.fake.query_surrounding = surrounding
    microphone = harness.pressed()
    assert queries == [Target(1, 100, "Editor")]
    microphone.speak(0.5)
    press_something(harness)  # during a dictation that was started with a tap
    harness.release()
    assert len(queries) == 1  # by now, another window may have the focus
    microphone.speak(0.3)
    harness.deliver_text(harness.engine.ended.get(timeout=LIMIT_S)[0], "More.")
    assert harness.fake.paster.pasted[0][0] == " more."
    assert len(queries) == 2


def test_accessibility_is_not_queried_without_a_window_or_spacing(
    harness: Harness,
) -> None:
    queries = list[Target]()

    def surrounding(target: Target) -> SurroundingQuery:
        queries.append(target)
        return SurroundingQuery(done=True)

    harness.fake.query_surrounding = surrounding
    harness.chosen = Settings(smart_spacing=False)
    dictate(harness, "Bananas.")
    harness.chosen = Settings()
    harness.fake.focus.target = None
    harness.deliver_text(harness.spoken(), "Bananas.")
    assert queries == []
