"""Keywords: how they are cleaned, and that changes lose nothing in their file."""

import os
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mica.engine.messages import Begin, pack
from mica.errors import TextFileError
from mica.events import TranscribeOptions
from mica.text.keywords import (
    MAX_CHARACTERS,
    MOST_USED,
    TOO_MANY,
    Keywords,
    clean_keyword,
)
from mica.text.wordlist import entries_of

LONG = (
    "the quick brown fox jumps over the lazy dog and then over the fence once more ok"
)


@pytest.fixture
def keywords(tmp_path) -> Keywords:
    return Keywords(tmp_path / "k.txt")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "k.txt"


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  Katherine  ", "Katherine"),
        ("New\nYork", "New York"),
        ("<|audio|>Jon", "Jon"),
        ("<|end_of_text|>", None),
        ("a<|b", "a b"),
        ("Müller", "Müller"),
        ("Mu\u0308ller", "Müller"),
        ("rock 🎸", "rock 🎸"),
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("\ufeffKathe\u00adrine\u200b", "Katherine"),
        ("bell\x07\x00", "bell"),
        ("red, green; blue", "red green blue"),
        ("", None),
        (" \t\r\n", None),
        ("x" * 80, "x" * 80),
        ("x" * 81, None),  # too long for a word, and not truncated
        (f"{LONG} dokey", LONG),
        (f"{LONG}ay", LONG.removesuffix(" ok")),
    ],
)
def test_a_keyword_is_cleaned(raw, clean):
    assert clean_keyword(raw) == clean


@given(st.text(max_size=120))
def test_a_clean_keyword_stays_as_it_is(raw):
    once = clean_keyword(raw)
    assert once is None or clean_keyword(once) == once
    assert "<|" not in (once or "") and len(once or "") <= MAX_CHARACTERS


def test_keywords_keep_the_users_order(keywords, file):
    assert keywords.add(["Jon", "Ann", "Jon"]).words == ("Jon", "Ann")
    assert keywords.add(["Abe"]).words == ("Abe",)
    assert Keywords(file).all() == ["Jon", "Ann", "Abe"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Katherine", "katherine"),
        ("O'Brien", "o’brien"),
        ("O’Brien", "O`Brien"),
        ("Straße", "STRAẞE"),
        ("Σοφός", "ΣΟΦΌΣ"),
        ("Jean-Luc", "Jean‑Luc"),
        ("Zoe\u0308", "zoë"),
    ],
)
def test_spellings_that_are_the_same_to_the_user_are_one_keyword(keywords, one, other):
    assert len(keywords.add([one]).words) == 1
    assert keywords.import_text(other).duplicates == 1
    assert keywords.all() == [clean_keyword(one)]
    assert keywords.remove([other]) == [clean_keyword(one)]
    assert keywords.all() == []


def test_a_keyword_typed_in_other_capitals_is_spelled_so(keywords, file):
    file.write_text("# sisters\nkatherine\nAnn\n")
    added = keywords.add(["Katherine", "KATHERINE", "ann, Zoe"])
    assert added.respelled == (("katherine", "Katherine"), ("Ann", "ann"))
    assert (added.words, added.duplicates) == (("Zoe",), 1)
    assert added.line() == (
        "Added 1 keyword and changed the spelling of 2 keywords "
        "(1 duplicate, 1 split at commas)."
    )
    assert file.read_text() == "# sisters\nKatherine\nann\nZoe\n"
    assert keywords.add(["Ann"]).line() == "Changed the spelling of 1 keyword."
    assert keywords.add(["Ann"]).line() == "No new keywords (1 duplicate)."


def test_a_keyword_written_by_hand_is_found(keywords, file):
    file.write_text("New   York\nMu\u0308ller\n")
    assert keywords.import_text("new york\nmüller").duplicates == 2
    assert keywords.rename("New York", "new york").words == ("new york",)
    assert keywords.remove(["MÜLLER"]) == ["Müller"]
    assert keywords.all() == ["new york"]


def test_commas_separate_typed_keywords(keywords):
    added = keywords.add(["Smith, Jones", "New York"])
    assert added.words == ("Smith", "Jones", "New York")
    assert added.line() == "Added 3 keywords (1 split at commas)."
    assert keywords.remove(["smith, jones"]) == ["Smith", "Jones"]


def test_an_import_is_summarized_in_one_sentence(keywords):
    keywords.add(["Jon"])
    text = f"Name\n# mine\njon\nAnn\n{LONG} dokey\n<|audio|>\nSara\n"
    assert keywords.import_text(text).line() == (
        "Added 3 keywords (1 duplicate, 1 shortened, 1 unusable, 1 comment skipped, "
        "heading “Name” skipped)."
    )
    assert (
        keywords.import_text("Ann\nsara\n").line() == "No new keywords (2 duplicates)."
    )
    assert keywords.add(["Abe"]).line() == "Added 1 keyword."


