"""Lists of words in the forms people keep them in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mica.text.wordlist import Entries, entries_of, records


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Jon, Ann;Sara\n\nNew York\n", ("Jon", "Ann", "Sara", "New York")),
        (
            '"Smith, John","O\'Brien"\n"Berlin, Germany",Ada\n',
            ("Smith, John", "O'Brien", "Berlin, Germany", "Ada"),
        ),
        ('"Müller";"Kö, Ln"\nJon;Ann\n', ("Müller", "Kö, Ln", "Jon", "Ann")),
        ('"Dell 27"" monitor", x\n', ('Dell 27" monitor', "x")),
        ('27" monitor\nAnn\n', ('27" monitor', "Ann")),
        ('"New\nYork",Ann\n', ("New York", "Ann")),
        (
            "Berlin, Germany\tJon\nAnn\tSara\n",
            ("Berlin, Germany", "Jon", "Ann", "Sara"),
        ),
        ('"a, b"\tc\n', ("a, b", "c")),
        ("Katherine  # my sister\nC # D\n", ("Katherine", "C")),
        ("sep=;\nJon;Ann\n", ("Jon", "Ann")),
    ],
)
def test_a_list_is_taken_apart(text, words):
    assert entries_of(text).words == words


def test_a_stray_quote_takes_no_other_line_with_it():
    text = '"Jon\n' + "".join(f"Ann {n}\n" for n in range(20)) + 'x, "Sara\n'
    assert entries_of(text).words == (
        "Jon",
        *(f"Ann {n}" for n in range(20)),
        "x",
        "Sara",
    )


def test_comments_are_counted():
    found = entries_of("# mine\n  #old\nJon\n#Ann\n")
    assert found == Entries(("Jon",), comments=3)


@pytest.mark.parametrize(
    ("text", "words", "heading"),
    [
        ("Keyword\nJon\nAnn\n", ("Jon", "Ann"), "Keyword"),
        ("\nNAMES\nJon\n", ("Jon",), "NAMES"),
        ("Term,Weight\nJon,2\nAnn,\n", ("Jon", "Ann"), "Term, Weight"),
        (
            "id\tname\tnotes\n1\tJon\t\n2\t\tx\n3\tAnn\t\n",
            ("Jon", "Ann"),
            "id, name, notes",
        ),
        ('"Name";"Category"\n"Kö, Ln";place\n', ("Kö, Ln",), "Name, Category"),
    ],
)
def test_a_heading_is_no_word_and_tells_the_columns(text, words, heading):
    assert entries_of(text) == Entries(words, heading=heading)


@pytest.mark.parametrize("text", ["Name\n", "Word, Excel\nOutlook\n", "Jon\nName\n"])
def test_what_only_looks_like_a_heading_is_kept(text):
    assert entries_of(text).heading == ""


@given(st.text(alphabet='ab"#,;\t\n =', max_size=60))
def test_a_text_is_whole_in_its_records(text):
    raw = "\n".join(record.raw for record in records(text))
    assert raw.split("\n") == (text.splitlines() or [""])
