"""The logs hold nothing that was said, even if a listener fails; and what the search
through them after each test (conftest.py) would find."""

import sys
from pathlib import Path

import pytest

from end_to_end.parts import LACKING, SHORT, field, spoken
from end_to_end.running_app import running_app
from mica.events import Style, Transcript
from mica.library.store import Library
from support import private_logs, xserver

TITLE = "Kündigungsschreiben"


#: The app, with a listener that fails as soon as a text reaches it.
BROKEN = """
from mica.__main__ import main
from mica.ui.status import StatusPresenter
def fail(self, text):
    raise ValueError(f"cannot show {text}")
StatusPresenter.on_text = fail
main()
"""


@pytest.mark.skipif(bool(LACKING), reason=f"needs {', '.join(LACKING)}")
def test_listener_that_fails_logs_nothing_that_was_said(tmp_path: Path) -> None:
    script = tmp_path / "broken.py"
    script.write_text(BROKEN)
    command, _ = field(tmp_path, TITLE)
    program = [sys.executable, str(script)]
    with running_app(tmp_path, program=program) as app, xserver.program(command, TITLE):
        with app.listening():
            app.microphone.play(spoken(SHORT))
        xserver.until(lambda: "ValueError" in app.messages(), 60.0)
        xserver.until(lambda: len(app.rows()[-1]["text"].split()) >= 4)
    assert private_logs.content(tmp_path, [TITLE]) == {}


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
