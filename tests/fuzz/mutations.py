"""Strategies that damage valid inputs: bytes, and trees of JSON or MessagePack values.

A valid input with a few mistakes gets deeper into a parser than random bytes do. Each
input is one draw of Hypothesis, a random generator: a draw for each mistake would take
30 ms for an input, a hundred times as long as most parsers need.
"""

import copy
import json
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

from hypothesis import strategies as st

#: Numbers at which sizes, counts and offsets overflow.
BOUNDS = tuple(
    sign * ((1 << bits) + more)
    for bits in (0, 7, 8, 15, 16, 24, 31, 32, 53, 63, 64, 200)
    for more in (-1, 0, 1)
    for sign in (1, -1)
)
FLOATS = (0.0, -0.0, 192.5, 1e-300, 1e308, -1e9, float("nan"), float("inf"))
TEXTS = ("", " ", "\0", "\x1b[2J", "0", "true", "�", "../../etc/passwd", "http://[::1]")
DEEP = "<deep>"  # stands for a value with more levels than Python's parsers recurse
LEVELS = 5000
Choose = Callable[[Random], Any]


def chosen(choose: Callable[[Random], bytes]) -> st.SearchStrategy[bytes]:
    """Inputs that a function chooses."""
    return st.randoms(use_true_random=True).map(choose)


def damaged(samples: Sequence[bytes], most: int = 6) -> st.SearchStrategy[bytes]:
    """One of the samples, with up to `most` mistakes."""

    def choose(random: Random) -> bytes:
        data = bytearray(random.choice(samples))
        for _ in range(random.randint(0, most)):
            random.choice(_MISTAKES)(random, data, samples)
        return bytes(data)

    return chosen(choose)


def _place(random: Random, data: bytearray) -> int:
    """A place in the data, half of the time near its start, where headers are."""
    last = max(0, len(data) - 1)
    return random.randint(0, min(last, 256) if random.random() < 0.5 else last)


def _size(random: Random) -> int:
    return random.randint(0, random.choice((4, 64, 1 << 14)))


def _set(random: Random, data: bytearray, samples: Sequence[bytes]) -> None:
    at = _place(random, data)
    data[at : at + 1] = bytes([random.choice((0, 1, 0x7F, 0x80, 0xFF, ord("\n")))])


def _flip(random: Random, data: bytearray, samples: Sequence[bytes]) -> None:
    if data:
        data[_place(random, data)] ^= 1 << random.randint(0, 7)


def _number(random: Random, data: bytearray, samples: Sequence[bytes]) -> None:
    at, size = _place(random, data), random.choice((1, 2, 4, 8))
    value = random.choice((*BOUNDS, len(data), len(data) - at)) % (1 << 8 * size)
    data[at : at + size] = value.to_bytes(size, random.choice(("little", "big")))


def _cut(random: Random, data: bytearray, samples: Sequence[bytes]) -> None:
    at = _place(random, data)
    del data[at : at + _size(random)]


def _end(random: Random, data: bytearray, samples: Sequence[bytes]) -> None:
    del data[_place(random, data) :]


def _repeat(random: Random, data: bytearray, samples: Sequence[bytes]) -> None:
    at = _place(random, data)
    data[at:at] = data[at : at + _size(random)] * random.randint(1, 8)


def _insert(random: Random, data: bytearray, samples: Sequence[bytes]) -> None:
    at = _place(random, data)
    data[at:at] = random.randbytes(random.randint(1, 16))


def _splice(random: Random, data: bytearray, samples: Sequence[bytes]) -> None:
    at, other = _place(random, data), bytearray(random.choice(samples))
    first, size = _place(random, other), _size(random)
    data[at : at + random.choice((0, size))] = other[first : first + size]


_MISTAKES = (_set, _flip, _number, _cut, _end, _repeat, _insert, _splice)


def leaf(random: Random) -> Any:
    """A value of any type, often at the bounds of its range."""
    return random.choice(_LEAVES)(random)


_LEAVES: tuple[Choose, ...] = (
    lambda random: None,
    lambda random: random.random() < 0.5,
    lambda random: random.choice(BOUNDS),
    lambda random: random.randint(-5, 5000),
    lambda random: random.choice(FLOATS),
    lambda random: random.uniform(-1000, 1000),
    lambda random: random.choice(TEXTS),
    lambda random: "".join(chr(random.randint(0, 0x2FFF)) for _ in range(9)),
    lambda random: [],
    lambda random: {},
    lambda random: DEEP,
)


def damaged_tree(
    samples: Sequence[Any], write: Callable[[Any], bytes], most: int = 3
) -> st.SearchStrategy[bytes]:
    """One of the trees of dicts and lists, with up to `most` mistakes, written."""

    def choose(random: Random) -> bytes:
        root = [copy.deepcopy(random.choice(samples))]
        for _ in range(random.randint(0, most)):
            _damage(random, root)
        return write(root[0])

    return chosen(choose)


def _damage(random: Random, root: list[Any]) -> None:
    places = list(_places(root))
    holder, key = random.choice(places)
    source, name = random.choice(places)
    kind = random.choice(
        ("replace", "replace", "remove", "rename", "add", "copy", "wrap")
    )
    if kind == "remove" and holder is not root:
        del holder[key]
    elif kind == "rename" and isinstance(holder, dict):
        holder[str(leaf(random))] = holder.pop(key)
    elif kind == "add" and isinstance(holder, dict):
        holder[str(name)] = leaf(random)
    elif kind == "copy":
        holder[key] = copy.deepcopy(source[name])
    elif kind == "wrap":
        holder[key] = [holder[key]]
    else:
        holder[key] = leaf(random)


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """(container, key) of all values in a tree."""
    waiting = [tree]
    while waiting:
        inside = waiting.pop()
        for key in range(len(inside)) if isinstance(inside, list) else list(inside):
            yield inside, key
            if isinstance(inside[key], list | dict):
                waiting.append(inside[key])


def as_json(tree: Any) -> bytes:
    """The tree as JSON."""
    deep = "[" * LEVELS + "]" * LEVELS
    return json.dumps(tree).replace(json.dumps(DEEP), deep).encode()
