"""What becomes of a day if one mend of the audit is undone.

The numbers are the findings of the audit of Mica's code for macOS, which never ran on
a Mac. For each there is at least one mutation, which takes its mend away as the code
was before, the script that must then fail, and what it must complain of. Imports of the
host are in the functions, for it can be imported only while Apple's modules are faked.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import pytest

from host.rehearsal.fake_mac.activation import RAISE, TRANSFORM
from host.rehearsal.rehearse import Story, Undo
from host.rehearsal.stories import (
    away,
    clipboard,
    everyday,
    first_day,
    keys,
    microphones,
)

Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Mutation:
    """undo: its docstring says what is taken away; complaint: a regular expression."""

    finding: int
    undo: Undo
    story: Story
    complaint: str
    version: int = 15


#: Mends that no script can see, and what holds them instead.
NOT_SEEN = {
    12: "Which Python sets Mica up is settled before there is a Mica: "
    "tests/packaging/test_find_python.py runs the set-up with each.",
    13: "Which pyobjc pip takes is settled by pyproject.toml: "
    "tests/host/test_contract.py reads the tables of the versions pinned there.",
}


def raise_as_the_front_program(patch: Patch) -> None:
    """Neither the variable nor the way around raise_()."""
    from mica.host.macos import windows
    from mica.ui import floating

    def bring(self: Any, window: Any) -> None:
        window.show()
        window.raise_()
        self._lift(int(window.winId()))

    _without(patch, windows, RAISE)
    patch.setattr(floating.Floating, "bring", bring)


def transform_at_the_start(patch: Patch) -> None:
    """Not the variable that keeps Qt from making us a foreground app."""
    from mica.host.macos import windows

    _without(patch, windows, TRANSFORM)


def _without(patch: Patch, windows: Any, variable: str) -> None:
    prepare = windows.prepare_launch

    def prepare_without() -> None:
        prepare()
        os.environ.pop(variable)

    patch.setattr(windows, "prepare_launch", prepare_without)


def type_characters_into_virtual_machines(patch: Patch) -> None:
    """Characters on keycode 0, as into any other program."""
    from mica.host.macos import editing

    patch.setattr(editing, "is_remote", lambda target: False)


def press_v_with_a_flag_alone(patch: Patch) -> None:
    """Command itself never goes down or up."""
    from mica.host.macos.keyboard import Keyboard

    @contextmanager
    def held(self: Keyboard, source: Any, flags: int) -> Iterator[int]:
        yield flags

    patch.setattr(Keyboard, "_held", held)


def take_fn_for_a_held_modifier(patch: Patch) -> None:
    from mica.host.macos import keyboard
    from support.apple_fakes import FLAGS

    modifiers = keyboard._MODIFIERS | FLAGS["SecondaryFn"]
    patch.setattr(keyboard, "_MODIFIERS", modifiers)


def take_an_unread_clipboard_for_an_empty_one(patch: Patch) -> None:
    from mica.host.macos import clipboard
    from mica.host.values import Snapshot

    patch.setattr(clipboard, "_NOT_ALLOWED", Snapshot())


def open_a_microphone_before_it_is_allowed(patch: Patch) -> None:
    from mica.dictation.microphone_access import MicrophoneAccess
    from mica.host.values import Grant, Permission

    def problem(self: MicrophoneAccess) -> None:
        if self._permissions.state(Permission.MICROPHONE) is Grant.UNDETERMINED:
            self._permissions.request(Permission.MICROPHONE)

    patch.setattr(MicrophoneAccess, "problem", problem)


def keep_silent_microphones_warm(patch: Patch) -> None:
    from mica.audio.microphone_pool import _Stream

    patch.setattr(_Stream, "is_silent", False)
    leave_silent_microphones_alone(patch)


def leave_silent_microphones_alone(patch: Patch) -> None:
    from mica.audio.failover import FailoverMicrophone

    patch.setattr(FailoverMicrophone, "replace_silent", lambda self: None)


def stop_at_any_secure_input(patch: Patch) -> None:
    """Whoever has it on."""
    from mica.host.macos.accessibility import MacFocus

    current = MacFocus.current

    def guarded(self: MacFocus) -> Any:
        target = current(self)
        is_on = self.secure_input_owner() is not None
        return replace(target, secure=is_on) if target is not None else None

    patch.setattr(MacFocus, "current", guarded)


def believe_one_answer_about_accessibility(patch: Patch) -> None:
    """AXIsProcessTrusted's, which may be that of the start."""
    from ApplicationServices import AXIsProcessTrusted

    from mica.host.macos import keyboard, permissions

    for module in (keyboard, permissions):
        patch.setattr(module, "may_post_keys", lambda: AXIsProcessTrusted())


