"""The context of the second of two dictations in a real window, with and without
Accessibility."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from end_to_end.parts import (
    OTHER,
    SHORT,
    click,
    field,
    mica,
    needs_desktop,
    spoken,
    text_of,
    window,
)
from end_to_end.running_app import RunningApp, running_app, screenshot
from mica.host.values import SurroundingText
from mica.host.x11.at_spi import AtSpi
from mica.host.x11.focus import X11Focus
from support import accessibility_bus, xserver
from support.xserver import until, xdotool

LACKING = accessibility_bus.missing()
pytestmark = needs_desktop
AND = ["65", "38", "57", "40"]  # " and", by keycode
LEFT_ARROW, BACKSPACE, RETURN, HOME = "113", "22", "36", "110"
SHIFT, CTRL = "50", "37"
DELETE, COMMA = "119", "59"
SELECT_ALL = "Ctrl+A"
ICON = ("1266", "14")  # its position in the tray


@pytest.fixture(scope="module", params=[True, False], ids=["accessible", "silent"])
def accessible(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[bool]:
    """Whether the editor reports its text to Accessibility."""
    if not request.param:
        yield False
        return
    if LACKING:
        pytest.skip(f"needs {', '.join(LACKING)}")
    with accessibility_bus.accessibility_bus(tmp_path_factory.mktemp("run")):
        yield True


@pytest.fixture(scope="module")
def app(
    accessible: bool, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningApp]:
    with running_app(tmp_path_factory.mktemp("mica")) as running:
        yield running


def dictate(app: RunningApp, clip: Path = SHORT) -> str:
    """Dictate a clip; return its text once it is in the window."""
    with app.listening():
        app.microphone.play(spoken(clip))
    row = app.ended()
    assert row["status"] == "inserted"
    return str(row["text"])


def click_in_the_text(app: RunningApp, file: Path) -> None:
    """Click to the right of the text, which puts the caret at its end."""
    xdotool("mousemove", "--window", xdotool("getactivewindow"), "580", "100")
    xdotool("click", "1")


def type_a_word(app: RunningApp, file: Path) -> None:
    xdotool("key", *AND)
    until(lambda: text_of(file).endswith(" and"))


def begin_a_line(app: RunningApp, file: Path) -> None:
    xdotool("key", RETURN)
    until(lambda: text_of(file).endswith("\n"))


def cancel_and_undo(app: RunningApp, file: Path) -> None:
    before = text_of(file)
    with app.listening():
        app.microphone.play(spoken(OTHER))
        xdotool("key", "Escape")
        until(lambda: window("Mica Undo") != "")
    click("Mica Undo")
    app.ended()
    until(lambda: text_of(file) != before)


def open_the_menu(app: RunningApp, file: Path) -> None:
    xdotool("mousemove", *ICON, "click", "3")
    until(lambda: menu(app))
    xdotool("key", "Escape")
    until(lambda: not menu(app))


def menu(app: RunningApp) -> bool:
    """Whether one of the app's menus is open."""
    found = xdotool("search", "--onlyvisible", "--pid", str(app.app.pid)).split()
    types = [
        xserver._run("xprop", "-id", each, "_NET_WM_WINDOW_TYPE") for each in found
    ]
    return any("MENU" in each for each in types)


@pytest.mark.parametrize(
    "meanwhile",
    [click_in_the_text, type_a_word, begin_a_line, cancel_and_undo, open_the_menu],
)
def test_two_dictations_are_separated_by_a_space(
    app: RunningApp,
    accessible: bool,
    tmp_path: Path,
    meanwhile: Callable[[RunningApp, Path], None],
) -> None:
    command, file = field(tmp_path, "glued")
    with xserver.program(command, "glued"):
        first = dictate(app)
        until(lambda: text_of(file) == first)
        meanwhile(app, file)
        before = text_of(file)
        second = dictate(app, OTHER)
        screenshot(f"spacing-{meanwhile.__name__}")
        until(lambda: text_of(file).endswith(second[1:]))
        if meanwhile is begin_a_line:
            assert text_of(file) == before + second
        elif meanwhile is type_a_word:
            assert text_of(file) == f"{before} {second[0].lower()}{second[1:]}"
        else:
            assert text_of(file) == f"{before} {second}"


