"""The contract lists exactly the Apple names that the Mac host uses; pyobjc's tables,
recorded from its macOS wheels, confirm that they exist and are called correctly."""

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mica.host.ports
from mica.host.key_names import PRINTED
from mica.host.macos import contract
from support.apple_fakes import FakeMac, modules
from support.apple_types import split_types

FOLDER = Path(mica.host.ports.__file__).parent / "macos"
ROOT = Path(__file__).parents[2]
FILES = [file for file in FOLDER.glob("*.py") if file.name != "contract.py"]
RECORDED = json.loads(
    (Path(__file__).parent / "recorded" / "pyobjc.json").read_text("utf-8")
)
TREES = {file.name: ast.parse(file.read_text("utf-8")) for file in FILES}
CAMEL = re.compile(r"[a-z]+[A-Z]\w*")  # Mica's own names are snake_case
C_NAME = re.compile(r"[A-Z]\w+")
LOWER = {
    "CGEvent",
    "alloc",
    "data",
    "frame",
    "init",
    "length",
    "name",
    "screens",
    "status",
}
LOWER |= {"activate", "timestamp", "types", "window", "windows"}
SIDELESS = {56: "Shift", 59: "Control", 58: "Option", 55: "Command", 63: "Function"}
SIDES = {
    56: "LSHIFT", 60: "RSHIFT", 59: "LCTL", 62: "RCTL", 58: "LALT", 61: "RALT",
    55: "LCMD", 54: "RCMD",
}  # fmt: skip
PAIRS = ((56, 60), (59, 62), (58, 61), (55, 54))
CARBONS = {"cmdKey": "super", "shiftKey": "shift", "optionKey": "alt"}
CARBONS |= {"controlKey": "ctrl"}
APPLES_KEY = {  # keys for which Apple's name differs from Mica's
    "left_shift": "Shift", "left_ctrl": "Control", "right_ctrl": "RightControl",
    "left_alt": "Option", "right_alt": "RightOption", "left_super": "Command",
    "right_super": "RightCommand", "fn": "Function", "backspace": "Delete",
    "insert": "Help", "delete": "ForwardDelete", "left": "LeftArrow",
    "right": "RightArrow", "down": "DownArrow", "up": "UpArrow", "minus": "Minus",
    "equal": "Equal", "bracketleft": "LeftBracket", "bracketright": "RightBracket",
    "backslash": "Backslash", "semicolon": "Semicolon", "apostrophe": "Quote",
    "grave": "Grave", "comma": "Comma", "period": "Period", "slash": "Slash",
}  # fmt: skip
OUR_MODULES = {"collections", "contextlib", "dataclasses", "mica", "typing"}


def nodes() -> Iterator[ast.AST]:
    for tree in TREES.values():
        yield from ast.walk(tree)


def calls() -> Iterator[ast.Call]:
    return (node for node in nodes() if isinstance(node, ast.Call))


def listed() -> set[str]:
    groups = [*contract.SELECTORS.values(), *contract.CALLBACKS.values(), contract.OURS]
    return {name for names in groups for name in names} | set(contract.PRIVATE)


def test_contract_lists_every_import() -> None:
    used: dict[str, set[str]] = {}
    for node in nodes():
        if isinstance(node, ast.ImportFrom) and node.module in contract.IMPORTS:
            used.setdefault(node.module, set()).update(n.name for n in node.names)
    assert used == {module: set(names) for module, names in contract.IMPORTS.items()}


def test_contract_lists_every_apple_module() -> None:
    roots = {
        node.module.split(".")[0]
        for node in nodes()
        if isinstance(node, ast.ImportFrom) and node.module
    }
    assert roots - OUR_MODULES == set(contract.IMPORTS)


def test_contract_lists_every_selector() -> None:
    used = {n.attr for n in nodes() if isinstance(n, ast.Attribute)}
    used |= {n.name for n in nodes() if isinstance(n, ast.FunctionDef)}
    selectors = {
        name for name in used if CAMEL.fullmatch(name) or name.endswith("_")
    } - {"getLogger", *(name for name in used if name.startswith("__"))}
    assert selectors <= listed()
    assert listed() - selectors == LOWER
    assert used >= LOWER


def test_each_selector_gets_the_right_number_of_arguments() -> None:
    wrong = [
        ast.unparse(call)
        for call in calls()
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in listed() - LOWER
        and len(call.args) != call.func.attr.lstrip("_").count("_")
    ]
    assert wrong == []


def test_each_c_function_gets_the_right_number_of_arguments() -> None:
    known = {
        name: recorded.get("arguments") or len(split_types(recorded["types"])) - 1
        for names in RECORDED["names"].values()
        for name, recorded in names.items()
        if recorded["kind"] in ("function", "by hand")
    }
    seen = {}
    for call in calls():
        if isinstance(call.func, ast.Name) and call.func.id in known:
            seen[call.func.id] = (len(call.args), known[call.func.id])
    assert {name: n for name, n in seen.items() if n[0] != n[1]} == {}
    assert set(seen) == set(known)