def name_mica_as_who_is_to_be_allowed(patch: Patch) -> None:
    from mica.host.macos import keyboard, permissions

    for module in (keyboard, permissions):
        patch.setattr(module, "holder", lambda: "Mica")


def put_the_socket_into_the_temporary_folder(patch: Patch) -> None:
    import tempfile
    from pathlib import Path

    from mica import paths

    socket = Path(tempfile.gettempdir()) / "mica"
    patch.setattr(paths, "control_socket", lambda: socket)


def count_the_key_that_fn_gives(patch: Patch) -> None:
    from mica.host.macos.key_counts import TypingCounter

    patch.setattr(TypingCounter, "fn_changed", lambda self, at_s: None)


def believe_fn_from_any_key(patch: Patch) -> None:
    from mica.host.macos import hotkeys

    patch.setattr(hotkeys, "gives_fn", lambda: False)


def read_a_clipboard_to_its_end(patch: Patch) -> None:
    """However long its owner takes, on the main thread."""
    from mica.host.macos import clipboard

    class Thread:
        def __init__(self, target: Callable[[], None], **_options: object) -> None:
            self.start = target

    fake = SimpleNamespace(Event=threading.Event, Thread=Thread)
    patch.setattr(clipboard, "threading", fake)


def count_keys_from_when_they_are_handled(patch: Patch) -> None:
    from mica.host.macos import hotkeys

    patch.setattr(hotkeys, "happened_s", lambda event_s, now_s: now_s)


def let_exceptions_through(patch: Patch) -> None:
    """Into AppKit, which ends the process."""
    from mica.host.macos import layout, monitors, session

    @contextmanager
    def contained() -> Iterator[None]:
        yield

    for module in (layout, monitors, session):
        patch.setattr(module, "contained", contained)


FRONT = "Mica is in front"
MUTATIONS = (
    Mutation(1, raise_as_the_front_program, everyday.textedit_twice, FRONT),
    Mutation(1, raise_as_the_front_program, everyday.right_after_the_start, FRONT, 27),
    Mutation(2, transform_at_the_start, everyday.right_after_the_start, FRONT),
    Mutation(
        3,
        type_characters_into_virtual_machines,
        everyday.a_remote_desktop_in_english,
        "holds 'aaaa",
    ),
    Mutation(4, press_v_with_a_flag_alone, everyday.a_browser, "holds 'v"),
    Mutation(
        5, take_fn_for_a_held_modifier, keys.after_the_arrow_keys, "holds 'hello'"
    ),
    Mutation(
        6,
        take_an_unread_clipboard_for_an_empty_one,
        clipboard.macos_would_ask_before_it_is_read,
        "the clipboard holds ''",
    ),
    Mutation(
        7, open_a_microphone_before_it_is_allowed, first_day.grant_by_grant, "told"
    ),
    Mutation(
        7,
        keep_silent_microphones_warm,
        microphones.a_terminal_that_never_asks,
        "holds ''",
    ),
    Mutation(
        8,
        leave_silent_microphones_alone,
        microphones.zeros_until_it_is_opened_again,
        "holds ''",
    ),
    Mutation(9, stop_at_any_secure_input, everyday.secure_input_left_on, "holds ''"),
    Mutation(
        9,
        stop_at_any_secure_input,
        everyday.secure_keyboard_entry_in_terminal,
        "holds ''",
    ),
    Mutation(
        10,
        believe_one_answer_about_accessibility,
        first_day.a_grant_nobody_hears_of,
        "holds ''",
    ),
    Mutation(
        11,
        name_mica_as_who_is_to_be_allowed,
        first_day.grant_by_grant,
        "told .*Allow Mica",
    ),
    Mutation(
        14,
        put_the_socket_into_the_temporary_folder,
        away.three_days_later,
        "no other program",
    ),
    Mutation(15, count_the_key_that_fn_gives, keys.fn_is_tapped, "holds ''|opens"),
    Mutation(15, believe_fn_from_any_key, keys.an_arrow_key_says_fn, "told"),
    Mutation(
        16,
        read_a_clipboard_to_its_end,
        clipboard.a_table_that_is_slow_to_copy,
        "it took",
    ),
    Mutation(
        17,
        count_keys_from_when_they_are_handled,
        keys.a_tap_while_mica_is_busy,
        "No speech detected",
    ),
    Mutation(18, let_exceptions_through, away.a_part_of_mica_fails, "a fault of ours"),
)
