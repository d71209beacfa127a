"""Methods called by AppKit never raise, which on a Mac would end the process."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

import mica.host.ports
from host.mac_keys import ALT, R_ALT, R_ALT_BIT
from mica.host.values import AwayReason
from support.apple_fakes import FakeMac, flags_changed

FOLDER = Path(mica.host.ports.__file__).parent / "macos"


def fail(*_: object) -> None:
    raise RuntimeError("ours")


def operation(mac: FakeMac) -> Callable[[], object]:
    from mica.host.macos.monitors import run_on_main_thread

    run_on_main_thread(fail)
    return mac.run


def modifier(mac: FakeMac) -> Callable[[], object]:
    from mica.host.macos.monitors import ModifierMonitor

    ModifierMonitor(fail).start()
    mac.run()
    return lambda: mac.change(R_ALT, ALT | R_ALT_BIT)


def unknown_modifier(mac: FakeMac) -> Callable[[], object]:
    from mica.host.macos.monitors import ModifierMonitor

    ModifierMonitor(fail).start()
    mac.run()
    return lambda: mac.monitors[0](flags_changed({"flags": 0}))


def typed_key(mac: FakeMac) -> Callable[[], object]:
    from mica.host.macos.monitors import monitor_key_downs

    monitor_key_downs(fail)
    return lambda: mac.key(0, True)


def lock(mac: FakeMac) -> Callable[[], object]:
    from mica.host.macos.session import LOCKED, MacPresence

    presence = MacPresence()
    presence.watch(fail, fail)
    return lambda: mac.everywhere.post(LOCKED)


def input_source(mac: FakeMac) -> Callable[[], object]:
    from mica.host.macos.layout import CHANGED, InputSourceObserver

    InputSourceObserver(fail).start()
    return lambda: mac.everywhere.post(CHANGED)


def promise(mac: FakeMac) -> Callable[[], object]:
    from mica.host.macos.clipboard import MacClipboard

    clipboard = MacClipboard()
    clipboard.publish("text")
    mac.pasteboard.setString_forType_ = fail  # type: ignore[method-assign]
    clipboard._promise.reference = clipboard  # as the transaction has
    return lambda: clipboard._promise.pasteboard_provideDataForType_(
        mac.pasteboard, "text"
    )


@pytest.mark.parametrize(
    "begin",
    [operation, modifier, unknown_modifier, typed_key, lock, input_source, promise],
)
def test_failure_in_a_callback_is_logged(
    mac: FakeMac,
    caplog: pytest.LogCaptureFixture,
    begin: Callable[[FakeMac], Callable[[], object]],
) -> None:
    begin(mac)()
    assert "a call from macOS failed" in caplog.text


def test_every_method_that_the_system_calls_contains_what_it_raises() -> None:
    """Covers all methods of Mica's Objective-C classes."""
    bare = []
    for file in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and "NSObject" in map(
                ast.unparse, node.bases
            ):
                bare += [
                    f"{node.name}.{method.name}"
                    for method in node.body
                    if isinstance(method, ast.FunctionDef)
                    and "contained()" not in ast.unparse(method)
                ]
    assert bare == []


def test_callback_after_a_failed_one_is_delivered(mac: FakeMac) -> None:
    from mica.host.macos.session import LOCKED, MacPresence

    reasons: list[AwayReason] = []

    def once(away: AwayReason) -> None:
        reasons.append(away)
        if len(reasons) == 1:
            raise RuntimeError("ours")

    presence = MacPresence()
    presence.watch(once, fail)
    mac.everywhere.post(LOCKED)
    mac.everywhere.post(LOCKED)
    assert reasons == [AwayReason.LOCK] * 2
