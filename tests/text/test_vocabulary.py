"""Keywords: what gets in, in which form, and that the file is never lost."""

import pytest

from mica.text.vocabulary import Keywords, clean_keyword


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("  Katherine  ", "Katherine"),
        ("New\nYork", "New York"),
        ("<|audio|>Jon", "Jon"),
        ("<|end_of_text|>", None),
        ("a<|b", "a b"),
        ("Müller", "Müller"),
        ("Mu\u0308ller", "Müller"),
        ("rock 🎸", "rock 🎸"),
        ("bell\x07\x00", "bell"),
        ("red, green", "red green"),
        ("", None),
        (" \t\r\n", None),
        ("x" * 200, "x" * 80),
    ],
)
def test_a_keyword_is_cleaned(raw, kept):
    assert clean_keyword(raw) == kept


def test_cleaning_again_changes_nothing():
    for raw in ("<|a<|b|>|>", "<<|x|>|audio|>", "a ,, b"):
        once = clean_keyword(raw)
        assert once is None or clean_keyword(once) == once
        assert "<|" not in (once or "")


def test_the_order_is_the_users_and_case_makes_a_difference(tmp_path):
    keywords = Keywords(tmp_path / "k.txt")
    assert keywords.add(["Jon", "jon", "Jon", "Ann"]) == 3
    assert keywords.all() == ["Jon", "jon", "Ann"]
    assert keywords.remove(["jon", "Bob"]) == 1
    assert Keywords(tmp_path / "k.txt").all() == ["Jon", "Ann"]


def test_pasted_text_is_cut_at_lines_and_commas(tmp_path):
    keywords = Keywords(tmp_path / "k.txt")
    assert keywords.import_text("Jon, Ann;Sara\r\n\r\nNew York\n") == 4
    assert keywords.export() == "Jon\nAnn\nSara\nNew York\n"


def test_ten_thousand_entries_are_kept(tmp_path):
    keywords = Keywords(tmp_path / "k.txt")
    assert keywords.add(f"term {n}" for n in range(10_000)) == 10_000
    assert keywords.add(["term 9999", "one more"]) == 1
    assert len(keywords.all()) == 10_001


def test_a_file_that_is_no_utf8_is_still_read(tmp_path):
    (tmp_path / "k.txt").write_bytes(b"Jon\nM\xfcller\n")
    assert Keywords(tmp_path / "k.txt").all()[0] == "Jon"