@pytest.mark.parametrize(
    ("held", "key", "wanted"),
    [
        (SHIFT, "18", "{first}({second}"),
        (None, HOME, "{second} {first}"),
        (CTRL, "38", "{second}"),  # everything is selected
        (None, BACKSPACE, "{first_but_its_stop} {second_lowered}"),
    ],
    ids=["bracket", "home", "all", "backspace"],
)
def test_the_second_dictation_fits_the_key_pressed_before_it(
    app: RunningApp,
    accessible: bool,
    tmp_path: Path,
    held: str | None,
    key: str,
    wanted: str,
) -> None:
    command, file = field(tmp_path, "fits")
    with xserver.program(command, "fits"):
        first = dictate(app)
        until(lambda: text_of(file) == first)
        if held is not None:
            xdotool("keydown", held, "key", key, "keyup", held)
        else:
            xdotool("key", key)
        second = dictate(app, OTHER)
        whole = wanted.format(
            first=first,
            second=second,
            first_but_its_stop=first[:-1],
            second_lowered=f"{second[0].lower()}{second[1:]}",
        )
        until(lambda: text_of(file) == whole)


def lowered(text: str) -> str:
    return f"{text[0].lower()}{text[1:]}"


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        (AND, "{first} and {lowered}"),
        ([RETURN], "{first}\n{second}"),
        ([RETURN, *AND[1:]], "{first}\nand {lowered}"),
        ([SELECT_ALL, DELETE, *AND[1:]], "and {lowered}"),
        ([SELECT_ALL, DELETE], "{second}"),
        ([*AND, BACKSPACE, COMMA, AND[0]], "{first} an, {lowered}"),
        ([], "{first} {second}"),
    ],
    ids=["word", "line", "word in a line", "word alone", "nothing", "comma", "click"],
)
def test_a_text_fits_what_was_typed_since_a_click(
    app: RunningApp, accessible: bool, tmp_path: Path, keys: list[str], wanted: str
) -> None:
    command, file = field(tmp_path, "since")
    with xserver.program(command, "since"):
        first = dictate(app)
        until(lambda: text_of(file) == first)
        click_in_the_text(app, file)
        for key in keys:
            if key == SELECT_ALL:
                xdotool("keydown", CTRL, "key", "38", "keyup", CTRL)
            else:
                xdotool("key", key)
        second = dictate(app, OTHER)
        whole = wanted.format(first=first, second=second, lowered=lowered(second))
        until(lambda: text_of(file) == whole)


def test_a_first_text_fits_what_was_typed_into_its_window(
    app: RunningApp, accessible: bool, tmp_path: Path
) -> None:
    command, file = field(tmp_path, "first")
    with xserver.program(command, "first"):
        click_in_the_text(app, file)
        xdotool("key", *AND[1:])
        until(lambda: text_of(file) == "and")
        dictated = dictate(app, OTHER)
        until(lambda: text_of(file) == f"and {lowered(dictated)}")


def test_text_after_a_restart_and_a_click_gets_a_space(
    app: RunningApp, accessible: bool, tmp_path: Path
) -> None:
    command, file = field(tmp_path, "restarted")
    with xserver.program(command, "restarted"):
        first = dictate(app)
        until(lambda: text_of(file) == first)
        app.crash()
        click_in_the_text(app, file)
        second = dictate(app, OTHER)
        until(lambda: text_of(file) == f"{first} {second}")


def test_a_text_fits_between_words_and_undo_takes_its_spaces_too(
    app: RunningApp, accessible: bool, tmp_path: Path
) -> None:
    command, file = field(tmp_path, "between")
    with xserver.program(command, "between"):
        xdotool("key", *AND, *AND, *[LEFT_ARROW] * 3)
        until(lambda: text_of(file) == " and and")
        xdotool("key", BACKSPACE)
        until(lambda: text_of(file) == " andand")
        text = dictate(app, OTHER)
        if accessible:
            text = f"{text[0].lower()}{text[1:]}".removesuffix(".")
            text = f" {text} "
        until(lambda: text in text_of(file))
        assert text_of(file) == f" and{text}and"
        screenshot("spacing-between")
        assert mica(app.home, "tell", "undo").returncode == 0
        until(lambda: text_of(file) == " andand")


@pytest.mark.parametrize("accessible", [True], indirect=True)
def test_field_that_rejects_the_text_is_not_reported_as_inserted(
    app: RunningApp,
) -> None:
    with xserver.program(xserver.qt_program("digits", "digits"), "digits"):
        until(lambda: AtSpi().read(X11Focus().current()) == SurroundingText("12"))
        with app.listening():
            app.microphone.play(spoken(SHORT))
        assert app.ended()["status"] == "unknown"
