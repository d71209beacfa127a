"""What the second of two dictations goes on from, whatever happens between them."""

from collections.abc import Callable

import pytest

from dictation.harness import Bench
from fakes import LIMIT_S
from mica.host.ports import Query, Surrounding, Target
from mica.settings import Settings


def dictate(bench: Bench, text: str) -> str:
    """What is pasted for it."""
    before = len(bench.fake.paster.pasted)
    bench.answer(bench.spoken(), text)
    bench.until(lambda: len(bench.fake.paster.pasted) > before)
    bench.until(lambda: bench.dictation.is_quiet)
    return bench.fake.paster.pasted[-1][0]


def press_something(bench: Bench) -> None:
    """A click in the text, or on the tray; a letter, an arrow."""
    bench.fake.hotkeys.others = 1


def cancel_and_undo(bench: Bench) -> None:
    """Undo is a click on the overlay's button."""
    microphone = bench.pressed()
    microphone.say(0.5)
    bench.escape()
    microphone.say(0.3)
    utterance, _ = bench.engine.ended.get(timeout=LIMIT_S)
    bench.answer(utterance, "Withheld.")
    bench.fake.hotkeys.down = False
    press_something(bench)
    bench.dictation.undo()
    bench.until(lambda: bench.dictation.is_quiet)


def wait(bench: Bench) -> None:
    bench.clock.now_s += 3600.0


def leave_the_window_and_come_back(bench: Bench) -> None:
    editor = bench.fake.focus.target
    bench.fake.focus.target = Target(2, 200, "Other")
    dictate(bench, "Elsewhere.")
    bench.fake.focus.target = editor


@pytest.mark.parametrize(
    "meanwhile",
    [press_something, cancel_and_undo, wait, leave_the_window_and_come_back],
)
def test_two_dictations_are_never_glued(
    bench: Bench, meanwhile: Callable[[Bench], None]
) -> None:
    assert dictate(bench, "Bananas.") == "Bananas."
    meanwhile(bench)
    assert dictate(bench, "We need more.") == " We need more."
    pasted = [text for text, at in bench.fake.paster.pasted if at.window == 1]
    assert "".join(pasted).replace(".", ". ").split() == "".join(pasted).split()


def test_accessibility_is_asked_at_the_press_and_again_where_one_typed_since(
    bench: Bench,
) -> None:
    asked = list[Target]()

    def says(target: Target) -> Query:
        asked.append(target)
        typed = "we need" if bench.fake.hotkeys.others else ""
        return Query(done=True, found=Surrounding(typed))

    bench.fake.query = says
    microphone = bench.pressed()
    assert asked == [Target(1, 100, "Editor")]
    microphone.say(0.5)
    press_something(bench)  # in a dictation that was begun by a tap
    bench.release()
    assert len(asked) == 1  # another window may have the keyboard now
    microphone.say(0.3)
    bench.answer(bench.engine.ended.get(timeout=LIMIT_S)[0], "More.")
    assert bench.fake.paster.pasted[0][0] == " more."
    assert len(asked) == 2


def test_nothing_is_asked_where_no_window_or_no_spacing_is(bench: Bench) -> None:
    asked = list[Target]()

    def says(target: Target) -> Query:
        asked.append(target)
        return Query(done=True)

    bench.fake.query = says
    bench.chosen = Settings(smart_spacing=False)
    dictate(bench, "Bananas.")
    bench.chosen = Settings()
    bench.fake.focus.target = None
    bench.answer(bench.spoken(), "Bananas.")
    assert asked == []
