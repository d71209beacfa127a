import json
import sys
from pathlib import Path

import pytest

import virtual_microphone
from cli.conftest import Mica
from mica import paths


def test_keywords_are_added_listed_and_removed(mica: Mica) -> None:
    said = mica("keywords", "add", "Jon", "Łódź", "Jon", "<|audio|>", "a\nb")
    assert "3 keywords added" in said.line()
    assert mica("keywords", "list").out == "Jon\nŁódź\na b\n"
    assert "1 keyword removed" in mica("keywords", "remove", "Jon").line()
    assert mica("keywords", "list").out == "Łódź\na b\n"


def test_keywords_go_out_and_in_by_files(mica: Mica, tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("one, two; three\nfour\n\n")
    mica("keywords", "import", file)
    mica("keywords", "export", tmp_path / "out.txt")
    assert (tmp_path / "out.txt").read_text() == "one\ntwo\nthree\nfour\n"


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
    assert "10000 keywords added" in mica("keywords", "import", file).line()
    assert len(mica("keywords", "list").out.splitlines()) == 10_000


def test_tell_without_a_running_app_says_so(mica: Mica) -> None:
    said = mica("tell", "toggle")
    assert said.code == 1 and said.out == ""
    assert said.line() == "mica: Mica is not running. Start it with `mica`."


def test_tell_knows_only_what_the_app_does(mica: Mica) -> None:
    said = mica("tell", "dance")
    assert said.code == 2 and "toggle" in said.line()
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


def test_doctor_as_text_has_a_line_for_each(mica: Mica) -> None:
    lines = mica("doctor").out.splitlines()
    assert all(line.startswith(("ok", "missing")) for line in lines)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere MLX brings a fast one")
def test_doctor_says_when_openblas_is_missing_and_what_to_install(
    mica: Mica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mica.engine.process._FOLDERS", ())
    [line] = [x for x in mica("doctor").out.splitlines() if "linear algebra" in x]
    assert line.startswith("missing linear algebra: no OpenBLAS  Install libopenblas")


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


def test_a_broken_settings_file_is_set_aside_and_said(mica: Mica) -> None:
    paths.settings_file().write_text("model = [")
    said = mica("keywords", "list")
    assert said.code == 0
    assert "settings.toml.broken" in said.line()
    assert mica("keywords", "list").err == ""


def test_an_unknown_setting_is_named_with_the_nearest(mica: Mica) -> None:
    paths.settings_file().write_text('modell = "pebble"')
    assert "“model”" in mica("keywords", "list").line()


@pytest.mark.parametrize("words", [["--help"], ["transcribe", "--help"]])
def test_help_is_on_stdout(mica: Mica, words: list[str]) -> None:
    said = mica(*words)
    assert (said.code, said.err) == (0, "")
    assert "Usage" in said.out


def test_the_version_is_told(mica: Mica) -> None:
    assert mica("--version").out.startswith("mica, version ")