def test_comments_and_blank_lines_survive_every_change(keywords, file):
    file.write_text("# friends\nJon, Ann\n\n# places\nOslo\n")
    keywords.add(["Bern"])
    assert keywords.remove(["ann", "Bob"]) == ["Ann"]
    assert file.read_text() == "# friends\nJon\n\n# places\nOslo\nBern\n"


@pytest.mark.parametrize(
    "word", ["#tag", "- x", "1. x", '"x" y', "a # b", "sep=x", "Name", '27" x']
)
def test_a_keyword_that_looks_like_syntax_is_read_back(keywords, file, word):
    [added] = keywords.add([word.replace('"x"', "'x'")]).words
    assert Keywords(file).all() == [added]
    assert entries_of(keywords.export() + "more\n").words in (
        (added, "more"),
        ("more",),
    )


@given(st.lists(st.text(alphabet="aB\"#,;='’ \u00fc\n", max_size=12), max_size=6))
def test_any_added_keywords_are_read_back(tmp_path_factory, words):
    keywords = Keywords(tmp_path_factory.mktemp("k") / "k.txt")
    added = keywords.add(words)
    assert keywords.read() == list(added.words)


def test_rename_changes_a_keyword_in_place(keywords, file):
    file.write_text("Jon\nkatherine # sister\nAnn\n")
    assert keywords.rename("katherine", "Katherine").words == ("Katherine",)
    assert keywords.rename("Jon", "ann").duplicates == 1
    assert keywords.rename("Ann", " ").words == ()
    assert keywords.rename("Ann", "Anna, Anne").words == ("Anna", "Anne")
    assert keywords.all() == ["Jon", "Katherine", "Anna", "Anne"]


@pytest.mark.timeout(60)
def test_the_list_can_have_three_hundred_thousand_keywords(keywords):
    text = "".join(f"Müller {n}\n" for n in range(300_000))
    assert len(keywords.import_text(text).words) == 300_000
    assert keywords.add(["müller 299999", "one more"]).words == ("one more",)
    assert len(keywords.read()) == 300_001


def test_an_import_that_makes_the_file_too_large_is_refused(keywords, file):
    keywords.add(["Jon"])
    with pytest.raises(TextFileError, match="would be too large"):
        keywords.import_text("".join(f"{n:079}\n" for n in range(220_000)))
    assert file.read_text() == "Jon\n"


def test_keywords_beyond_the_engines_limit_are_left_out_with_a_note(file):
    problems = []
    file.write_text("".join(f"word {n}\n" for n in range(MOST_USED + 1)))
    keywords = Keywords(file, problems.append)
    assert len(keywords.all()) == MOST_USED == len(keywords.all())
    assert problems == [TOO_MANY]
    assert len(keywords.read()) == MOST_USED + 1
    words = ("🎸" * MAX_CHARACTERS,) * MOST_USED
    message = Begin(1, 48_000, TranscribeOptions(keywords=words))
    assert pack(message)


def test_a_utf_16_file_is_rewritten_as_utf_8(keywords, file):
    file.write_bytes("\ufeffJosé\r\n".encode("utf-16-le"))
    assert keywords.all() == ["José"]
    keywords.add(["Ann"])
    assert file.read_bytes() == "José\nAnn\n".encode()
    assert list(file.parent.iterdir()) == [file]


def test_a_file_whose_encoding_was_guessed_is_copied_once(file):
    old = "Мария\nИван\n".encode("cp1251")
    file.write_bytes(old)
    (file.parent / "k.txt.original").write_text("an earlier one")
    problems = []
    keywords = Keywords(file, problems.append)
    keywords.add(["Ann"])
    keywords.remove(["Ann"])
    assert (file.parent / "k.txt.original").read_text() == "an earlier one"
    assert (file.parent / "k.txt.original-2").read_bytes() == old
    assert len(problems) == 1 and "The original is k.txt.original-2." in problems[0]


@pytest.mark.parametrize(
    ("listed", "new"),
    [
        ('Bob\n"Weird Al\n', 'Vinyl 12"'),
        ('"Weird Al\nBob\n', 'x, "y"'),
        ('Bob\n"Weird "Al" Y\n', '"New'),
        ('"a # b" # c\n"d\n', 'say "hi" # now'),
    ],
)
def test_stray_quote_in_the_file_loses_no_other_line(keywords, file, listed, new):
    file.write_text(listed)
    before = keywords.read()
    assert len(before) == 2
    added = keywords.add([new]).words
    assert added and keywords.read() == [*before, *added]
    assert file.read_text().startswith(listed)
    keywords.remove([before[0]])
    assert keywords.read() == [before[1], *added]


