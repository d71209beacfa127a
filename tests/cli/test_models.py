import json
import pickle
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from cli.conftest import Mica
from mica import paths
from mica.settings import load
from support.tiny_model import write_tiny_model

LIMIT_S = 10.0


def truncated(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-1000])


def other_architecture(folder: Path) -> None:
    file = folder / "config.json"
    config = json.loads(file.read_text())
    file.write_text(json.dumps(config | {"model_type": "whisper"}))


def pickled(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"a": 1}))


def no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def no_weights(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"")


def broken_config(folder: Path) -> None:
    (folder / "config.json").write_text("{")


BREAKS = [
    truncated,
    other_architecture,
    pickled,
    no_tokenizer,
    no_weights,
    broken_config,
]


@pytest.mark.parametrize("spoil", BREAKS)
def test_a_broken_model_is_one_line_and_exit_4(
    mica: Mica, sound: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    folder = write_tiny_model(tmp_path / "broken")
    spoil(folder)
    result = mica("transcribe", sound, "--model", folder)
    assert (result.code, result.out) == (4, "")
    assert result.line()


@pytest.mark.parametrize("spoil", BREAKS)
def test_models_verify_reports_problems(
    mica: Mica, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    folder = write_tiny_model(tmp_path / "broken")
    spoil(folder)
    result = mica("models", "verify", folder)
    assert result.code == 4
    assert result.line()


def test_a_missing_model_is_exit_4(mica: Mica, sound: Path) -> None:
    result = mica("transcribe", sound, "--model", "nothing")
    assert result.code == 4
    assert "“nothing”" in result.line()


def test_models_verify_prints_no_result_for_a_good_model(
    mica: Mica, tiny: Path
) -> None:
    result = mica("models", "verify", tiny)
    assert (result.code, result.out) == (0, "")


def test_a_converted_model_can_be_verified_and_used(
    mica: Mica, tmp_path: Path, sound: Path
) -> None:
    original = write_tiny_model(tmp_path / "original", bits=None, shards=2)
    ours = tmp_path / "ours"
    assert mica("models", "convert", original, ours, "--bits", "8").code == 0
    assert mica("models", "verify", ours).code == 0
    assert mica("transcribe", sound, "--model", ours).code == 0


def test_converting_a_missing_folder_is_exit_4(mica: Mica, tmp_path: Path) -> None:
    result = mica("models", "convert", tmp_path / "no", tmp_path / "out")
    assert result.code == 4
    assert result.line()
    assert not (tmp_path / "out").exists()


def test_models_list_marks_the_model_that_models_use_chose(
    mica: Mica, tiny: Path
) -> None:
    assert "* pebble" in mica("models", "list").out
    assert mica("models", "use", tiny).code == 0
    assert "* pebble" not in mica("models", "list").out
    assert mica("models", "use", "pebble").code == 0
    assert "* pebble" in mica("models", "list").out


def test_models_use_refuses_a_folder_without_a_model(
    mica: Mica, tmp_path: Path
) -> None:
    result = mica("models", "use", tmp_path)
    assert result.code == 4 and result.line()
    assert "* pebble" in mica("models", "list").out


def test_models_list_names_published_models(mica: Mica) -> None:
    assert "- granite-speech-4.1-2b  (not installed)" in mica("models", "list").out


def test_models_list_says_what_each_model_can_do(mica: Mica, tiny: Path) -> None:
    write_tiny_model(paths.models_folder() / "small")
    mica("models", "use", tiny)
    lines = mica("models", "list").out.splitlines()
    about = dict(pairwise(lines))
    assert about["  pebble"] == (
        "    English; punctuated or plain text; no translation; "
        "understands synthetic voices only"
    )
    own = "    punctuated or plain text; no translation"
    assert about["  small"] == about[f"* {tiny}  (in use)"] == own
    assert about["- granite-4.0-1b-speech  (not installed)"] == (
        "    English and five more languages; plain text only; translation"
    )
    assert max(map(len, lines)) <= 100


def test_models_use_says_how_to_get_a_published_model(mica: Mica) -> None:
    result = mica("models", "use", "granite-speech-4.1-2b")
    assert result.code == 4 and "isn’t installed" in result.line()
    assert "hf download ibm-granite/" in mica("models", "convert", "--help").out


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        ("ok", "Mica now uses {}."),
        ("ok The overlay setting was reset.", "Mica now uses {}."),
        (
            "no F13 is taken.",
            "The settings now say {}, but the running app didn’t switch to it. "
            "F13 is taken.",
        ),
    ],
)
def test_models_use_reloads_the_settings_of_the_running_app(
    mica: Mica, home: Path, tiny: Path, answer: str, line: str
) -> None:
    requests: list[bytes] = []

    def run() -> None:
        while not requests:
            with app.accept()[0] as caller:  # the check whether an app is running
                if result := caller.recv(100):
                    assert load()[0].model == str(tiny)
                    requests.append(result)
                    caller.sendall(f"{answer}\n".encode())

    with socket.socket(socket.AF_UNIX) as app:
        app.bind(str(paths.control_socket()))
        app.listen()
        running = threading.Thread(target=run, daemon=True)
        running.start()
        assert mica("models", "use", tiny).line() == f"mica: {line.format(tiny)}"
        running.join(LIMIT_S)
    assert requests == [b"reload\n"]
    paths.control_socket().unlink()
    assert mica("models", "use", tiny).line() == f"mica: Mica now uses {tiny}."


def test_models_list_marks_a_chosen_model_that_is_missing(
    mica: Mica, tmp_path: Path
) -> None:
    folder = write_tiny_model(tmp_path / "granite")
    mica("models", "use", folder)
    shutil.rmtree(folder)
    assert f"! {folder}  (missing)" in mica("models", "list").out.splitlines()
    mica("models", "use", "pebble")
    assert "!" not in mica("models", "list").out


def test_the_error_of_a_damaged_model_names_it(
    mica: Mica, sound: Path, tmp_path: Path
) -> None:
    folder = write_tiny_model(tmp_path / "granite")
    truncated(folder)
    line = mica("transcribe", sound, "--model", folder).line()
    assert line.startswith("mica: The model “granite” is damaged. Install it again")


@pytest.mark.parametrize("spoil", [truncated, no_tokenizer, broken_config])
def test_models_list_marks_a_damaged_model(
    mica: Mica, home: Path, spoil: Callable[[Path], None]
) -> None:
    write_tiny_model(paths.models_folder() / "whole")
    spoil(write_tiny_model(paths.models_folder() / "half"))
    lines = mica("models", "list").out.splitlines()
    assert "  whole" in lines
    [half] = [line for line in lines if "half" in line]
    assert half.startswith("  half  (damaged: ")


def test_a_damaged_model_is_one_line_on_stderr_without_log_lines(
    home: Path, tmp_path: Path, sound: Path
) -> None:
    folder = write_tiny_model(tmp_path / "half")
    truncated(folder)
    command = [sys.executable, "-m", "mica", "transcribe", sound, "--model", folder]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert result.returncode == 4
    assert result.stderr.splitlines() == [
        "mica: The model “half” is damaged. Install it again, or choose another."
    ]
