"""The fixes for the audit's findings, how to undo them, and the stories that then fail.

The numbers are the findings of the audit of Mica's macOS code, which was written
without a Mac. For each finding there is at least one mutation: it restores the code as
it was before the fix, and names the story that must then fail and its message.
"""

from dataclasses import dataclass

from host.rehearsal import undone
from host.rehearsal.rehearse import Story, Undo
from host.rehearsal.stories import (
    away,
    clipboard,
    everyday,
    first_day,
    floating,
    keys,
    microphones,
)


@dataclass(frozen=True)
class Mutation:
    """One undone fix.

    finding     its number in the audit; None: found by the rehearsal itself
    complaint   regular expression for the message of the failing story
    """

    finding: int | None
    undo: Undo
    story: Story
    complaint: str
    version: int = 15


#: Fixes that no story can test, and what tests them instead.
NOT_SEEN = {
    12: "Which Python sets Mica up is settled before there is a Mica: "
    "tests/packaging/test_find_python.py runs the set-up with each.",
    13: "Which pyobjc pip takes is settled by pyproject.toml: "
    "tests/host/test_contract.py reads the tables of the versions pinned there.",
}


FRONT = "Mica is in front"
MUTATIONS = (
    Mutation(1, undone.raise_as_the_front_program, everyday.textedit_twice, FRONT),
    Mutation(
        1, undone.raise_as_the_front_program, everyday.right_after_the_start, FRONT, 27
    ),
    Mutation(
        1, undone.raise_as_the_front_program, everyday.captions_beside_a_text, FRONT
    ),
    Mutation(
        1,
        undone.let_qt_raise_the_process,
        everyday.right_after_the_start,
        "any window that Qt raises",
    ),
    Mutation(2, undone.keep_python_in_the_dock, everyday.right_after_the_start, "Dock"),
    Mutation(2, undone.transform_at_the_start, everyday.right_after_the_start, FRONT),
    Mutation(
        3,
        undone.type_characters_into_virtual_machines,
        everyday.a_remote_desktop_in_english,
        "holds 'aaaa",
    ),
    Mutation(4, undone.press_v_with_a_flag_alone, everyday.a_browser, "holds 'v"),
    Mutation(
        5,
        undone.take_fn_for_a_held_modifier,
        keys.after_the_arrow_keys,
        "holds 'hello'",
    ),
    Mutation(
        6,
        undone.take_an_unread_clipboard_for_an_empty_one,
        clipboard.macos_would_ask_before_it_is_read,
        "the clipboard holds ''",
    ),
    Mutation(
        6,
        undone.take_a_refusal_for_an_empty_clipboard,
        clipboard.macos_asks_and_the_user_refuses,
        "the clipboard holds ''",
    ),
    Mutation(
        7,
        undone.open_a_microphone_before_it_is_allowed,
        first_day.grant_by_grant,
        "told",
    ),
    Mutation(
        7,
        undone.keep_silent_microphones_warm,
        microphones.a_terminal_that_never_asks,
        "holds ''",
    ),
    Mutation(
        8,
        undone.leave_silent_microphones_alone,
        microphones.zeros_until_it_is_opened_again,
        "holds ''",
    ),
    Mutation(
        9, undone.stop_at_any_secure_input, everyday.secure_input_left_on, "holds ''"
    ),
    Mutation(
        9,
        undone.stop_at_any_secure_input,
        everyday.secure_keyboard_entry_in_terminal,
        "holds ''",
    ),
    Mutation(
        9,
        undone.name_no_secure_input,
        clipboard.nobody_reads_under_secure_input,
        "told .*inserted here",
    ),
    Mutation(
        10,
        undone.believe_one_answer_about_accessibility,
        first_day.a_grant_nobody_hears_of,
        "holds ''",
    ),
    Mutation(
        10,
        undone.say_nothing_of_starting_again,
        first_day.a_grant_that_an_update_cost,
        "told .*Accessibility. The text",
    ),
    Mutation(
        11,
        undone.name_mica_as_who_is_to_be_allowed,
        first_day.grant_by_grant,
        "told .*Allow Mica",
    ),
    Mutation(
        11,
        undone.show_an_alert_and_a_page_at_each_text,
        first_day.dictating_on_without_accessibility,
        "macOS showed .*Settings",
    ),
    Mutation(
        14,
        undone.put_the_socket_into_the_temporary_folder,
        away.three_days_later,
        "no other program",
    ),
    Mutation(
        15, undone.count_the_key_that_fn_gives, keys.fn_is_tapped, "holds ''|opens"
    ),
    Mutation(15, undone.believe_fn_from_any_key, keys.an_arrow_key_says_fn, "told"),
    Mutation(
        16,
        undone.read_a_clipboard_to_its_end,
        clipboard.a_table_that_is_slow_to_copy,
        "it took",
    ),
    Mutation(
        17,
        undone.count_keys_from_when_they_are_handled,
        keys.a_tap_while_mica_is_busy,
        "No speech detected|No voice heard",
    ),
    Mutation(
        18, undone.let_exceptions_through, away.a_part_of_mica_fails, "AppKit got"
    ),
    Mutation(
        19, undone.die_with_the_terminal, away.the_terminal_is_closed, "end at once"
    ),
    Mutation(20, undone.stay_in_front, everyday.the_settings_and_back, FRONT),
    Mutation(
        20,
        undone.leave_settings_behind,
        everyday.settings_that_macos_keeps_back,
        "behind TextEdit",
        27,
    ),
    Mutation(
        20,
        undone.leave_reopening_to_qt,
        everyday.mica_is_opened_again,
        "no window was opened",
    ),
    Mutation(
        20,
        undone.know_only_the_front_program_before,
        everyday.mica_is_opened_again,
        FRONT,
    ),
    Mutation(
        21,
        undone.offer_the_text_to_other_devices,
        everyday.no_other_device_is_offered_the_text,
        "other devices",
    ),
    Mutation(22, undone.let_the_display_sleep, everyday.captions_beside_a_text, "dark"),
    Mutation(
        22,
        undone.need_a_mouse_that_is_followed,
        floating.undo_on_the_overlay,
        "holds ''",
    ),
    Mutation(
        1, undone.come_to_the_front_at_a_click, floating.undo_on_the_overlay, FRONT
    ),
    Mutation(
        23,
        undone.stay_on_the_desktop,
        floating.above_a_full_screen_program,
        "another space",
    ),
    Mutation(
        23,
        undone.float_below_the_menu_bar,
        floating.above_a_full_screen_program,
        "another space",
    ),
    Mutation(
        None,
        undone.keep_a_microphone_open_while_away,
        away.the_lid_is_closed,
        "is open",
    ),
)
