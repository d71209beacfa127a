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


def answer(request) -> None:
    given, wanted = request.property, atoms.get(request.target, "")
    if request.target == targets and atoms.get(targets) != "":
        tell_types(request, atoms.get(targets))
    elif not wanted:
        given = X.NONE
    elif ":" in wanted:
        encoding, _, text = wanted.partition(":")
        type = display.intern_atom(encoding)
        request.requestor.change_property(given, type, 8, text.encode())
    else:
        time.sleep(seconds)
        give(request, b"x" * int(wanted))
    reply = SelectionNotify(
        time=request.time,
        requestor=request.requestor,
        selection=request.selection,
        target=request.target,
        property=given,
    )
    request.requestor.send_event(reply)
    display.flush()


def tell_types(request, how: str | None) -> None:
    type, nonsense = targets if how == "old" else Xatom.ATOM, 0x7FFFFFF
    offered = [] if how == "none" else [targets, *atoms, nonsense]
    if how == "text":
        request.requestor.change_property(request.property, Xatom.STRING, 8, b"many")
    else:
        request.requestor.change_property(request.property, type, 32, offered)


def give(request, data: bytes) -> None:
    if len(data) <= INCR_BYTES:
        request.requestor.change_property(request.property, request.target, 8, data)
        return
    request.requestor.change_attributes(event_mask=X.PropertyChangeMask)
    request.requestor.change_property(request.property, incr, 32, [len(data)])
    long[request.requestor.id, request.property] = data


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