@pytest.mark.parametrize(
    ("encoded", "types"),
    [
        ("v", ["v"]),
        ("vI^{__CGEvent=}", ["v", "I", "^{__CGEvent=}"]),
        (
            "{CGRect={CGPoint=dd}{CGSize=dd}}^@",
            ["{CGRect={CGPoint=dd}{CGSize=dd}}", "^@"],
        ),
        (
            "i^{__AXUIElement=}^{__CFString=}^@",
            ["i", *["^{__AXUIElement=}", "^{__CFString=}", "^@"]],
        ),
    ],
)
def test_an_encoding_is_read_type_by_type(encoded: str, types: list[str]) -> None:
    assert split_types(encoded) == types


def test_private_selector_is_checked_before_it_is_called() -> None:
    names_wanted = {
        ast.unparse(call.args[0])
        for call in calls()
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "respondsToSelector_"
    }
    for name in contract.PRIVATE:
        selector = "_" + name[1:].replace("_", ":")
        assert repr(selector.encode()) in names_wanted


def test_private_function_is_checked_before_it_is_called() -> None:
    texts = {n.value for n in nodes() if isinstance(n, ast.Constant)}
    assert set(contract.PRIVATE_FUNCTIONS) <= texts  # via getattr with a default


def test_every_imported_name_is_in_pyobjcs_tables() -> None:
    """Except pyobjc's own names. Classes are recognized by one of their selectors."""
    known = both("names")
    assert known == {m: set(names) for m, names in contract.IMPORTS.items()}
    assert RECORDED["unlisted"]["names"] == {
        "objc": ["autorelease_pool", "error", "objc_object"]
    }


