"""What a Mac's pasteboard holds, read whole as far as that may and can be done.

Where reading would ask the user, nothing is read. A promise is kept by its owner while
we wait, for as long as the pasteboard lets it: one type of an owner that hangs holds us
up, the next one is left out. Main thread only.
"""

import time
from typing import Any, Final

from AppKit import (
    NSPasteboardAccessBehaviorAlwaysDeny,
    NSPasteboardAccessBehaviorAsk,
)

from mica.host.ports import Piece, Snapshot

TYPE_BYTES: Final = 64 * 2**20  # larger types are left out
ALL_BYTES: Final = 128 * 2**20  # and so is what comes after so much
SNAPSHOT_S: Final = 1.0  # and what would be asked for after that
_ASKS: Final = {NSPasteboardAccessBehaviorAsk, NSPasteboardAccessBehaviorAlwaysDeny}
_NOT_ALLOWED: Final = Snapshot(left_out=("reading is not allowed",))


def saved(board: Any) -> Snapshot:
    """Everything there, and what of it is left out."""
    known = board.respondsToSelector_("accessBehavior")  # since macOS 15.4
    if known and board.accessBehavior() in _ASKS:
        return _NOT_ALLOWED
    pieces, left_out = [], []
    room, end_s = ALL_BYTES, time.monotonic() + SNAPSHOT_S
    for number, item in enumerate(board.pasteboardItems() or ()):
        for type in item.types():
            data = item.dataForType_(type) if time.monotonic() < end_s else None
            if data is None or data.length() > min(TYPE_BYTES, room):
                left_out.append(str(type))
            else:
                room -= data.length()
                pieces.append(Piece(number, str(type), bytes(data)))
    return Snapshot(tuple(pieces), tuple(left_out))
