"""Open text is imported by source, and sources that are left out stay out."""

import gzip
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sentences-mail.txt").write_text("Call me at 7 pm.\n\nTell Jon.\n")
    requests = gzip.compress(b"turn on 2 lights\nplay it\n")
    (tmp_path / "sentences-lower-home.txt.gz").write_bytes(requests)
    (tmp_path / "shared.txt").write_text("Somebody's words.\n")
    return tmp_path


def test_sources_are_read_without_digits(
    script: Callable[[str], ModuleType], folder: Path
) -> None:
    home, mail = script("sentences").sources(folder, ["shared"])
    assert (home.name, home.cased) == ("lower-home", False)
    assert home.sentences == ["turn on two lights", "play it"]
    assert (mail.name, mail.cased) == ("mail", True)
    assert mail.sentences[0] == "Call me at seven pm."


def test_a_name_with_two_spellings_is_written_the_usual_way(
    script: Callable[[str], ModuleType], folder: Path
) -> None:
    mail = script("sentences").sources(folder, ["shared"])[1]
    assert mail.sentences[1] == "Tell John."


def test_a_misspelt_source_to_leave_out_is_an_error(
    script: Callable[[str], ModuleType], folder: Path
) -> None:
    with pytest.raises(ValueError, match="sharde"):
        script("sentences").sources(folder, ["sharde"])


def test_overlong_sentence_is_left_out(
    script: Callable[[str], ModuleType], tmp_path: Path
) -> None:
    (tmp_path / "long.txt").write_text("Yes " * 26 + "\nNo.\n")
    assert script("sentences").sources(tmp_path, [])[0].sentences == ["No."]