@pytest.mark.parametrize(
    ("one", "other"), [("Straße", "Strasse"), ("ﬁn", "fin"), ("Maße", "MASSE")]
)
def test_spellings_with_other_letters_are_other_keywords(keywords, one, other):
    assert keywords.add([one, other]).words == (one, other)
    assert keywords.remove([other]) == [other]
    assert keywords.read() == [one]


@pytest.mark.parametrize("word", ["Track # 5", "F # minor", "#MeToo", "# 1"])
def test_a_typed_hash_starts_no_comment(keywords, word):
    assert keywords.add([word]).words == (word,)
    assert keywords.read() == [word]
    assert keywords.remove([word]) == [word]


def test_remove_undoes_add_of_the_same_words(keywords):
    keywords.import_text('"Smith, John"\n')
    keywords.add(["Smith, John"])
    assert keywords.remove(["Smith, John"]) == ["Smith", "John"]
    assert keywords.remove(["Smith, John"]) == ["Smith John"]


def test_skipped_columns_and_cells_are_in_the_summary(keywords):
    text = "Name,E-Mail 1\nJon,jon@x.org,extra\nAnn,ann@x.org\n"
    assert keywords.import_text(text).line() == (
        "Added 2 keywords (heading “Name, E-Mail 1” skipped, column “E-Mail 1” "
        "skipped, 1 cell beyond the last heading skipped)."
    )
    columns = ",".join(["Name", *(f"c{n}" for n in range(30))])
    line = keywords.import_text(f"{columns}\n{','.join(['Sara'] * 31)}\n").line()
    assert "columns “c0, c1, c2, c3, c4 and 25 more” skipped" in line


def test_names_and_organizations_of_contacts_are_imported(keywords):
    keywords.import_text(
        "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:"
        "M=C3=BCl=\nler;Jan\nORG:Acme\\, Inc.;Sales\nTEL:5\nEND:VCARD\n"
        "BEGIN:VCARD\nVERSION:3.0\nN:Doe;Jane\nFN:Jane Do\n e\nEND:VCARD\n"
    )
    assert keywords.read() == ["Jan Müller", "Acme Inc.", "Sales", "Jane Doe"]


def broken(kind: str, file) -> None:
    file.unlink(missing_ok=True)
    if kind == "folder":
        file.mkdir()
    elif kind == "pipe":
        os.mkfifo(file)
    elif kind == "link to itself":
        file.symlink_to(file)
    elif kind == "binary":
        file.write_bytes(bytes(range(256)))
    else:
        with file.open("wb") as out:
            out.truncate(300 << 20)


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "kind", ["folder", "pipe", "link to itself", "binary", "300 MB"]
)
def test_an_unreadable_file_leaves_the_last_list_and_one_note(file, kind):
    problems = []
    file.write_text("Jon\n")
    keywords = Keywords(file, problems.append)
    assert keywords.all() == ["Jon"]
    broken(kind, file)
    assert keywords.all() == ["Jon"] and keywords.all() == ["Jon"]
    assert len(problems) == 1 and problems[0].startswith(
        "Your keywords can’t be read: "
    )
    assert problems[0].endswith(
        " Until they can, Mica uses the last version of the list."
    )
    with pytest.raises((TextFileError, OSError)):
        keywords.add(["Ann"])  # this must not replace what cannot be read
    assert os.path.lexists(file) and not (file.is_file() and file.stat().st_size < 256)


def test_a_file_that_is_readable_again_is_used_again(file):
    problems = []
    file.mkdir()
    keywords = Keywords(file, problems.append)
    assert keywords.all() == []
    file.rmdir()
    file.write_text("Jon\n")
    assert keywords.all() == ["Jon"]
    file.unlink()
    assert keywords.all() == []
    assert len(problems) == 1 and problems[0].endswith(
        " Until they can, Mica uses none."
    )


ADD = """
import sys
import time
from pathlib import Path
from mica.text.keywords import Keywords
Keywords(Path(sys.argv[1])).add([sys.argv[2]])
"""


@pytest.mark.timeout(60)
def test_keywords_that_several_processes_add_are_all_saved(keywords, file):
    command = [sys.executable, "-c", ADD, str(file)]
    writers = [subprocess.Popen([*command, f"word{n}"]) for n in range(6)]
    assert [writer.wait() for writer in writers] == [0] * 6
    assert sorted(keywords.all()) == [f"word{n}" for n in range(6)]


@pytest.mark.parametrize(
    "text",
    [
        "\t" * 200_000,
        "a" + "\u0301\u0323" * 100_000,  # marks, which are sorted when normalized
        "name," * 40_000 + "\n" + "a," * 10,
        "BEGIN:VCARD\n" + "QUOTED-PRINTABLE:" * 100_000,
    ],
    ids=["tabs", "marks", "headings", "contacts"],
)
def test_a_list_made_to_take_forever_is_read_at_once(keywords, text):
    start_s = time.process_time()
    keywords.import_text(text)
    assert time.process_time() - start_s < 1
