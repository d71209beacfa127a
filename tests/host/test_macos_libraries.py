"""Carbon and Core Audio as the Mac host calls them via ctypes: replaced by a small C
library with the same signatures, compiled here, so that the types are really tested."""

import _ctypes
import ctypes
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from mica.host.key_names import Hotkey
from mica.host.sound import Transport
from support.apple_fakes import FakeMac, installed, pretended
from support.apple_types import split_types

SOURCE = Path(__file__).parent / "programs" / "apple_libraries.c"
RECORDED = json.loads(
    (Path(__file__).parent / "recorded" / "pyobjc.json").read_text("utf-8")
)
SIZES, POINTER = {"I": 4, "q": 8}, ctypes.sizeof(ctypes.c_void_p)
PRESS, RELEASE, OUTPUT_GONE, SPEAKERS = 5, 6, 0, 4
CONTROL, OPTION, V_DVORAK = 0x1000, 0x800, 47


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    library = tmp_path_factory.mktemp("apple") / "libapple.so"
    flags = ["-shared", "-fPIC", "-Wno-multichar", "-o", str(library)]
    subprocess.run(["cc", *flags, str(SOURCE)], check=True)
    return library


@pytest.fixture
def apple(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """A copy of the library with its own state, installed in place of Apple's."""
    path = shutil.copy(built, tmp_path / "libapple.so")
    with installed(FakeMac()):
        from mica.host.macos import carbon, core_audio

        monkeypatch.setattr(carbon, "LIBRARY", str(path))
        monkeypatch.setattr(core_audio, "LIBRARY", str(path))
        yield ctypes.CDLL(str(path))


def test_whole_host_opens_and_reports_its_chord(apple: Any) -> None:
    from mica.host.macos.open import open_macos

    host, noticed = open_macos(), list[str]()
    host.hotkeys.start(
        lambda what, _at_s: noticed.append(what.value),
        lambda use: noticed.append(use.name),
    )
    host.hotkeys.bind({Hotkey.HOLD: "f13", Hotkey.UNDO: "ctrl+alt+v"})
    assert apple.press(105, 0, PRESS) == apple.press(105, 0, RELEASE) == 0
    assert apple.press(V_DVORAK, CONTROL | OPTION, PRESS) == 0
    assert apple.press(9, CONTROL | OPTION, PRESS) == -1  # the K of this layout
    host.hotkeys.enable_escape(True)
    assert apple.press(53, 0, PRESS) == 0
    assert noticed == ["press", "release", "UNDO", "escape"]
    host.hotkeys.stop()
    assert apple.press(105, 0, PRESS) == -1
    assert host.clipboard_for(host.focus.current()) is host.clipboard
    assert host.focus.secure_input_owner() == ""


def test_queried_process_is_read(apple: Any, built: Path) -> None:
    from mica.host.macos.permissions import responsible_pid

    assert responsible_pid(str(built)) == 4711  # the terminal
    assert responsible_pid(_ctypes.__file__) == 0  # a library that does not export it


def test_ctypes_sizes_are_those_of_pyobjc(apple: Any) -> None:
    from mica.host.macos import carbon, core_audio, layout

    layout.declare_functions(found := carbon.load())
    libraries = [found, core_audio.load()]
    wrong = {}
    for name, encoded in RECORDED["libraries"].items():
        _back, *types = split_types(encoded)
        wanted = [SIZES.get(one, POINTER) for one in types]
        for library in libraries:
            argument_types = getattr(library, name).argtypes
            if (
                argument_types
                and [ctypes.sizeof(one) for one in argument_types] != wanted
            ):
                wrong[name] = argument_types
    assert wrong == {}


def test_key_registered_twice_is_refused_by_the_system(apple: Any) -> None:
    from mica.host.macos import carbon

    library = carbon.load()
    first = carbon.CarbonKeys(library, lambda key, pressed, at_s: None)
    second = carbon.CarbonKeys(library, lambda key, pressed, at_s: None)
    assert first.register((105, 0)) and first.register((105, 0))
    assert not second.register((105, 0))
    first.unregister_except(set())
    assert second.register((105, 0))


def test_key_comes_with_the_time_of_its_event(apple: Any) -> None:
    from mica.host.macos import carbon

    times: list[float] = []
    keys = carbon.CarbonKeys(
        carbon.load(), lambda key, pressed, at_s: times.append(at_s)
    )
    keys.register((105, 0))
    apple.press(105, 0, PRESS)
    assert times == [12.5]


def test_macos_shortcuts_are_copied_and_released(apple: Any) -> None:
    from mica.host.macos import carbon, layout

    layout.declare_functions(library := carbon.load())
    assert carbon.symbolic_hot_keys(library) == set()
    assert apple.times_released() == 1


def test_v_is_looked_up_as_command_changes_it(apple: Any) -> None:
    from mica.host.macos import carbon, layout

    library = carbon.load()
    layout.declare_functions(library)
    assert layout.keycode_for(library, "v") == 9
    assert layout.keys_by_character(library)["v"] == V_DVORAK
    assert apple.times_released() == 4


def test_a_system_without_carbons_secure_input_function_still_opens(
    apple: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mica.host.macos import carbon, keyboard

    class Without(ctypes.CDLL):
        def __getattr__(self, name: str) -> Any:
            if name == "IsSecureEventInputEnabled":
                raise AttributeError(name)
            return super().__getattr__(name)

    monkeypatch.setattr(carbon.ctypes, "CDLL", Without)
    assert keyboard.secure_input_owner(carbon.load()) is None


@pytest.fixture
def complete() -> Iterator[dict[str, ModuleType]]:
    """Modules that have every name in the contract."""
    from mica.host.macos.contract import IMPORTS, SELECTORS

    modules = {name: ModuleType(name) for name in IMPORTS}
    for name, names in IMPORTS.items():
        vars(modules[name]).update(dict.fromkeys(names, True))
    for owner, names in SELECTORS.items():
        vars(modules["AppKit"])[owner] = type(owner, (), dict.fromkeys(names))
    with pretended(modules):
        yield modules


@pytest.fixture
def check(built: Path, complete: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The check, on a Mac that lacks nothing until the test removes it."""
    from mica.host.macos import check

    monkeypatch.setattr(check.carbon, "LIBRARY", str(built))
    monkeypatch.setattr(check.core_audio, "LIBRARY", str(built))
    return check


def test_check_passes_on_a_mac_with_every_name(
    check: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (check.missing(), check.main()) == ([], 0)
    assert "0 names are missing" in capsys.readouterr().out


def test_check_prints_a_name_that_a_mac_lacks(
    check: Any, complete: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    del complete["Quartz"].CGEventPost, complete["AppKit"].NSView
    del complete["AppKit"].NSWorkspace.openURL_
    check.carbon.LIBRARY = _ctypes.__file__  # a library without Carbon's functions
    assert check.main() == 1
    output = capsys.readouterr().out
    for name in ("Quartz.CGEventPost", "NSView", "NSWorkspace.openURL_"):
        assert f"missing: {name}\n" in output
    assert "missing: Carbon: RegisterEventHotKey\n" in output
    assert "missing: Carbon: kTISPropertyUnicodeKeyLayoutData\n" in output
    assert "CoreAudio" not in output


def test_inputs_are_listed_with_their_transport(apple: Any) -> None:
    from mica.host.macos.core_audio import MacSoundDevices

    assert MacSoundDevices().inputs() == {
        "MacBook microphone": Transport.BUILT_IN,
        "Grüne Kopfhörer": Transport.BLUETOOTH,
    }


def test_default_input_is_named(apple: Any) -> None:
    from mica.host.macos.core_audio import MacSoundDevices

    sound = MacSoundDevices()
    assert sound.default_input() == "MacBook microphone"
    apple.choose(3)
    assert sound.default_input() == "Grüne Kopfhörer"
    apple.choose(0)
    assert sound.default_input() == ""


def test_change_of_the_default_output_is_reported(apple: Any) -> None:
    from mica.host.macos.core_audio import MacSoundDevices

    sound, argument_types = MacSoundDevices(), list[Transport]()
    assert sound.output_transport() is Transport.BLUETOOTH
    sound.watch(lambda: argument_types.append(sound.output_transport()))
    apple.plug(SPEAKERS)
    assert argument_types == [Transport.BUILT_IN] * 3  # once for each watched property
    apple.plug(OUTPUT_GONE)
    assert sound.output_transport() is Transport.UNKNOWN
    apple.plug(99)  # the default, but unplugged before it was queried
    assert sound.output_transport() is Transport.UNKNOWN
