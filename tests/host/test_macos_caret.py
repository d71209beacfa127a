"""The Mac host's caret on a fake Mac: keys, and reports from Accessibility."""

import pytest

from mica.host.ports import Caret
from support.apple_fakes import FLAGS, FakeMac
from support.fake_field import RANGE, FakeField, FakeValue


@pytest.fixture
def caret(mac: FakeMac) -> Caret:
    from mica.host.macos.editing import MacCaret
    from mica.host.macos.keyboard import Keyboard

    return MacCaret(Keyboard(mac.carbon, lambda _s: None))


def test_caret_selects_copies_and_deletes_by_keys(mac: FakeMac) -> None:
    from mica.host.macos.editing import MacCaret
    from mica.host.macos.keyboard import Keyboard

    pauses: list[float] = []
    caret = MacCaret(Keyboard(mac.carbon, pauses.append))
    arrow = 1 << 21 | FLAGS["SecondaryFn"]  # as real arrow keys send
    caret.select_back(50)
    assert sum(pauses) <= 0.1, "the main thread waits for it"
    caret.copy()
    caret.delete()
    caret.collapse_selection()
    pressed = [(e["code"], e["flags"]) for e in mac.posted if e["down"]]
    shift, command = FLAGS["Shift"] | 0x2, FLAGS["Command"] | 0x8  # the left ones
    assert pressed[:51] == [(56, shift), *[(123, arrow | shift)] * 50]
    assert pressed[51:] == [(55, command), (8, command), (51, 0), (124, arrow)]
    assert len(mac.posted) == 2 * len(pressed)
    released = [e for e in mac.posted if e["code"] in (55, 56) and not e["down"]]
    assert [e["flags"] for e in released] == [0, 0]


def test_selected_text_is_read_where_accessibility_answers(
    mac: FakeMac, caret: Caret
) -> None:
    assert caret.selected_text() is None
    mac.focused = FakeField("Viele Grüße", (6, 5))
    assert caret.selected_text() == "Grüße"
    mac.accessible = False
    assert caret.selected_text() is None


@pytest.mark.parametrize(
    ("text", "field_text"),
    [
        ("Grüße 😀", "Grüße 😀"),
        ("x" * 8, "Grüße 😀"),
        ("x" * 7, "rüße 😀"),
        ("x" * 10, "\ude00 Grüße 😀"),
        ("😀" * 8, "iele 😀 Grüße 😀"),
        ("x" * 1000, "Viele 😀 Grüße 😀"),
        ("", ""),
    ],
)
def test_text_before_the_caret_has_the_requested_length(
    mac: FakeMac, caret: Caret, text: str, field_text: str
) -> None:
    """In UTF-16 units, of which 😀 has two."""
    mac.focused = FakeField("Viele 😀 Grüße 😀!", (17, 0))
    assert caret.text_before(text) == field_text
    assert mac.posted == []


def test_text_before_a_selection_is_empty(mac: FakeMac, caret: Caret) -> None:
    mac.focused = FakeField("Viele Grüße", (6, 5))
    assert caret.text_before("Viele ") == ""


def test_text_before_a_caret_at_the_start_is_unknown(
    mac: FakeMac, caret: Caret
) -> None:
    """The caret may be in a hidden field that an editor uses for its input."""
    mac.focused = FakeField("", (0, 0))
    assert caret.text_before("Viele ") is None


@pytest.mark.parametrize(
    "answers", [17, "17", (17, 0), FakeValue(RANGE, (-1, 0)), FakeValue(1, (17.0, 0.0))]
)
def test_selection_of_another_type_counts_as_no_answer(
    mac: FakeMac, caret: Caret, answers: object
) -> None:
    mac.focused = FakeField("Viele Grüße", answers=answers)
    assert caret.text_before("Grüße") is None


def test_text_before_the_caret_is_unknown_without_an_answer(
    mac: FakeMac, caret: Caret
) -> None:
    assert caret.text_before("Grüße") is None
    mac.focused = FakeField("Viele", (11, 0))  # inconsistent: the caret is past the end
    assert caret.text_before("Grüße") is None
    mac.focused = FakeField("Viele Grüße", (11, 0))
    assert caret.text_before("Grüße") == "Grüße"
    mac.accessible = False  # as in Electron
    assert caret.text_before("Grüße") is None


def test_hanging_app_delays_the_caret_by_one_timeout(
    mac: FakeMac, caret: Caret
) -> None:
    from mica.host.macos.accessibility import TIMEOUT_S

    mac.focused, mac.hangs = FakeField("Viele Grüße", (11, 0)), True
    assert caret.text_before("Grüße") is None
    assert mac.waited_s == TIMEOUT_S
