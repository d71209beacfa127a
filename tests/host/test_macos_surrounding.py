"""The text around the caret as reported by Accessibility on a fake Mac."""

import os

import pytest

from mica.host.values import SurroundingText, Target
from support.apple_fakes import FakeMac
from support.fake_field import FakeField

EDITOR = Target(0, 42, "com.example.Editor")


def surrounding_text(target: Target = EDITOR) -> SurroundingText | None:
    from mica.host.macos.surrounding import surrounding_text

    return surrounding_text(target)


@pytest.fixture(autouse=True)
def _there_is_a_program(mac: FakeMac) -> None:
    mac.front = (42, EDITOR.name)


@pytest.mark.parametrize(
    ("text", "selection", "expected"),
    [
        ("We need more", (7, 0), SurroundingText("We need", " more")),
        (
            "We need more",
            (3, 4),
            SurroundingText("We ", " more"),
        ),  # the selection will be replaced
        ("We need more", (0, 0), SurroundingText("", "We need more")),
        ("We need more", (12, 0), SurroundingText("We need more")),
        ("", (0, 0), SurroundingText("")),
        ("Grüße 😀!", (8, 0), SurroundingText("Grüße 😀", "!")),
        ("x" * 300, (200, 0), SurroundingText("x" * 100, "x" * 20)),
    ],
)
def test_surrounding_text_is_read_on_both_sides(
    mac: FakeMac, text: str, selection: tuple[int, int], expected: SurroundingText
) -> None:
    mac.focused = FakeField(text, selection)
    assert surrounding_text() == expected


def test_password_field_is_not_read(mac: FakeMac) -> None:
    mac.focused, mac.password = FakeField("hunter2", (7, 0)), True
    assert surrounding_text() == SurroundingText("")


@pytest.mark.parametrize("place", [(7, 0), (0, 0)])
def test_chromium_page_is_not_trusted(mac: FakeMac, place: tuple[int, int]) -> None:
    names = ("AXDOMIdentifier", "ChromeAXNodeId")
    mac.focused = FakeField("Message", place, names=names)
    assert surrounding_text() is None


def test_webkit_page_is_trusted_but_for_a_caret_at_its_start(
    mac: FakeMac,
) -> None:
    mac.focused = FakeField("Message", (7, 0), names=("AXDOMIdentifier",))
    assert surrounding_text() == SurroundingText("Message")
    mac.focused = FakeField("", (0, 0), names=("AXDOMIdentifier",))
    assert surrounding_text() is None


@pytest.mark.parametrize(
    "answers",
    [
        FakeField(),  # no text
        FakeField("We need", answers="17"),
        FakeField("We need", (9, 0)),  # inconsistent: the caret is past the end
        FakeField("We need", (3, 9)),
        FakeField("We need", (3, 0), is_counted=False),
    ],
)
def test_field_without_an_answer_has_no_surrounding_text(
    mac: FakeMac, answers: FakeField
) -> None:
    mac.focused = answers
    assert surrounding_text() is None


def test_electron_other_apps_and_our_windows_give_no_text(mac: FakeMac) -> None:
    mac.focused = FakeField("We need", (7, 0))
    assert surrounding_text(Target(0, 43, "another")) is None
    assert surrounding_text(Target(0, None, "nameless")) is None
    assert surrounding_text() is not None
    mac.accessible = False
    assert surrounding_text() is None
    mac.accessible, mac.front = True, (os.getpid(), "mica")
    assert surrounding_text(Target(0, os.getpid(), "mica")) is None
