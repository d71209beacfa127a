import io
import os
from pathlib import Path

import pytest

from cli.conftest import Mica
from mica import paths
from mica.dictation import control
from support import virtual_microphone


def test_keywords_are_added_listed_and_removed(mica: Mica) -> None:
    result = mica(
        "keywords", "add", "Jon", "Łódź", "jon", "<|audio|>", "Smith, O'Brien"
    )
    assert result.line() == (
        "mica: Added 4 keywords (1 duplicate, 1 split at commas, 1 unusable)."
    )
    assert mica("keywords", "list").out == "Jon\nŁódź\nSmith\nO'Brien\n"
    result = mica("keywords", "remove", "JON", "o’brien", "Bob")
    assert result.code == 1
    assert result.err.splitlines() == [
        "mica: Removed 2 keywords.",
        "mica: “Bob” isn’t in your keywords.",
    ]
    assert mica("keywords", "list").out == "Łódź\nSmith\n"


def test_an_empty_list_of_keywords_says_so(mica: Mica) -> None:
    result = mica("keywords", "list")
    assert (result.code, result.out, result.line()) == (0, "", "mica: No keywords yet.")


def test_keywords_export_writes_what_keywords_import_read(
    mica: Mica, tmp_path: Path
) -> None:
    file = tmp_path / "words.txt"
    file.write_text("one, two, three\nfour\n\n")
    mica("keywords", "import", file)
    out, text = tmp_path / "out.txt", "one\ntwo\nthree\nfour\n"
    mica("keywords", "export", out)
    assert out.read_text() == text == mica("keywords", "export", "-").out
    out.write_text("mine")
    result = mica("keywords", "export", out)
    assert result.code == 1 and "already exists" in result.line()
    assert out.read_text() == "mine"
    assert mica("keywords", "export", out, "--overwrite").code == 0
    assert out.read_text() == text


def test_a_keyword_argument_in_windows_1252_is_decoded(mica: Mica) -> None:
    latin = os.fsdecode("José".encode("cp1252"))
    mica("keywords", "add", latin)
    assert mica("keywords", "list").out == "José\n"
    assert mica("keywords", "remove", latin).line() == "mica: Removed 1 keyword."


@pytest.mark.parametrize(
    ("data", "words", "result"),
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
            "Added 2 keywords (1 with commas removed, 1 comment skipped, "
            "heading “Name” skipped).",
        ),
    ],
)
def test_keywords_import_reads_any_encoding_and_form(
    mica: Mica, tmp_path: Path, data: bytes, words: str, result: str
) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(data)
    assert mica("keywords", "import", file).line() == f"mica: {result}"
    assert mica("keywords", "list").out == words


def test_keywords_import_refuses_other_files_with_a_remedy(
    mica: Mica, tmp_path: Path
) -> None:
    file = tmp_path / "bin.dat"
    file.write_bytes(bytes(range(256)) * 40)
    for path, reason in (
        (file, "isn’t a text file. Save it as plain text"),
        (tmp_path, "is a folder. Choose a text file."),
        (tmp_path / "none", "doesn’t exist. Check the path."),
    ):
        result = mica("keywords", "import", path)
        assert result.code == 1 and f"{path} {reason}" in result.line()
    assert mica("keywords", "list").out == ""


