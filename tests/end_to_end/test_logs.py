"""What the search through the logs after each test (conftest.py) would find."""

from pathlib import Path

from mica.events import Style, Transcript
from mica.library.store import Library
from support import private_logs

TITLE = "Kündigungsschreiben"


def test_log_check_finds_a_word_a_title_and_a_name(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    library = Library(tmp_path / "history.sqlite")
    row = library.add(0.0, Style.RAW)
    library.set_text(row, Transcript("the pharmacy has the model", "pebble", 1.0))
    library.close()
    assert private_logs.content(tmp_path) == {}
    (logs / "mica.log").write_text("12:00 the model is ready\n")
    assert private_logs.content(tmp_path) == {}, "Mica's own words"
    for text, words in (
        ("heard: Pharmacy", {"pharmacy"}),
        (f"into “{TITLE}”", {TITLE.casefold()}),
        ("/home/me/Kontoauszug.wav", {"kontoauszug"}),
    ):
        (logs / "engine.log").write_text(f"{text}\n")
        found = private_logs.content(tmp_path, [TITLE, "Kontoauszug.wav"])
        assert found == {"engine.log": words}
