"""What macOS itself does when Fn is tapped: "Press 🌐 key to" in System Settings."""

from typing import Final

from CoreFoundation import CFPreferencesAppSynchronize, CFPreferencesCopyAppValue

from mica.host.ports import FnTap

_OWNER: Final = "com.apple.HIToolbox"
_CHOICE: Final = "AppleFnUsageType"  # as nix-darwin's tables have its numbers
_TAPS: Final = (FnTap.NOTHING, FnTap.INPUT_SOURCE, FnTap.EMOJI, FnTap.DICTATION)


def fn_tap() -> FnTap:
    """See ports.Host. A Mac on which nobody chose has no number."""
    CFPreferencesAppSynchronize(_OWNER)  # what another program has written since
    chosen = CFPreferencesCopyAppValue(_CHOICE, _OWNER)
    is_known = isinstance(chosen, int) and 0 <= chosen < len(_TAPS)
    return _TAPS[chosen] if is_known else FnTap.UNKNOWN
