"""The XKB keymap: which keysym a key gives, and which modifiers it sets.

By layout group and modifiers. Pure; xkb.py reads it from the server.

Groups count from 0; masks are those of X's eight real modifiers. Parts of XKB that do
not choose a symbol are left out: behaviors, names, indicators.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from struct import calcsize, iter_unpack, unpack_from
from typing import Final, NamedTuple

from Xlib import XK, X  # type: ignore[import-untyped]

XK.load_keysym_group("xkb")  # python-xlib omits ISO_Level3_Shift and its kin

Type = tuple[int, dict[int, int]]  # the modifiers that count, and levels by modifiers
Action = tuple[int, int]  # the action type and its modifiers
_HEADER: Final = "=7xBxB2xBB2xB15x"  # the counts of what follows
_TYPE, _ENTRY, _KEEPS, _SYMBOLS, _ACTION = "=BxxxBBBx", "=BBBx4x", 4, "=4BBBH", 8
_SYMBOLS_SIZE: Final = calcsize(_SYMBOLS)
_WRAP_BITS, _CLAMP, _REDIRECT = 0xC0, 0x40, 0x80
_SET_TO_LOCK: Final = (1, 2, 3)  # action types that set, latch and lock modifiers
_TO_GROUP: Final = (4, 5, 6)  # those that do so with groups
#: Keycodes of evdev's map that no keyboard has; they give modifiers their meaning.
_VIRTUAL: Final = frozenset((92, 203, 204, 205, 206, 207))
#: The usual keysyms of modifier keys, likeliest first; others may also compose, say.
_USUAL_MODIFIERS: Final = [
    *map(XK.string_to_keysym, ("Shift_L", "Control_L", "Shift_R", "Control_R"))
]
_GROUPS: Final = 4
_ASCII: Final = range(0x20, 0x7F)


class MappedKey(NamedTuple):
    """One key: its symbols by group and level, its types by group, and its actions.

    range_    how a group that the key lacks is mapped (XKB's groupInfo)
    actions   for each group and level in turn; may be empty
    """

    symbols: tuple[tuple[int, ...], ...]
    types: tuple[Type, ...]
    range_: int
    actions: tuple[Action, ...] = ()

    def group_and_level(self, group: int, held: int) -> tuple[int, int]:
        """The key's effective group and level; it must have a symbol."""
        count = len(self.symbols)
        if group >= count:
            how, to = self.range_ & _WRAP_BITS, self.range_ >> 4 & 3
            if how == _REDIRECT:
                group = to if to < count else 0
            else:
                group = count - 1 if how == _CLAMP else group % count
        mask, levels = self.types[group]
        return group, levels.get(held & mask, 0)


_NOTHING: Final = MappedKey((), (), 0)


@dataclass(frozen=True)
class Keymap:
    """Every key of one keyboard, by keycode."""

    keys: dict[int, MappedKey] = field(default_factory=dict)

    def symbol(self, code: int, group: int, held: int = 0) -> int:
        """The keysym; X.NONE if the key gives none."""
        key = self.keys.get(code)
        if key is None or not key.symbols:
            return int(X.NONE)
        group, level = key.group_and_level(group, held)
        symbols = key.symbols[group]
        return symbols[level] if level < len(symbols) else int(X.NONE)

    def keycodes_for(self, name: str, group: int) -> list[int]:
        """Keycodes that give this X name's keysym without modifiers, in order."""
        symbol = XK.string_to_keysym(name)
        codes = (code for code in self.keys if code not in _VIRTUAL)
        return [code for code in codes if symbol == self.symbol(code, group) != X.NONE]

    def shortcut_key(self, name: str, group: int) -> int | None:
        """The key that a person presses for a shortcut with the symbol of this X name.

        In a layout of another script, programs use the first layout that has the
        symbol; a key that gives another Latin letter is never used.
        """
        for place in (group, *range(_GROUPS)):
            for code in self.keycodes_for(name, place):
                if place == group or self.symbol(code, group) not in _ASCII:
                    return code
        return None

    def modifiers_set_by(self, code: int, group: int = 0) -> int:
        """The modifiers that the key alone sets, latches or locks."""
        what, mask = self._action(code, group)
        return mask if what in _SET_TO_LOCK else 0

    def modifies(self, code: int, group: int) -> bool:
        """Whether the key alone acts on modifiers or groups, in that group."""
        return self._action(code, group)[0] in (*_SET_TO_LOCK, *_TO_GROUP)

    def modifier_key(self, mask: int, group: int) -> int | None:
        """A key that holds exactly these modifiers while it is down."""
        wanted = (_SET_TO_LOCK[0], mask)
        codes = (code for code in self.keys if code not in _VIRTUAL)
        found = [code for code in codes if self._action(code, group) == wanted]
        by_symbol = {self.symbol(code, group): code for code in reversed(found)}
        usual = (
            by_symbol[symbol] for symbol in _USUAL_MODIFIERS if symbol in by_symbol
        )
        return next(usual, found[0] if found else None)

    def mask_of(self, names: Iterable[str], otherwise: int) -> int:
        """The modifiers that the first key of these X names sets, else `otherwise`."""
        for name in names:
            for code in self.keycodes_for(name, 0):
                if self.modifiers_set_by(code):
                    return self.modifiers_set_by(code)
        return otherwise

    @cached_property
    def modifiers(self) -> frozenset[int]:
        """Keycodes that act on modifiers or groups, locks included."""
        return frozenset(c for c in self.keys if self.modifies(c, 0))

    @cached_property
    def locks(self) -> frozenset[int]:
        """Keycodes that lock modifiers or groups."""
        return frozenset(c for c in self.modifiers if self._action(c, 0)[0] in (3, 6))

    @cached_property
    def num_lock(self) -> int:
        """Num Lock's modifier."""
        return self.mask_of(["Num_Lock"], X.Mod2Mask)

    def _action(self, code: int, group: int) -> Action:
        key = self.keys.get(code)
        if key is None or not key.actions:
            return 0, 0
        place, level = key.group_and_level(group, 0)
        width = len(key.actions) // len(key.symbols)
        return key.actions[place * width + level]


def parse(reply: bytes) -> Keymap:
    """Parse XkbGetMap's reply with types, symbols and actions, from its ninth byte."""
    type_count, first, sym_count, first_act, act_count = unpack_from(_HEADER, reply)
    types, at = _types(reply, calcsize(_HEADER), type_count)
    keys, at = _keys(reply, at, first, sym_count, types)
    for code, actions in _actions(reply, at, first_act, act_count):
        keys[code] = keys[code]._replace(actions=actions)
    return Keymap(keys)


def _types(reply: bytes, at: int, count: int) -> tuple[list[Type], int]:
    found = []
    for _ in range(count):
        mask, _levels, entries, has_preserve = unpack_from(_TYPE, reply, at)
        at += calcsize(_TYPE)
        end = at + entries * calcsize(_ENTRY)
        levels = {
            mods: level
            for active, mods, level in iter_unpack(_ENTRY, reply[at:end])
            if active
        }
        found.append((mask, levels))
        at = end + (entries * _KEEPS if has_preserve else 0)
    return found, at


def _keys(
    reply: bytes, at: int, first: int, count: int, types: list[Type]
) -> tuple[dict[int, MappedKey], int]:
    keys = {}
    for code in range(first, first + count):
        *indexes, range_, width, total = unpack_from(_SYMBOLS, reply, at)
        at += _SYMBOLS_SIZE
        if not total:
            keys[code] = _NOTHING
            continue
        flat = unpack_from(f"={total}I", reply, at)
        at += total * 4
        groups = tuple([flat[n : n + width] for n in range(0, total, width)])
        of_groups = tuple([types[index] for index in indexes[: len(groups)]])
        keys[code] = MappedKey(groups, of_groups, range_)
    return keys, at


def _actions(
    reply: bytes, at: int, first: int, count: int
) -> Iterator[tuple[int, tuple[Action, ...]]]:
    """The actions by keycode, for keys that have any."""
    counts = reply[at : at + count]
    at += (count + 3) // 4 * 4
    for code, many in enumerate(counts, first):
        if many:
            starts = range(at, at + many * _ACTION, _ACTION)
            yield code, tuple([(reply[n], reply[n + 2]) for n in starts])
            at += many * _ACTION
