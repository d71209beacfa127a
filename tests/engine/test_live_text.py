import pytest

from mica.engine.live_text import Interim, LiveText

OVER = "_" * 5  # 0.2 s without letters, which ends a word


def labels(text: str) -> list[int]:
    """Labels with one frame per character; `_` and the frames between are blank."""
    return [n for c in text for n in (0 if c == "_" else ord(c), 0)]


def shown(live: LiveText, first: int, labels: list[int]) -> str:
    """The live text after another window."""
    live.update(first, labels)
    return live.text()


def test_live_text_of_one_window_is_its_ctc_text() -> None:
    assert shown(LiveText(), 0, labels("hello_you" + OVER)) == "helloyou"


def test_a_label_over_several_frames_is_one_letter() -> None:
    assert shown(LiveText(), 0, [104, 104, 0, 104, *labels("_" + OVER)]) == "hh"


def test_last_word_is_withheld_until_it_is_complete() -> None:
    live = LiveText()
    assert shown(live, 0, labels("the" + OVER + " ga")) == "the"
    assert shown(live, 0, labels("the" + OVER + " garden")) == "the"
    assert shown(live, 0, labels("the" + OVER + " gardener " + OVER)) == "the gardener"


def test_word_is_withheld_briefly_after_its_end() -> None:
    assert shown(LiveText(), 0, labels("the" + OVER + " key is")) == "the"


def test_a_pause_ends_a_word() -> None:
    assert shown(LiveText(), 0, labels("the" + OVER + " key")) == "the"
    assert shown(LiveText(), 0, labels("the" + OVER + " key" + OVER[1:])) == "the"
    assert shown(LiveText(), 0, labels("the" + OVER + " key" + OVER)) == "the key"


def test_first_word_is_withheld_too() -> None:
    assert shown(LiveText(), 0, labels("ga")) == ""


def test_katakana_does_not_wait_for_a_space() -> None:
    assert shown(LiveText(), 0, [0, 256, 0, 258]) == "ァィ"


def test_later_window_does_not_change_its_uncertain_start() -> None:
    live = LiveText()
    live.update(0, labels("a" * 100))
    text = shown(live, 100, labels("x" * 45 + "b" * 50 + OVER))
    assert text == "a" * 100 + "b" * 45


def test_newest_window_replaces_the_end_of_the_one_before() -> None:
    live = LiveText()
    assert shown(live, 0, labels("cat" + OVER)) == "cat"
    assert shown(live, 0, labels("cab is" + OVER)) == "cab is"


def test_no_word_is_put_together_from_two_windows() -> None:
    """In the second window, every letter is two frames later than in the first."""
    live = LiveText()
    spoken = "a" * 70 + " the movie was good" + OVER
    live.update(0, labels(spoken))
    for device_change in range(60, 95):  # the window's middle, in characters
        first = 2 * device_change - 100
        window = labels("_" + spoken)[first:]
        assert shown(live, first, window) == "a" * 70 + " the movie was good"


def test_no_frames_are_no_text() -> None:
    assert shown(LiveText(), 0, []) == ""


def test_decoder_text_replaces_the_ctc_text_before_a_pause() -> None:
    live = LiveText()
    live.update(0, labels("the gaden____ is green" + OVER))
    at_the_pause = Interim("The garden.", 320 * 24, in_pause=True)
    assert live.text(at_the_pause) == "The garden is green"
    assert live.text(Interim("The garden is green.", 320 * 52, True)) == (
        "The garden is green."
    )


def test_last_decoder_word_after_a_block_is_not_trusted() -> None:
    live = LiveText()
    live.update(0, labels("the gaden is green and" + OVER))
    at_a_block = Interim("The garden is gree", 320 * 34, in_pause=False)
    assert live.text(at_a_block) == "The garden is green and"


@pytest.mark.parametrize(
    "written",
    [
        "Dear John, I will the pharmacy careful on Wednesday.",
        "Dear John, thank you for the key, thank you for the key.",
        "Dear John.",
        "Dear John, thank you for the laptop.",
    ],
)
def test_live_text_is_the_ctc_text_where_the_decoder_invents_or_loses_words(
    written: str,
) -> None:
    live = LiveText()
    live.update(0, labels("dear jon____ thank you for the" + OVER))
    whole, greeting = 320 * 70, Interim("Dear John.", 320 * 22, in_pause=True)
    wrong = Interim(written, whole, in_pause=True)
    assert live.text(wrong) == "dear jon thank you for the"
    assert live.text(greeting) == "Dear John thank you for the"
    assert live.text(wrong) == "Dear John thank you for the"
    right = Interim("Dear John, thank you for the", whole, in_pause=True)
    assert live.text(right) == "Dear John, thank you for the"


def test_empty_decoder_text_hides_no_ctc_text() -> None:
    live = LiveText()
    live.update(0, labels("the key" + OVER))
    assert live.text(Interim("", 320 * 2, in_pause=False)) == "the key"


def test_live_text_keeps_words_after_a_cut() -> None:
    live = LiveText()
    first, start, _ = live.window(3200, 3200 + 320 * 100)
    assert (first, start) == (0, 3200)
    live.update(first, labels("the garden is green" + OVER))
    live.move(3200 + 320 * 22)
    assert live.text() == "is green"
    live.move(3200 + 320 * 100)
    assert live.text() == ""


def test_decoder_spelling_of_a_long_word_is_shown_at_once() -> None:
    live = LiveText()
    live.update(0, labels("she will type the treasuror" + OVER))
    written = Interim("She will type the terror.", 320 * 60, in_pause=True)
    assert live.text(written) == written.text


def test_two_windows_are_joined_as_the_modules_example_says() -> None:
    def window(text: str, frames: list[int], first: int) -> list[int]:
        found = [0] * 200
        for frame, letter in zip(frames, text, strict=True):
            found[frame - first] = ord(letter)
        return found

    live = LiveText()
    live.move(0)
    hello = [110, 115, 120, 125, 130]
    live.update(0, window("hello wor", [*hello, 150, 160, 170, 180], 0))
    live.update(50, window("jello world", [*hello, 151, 160, 170, 180, 190, 200], 50))
    assert live.text() == "hello world"


def test_live_text_has_all_speech_once_its_last_letters_are_final() -> None:
    live = LiveText()
    live.move(3200)
    assert not live.has_all_of(3200, 3200)
    live.update(0, labels("the garden"))
    held_from = 3200 + 320 * (len(labels("the garden")) - 12)
    assert live.has_all_of(3200, held_from)
    assert not live.has_all_of(3200, held_from + 1)
    assert not live.has_all_of(6400, 6400)
