"""All cases: a scenario, and the state of the Mac before Mica starts."""

from collections.abc import Callable
from dataclasses import dataclass

from host.rehearsal.fake_mac.mac import Mac
from host.rehearsal.runner import Scenario
from host.rehearsal.scenarios import (
    away,
    clipboard,
    everyday,
    floating,
    keys,
    microphones,
    permissions,
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
    mac.tcc.caches_answers = True
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
class Case:
    scenario: Scenario
    prepare: Callable[[Mac], None] = allowed
    version: int = 15

    @property
    def name(self) -> str:
        version = f" on {self.version}" if self.version != 15 else ""
        return self.scenario.__name__.replace("_", " ") + version


CASES = (
    Case(permissions.grant_by_grant, fresh),
    Case(permissions.accessibility_granted_while_running, stubborn),
    Case(permissions.a_grant_lost_by_an_update, stale),
    Case(permissions.the_microphone_is_refused, fresh),
    Case(permissions.dictation_without_accessibility, hearing),
    Case(everyday.right_after_the_start),
    Case(everyday.right_after_the_start, version=27),
    Case(everyday.textedit_twice),
    Case(everyday.a_browser),
    Case(everyday.dvorak),
    Case(everyday.a_remote_desktop_in_english),
    Case(everyday.a_remote_desktop_in_german),
    Case(everyday.a_remote_desktop_in_french),
    Case(everyday.a_remote_desktop_in_dvorak),
    Case(everyday.a_password_field),
    Case(everyday.secure_input_left_on),
    Case(everyday.secure_keyboard_entry_in_terminal),
    Case(everyday.no_other_device_is_offered_the_text),
    Case(everyday.captions_while_typing),
    Case(everyday.settings_opened_and_closed),
    Case(everyday.settings_when_macos_refuses_activation, version=27),
    Case(everyday.mica_is_reopened),
    Case(everyday.mica_is_reopened, version=27),
    Case(everyday.undo),
    Case(floating.above_a_full_screen_program),
    Case(floating.undo_on_the_overlay),
    Case(keys.after_the_arrow_keys),
    Case(keys.fn_is_tapped, allowed_with_fn),
    Case(keys.fn_is_held, allowed_with_fn),
    Case(keys.an_arrow_key_that_sends_fn_events, allowed_with_fn),
    Case(keys.a_tap_while_mica_is_busy),
    Case(keys.an_option_shortcut),
    Case(keys.escape),
    Case(clipboard.macos_would_ask_before_it_is_read),
    Case(clipboard.reading_is_not_allowed),
    Case(clipboard.macos_asks_and_the_user_refuses),
    Case(clipboard.macos_asks_and_the_user_thinks),
    Case(clipboard.a_clipboard_manager_reads_first),
    Case(clipboard.a_program_reads_late),
    Case(clipboard.no_program_reads_the_clipboard),
    Case(clipboard.macos_may_ask_at_the_first_text),
    Case(clipboard.a_table_that_is_slow_to_copy),
    Case(clipboard.the_user_copies_meanwhile),
    Case(clipboard.a_clipboard_manager_copies_our_text_again),
    Case(clipboard.no_program_reads_under_secure_input),
    Case(microphones.a_headset_is_connected_and_removed),
    Case(microphones.a_headset_negotiates),
    Case(microphones.zeros_until_it_is_opened_again),
    Case(microphones.the_microphone_is_pulled_out),
    Case(microphones.a_terminal_that_never_asks, never_asking),
    Case(away.the_lid_is_closed),
    Case(away.the_first_words_after_sleep),
    Case(away.another_user_switches_in),
    Case(away.the_front_program_hangs),
    Case(away.the_front_program_keeps_hanging),
    Case(away.the_temporary_folder_is_cleared),
    Case(away.an_event_handler_raises),
    Case(away.the_terminal_is_closed),
)
