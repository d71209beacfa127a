"""Sticky Keys, in System Settings › Accessibility › Keyboard.

With it macOS keeps a modifier's release from every program until another key was
pressed, or until that modifier's third press: what it says is down may be up. The keys
that programs post do not pass there (IOHIDKeyboardFilter.cpp in Apple's IOHIDFamily),
so that they neither end it nor use up what waits.
"""

from typing import Final

from CoreFoundation import CFPreferencesAppSynchronize, CFPreferencesCopyAppValue

_OWNER: Final = "com.apple.universalaccess"
_CHOICE: Final = "stickyKey"  # as nix-darwin's and others' tables of defaults have it


def sticky_keys() -> bool:
    """Whether the user has it on; False where macOS does not say."""
    CFPreferencesAppSynchronize(_OWNER)  # what another program has written since
    return bool(CFPreferencesCopyAppValue(_CHOICE, _OWNER))
