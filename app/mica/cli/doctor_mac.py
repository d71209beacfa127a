"""What `mica doctor` looks at on a Mac only: its names, permissions, secure input.

A terminal's permissions are not the app's: macOS asks for the program that started us.
Apple's frameworks are imported by what is called, for this file can be on any system.
"""

from typing import Final

from mica.cli.check import Check
from mica.host.ports import Grant, Permission

_PAGES: Final = {
    Permission.MICROPHONE: "Microphone",
    Permission.INSERTION: "Accessibility",
}


def mac_checks() -> list[Check]:
    return [_names(), *(_permission(what) for what in Permission), _keyboard()]


def _names() -> Check:
    from mica.host.macos.check import missing

    lacking = missing()
    if lacking:
        found = f"{len(lacking)} are missing, the first is {lacking[0]}"
        return Check("Apple's names", False, found, "Please report this macOS to us.")
    return Check("Apple's names", True, "all there")


def _permission(what: Permission) -> Check:
    from mica.host.macos.permissions import MacPermissions

    name = f"permission for {what.value}"
    grant = MacPermissions().state(what)
    if grant is not Grant.DENIED:
        return Check(name, True, f"{grant.value} (the program that started this)")
    page = f"System Settings › Privacy & Security › {_PAGES[what]}"
    return Check(name, False, grant.value, f"Allow it in {page}.")


def _keyboard() -> Check:
    from mica.host.macos import carbon
    from mica.host.macos.keyboard import guardian

    keeper = guardian(carbon.load())
    if keeper is None:
        return Check("keyboard", True, "nobody protects it")
    found = f"{keeper or 'some program'} protects it: no text can be pasted"
    remedy = "Leave the password field, or turn off Secure Keyboard Entry."
    return Check("keyboard", False, found, remedy)
