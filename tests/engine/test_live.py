from mica.engine.live import Live


def labels(text: str) -> list[int]:
    """One frame a character; `_` is blank, and so are the frames between."""
    return [n for c in text for n in (0 if c == "_" else ord(c), 0)]


def test_one_window_is_its_text() -> None:
    assert Live().update(0, labels("hello_you")) == "helloyou"


def test_a_label_over_several_frames_is_one_letter() -> None:
    assert Live().update(0, [104, 104, 0, 104]) == "hh"


def test_a_later_window_does_not_change_what_it_hears_badly() -> None:
    live = Live()
    live.update(0, labels("a" * 100))
    text = live.update(100, labels("x" * 20 + "b" * 80))
    assert text == "a" * 75 + "b" * 75


def test_the_newest_window_replaces_what_the_last_one_heard_at_its_end() -> None:
    live = Live()
    assert live.update(0, labels("cat")) == "cat"
    assert live.update(0, labels("cab is")) == "cab is"


def test_no_frames_are_no_text() -> None:
    assert Live().update(0, []) == ""
