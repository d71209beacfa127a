"""Lists of words in the forms people keep them in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mica.text.wordlist import Entries, entries_of, records


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Jon, Ann;\n\nNew York\n", ("Jon, Ann", "New York")),
        (
            "Jon, Ann\nSara, New York\nx;y, z\nA,B\n",
            ("Jon", "Ann", "Sara", "New York", "x;y", "z", "A", "B"),
        ),
        (
            '"Smith, John","O\'Brien"\n"Berlin, Germany",Ada\n',
            ("Smith, John", "O'Brien", "Berlin, Germany", "Ada"),
        ),
        ('"Müller";"Kö, Ln"\nJon;Ann\n', ("Müller", "Kö, Ln", "Jon", "Ann")),
        ('"Dell 27"" monitor", x\n', ('Dell 27" monitor', "x")),
        ('27" monitor\nAnn\n', ('27" monitor', "Ann")),
        ('"New\nYork",Ann\n', ("New York", "Ann")),
        (
            "x,y\n" + '"a\n' + "b\n" * 20 + 'c",d\n',
            ("x", "y", "a " + "b " * 20 + "c", "d"),
        ),
        ("\tJon\t\n\tAnn\tx\n", ("Jon", "Ann", "x")),
        ("Track # 5\nF # minor\n", ("Track # 5", "F # minor")),
        ("#MeToo\n#TGIF\n", ("#MeToo", "#TGIF")),
        ("- Jon\n• Ann\n* -x\n", ("Jon", "Ann", "-x")),
        ("1. Jon\n2) Ann\n\n", ("Jon", "Ann")),
        ("Ann\n1. FC Köln\nJon\n", ("Ann", "1. FC Köln", "Jon")),
        (
            "Berlin, Germany\tJon\nAnn\tSara\n",
            ("Berlin, Germany", "Jon", "Ann", "Sara"),
        ),
        ('"a, b"\tc\n', ("a, b", "c")),
        ('Bob\n"Weird Al\nVinyl 12"\nAnn\n', ("Bob", "Weird Al", 'Vinyl 12"', "Ann")),
        ("sep=;\nJon;Ann\n", ("Jon", "Ann")),
    ],
)
def test_an_imported_list_is_split_into_words(text, words):
    assert entries_of(text).words == words


def test_stray_quote_loses_no_other_line():
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


def test_a_comment_after_a_word_counts_only_in_our_own_file():
    found = [
        record.entries for record in records('Katherine  # my sister\n"C # D" # x\n')
    ]
    assert found == [("Katherine",), ("C # D",)]


def test_empty_cells_keep_their_column():
    assert entries_of("No\tName\n\tJon\n2\t\n\tAnn\n").words == ("Jon", "Ann")


@pytest.mark.parametrize(
    ("text", "words", "heading"),
    [
        (
            "Name;Betrag\nMüller, Jan;1,5\nBob;2,0\n",
            ("Müller, Jan", "Bob"),
            "Name, Betrag",
        ),
        (
            "First Name,Middle,Last Name,Birthday\nJon,,Smith,1 Mai\nAnn,X,Doe,\n",
            ("Jon", "Smith", "Ann", "Doe"),
            "First Name, Middle, Last Name, Birthday",
        ),
        ("Keyword\nJon\nAnn\n", ("Jon", "Ann"), "Keyword"),
        ("Vorname;Nachname\nJan;Müller\n", ("Jan", "Müller"), "Vorname, Nachname"),
        ("Prénom\tNom\nZoé\tGirard\n", ("Zoé", "Girard"), "Prénom, Nom"),
        ("Apellidos,Nombre\nNúñez,Ana\n", ("Núñez", "Ana"), "Apellidos, Nombre"),
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
def test_a_heading_selects_the_columns_of_words(text, words, heading):
    found = entries_of(text)
    assert (found.words, ", ".join(found.heading)) == (words, heading)


@pytest.mark.parametrize("text", ["Name\n", "Word, Excel\nOutlook\n", "Jon\nName\n"])
def test_a_first_row_that_is_no_heading_is_imported(text):
    assert entries_of(text).heading == ()


@given(st.text(alphabet='ab"#,;\t\n =', max_size=60))
def test_records_join_to_the_whole_text(text):
    raw = "\n".join(record.raw for record in records(text))
    assert raw.split("\n") == (text.splitlines() or [""])
