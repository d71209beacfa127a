"""What stands around the caret, as Accessibility says it on a pretend Mac."""

import os

import pytest

from mica.host.ports import Surrounding, Target
from support.apple_fakes import FakeMac
from support.fake_field import FakeField

EDITOR = Target(0, 42, "com.example.Editor")


def around(target: Target = EDITOR) -> Surrounding | None:
    from mica.host.macos.surrounding import around

    return around(target)


@pytest.fixture(autouse=True)
def _there_is_a_program(mac: FakeMac) -> None:
    mac.front = (42, EDITOR.name)


@pytest.mark.parametrize(
    ("text", "selection", "said"),
    [
        ("We need more", (7, 0), Surrounding("We need", " more")),
        ("We need more", (3, 4), Surrounding("We ", " more")),  # it will be replaced
        ("We need more", (0, 0), Surrounding("", "We need more")),
        ("We need more", (12, 0), Surrounding("We need more")),
        ("", (0, 0), Surrounding("")),
        ("Grüße 😀!", (8, 0), Surrounding("Grüße 😀", "!")),
        ("x" * 300, (200, 0), Surrounding("x" * 100, "x" * 20)),
    ],
)
def test_text_is_read_on_both_sides(
    mac: FakeMac, text: str, selection: tuple[int, int], said: Surrounding
) -> None:
    mac.focused = FakeField(text, selection)
    assert around() == said


def test_a_password_field_is_not_read(mac: FakeMac) -> None:
    mac.focused, mac.password = FakeField("hunter2", (7, 0)), True
    assert around() == Surrounding("")


@pytest.mark.parametrize("place", [(7, 0), (0, 0)])
def test_what_chromium_says_of_a_page_is_not_believed(
    mac: FakeMac, place: tuple[int, int]
) -> None:
    names = ("AXDOMIdentifier", "ChromeAXNodeId")
    mac.focused = FakeField("Message", place, names=names)
    assert around() is None


def test_a_page_in_webkit_is_believed_but_for_a_caret_at_its_start(
    mac: FakeMac,
) -> None:
    mac.focused = FakeField("Message", (7, 0), names=("AXDOMIdentifier",))
    assert around() == Surrounding("Message")
    mac.focused = FakeField("", (0, 0), names=("AXDOMIdentifier",))
    assert around() is None


@pytest.mark.parametrize(
    "answers",
    [
        FakeField(),  # no text
        FakeField("We need", answers="17"),
        FakeField("We need", (9, 0)),  # it does not fit together
        FakeField("We need", (3, 9)),
        FakeField("We need", (3, 0), is_counted=False),
    ],
)
def test_a_field_that_does_not_tell_is_silent(mac: FakeMac, answers: FakeField) -> None:
    mac.focused = answers
    assert around() is None


def test_electron_another_program_and_our_own_windows_are_silent(mac: FakeMac) -> None:
    mac.focused = FakeField("We need", (7, 0))
    assert around(Target(0, 43, "another")) is None
    assert around(Target(0, None, "nameless")) is None
    assert around() is not None
    mac.accessible = False
    assert around() is None
    mac.accessible, mac.front = True, (os.getpid(), "mica")
    assert around(Target(0, os.getpid(), "mica")) is None
