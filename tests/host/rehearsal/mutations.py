"""The fixes of the audit's findings, how to revert them, and which scenario then fails.

The numbers are the findings of the audit of Mica's macOS code, which was written
without a Mac. For each finding there is at least one mutation: it restores the code as
it was before the fix, and names the scenario that must then fail and its message.
"""

from dataclasses import dataclass

from host.rehearsal import reverted_fixes
from host.rehearsal.runner import Scenario, Undo
from host.rehearsal.scenarios import (
    away,
    clipboard,
    everyday,
    floating,
    keys,
    microphones,
    permissions,
)


@dataclass(frozen=True)
class Mutation:
    """One reverted fix.

    finding     its number in the audit; None: found by a scenario itself
    complaint   regular expression for the message of the failing scenario
    """

    finding: int | None
    undo: Undo
    scenario: Scenario
    complaint: str
    version: int = 15


#: Fixes that no scenario can test, and what tests them instead.
NOT_SEEN = {
    12: "Which Python sets Mica up is settled before there is a Mica: "
    "tests/packaging/test_find_python.py runs the set-up with each.",
    13: "Which pyobjc pip takes is settled by pyproject.toml: "
    "tests/host/test_contract.py reads the tables of the versions pinned there.",
}


FRONT = "Mica is in front"
MUTATIONS = (
    Mutation(
        1, reverted_fixes.raise_as_the_front_program, everyday.textedit_twice, FRONT
    ),
    Mutation(
        1,
        reverted_fixes.raise_as_the_front_program,
        everyday.right_after_the_start,
        FRONT,
        27,
    ),
    Mutation(
        1,
        reverted_fixes.raise_as_the_front_program,
        everyday.captions_while_typing,
        FRONT,
    ),
    Mutation(
        1,
        reverted_fixes.let_qt_raise_the_process,
        everyday.right_after_the_start,
        "any window that Qt raises",
    ),
    Mutation(
        2,
        reverted_fixes.keep_python_in_the_dock,
        everyday.right_after_the_start,
        "Dock",
    ),
    Mutation(
        2, reverted_fixes.transform_at_the_start, everyday.right_after_the_start, FRONT
    ),
    Mutation(
        3,
        reverted_fixes.type_characters_into_virtual_machines,
        everyday.a_remote_desktop_in_english,
        "holds 'aaaa",
    ),
    Mutation(
        4, reverted_fixes.press_v_with_a_flag_alone, everyday.a_browser, "holds 'v"
    ),
    Mutation(
        5,
        reverted_fixes.treat_fn_as_a_held_modifier,
        keys.after_the_arrow_keys,
        "holds 'hello'",
    ),
    Mutation(
        6,
        reverted_fixes.treat_an_unread_clipboard_as_empty,
        clipboard.macos_would_ask_before_it_is_read,
        "the clipboard holds ''",
    ),
    Mutation(
        6,
        reverted_fixes.treat_a_refused_clipboard_as_empty,
        clipboard.macos_asks_and_the_user_refuses,
        "the clipboard holds ''",
    ),
    Mutation(
        7,
        reverted_fixes.open_a_microphone_before_it_is_allowed,
        permissions.grant_by_grant,
        "messages",
    ),
    Mutation(
        7,
        reverted_fixes.keep_silent_microphones_open,
        microphones.a_terminal_that_never_asks,
        "holds ''",
    ),
    Mutation(
        8,
        reverted_fixes.do_not_reopen_silent_microphones,
        microphones.zeros_until_it_is_opened_again,
        "holds ''",
    ),
    Mutation(
        9,
        reverted_fixes.refuse_on_any_secure_input,
        everyday.secure_input_left_on,
        "holds ''",
    ),
    Mutation(
        9,
        reverted_fixes.refuse_on_any_secure_input,
        everyday.secure_keyboard_entry_in_terminal,
        "holds ''",
    ),
    Mutation(
        9,
        reverted_fixes.omit_secure_input_from_the_message,
        clipboard.no_program_reads_under_secure_input,
        "messages .*inserted here",
    ),
    Mutation(
        10,
        reverted_fixes.trust_one_answer_about_accessibility,
        permissions.accessibility_granted_while_running,
        "holds ''",
    ),
    Mutation(
        10,
        reverted_fixes.omit_the_restart_advice,
        permissions.a_grant_lost_by_an_update,
        "messages .*Accessibility. The text",
    ),
    Mutation(
        11,
        reverted_fixes.name_mica_instead_of_the_terminal,
        permissions.grant_by_grant,
        "messages .*Allow Mica",
    ),
    Mutation(
        11,
        reverted_fixes.show_an_alert_and_a_page_at_each_text,
        permissions.dictation_without_accessibility,
        "macOS showed .*Settings",
    ),
    Mutation(
        14,
        reverted_fixes.put_the_socket_in_the_temporary_folder,
        away.the_temporary_folder_is_cleared,
        "no other program",
    ),
    Mutation(
        15, reverted_fixes.count_fn_as_a_typed_key, keys.fn_is_tapped, "holds ''|opens"
    ),
    Mutation(
        15,
        reverted_fixes.accept_fn_from_any_key,
        keys.an_arrow_key_that_sends_fn_events,
        "messages",
    ),
    Mutation(
        16,
        reverted_fixes.read_a_clipboard_to_its_end,
        clipboard.a_table_that_is_slow_to_copy,
        "it took",
    ),
    Mutation(
        17,
        reverted_fixes.count_keys_from_when_they_are_handled,
        keys.a_tap_while_mica_is_busy,
        "No speech detected|No voice heard",
    ),
    Mutation(
        18,
        reverted_fixes.let_exceptions_through,
        away.an_event_handler_raises,
        "AppKit got",
    ),
    Mutation(
        19,
        reverted_fixes.exit_on_hangup_signal,
        away.the_terminal_is_closed,
        "end at once",
    ),
    Mutation(
        20,
        reverted_fixes.do_not_restore_the_front_program,
        everyday.settings_opened_and_closed,
        FRONT,
    ),
    Mutation(
        20,
        reverted_fixes.leave_settings_behind_other_windows,
        everyday.settings_when_macos_refuses_activation,
        "behind TextEdit",
        27,
    ),
    Mutation(
        20,
        reverted_fixes.leave_reopening_to_qt,
        everyday.mica_is_reopened,
        "no window was opened",
    ),
    Mutation(
        20,
        reverted_fixes.ignore_the_menu_bar_owner,
        everyday.mica_is_reopened,
        FRONT,
    ),
    Mutation(
        21,
        reverted_fixes.offer_the_text_to_other_devices,
        everyday.no_other_device_is_offered_the_text,
        "other devices",
    ),
    Mutation(
        22, reverted_fixes.let_the_display_sleep, everyday.captions_while_typing, "dark"
    ),
    Mutation(
        22,
        reverted_fixes.require_a_mouse_entered_event,
        floating.undo_on_the_overlay,
        "holds ''",
    ),
    Mutation(1, reverted_fixes.activate_on_click, floating.undo_on_the_overlay, FRONT),
    Mutation(
        23,
        reverted_fixes.hide_floating_windows_in_full_screen,
        floating.above_a_full_screen_program,
        "another space",
    ),
    Mutation(
        23,
        reverted_fixes.float_below_the_menu_bar,
        floating.above_a_full_screen_program,
        "another space",
    ),
    Mutation(
        None,
        reverted_fixes.keep_a_microphone_open_while_away,
        away.the_lid_is_closed,
        "is open",
    ),
)
