"""Reading TOML with mistakes, and changing single values in it."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mica.toml_text import NotTomlError, values, with_value

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
def test_with_value_changes_one_value_only(path, value, before, after):
    assert with_value(TEXT, path, value) == TEXT.replace(before, after, 1)


def test_with_value_adds_a_new_table_at_the_end():
    text = with_value(TEXT, ("apps", "a b", "style"), "raw")
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
def test_with_value_changes_any_form_of_a_table(text, value):
    if text.startswith("[[") and value is None:
        return
    after = values(with_value(text, ("apps", "org.x", "insert"), value))[0]
    assert after.get("apps", {}).get("org.x", {}).get("insert") == value


def test_values_leaves_out_only_lines_with_mistakes():
    text = 'a = 1\nb = [\nc = "d\ne = 2\ne = 3\n[x\nf = 4\n[y]\nz = 5\n'
    assert values(text) == ({"a": 1, "e": 2, "y": {"z": 5}}, [2, 3, 5, 6, 7])
    assert with_value(text, ("a",), 9) == text.replace("a = 1", "a = 9")


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
def test_with_value_keeps_comments_and_lines_with_mistakes(line, broken):
    text = f"# notes\nstyle = 'raw' # raw\n{broken}{line}\n# end\n"
    after = with_value(text, ("apps", "kitty", "insert"), "paste")
    assert values(after)[0]["apps"]["kitty"]["insert"] == "paste"
    if not broken.startswith("bad"):
        assert tomllib.loads(after)
    for remaining in ("# notes\nstyle = 'raw' # raw\n", broken, "# mine\n", "# end\n"):
        assert remaining in after
    second = with_value(after, ("apps", "kitty", "insert"), "type")
    assert values(second)[0]["apps"]["kitty"]["insert"] == "type"
    assert (
        with_value(second, ("sounds",), False).replace("sounds = false\n", "") == second
    )


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
def test_invalid_toml_is_rejected_quickly(text):
    with pytest.raises(NotTomlError):
        values(text)


@pytest.mark.parametrize(
    "deep",
    ["a." * 990 + "b = 1", "a = " + "[" * 500 + "]" * 500, "[" + "a." * 500 + "b]"],
)
def test_a_value_that_is_nested_too_deep_is_a_mistake(deep):
    text = f"x = 1\n{deep}\n"
    assert values(text) == ({"x": 1}, [2])
    assert with_value(text, ("x",), 2) == text.replace("x = 1", "x = 2")


@given(st.text(alphabet="ab=\"'[]{}.#\n 1,", max_size=60))
def test_any_text_is_read_and_changed(text):
    before, wrong = values(text)
    try:
        assert tomllib.loads(text) == before and not wrong
    except tomllib.TOMLDecodeError:
        assert wrong
    after = values(with_value(text, ("new",), True))[0]
    assert after == {**before, "new": True}


def test_a_name_that_is_a_table_can_be_assigned() -> None:
    changed = with_value("[sounds]\ne = true\n", ("sounds",), False)
    assert values(changed)[0] == {"sounds": False}
