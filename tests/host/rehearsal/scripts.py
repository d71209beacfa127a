"""All scripts: each has a story and the state of the Mac before Mica starts."""

from collections.abc import Callable
from dataclasses import dataclass

from host.rehearsal.fake_mac.mac import Mac
from host.rehearsal.rehearse import Story
from host.rehearsal.stories import (
    away,
    clipboard,
    everyday,
    first_day,
    floating,
    keys,
    microphones,
)
from mica import settings


def fresh(mac: Mac) -> None:
    """No permission is granted."""


def allowed(mac: Mac) -> None:
    mac.tcc.allow_microphone("Terminal")
    mac.tcc.allow_accessibility("Terminal")


def allowed_with_fn(mac: Mac) -> None:
    """Fn is the hold key, and macOS's own action for Fn has its default."""
    allowed(mac)
    settings.save_one("hold_key", "fn")


def stubborn(mac: Mac) -> None:
    """macOS's functions do not notice that Accessibility is granted."""
    mac.tcc.allow_microphone("Terminal")
    mac.tcc.keeps_answers = True
    mac.tcc.refresh()


def hearing(mac: Mac) -> None:
    """Only the microphone is allowed."""
    mac.tcc.allow_microphone("Terminal")


def stale(mac: Mac) -> None:
    """Everything is allowed, but for the Mica from before an update."""
    allowed(mac)
    mac.tcc.is_stale = True
    mac.tcc.refresh()


def never_asking(mac: Mac) -> None:
    """Mica was started in a terminal that has no usage text for the microphone."""
    mac.tcc.allow_accessibility("Terminal")
    mac.tcc.has_usage_text = False


@dataclass(frozen=True)
class Script:
    story: Story
    prepare: Callable[[Mac], None] = allowed
    version: int = 15

    @property
    def name(self) -> str:
        version = f" on {self.version}" if self.version != 15 else ""
        return self.story.__name__.replace("_", " ") + version


SCRIPTS = (
    Script(first_day.grant_by_grant, fresh),
    Script(first_day.a_grant_nobody_hears_of, stubborn),
    Script(first_day.a_grant_that_an_update_cost, stale),
    Script(first_day.the_microphone_is_refused, fresh),
    Script(first_day.dictating_on_without_accessibility, hearing),
    Script(everyday.right_after_the_start),
    Script(everyday.right_after_the_start, version=27),
    Script(everyday.textedit_twice),
    Script(everyday.a_browser),
    Script(everyday.dvorak),
    Script(everyday.a_remote_desktop_in_english),
    Script(everyday.a_remote_desktop_in_german),
    Script(everyday.a_remote_desktop_in_french),
    Script(everyday.a_remote_desktop_in_dvorak),
    Script(everyday.a_password_field),
    Script(everyday.secure_input_left_on),
    Script(everyday.secure_keyboard_entry_in_terminal),
    Script(everyday.no_other_device_is_offered_the_text),
    Script(everyday.captions_beside_a_text),
    Script(everyday.the_settings_and_back),
    Script(everyday.settings_that_macos_keeps_back, version=27),
    Script(everyday.mica_is_opened_again),
    Script(everyday.mica_is_opened_again, version=27),
    Script(everyday.undo),
    Script(floating.above_a_full_screen_program),
    Script(floating.undo_on_the_overlay),
    Script(keys.after_the_arrow_keys),
    Script(keys.fn_is_tapped, allowed_with_fn),
    Script(keys.fn_is_held, allowed_with_fn),
    Script(keys.an_arrow_key_says_fn, allowed_with_fn),
    Script(keys.a_tap_while_mica_is_busy),
    Script(keys.an_option_shortcut),
    Script(keys.escape),
    Script(clipboard.macos_would_ask_before_it_is_read),
    Script(clipboard.reading_is_not_allowed),
    Script(clipboard.macos_asks_and_the_user_refuses),
    Script(clipboard.macos_asks_and_the_user_thinks),
    Script(clipboard.a_clipboard_manager_reads_first),
    Script(clipboard.a_program_reads_late),
    Script(clipboard.nobody_reads),
    Script(clipboard.macos_may_ask_at_the_first_text),
    Script(clipboard.a_table_that_is_slow_to_copy),
    Script(clipboard.the_user_copies_meanwhile),
    Script(clipboard.a_clipboard_manager_keeps_our_text),
    Script(clipboard.nobody_reads_under_secure_input),
    Script(microphones.a_headset_comes_and_goes),
    Script(microphones.a_headset_negotiates),
    Script(microphones.zeros_until_it_is_opened_again),
    Script(microphones.the_microphone_is_pulled_out),
    Script(microphones.a_terminal_that_never_asks, never_asking),
    Script(away.the_lid_is_closed),
    Script(away.the_first_words_after_sleep),
    Script(away.another_user_takes_over),
    Script(away.the_front_program_hangs),
    Script(away.the_front_program_hangs_still),
    Script(away.three_days_later),
    Script(away.a_part_of_mica_fails),
    Script(away.the_terminal_is_closed),
)
