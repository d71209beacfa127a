"""How a text gets into a window: pasted, or typed if the clipboard must not be used;
and what prevents that.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass

from mica.errors import MicaError
from mica.host.ports import Host
from mica.host.values import Snapshot, Target
from mica.insertion import strings
from mica.insertion.context import CaretContext
from mica.insertion.hung_windows import HungWindows
from mica.insertion.keystrokes import TypingTransaction
from mica.insertion.options import InsertOptions
from mica.insertion.outcome import InsertOutcome
from mica.insertion.paste import PasteTransaction
from mica.library.store import EntryStatus


@dataclass(frozen=True, slots=True)
class InsertTools:
    """Objects that all jobs of the queue share.

    leave_on_clipboard   leave a text on the clipboard for the user to paste; returns
                         its status and the sentence to show
    must_type            whether texts must be typed now, because a window hangs or a
                         clipboard manager takes the text
    on_borrow            called with a text and the clipboard's content, right before
                         the text replaces it
    on_outcome           called with the outcome of each paste or typing
    request_permission   make the system ask the user to allow insertion
    """

    host: Host
    context: CaretContext
    hung_windows: HungWindows
    leave_on_clipboard: Callable[[str], tuple[EntryStatus, str]]
    must_type: Callable[[float], bool]
    on_borrow: Callable[[str, Snapshot], None]
    on_outcome: Callable[[InsertOutcome], None]
    request_permission: Callable[[], None]


def is_own(target: Target | None) -> bool:
    """Whether it is one of Mica's own windows."""
    return target is not None and target.pid == os.getpid()


def keys_problem(host: Host, target: Target | None) -> str | None:
    """The message if keys the user holds would change ours; None if none do."""
    if not host.paster.ready():
        return strings.MODIFIER_HELD
    composes = target is not None and host.is_composing(target)
    return strings.COMPOSING if composes else None


def target_problem(host: Host, target: Target | None) -> str | None:
    """Why no text may go into the window; None if it may."""
    if target is None:
        return strings.NO_TEXT_FIELD
    current = host.focus.current()
    if current is None or not current.same_place(target):
        return strings.WINDOW_SWITCHED
    if not current.secure:
        return None
    owner = host.focus.secure_input_owner()
    return strings.secure_input(owner) if owner else strings.PASSWORD_FIELD


def submit_problem(host: Host, target: Target, *, is_touched: bool) -> str | None:
    """Press Return after a text; why it was not pressed, or None if it was.

    is_touched   the user has pressed a key since, so the caret may be elsewhere
    """
    if not host.paster.ready():
        return strings.MODIFIER_HELD
    problem = strings.KEY_PRESSED if is_touched else target_problem(host, target)
    if problem is None:
        try:
            host.paster.press_return(target)
        except MicaError as error:
            return error.line()
    return problem


def paste_transaction(
    tools: InsertTools, text: str, target: Target, options: InsertOptions
) -> PasteTransaction:
    """A transaction that inserts the text through the target's clipboard."""
    host = tools.host
    clipboard = host.clipboard_for(target)

    def on_borrow(before: Snapshot) -> None:
        if clipboard is host.clipboard:  # X11's primary selection is not worth a backup
            tools.on_borrow(text, before)

    return PasteTransaction(
        text,
        target,
        clipboard,
        host.paster,
        on_borrow=on_borrow if options.restores else None,
        problem=lambda: target_problem(host, target),
        probe=host.probe_window,
    )


def typing_transaction(host: Host, text: str, target: Target) -> TypingTransaction:
    """A transaction that inserts the text by typing it."""
    ports = (
        host.typist,
        host.paster,
        host.focus,
        host.probe_window,
        host.query_surrounding,
    )
    return TypingTransaction(text, target, *ports)