def test_keywords_import_reads_stdin(
    mica: Mica, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = io.TextIOWrapper(io.BytesIO("\ufeffJon;Ann\r\n".encode("utf-16-le")))
    monkeypatch.setattr("sys.stdin", given)
    assert mica("keywords", "import", "-").line() == "mica: Added 2 keywords."


def test_a_system_error_is_one_line_with_a_remedy(mica: Mica, tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "out.txt"
    result = mica("keywords", "export", file)
    assert result.code == 1
    assert f"{file}: No such file or directory" in result.line()
    assert "Check the path" in result.line()


def test_keywords_import_names_its_limit(mica: Mica, tmp_path: Path) -> None:
    file = tmp_path / "many.txt"
    file.write_text("".join(f"word{number}\n" for number in range(20_000)))
    assert mica("keywords", "import", file).err == "mica: Added 20,000 keywords.\n"
    assert mica("keywords", "add", "another").err.splitlines() == [
        "mica: Added 1 keyword.",
        "mica: Mica uses only the first 20,000 of your keywords. Shorten the list.",
    ]


def test_keywords_import_takes_ten_thousand_keywords(
    mica: Mica, tmp_path: Path
) -> None:
    file = tmp_path / "words.txt"
    file.write_text("\n".join(f"Name{n}" for n in range(10_000)))
    assert "Added 10,000 keywords." in mica("keywords", "import", file).line()
    assert len(mica("keywords", "list").out.splitlines()) == 10_000


def test_tell_without_a_running_app_says_so(mica: Mica) -> None:
    result = mica("tell", "toggle")
    assert result.code == 1 and result.out == ""
    assert result.line() == "mica: Mica is not running. Start it with `mica`."


@pytest.mark.parametrize(("command", "code"), [("microphone", 0), ("reload", 1)])
def test_tell_prints_the_apps_note(
    mica: Mica, monkeypatch: pytest.MonkeyPatch, command: str, code: int
) -> None:
    """A note about the file fails the command that is about the file, no other."""
    monkeypatch.setattr(control, "send_command", lambda *_: "Line 3 was ignored.")
    result = mica("tell", command)
    assert result.code == code and result.line() == "mica: Line 3 was ignored."


def test_tell_refuses_unknown_commands(mica: Mica) -> None:
    result = mica("tell", "dance")
    assert result.code == 2 and "“dance”" in result.line()
    assert mica("tell", "show").code == 2


def test_tell_refuses_surplus_arguments(mica: Mica) -> None:
    result = mica("tell", "toggle", "Desk")
    assert result.code == 2 and "“toggle” takes no argument" in result.line()
    result = mica("tell", "microphone", "Built-in", "Microphone")
    assert result.code == 2 and "(Microphone)" in result.line()


@pytest.mark.parametrize("name", [(), ("",), ("Desk",), ("Anna’s AirPods",)])
def test_tell_microphone_accepts_a_name(mica: Mica, name: tuple[str, ...]) -> None:
    result = mica("tell", "microphone", *name)
    assert result.code == 1 and "not running" in result.line()


def test_devices_lists_microphones_on_any_machine(mica: Mica) -> None:
    assert mica("devices").code == 0


def test_devices_prints_which_microphone_is_used_and_why(
    mica: Mica, monkeypatch: pytest.MonkeyPatch
) -> None:
    if virtual_microphone.missing():
        pytest.skip("needs PulseAudio")
    with virtual_microphone.virtual_microphone() as own:
        for name, value in own.environment.items():
            monkeypatch.setenv(name, value)
        out = mica("devices").out
        assert "Mica uses default: the system’s choice." in out
        assert starred(out) == ["default"]
        paths.settings_file().write_text('microphone = ["Desk", "pulse"]')
        out = mica("devices").out
        assert "Mica uses pulse: the first of your list" in out
        assert starred(out) == ["pulse"]
        [default] = [line for line in out.splitlines() if "system default)" in line]
        assert default.startswith("  default  (")
        paths.settings_file().write_text('microphone = "Desk"')
        result = mica("devices")
        assert "“Desk” is not connected" in result.err and starred(result.out) == []


def starred(out: str) -> list[str]:
    """The names of the microphones that `mica devices` marks."""
    lines = [line for line in out.splitlines() if line.startswith("* ")]
    return [line[2:].partition("  (")[0] for line in lines]


def test_devices_reports_that_there_is_no_microphone(
    mica: Mica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_SERVER", "unix:/nowhere")
    result = mica("devices")
    assert bool(result.out) != ("No microphone" in result.err)


def test_commands_report_wrong_settings_and_leave_the_file_alone(
    mica: Mica,
) -> None:
    text = 'modell = "pebble"\nsounds = "yes"\n'
    paths.settings_file().write_text(text)
    result = mica("models", "list")
    assert (
        result.code == 0 and "“model”" in result.err and "sounds setting" in result.err
    )
    assert paths.settings_file().read_text() == text
    paths.settings_file().write_bytes(bytes(range(256)))
    assert "The settings can’t be read: " in mica("models", "list").line()
    assert "The setting wasn’t saved: " in mica("models", "use", "pebble").line()
    assert paths.settings_file().read_bytes() == bytes(range(256))


def test_commands_that_need_no_settings_read_none(mica: Mica) -> None:
    paths.settings_file().write_text("sounds = 3")
    mica("keywords", "add", "Jon")
    for words in (["--help"], ["keywords", "list"], ["transcribe", "--help"]):
        assert mica(*words).err == ""


def test_models_use_keeps_all_other_settings(mica: Mica) -> None:
    paths.settings_file().write_text("# mine\nsounds = 3\nfuture = true\n")
    assert mica("models", "use", "pebble").code == 0
    text = '# mine\nsounds = 3\nfuture = true\nmodel = "pebble"\n'
    assert paths.settings_file().read_text() == text


@pytest.mark.parametrize("words", [["--help"], ["transcribe", "--help"]])
def test_help_is_on_stdout(mica: Mica, words: list[str]) -> None:
    result = mica(*words)
    assert (result.code, result.err) == (0, "")
    assert "Usage" in result.out


def test_version_is_printed(mica: Mica) -> None:
    assert mica("--version").out.startswith("mica, version ")
