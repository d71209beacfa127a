"""Owns the clipboard with types that are produced on request.

offer.py SECONDS TYPE=BYTES …: producing each type takes that many seconds and gives
that many bytes. TYPE alone is offered but refused; so is TARGETS alone. TARGETS=none
answers with an empty list, TARGETS=old with the wrong type used before ICCCM, and
TARGETS=text with text instead of a list. TYPE=ENCODING:TEXT gives the text, always in
UTF-8, but declares that encoding. Prints "owned".
"""

import sys
import time

from Xlib import X, Xatom
from Xlib.display import Display
from Xlib.protocol.event import SelectionNotify

INCR_BYTES = 60_000
seconds = float(sys.argv[1])
given = {name: data for name, _, data in (w.partition("=") for w in sys.argv[2:])}
display = Display()
window = display.screen().root.create_window(0, 0, 1, 1, 0, X.CopyFromParent)
clipboard = display.intern_atom("CLIPBOARD")
targets, incr = display.intern_atom("TARGETS"), display.intern_atom("INCR")
atoms = {display.intern_atom(name): data for name, data in given.items()}
#: By requestor and property: the data still to be sent.
long: dict[tuple[int, int], bytes] = {}


def answer(asked) -> None:
    given, wanted = asked.property, atoms.get(asked.target, "")
    if asked.target == targets and atoms.get(targets) != "":
        tell_types(asked, atoms.get(targets))
    elif not wanted:
        given = X.NONE
    elif ":" in wanted:
        encoding, _, text = wanted.partition(":")
        type = display.intern_atom(encoding)
        asked.requestor.change_property(given, type, 8, text.encode())
    else:
        time.sleep(seconds)
        give(asked, b"x" * int(wanted))
    told = SelectionNotify(
        time=asked.time,
        requestor=asked.requestor,
        selection=asked.selection,
        target=asked.target,
        property=given,
    )
    asked.requestor.send_event(told)
    display.flush()


def tell_types(asked, how: str | None) -> None:
    type, nonsense = targets if how == "old" else Xatom.ATOM, 0x7FFFFFF
    offered = [] if how == "none" else [targets, *atoms, nonsense]
    if how == "text":
        asked.requestor.change_property(asked.property, Xatom.STRING, 8, b"many")
    else:
        asked.requestor.change_property(asked.property, type, 32, offered)


def give(asked, data: bytes) -> None:
    if len(data) <= INCR_BYTES:
        asked.requestor.change_property(asked.property, asked.target, 8, data)
        return
    asked.requestor.change_attributes(event_mask=X.PropertyChangeMask)
    asked.requestor.change_property(asked.property, incr, 32, [len(data)])
    long[asked.requestor.id, asked.property] = data


def go_on(event) -> None:
    key = event.window.id, event.atom
    if event.state != X.PropertyDelete or key not in long:
        return
    piece, rest = long[key][:INCR_BYTES], long[key][INCR_BYTES:]
    event.window.change_property(event.atom, Xatom.STRING, 8, piece)
    display.flush()
    if piece:
        long[key] = rest
    else:
        del long[key]


window.set_selection_owner(clipboard, X.CurrentTime)
display.sync()
print("owned", flush=True)
while True:
    event = display.next_event()
    if event.type == X.SelectionRequest:
        answer(event)
    elif event.type == X.PropertyNotify:
        go_on(event)
    elif event.type == X.SelectionClear:
        break
