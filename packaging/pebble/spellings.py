"""Invents spellings that sound like a given name: Clare for Claire, Jonn for John."""

import random
import re

_RULES = [
    ("ph", "f"), ("f(?!f)", "ph"), ("^c(?=[aolru])", "k"), ("^k(?=[aolr])", "c"),
    ("ck", "k"), ("(?<=[aeiou])k(?=[aeiou])", "ck"), ("y$", "ie"), ("(ie|ey)$", "y"),
    ("i(?=[nlc])", "y"), ("(?<=.)y(?=[nlr])", "i"), (r"([lntr])\1", r"\1"),
    (r"(?<=[aeiou])([lntrs])(?=[aeiou])", r"\1\1"), (r"(?<=[aeiou])([lnt])$", r"\1\1"),
    ("ah$", "a"), ("(?<=[dhnrl])a$", "ah"), ("ea", "ee"), ("ee", "ea"), ("ai", "a"),
    ("ai", "ay"), ("(?<=[aeiou][nlrt])e$", ""), ("(?<=[aeiou][nlrt])$", "e"),
    ("^s(?=[iey])", "c"), ("(?<=[aeiou])z", "s"), ("(?<=[aeiou])s(?=[aeiou])", "z"),
    ("oo", "u"), ("^g(?=e)", "j"), ("^j(?=e)", "g"), ("ei", "ey"), ("au", "aw"),
    ("aw", "au"), ("ou", "ow"), ("x", "ks"), ("(?<=[bdnr])er$", "ar"), ("th", "t"),
    ("(?<=[aeiou])ck?s$", "x"), ("qu", "kw"), ("(?<=[oa])h(?=n)", ""),
]  # fmt: skip


def respelled(name: str, rng: random.Random) -> str:
    """The name with one or two of its sounds spelled differently, capitals kept.

    Returns the name itself if no rule applies.
    """
    word = name.lower()
    rules = rng.sample(_RULES, len(_RULES))
    changes = rng.choice([1, 1, 2])
    for pattern, other in rules:
        changed = re.sub(pattern, other, word, count=1)
        if changed != word:
            word, changes = changed, changes - 1
        if not changes:
            break
    return word.capitalize() if name[:1].isupper() else word
