"""Invented spellings of names, used for keyword lists in training."""

import random
from collections.abc import Callable
from types import ModuleType


def test_names_get_other_spellings_with_their_capital(
    script: Callable[[str], ModuleType],
) -> None:
    respelled = script("spellings").respelled
    for name in ("Claire", "Philip", "Karen", "Susannah", "Meghan", "Boston"):
        found = {respelled(name, random.Random(seed)) for seed in range(30)}
        assert len(found - {name}) >= 2
        assert all(spelling[0].isupper() for spelling in found)


def test_the_first_sound_is_kept(script: Callable[[str], ModuleType]) -> None:
    alike = {"c": "ckqs", "k": "ck", "s": "scz", "j": "jg", "g": "gj", "f": "fp",
             "p": "pf", "t": "t"}  # fmt: skip
    respelled = script("spellings").respelled
    for name in ("cedar", "karl", "sean", "jenny", "gerald", "fiona", "philip", "tom"):
        for seed in range(30):
            first = respelled(name, random.Random(seed))[0]
            assert first in alike[name[0]]


def test_one_seed_gives_one_spelling(script: Callable[[str], ModuleType]) -> None:
    respelled = script("spellings").respelled
    first, second = (respelled("Katherine", random.Random(4)) for _ in range(2))
    assert first == second
