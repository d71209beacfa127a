"""TOML with mistakes is read, and single values in it are changed."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mica.toml_text import NotTomlError, changed, values

TEXT = """\
# mine
sounds = true  # "loud" # enough
list = [
  "a", # one
  "b",
]
text = '''
[no heading]
style = "x"
'''

[apps."org.x"]
insert = "type"

[other]
insert = "me"
"""


@pytest.mark.parametrize(
    ("path", "value", "before", "after"),
    [
        (("sounds",), False, "sounds = true", "sounds = false"),
        (
            ("list",),
            ["c"],
            'list = [\n  "a", # one\n  "b",\n]',
            'list = [\n    "c",\n]',
        ),
        (("style",), "raw", "'''\n\n[apps", "'''\nstyle = \"raw\"\n\n[apps"),
        (("apps", "org.x", "insert"), None, 'insert = "type"\n', ""),
        (("apps", "org.x", "style"), "raw", '"type"\n', '"type"\nstyle = "raw"\n'),
        (("text",), None, "text = '''\n[no heading]\nstyle = \"x\"\n'''\n", ""),
        (("none",), None, "", ""),
        (("none", "at", "all"), None, "", ""),
    ],
)
def test_one_value_is_changed_and_nothing_else(path, value, before, after):
    assert changed(TEXT, path, value) == TEXT.replace(before, after, 1)


def test_a_new_table_stands_at_the_end():
    text = changed(TEXT, ("apps", "a b", "style"), "raw")
    assert text == f'{TEXT}\n[apps."a b"]\nstyle = "raw"\n'


@pytest.mark.parametrize(
    "text",
    [
        'apps = {"org.x" = {insert = "type"}, y = {z = 1}}\n',
        'apps."org.x".insert = "type"\n',
        '[apps]\n"org.x".insert = "type"\n',
        "[[apps]]\nx = 1\n",
        "",
        "sounds = true",
        "\ufeff",
    ],
)
@pytest.mark.parametrize("value", ["paste", None])
def test_any_form_of_a_table_is_changed(text, value):
    if text.startswith("[[") and value is None:
        return
    after = values(changed(text, ("apps", "org.x", "insert"), value))[0]
    assert after.get("apps", {}).get("org.x", {}).get("insert") == value


def test_a_mistake_costs_its_line_alone():
    text = 'a = 1\nb = [\nc = "d\ne = 2\ne = 3\n[x\nf = 4\n[y]\nz = 5\n'
    assert values(text) == ({"a": 1, "e": 2, "y": {"z": 5}}, [2, 3, 5, 6, 7])
    assert changed(text, ("a",), 9) == text.replace("a = 1", "a = 9")


@pytest.mark.parametrize(
    "line",
    [
        'apps = {xterm = {insert = "type"}}  # mine',
        'apps.xterm.insert = "type"  # mine',
        'apps = "none"  # mine',
        "[apps]\nkitty = 3  # mine",
        '[apps]\nkitty = {keywords = ["A, b"]}  # mine',
        "[apps]\nkitty.x = 1  # mine",
        '[[apps]]\nname = "kitty"  # mine',
        "x = [nan]  # mine",
    ],
)
@pytest.mark.parametrize("broken", ["", "bad line\n", "y = nan\n"])
def test_no_change_costs_a_comment_or_a_line_with_a_mistake(line, broken):
    text = f"# notes\nstyle = 'raw' # raw\n{broken}{line}\n# end\n"
    after = changed(text, ("apps", "kitty", "insert"), "paste")
    assert values(after)[0]["apps"]["kitty"]["insert"] == "paste"
    if not broken.startswith("bad"):
        assert tomllib.loads(after)
    for kept in ("# notes\nstyle = 'raw' # raw\n", broken, "# mine\n", "# end\n"):
        assert kept in after
    again = changed(after, ("apps", "kitty", "insert"), "type")
    assert values(again)[0]["apps"]["kitty"]["insert"] == "type"
    assert changed(again, ("sounds",), False).replace("sounds = false\n", "") == again


@pytest.mark.timeout(5)
@pytest.mark.parametrize(
    "text",
    [
        '<a href="x">[1]</a>\n' * 5000,
        "a = [\n" * 5000,
        'a = """\n' * 4000 + "]\n" * 4000,
        "12:00 started worker = [3]\n" * 20_000,
        "x = {\n]\n}\n" * 5000,
    ],
)
def test_what_is_no_toml_is_soon_given_up(text):
    with pytest.raises(NotTomlError):
        values(text)


@pytest.mark.parametrize(
    "deep",
    ["a." * 990 + "b = 1", "a = " + "[" * 500 + "]" * 500, "[" + "a." * 500 + "b]"],
)
def test_what_is_nested_too_deep_is_a_mistake(deep):
    text = f"x = 1\n{deep}\n"
    assert values(text) == ({"x": 1}, [2])
    assert changed(text, ("x",), 2) == text.replace("x = 1", "x = 2")


@given(st.text(alphabet="ab=\"'[]{}.#\n 1,", max_size=60))
def test_any_text_is_read_and_changed(text):
    before, wrong = values(text)
    try:
        assert tomllib.loads(text) == before and not wrong
    except tomllib.TOMLDecodeError:
        assert wrong
    after = values(changed(text, ("new",), True))[0]
    assert after == {**before, "new": True}
