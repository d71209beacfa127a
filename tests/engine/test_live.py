from mica.engine.live import Live

OVER = "_" * 5  # 0.2 s in which nothing is heard


def labels(text: str) -> list[int]:
    """One frame a character; `_` is blank, and so are the frames between."""
    return [n for c in text for n in (0 if c == "_" else ord(c), 0)]


def test_one_window_is_its_text() -> None:
    assert Live().update(0, labels("hello_you" + OVER)) == "helloyou"


def test_a_label_over_several_frames_is_one_letter() -> None:
    assert Live().update(0, [104, 104, 0, 104, *labels(OVER)]) == "hh"


def test_the_last_word_waits_until_it_is_over() -> None:
    live = Live()
    assert live.update(0, labels("the ga")) == "the"
    assert live.update(0, labels("the garden")) == "the"
    assert live.update(0, labels("the gardener ")) == "the gardener"


def test_a_pause_ends_a_word() -> None:
    assert Live().update(0, labels("the key")) == "the"
    assert Live().update(0, labels("the key" + OVER[1:])) == "the"
    assert Live().update(0, labels("the key" + OVER)) == "the key"


def test_a_first_word_waits_too() -> None:
    assert Live().update(0, labels("ga")) == ""


def test_katakana_does_not_wait_for_a_space() -> None:
    assert Live().update(0, [0, 256, 0, 258]) == "ァィ"


def test_a_later_window_does_not_change_what_it_hears_badly() -> None:
    live = Live()
    live.update(0, labels("a" * 100))
    text = live.update(100, labels("x" * 45 + "b" * 50 + OVER))
    assert text == "a" * 100 + "b" * 45


def test_the_newest_window_replaces_what_the_last_one_heard_at_its_end() -> None:
    live = Live()
    assert live.update(0, labels("cat" + OVER)) == "cat"
    assert live.update(0, labels("cab is" + OVER)) == "cab is"


def test_no_frames_are_no_text() -> None:
    assert Live().update(0, []) == ""
