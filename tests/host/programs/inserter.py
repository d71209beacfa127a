"""Mica's X11 host in a separate process, controlled by lines of input.

Each line of input is one JSON object:

    {"text": ...}    paste into the focused window; with "late_s", the X server sees the
                     release of the paste key that long after its press
    {"type": ...}    type into the focused window
    {"back": ...}    undo that text in the focused window
    {"place": ...}   insert through the insertion queue, which answers with each report
    {"copy": ...}    copy to the clipboard
    {"window": ...}  open a window with this title and a text field
    {"watch": ...}   use this hold key, and answer with each of its inputs

Output is one JSON object per line, when something is done. Ends at the end of input.
"""

import json
import sys
import time
from typing import Any

from PySide6.QtCore import QSocketNotifier, QTimer
from PySide6.QtWidgets import QApplication, QLineEdit
from Xlib import X

from mica.host.key_names import Hotkey
from mica.host.select import open_host
from mica.host.values import Target
from mica.insertion.keystrokes import TypingTransaction
from mica.insertion.paste import PasteTransaction
from mica.insertion.queue import InsertionQueue
from mica.insertion.request import InsertRequest
from mica.insertion.timing import POLL_S
from mica.insertion.undo import UndoOutcome, UndoTransaction


class StarvedDisplay:
    """A display whose server is slow after the press of a paste key."""

    late_s = 0.0

    def __init__(self, real: Any) -> None:
        self.real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def xtest_fake_input(self, kind: int, code: int) -> None:
        self.real.xtest_fake_input(kind, code)
        if kind == X.KeyPress and code not in sender.layout().keymap.modifiers:
            self.real.sync()
            time.sleep(self.late_s)


app = QApplication([])
host = open_host()
sender = host.paster
sender.display = display = StarvedDisplay(sender.display)
ticks = QTimer(interval=int(POLL_S * 1000))
insertion, own = InsertionQueue(host), QLineEdit()
own.textChanged.connect(lambda text: send(text=text))
queue = QTimer(interval=int(POLL_S * 1000))
running: list[tuple[PasteTransaction | UndoTransaction | TypingTransaction, float]] = []


def send(**what: Any) -> None:
    print(json.dumps(what), flush=True)


def on_line() -> None:
    line = sys.stdin.readline()
    if not line:
        app.quit()
        return
    order = json.loads(line)
    if "watch" in order:
        host.hotkeys.bind({Hotkey.HOLD: order["watch"]})
        host.hotkeys.start(lambda what, at_s: send(event=what.name), lambda use: None)
        send(watched=True)
        return
    if "place" in order:
        target = host.focus.current()
        insertion.add(InsertRequest(1, order["place"], target))
        queue.start()
        return
    if "window" in order:
        own.setWindowTitle(order["window"])
        own.show()
        send(shown=True)
        return
    if "copy" in order:
        host.clipboard.copy(order["copy"])
        send(copied=True)
        return
    display.late_s = order.get("late_s", 0.0)
    target = host.focus.current()
    assert target is not None
    begun = undoing if "back" in order else pasting
    if "type" in order:
        begun = typing
    running.append((begun(order, target), time.monotonic()))
    ticks.start()


def typing(order: dict[str, Any], target: Target) -> TypingTransaction:
    return TypingTransaction(
        order["type"], target, host.typist, host.paster, host.focus
    )


def pasting(order: dict[str, Any], target: Target) -> PasteTransaction:
    system_clipboard = host.clipboard_for(target)
    return PasteTransaction(order["text"], target, system_clipboard, host.paster)


def undoing(order: dict[str, Any], target: Target) -> UndoTransaction:
    return UndoTransaction(order["back"], target, host)


def on_queue() -> None:
    report = insertion.tick(time.monotonic(), speaking=False)
    if report is not None:
        report_message = report.message or ""
        send(status=report.status.name, message=report_message, over=report.is_over)
    if not insertion.is_ticking:
        queue.stop()


def on_tick() -> None:
    paste, began_s = running[0]
    outcome = paste.evaluate(time.monotonic())
    if outcome is None:
        return
    running.clear()
    ticks.stop()
    if isinstance(outcome, UndoOutcome):
        send(result=outcome.result.name, took_s=time.monotonic() - began_s)
        return
    if isinstance(paste, TypingTransaction):
        send(result=outcome.result.name, took_s=time.monotonic() - began_s)
        return
    send(
        result=outcome.result.name,
        clipboard=outcome.clipboard.name,
        name=paste.target.name,
        pid=paste.target.pid,
        took_s=time.monotonic() - began_s,
    )


ticks.timeout.connect(on_tick)
queue.timeout.connect(on_queue)
notifier = QSocketNotifier(0, QSocketNotifier.Type.Read)
notifier.activated.connect(on_line)
QTimer.singleShot(0, lambda: send(ready=True))
app.exec()