def test_every_part_of_pyobjc_is_pinned_to_the_recorded_version() -> None:
    """Otherwise, pip could combine a newer core with older frameworks, untested."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    parts = [one for one in project["dependencies"] if one.startswith("pyobjc")]
    [major] = {int(version.split(".")[0]) for version in RECORDED["wheels"].values()}
    assert len(parts) > 1 and any(part.startswith("pyobjc-core>") for part in parts)
    assert [part for part in parts if f">={major},<{major + 1};" not in part] == []


def test_every_selector_is_in_pyobjcs_tables_or_listed_as_plain() -> None:
    """If this fails, run packaging/macos/record.py."""
    wanted = {**contract.SELECTORS, **contract.CALLBACKS}
    assert both("selectors") == {owner: set(names) for owner, names in wanted.items()}


def both(kind: str) -> dict[str, set[str]]:
    """The recorded names and those that are in no table, by owner."""
    found: dict[str, set[str]] = {}
    for part in (RECORDED[kind], RECORDED["unlisted"][kind]):
        for owner, names in part.items():
            found.setdefault(owner, set()).update(names)
    return found


def test_the_pretend_mac_has_apples_numbers() -> None:
    pretended = modules(FakeMac())
    other = [
        name
        for module, names in RECORDED["names"].items()
        for name, recorded in names.items()
        if "value" in recorded and getattr(pretended[module], name) != recorded["value"]
    ]
    assert other == []


def test_selectors_with_an_error_to_fill_give_two_values() -> None:
    """pyobjc returns (done, error) for these, and the code unpacks two values."""
    recorded: dict[str, Any] = RECORDED["selectors"]["SMAppService"]
    assert {name: one["arguments"]["2"] for name, one in recorded.items()} == {
        "registerAndReturnError_": {"type_modifier": "o"},
        "unregisterAndReturnError_": {"type_modifier": "o"},
    }


def test_monitors_and_promises_have_the_types_that_the_code_answers_with() -> None:
    monitors = RECORDED["selectors"]["NSEvent"]
    handlers = {
        name: recorded["arguments"]["3"]["callable"]["retval"]["type"]
        for name, recorded in monitors.items()
        if name.endswith("_handler_")
    }
    assert handlers == {
        "addGlobalMonitorForEventsMatchingMask_handler_": "v",
        "addLocalMonitorForEventsMatchingMask_handler_": "@",
    }
    promise = RECORDED["selectors"]["NSPasteboardTypeOwner"]
    assert promise["pasteboard_provideDataForType_"]["retval"] == {"type": "v"}


def test_the_libraries_functions_are_the_listed_ones() -> None:
    used = {
        node.attr
        for node in nodes()
        if isinstance(node, ast.Attribute)
        and C_NAME.fullmatch(node.attr)
        and ast.unparse(node.value) in ("library", "self._library")
    }
    functions = {name for names in contract.LIBRARIES.values() for name in names}
    texts = {n.value for n in nodes() if isinstance(n, ast.Constant)}
    assert used <= functions
    assert functions - used <= texts  # looked up by name if they may be missing
    assert set(contract.LIBRARY_DATA) <= texts


def test_ctypes_declarations_have_as_many_types_as_pyobjc() -> None:
    declared = {}
    for node in nodes():
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.List):
            place = ast.unparse(node.targets[0]).split(".")
            if place[0] == "library" and place[-1] == "argtypes":
                declared[place[1]] = len(node.value.elts)
    known = {n: len(split_types(t)) - 1 for n, t in RECORDED["libraries"].items()}
    assert {name: declared[name] for name in known} == known
    assert set(contract.LIBRARIES["CoreAudio"]) <= set(known)


def test_four_letters_are_the_numbers_that_pyobjc_knows() -> None:
    known = {name: recorded["value"] for name, recorded in RECORDED["letters"].items()}
    listed = contract.LETTERS
    assert {n: int.from_bytes(code, "big") for n, code in listed.items()} == known
    used = {n.value for n in nodes() if isinstance(n, ast.Constant)}
    assert set(listed.values()) <= used


def test_numbers_are_those_that_pyobjc_knows() -> None:
    """pyobjc has no tables for Carbon and IOKit."""
    known = RECORDED["numbers"]
    assert {name: contract.NUMBERS[name] for name in known} == known
    frameworks = ("NSEvent", "kAudio", "kCF")
    assert set(known) == {n for n in contract.NUMBERS if n.startswith(frameworks)}


def test_the_codes_numbers_are_the_listed_ones(mac: FakeMac) -> None:
    from mica.host.macos import carbon, core_audio, keys, layout, reopening

    event, device = keys.GENERAL_BITS, keys.MODIFIER_BITS
    assert {
        **{f"NSEventModifierFlag{name}": event[c] for c, name in SIDELESS.items()},
        **{f"NX_DEVICE{name}KEYMASK": device[code] for code, name in SIDES.items()},
        "NX_SECONDARYFNMASK": device[63],
        **{name: keys._MASKS[ours] for name, ours in CARBONS.items()},
        "kAEReopenApplication": reopening.REOPEN,
        "kAudioObjectSystemObject": core_audio.SYSTEM,
        "kCFStringEncodingUTF8": core_audio._UTF8,
        "kCoreEventClass": reopening.CORE_EVENTS,
        "kEventClassKeyboard": carbon._KEYBOARD,
        "kEventHotKeyExclusive": carbon.EXCLUSIVE,
        "kEventHotKeyPressed": carbon.PRESSED,
        "kEventHotKeyReleased": carbon.RELEASED,
        "kEventParamDirectObject": carbon._DIRECT,
        "kUCKeyActionDisplay": layout._DISPLAY,
        "kUCKeyActionDown": layout._DOWN,
        "kUCKeyTranslateNoDeadKeysMask": layout._NO_DEAD_KEYS,
        "typeEventHotKeyID": carbon._HOT_KEY_TYPE,
    } == contract.NUMBERS
    assert contract.NUMBERS["cmdKey"] >> 8 == layout._COMMAND
    assert contract.NUMBERS["shiftKey"] >> 8 == layout.SHIFT
    assert contract.NUMBERS["optionKey"] >> 8 == layout.OPTION
    assert {event[left] == event[right] for left, right in PAIRS} == {True}


def test_the_codes_words_are_the_listed_ones() -> None:
    apples = re.compile(r"Apple\w+|com\.apple\.[\w.]+|kCG\w+|kHI\w+|x-apple\..+")
    texts = {n.value for n in nodes() if isinstance(n, ast.Constant)}
    used = {t for t in texts if isinstance(t, str) and apples.fullmatch(t)}
    assert used == set(contract.WORDS)


def test_every_key_has_apples_keycode(mac: FakeMac) -> None:
    from mica.host.macos import editing, keys

    apples = {APPLES_KEY.get(k, k.title().replace("_", "")): k for k in keys._CODES}
    apples |= {f"ANSI_{APPLES_KEY.get(k, k.upper())}": k for k in PRINTED}
    assert {apple: keys.keycode(k, {}) for apple, k in apples.items()} == contract.KEYS
    pressed = (editing._LEFT, editing._RIGHT, editing._BACKSPACE, editing._RETURN)
    names = ("LeftArrow", "RightArrow", "Delete", "Return")
    assert pressed == tuple(contract.KEYS[name] for name in names)


def test_every_file_is_thin() -> None:
    longest = {f.name: len(f.read_text("utf-8").splitlines()) for f in FILES}
    assert {name: n for name, n in longest.items() if n >= 250} == {}
