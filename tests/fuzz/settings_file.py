"""Fuzzes settings.toml: any file is read, and takes a change."""

from pathlib import Path
from typing import Any

import msgspec
import tomli_w
from hypothesis import strategies as st

from fuzz.mutations import DEEP, LEVELS, damaged, damaged_tree
from mica import settings

SAMPLES = (
    b'# mine\nmodel = "pebble"\nhold_key = "f8"\nsounds = false  # quiet\n',
    b'microphone = ["a", "b"]\n[apps."org.kde.kate"]\ninsert = "type"\n'
    b'[apps.xterm]\nkeywords = [ "git", """\nrebase""" ]\nstyle = \'raw\'\n',
    b'apps = { a = { style = "raw" }, "b c" = {} }\nquiet_stop_s = 1e1\n',
    b'apps.a.style = "raw"\napps.a.auto_submit = true\r\n\xef\xbb\xbf',
    b"quiet_stop_s = nan\nmax_dictation_s = 1979-05-27T07:32:00Z\n[[apps]]\n",
    "sounds = true\n".encode("utf-16"),
)
TREE = {
    **msgspec.to_builtins(settings.Settings()),
    "apps": {"kate": {"style": "raw", "keywords": ["a"], "auto_submit": True}},
}


def inputs() -> st.SearchStrategy[bytes]:
    return damaged(SAMPLES) | damaged_tree([TREE], _as_toml, most=6)


def _as_toml(tree: Any) -> bytes:
    if not isinstance(tree, dict):
        return str(tree).encode()
    text = tomli_w.dumps(_without_null(tree))
    return text.replace(f'"{DEEP}"', "[" * LEVELS + "]" * LEVELS).encode()


def _without_null(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {name: _without_null(one) for name, one in tree.items()}
    if isinstance(tree, list):
        return [_without_null(one) for one in tree]
    return "" if tree is None else tree


def check(data: bytes, folder: Path) -> None:
    home = folder / "home"
    home.mkdir(exist_ok=True)
    for old in home.iterdir():
        old.unlink()
    file = home / "settings.toml"
    file.write_bytes(data)
    before, notes = settings.load(file)
    assert all(note.isprintable() for note in notes), notes
    after = msgspec.structs.replace(before, sounds=not before.sounds, hold_key="f9")
    settings.save(before, after, file)
    assert settings.load(file)[0] == after
    settings.save(after, before, file)
    assert settings.load(file)[0] == before
