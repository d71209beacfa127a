import json
from pathlib import Path

import numpy as np
import pytest

from cli.conftest import RATE_HZ, Mica
from mica import paths
from support.wav_files import tone, write_wav


def events(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_file_as_fast_as_taken_gives_events_as_json_lines(
    mica: Mica, tiny: Path, sound: Path
) -> None:
    said = mica("listen", "--file", sound, "--pace", 0, "--json", "--model", tiny)
    assert said.code == 0
    told = events(said.out)
    assert [e["state"] for e in told if e["event"] == "state"] == [
        "arming",
        "listening",
        "working",
    ]
    final = told[-1]
    assert final["event"] == "final"
    assert final["release_to_text_ms"] > 0
    assert final["key_up_to_text_ms"] >= final["release_to_text_ms"]
    assert final["llm_passes"] > 0
    assert all(isinstance(e["t"], float) for e in told)
    times = [e["t"] for e in told]
    assert times == sorted(times)


def test_commits_put_together_are_the_final_text(
    mica: Mica, tiny: Path, sound: Path
) -> None:
    said = mica("listen", "--file", sound, "--pace", 0, "--json", "--model", tiny)
    told = events(said.out)
    commits = [str(e["text"]) for e in told if e["event"] == "commit"]
    assert told[-1]["text"] == " ".join(commits)


def test_without_json_only_the_text_is_on_stdout(
    mica: Mica, tiny: Path, sound: Path
) -> None:
    said = mica("listen", "--file", sound, "--pace", 0, "--model", tiny)
    assert said.code == 0
    assert len(said.out.splitlines()) == 1


def test_listen_and_transcribe_give_the_same_text(
    mica: Mica, tiny: Path, sound: Path
) -> None:
    words = ["--model", tiny, "--style", "raw"]
    heard = mica("listen", "--file", sound, "--pace", 0, *words).out
    assert heard == mica("transcribe", sound, *words).out


def test_a_file_that_cannot_be_used_is_exit_3_and_an_error_event(
    mica: Mica, tiny: Path, tmp_path: Path
) -> None:
    file = write_wav(tmp_path / "short.wav", tone(0.05, 16_000), 16_000)
    said = mica("listen", "--file", file, "--pace", 0, "--json", "--model", tiny)
    assert said.code == 3
    assert events(said.out)[-1]["event"] == "error"
    assert "too short" in said.line()


def test_no_microphone_is_one_line(
    mica: Mica, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_SERVER", "unix:/nowhere")
    said = mica("listen", "--model", tiny)
    assert said.code == 1
    assert "icrophone" in said.line() or "sound" in said.line()


def test_the_recording_of_a_file_is_not_kept(
    mica: Mica, tiny: Path, sound: Path
) -> None:
    mica("listen", "--file", sound, "--pace", 0, "--model", tiny)
    assert list(paths.journal_folder().iterdir()) == []


def test_a_file_that_begins_with_silence_is_no_dead_microphone(
    mica: Mica, tiny: Path, tmp_path: Path
) -> None:
    sounds = np.concatenate([np.zeros((3 * RATE_HZ, 1)), tone(1.0, RATE_HZ)])
    path = write_wav(tmp_path / "late.wav", sounds, RATE_HZ)
    said = mica("listen", "--file", path, "--pace", 0, "--model", tiny)
    assert said.code == 0
    assert "microphone" not in said.err
