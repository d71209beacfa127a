import io
import json
import os
import sys
from pathlib import Path

import pytest

from cli.conftest import Mica
from mica import paths
from support import virtual_microphone


def test_keywords_are_added_listed_and_removed(mica: Mica) -> None:
    said = mica("keywords", "add", "Jon", "Łódź", "jon", "<|audio|>", "Smith, O'Brien")
    assert said.line() == (
        "mica: Added 4 keywords (1 duplicate, 1 split at commas, 1 not usable)."
    )
    assert mica("keywords", "list").out == "Jon\nŁódź\nSmith\nO'Brien\n"
    said = mica("keywords", "remove", "JON", "o’brien", "Bob")
    assert said.code == 1
    assert said.err.splitlines() == [
        "mica: Removed 2 keywords.",
        "mica: “Bob” is not one of your keywords.",
    ]
    assert mica("keywords", "list").out == "Łódź\nSmith\n"


def test_keywords_go_out_and_in_by_files(mica: Mica, tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("one, two, three\nfour\n\n")
    mica("keywords", "import", file)
    out, text = tmp_path / "out.txt", "one\ntwo\nthree\nfour\n"
    mica("keywords", "export", out)
    assert out.read_text() == text == mica("keywords", "export", "-").out
    out.write_text("mine")
    said = mica("keywords", "export", out)
    assert said.code == 1 and "exists already" in said.line()
    assert out.read_text() == "mine"
    assert mica("keywords", "export", out, "--overwrite").code == 0
    assert out.read_text() == text


def test_a_word_in_another_encoding_is_taken_as_it_was_meant(mica: Mica) -> None:
    latin = os.fsdecode("José".encode("cp1252"))
    mica("keywords", "add", latin)
    assert mica("keywords", "list").out == "José\n"
    assert mica("keywords", "remove", latin).line() == "mica: Removed 1 keyword."


@pytest.mark.parametrize(
    ("data", "words", "said"),
    [
        (
            "\ufeffKatherine\r\nJon\r\n".encode(),
            "Katherine\nJon\n",
            "Added 2 keywords.",
        ),
        ("\ufeffMüller\r\n".encode("utf-16-le"), "Müller\n", "Added 1 keyword."),
        (
            "José\n".encode("cp1252"),
            "José\n",
            "Added 1 keyword (read as Windows-1252).",
        ),
        (
            b'Name\n# mine\n"Smith, John","O\'Brien"\n',
            "Smith John\nO'Brien\n",
            "Added 2 keywords (1 without commas, 1 comment skipped, "
            "heading “Name” skipped).",
        ),
    ],
)
def test_a_list_is_imported_whatever_saved_it(
    mica: Mica, tmp_path: Path, data: bytes, words: str, said: str
) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(data)
    assert mica("keywords", "import", file).line() == f"mica: {said}"
    assert mica("keywords", "list").out == words


def test_what_is_no_list_is_refused_with_a_remedy(mica: Mica, tmp_path: Path) -> None:
    file = tmp_path / "bin.dat"
    file.write_bytes(bytes(range(256)) * 40)
    for path, reason in (
        (file, "is not a text file. Save it as plain text"),
        (tmp_path, "is a folder. Choose a text file."),
        (tmp_path / "none", "does not exist. Check the path."),
    ):
        said = mica("keywords", "import", path)
        assert said.code == 1 and f"{path} {reason}" in said.line()
    assert mica("keywords", "list").out == ""


def test_a_list_comes_in_by_stdin(mica: Mica, monkeypatch: pytest.MonkeyPatch) -> None:
    given = io.TextIOWrapper(io.BytesIO("\ufeffJon;Ann\r\n".encode("utf-16-le")))
    monkeypatch.setattr("sys.stdin", given)
    assert mica("keywords", "import", "-").line() == "mica: Added 2 keywords."


def test_what_the_system_refuses_is_one_line_with_a_remedy(
    mica: Mica, tmp_path: Path
) -> None:
    file = tmp_path / "nowhere" / "out.txt"
    said = mica("keywords", "export", file)
    assert said.code == 1
    assert f"{file}: No such file or directory" in said.line()
    assert "Check the path" in said.line()


def test_ten_thousand_keywords_are_kept(mica: Mica, tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("\n".join(f"Name{n}" for n in range(10_000)))
    assert "Added 10,000 keywords." in mica("keywords", "import", file).line()
    assert len(mica("keywords", "list").out.splitlines()) == 10_000


def test_tell_without_a_running_app_says_so(mica: Mica) -> None:
    said = mica("tell", "toggle")
    assert said.code == 1 and said.out == ""
    assert said.line() == "mica: Mica is not running. Start it with `mica`."


def test_tell_knows_only_what_the_app_does(mica: Mica) -> None:
    said = mica("tell", "dance")
    assert said.code == 2 and said.line().count("paste-last") == 1
    assert mica("tell", "show").code == 2


def test_tell_is_given_no_more_words_than_it_takes(mica: Mica) -> None:
    said = mica("tell", "toggle", "Desk")
    assert said.code == 2 and "“toggle” takes no name" in said.line()
    said = mica("tell", "microphone", "Built-in", "Microphone")
    assert said.code == 2 and "(Microphone)" in said.line()


@pytest.mark.parametrize("name", [(), ("",), ("Desk",), ("Anna’s AirPods",)])
def test_tell_takes_the_name_of_a_microphone(mica: Mica, name: tuple[str, ...]) -> None:
    said = mica("tell", "microphone", *name)
    assert said.code == 1 and "not running" in said.line()


def test_doctor_as_json_names_every_check_with_a_remedy_where_it_fails(
    mica: Mica,
) -> None:
    said = mica("doctor", "--json")
    checks = json.loads(said.out)
    names = {check["name"] for check in checks}
    assert names >= {"Python", "MLX", "linear algebra", "microphone", "model", "state"}
    assert all(check["ok"] or check["remedy"] for check in checks)
    assert said.code == (0 if all(check["ok"] for check in checks) else 1)


def test_doctor_says_what_is_wrong_with_settings_and_keywords_once(mica: Mica) -> None:
    paths.settings_file().write_text('sounds = 3\nhold_key = "banana"\n')
    paths.keywords_file().write_bytes(bytes(range(256)))
    said = mica("doctor", "--json")
    found = {check["name"]: check for check in json.loads(said.out)}
    assert said.code == 1 and said.err == ""
    assert found["settings"]["found"].count("sounds") == 1
    assert "“banana”" in found["settings"]["found"]
    assert "is not a text file" in found["keywords"]["found"]
    assert found["settings"]["remedy"] and found["keywords"]["remedy"]


def test_doctor_says_once_that_the_model_is_missing(mica: Mica) -> None:
    paths.settings_file().write_text('model = "granite"\n')
    (line,) = (one for one in mica("doctor").out.splitlines() if " model: " in one)
    remedy = "See `mica models list`."
    assert line == f"missing model: There is no model “granite”. {remedy}"


def test_doctor_as_text_has_a_line_for_each(mica: Mica) -> None:
    lines = mica("doctor").out.splitlines()
    assert all(line.startswith(("ok", "missing")) for line in lines)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere MLX brings a fast one")
def test_doctor_says_when_openblas_is_missing_and_what_to_install(
    mica: Mica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mica.engine.process._FOLDERS", ())
    [line] = [x for x in mica("doctor").out.splitlines() if "linear algebra" in x]
    assert line.startswith("missing linear algebra: no OpenBLAS. Install libopenblas")


def test_devices_lists_without_failing(mica: Mica) -> None:
    assert mica("devices").code == 0


def test_devices_says_which_one_is_used_and_why(
    mica: Mica, monkeypatch: pytest.MonkeyPatch
) -> None:
    if virtual_microphone.missing():
        pytest.skip("needs PulseAudio")
    with virtual_microphone.virtual_microphone() as own:
        for name, value in own.environment.items():
            monkeypatch.setenv(name, value)
        assert "Mica uses default: the system's choice." in mica("devices").out
        paths.settings_file().write_text('microphone = ["Desk", "pulse"]')
        assert "Mica uses pulse: the first of your list" in mica("devices").out
        paths.settings_file().write_text('microphone = "Desk"')
        assert "“Desk” is not connected" in mica("devices").err


def test_no_microphone_is_said_by_devices(
    mica: Mica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_SERVER", "unix:/nowhere")
    said = mica("devices")
    assert bool(said.out) != ("No microphone" in said.err)


def test_what_is_wrong_with_the_settings_is_said_and_the_file_left_alone(
    mica: Mica,
) -> None:
    text = 'modell = "pebble"\nsounds = "yes"\n'
    paths.settings_file().write_text(text)
    said = mica("models", "list")
    assert said.code == 0 and "“model”" in said.err and "sounds setting" in said.err
    assert paths.settings_file().read_text() == text
    paths.settings_file().write_bytes(bytes(range(256)))
    assert "The settings can't be read: " in mica("models", "list").line()
    assert "Not saved: " in mica("models", "use", "pebble").line()
    assert paths.settings_file().read_bytes() == bytes(range(256))


def test_what_needs_no_settings_reads_none(mica: Mica) -> None:
    paths.settings_file().write_text("sounds = 3")
    for words in (["--help"], ["keywords", "list"], ["transcribe", "--help"]):
        assert mica(*words).err == ""


def test_choosing_a_model_keeps_all_else(mica: Mica) -> None:
    paths.settings_file().write_text("# mine\nsounds = 3\nfuture = true\n")
    assert mica("models", "use", "pebble").code == 0
    text = '# mine\nsounds = 3\nfuture = true\nmodel = "pebble"\n'
    assert paths.settings_file().read_text() == text


@pytest.mark.parametrize("words", [["--help"], ["transcribe", "--help"]])
def test_help_is_on_stdout(mica: Mica, words: list[str]) -> None:
    said = mica(*words)
    assert (said.code, said.err) == (0, "")
    assert "Usage" in said.out


def test_the_version_is_told(mica: Mica) -> None:
    assert mica("--version").out.startswith("mica, version ")
