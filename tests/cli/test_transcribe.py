import json
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from cli.conftest import RATE_HZ, Mica
from mica import paths
from mica.events import Transcript
from support.wav_files import tone, write_wav


def test_a_file_becomes_text_on_stdout_and_nothing_else(
    mica: Mica, tiny: Path, sound: Path
) -> None:
    said = mica("transcribe", sound, "--model", tiny, "--style", "raw")
    assert said.code == 0
    assert said.out.endswith("\n")


def test_json_holds_what_the_contract_names(
    mica: Mica, tiny: Path, sound: Path
) -> None:
    said = mica("transcribe", sound, "--model", tiny, "--format", "json")
    result = json.loads(said.out)
    assert set(result) >= {
        "text",
        "model",
        "language",
        "duration_s",
        "segments",
        "keywords_applied",
        "notes",
        "timing",
    }
    assert set(result["timing"]) == {
        "audio_s",
        "encode_s",
        "llm_s",
        "total_s",
        "release_passes",
        "near_ties",
        "llm_passes",
        "draft_tokens",
        "accepted_tokens",
    }
    assert result["duration_s"] == pytest.approx(2.0)
    assert result["model"] == "tiny"


@pytest.mark.parametrize("form", ["text", "srt"])
def test_output_writes_a_file_beside_no_other(
    mica: Mica, tiny: Path, sound: Path, tmp_path: Path, form: str
) -> None:
    folder = tmp_path / "out"
    words = ["--model", tiny, "--format", form, "--output", folder]
    said = mica("transcribe", sound, *words)
    assert (said.code, said.out) == (0, "")
    [written] = folder.iterdir()
    assert written.stem == "noise"


def test_an_impossible_output_folder_is_said_before_anything_is_heard(
    mica: Mica, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    folder = tmp_path / "file" / "out"
    said = mica("transcribe", "any.wav", "--model", "any", "--output", folder)
    assert (said.code, said.out) == (1, "")
    assert f"{folder} cannot be made" in said.line()
    assert "Give --output another one." in said.line()


def test_a_result_that_cannot_be_written_is_printed_and_the_batch_goes_on(
    mica: Mica, tiny: Path, sound: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    (folder / "noise.json").mkdir(parents=True)  # in the way
    other = shutil.copy(sound, tmp_path / "other.wav")
    words = ["--model", tiny, "--format", "json", "--output", folder]
    said = mica("transcribe", sound, other, *words)
    assert said.code == 1
    assert "noise.json cannot be written" in said.err
    assert json.loads(said.out)["duration_s"] == pytest.approx(2.0)
    assert (folder / "other.json").is_file()


@pytest.mark.parametrize(
    ("name", "make", "reason"),
    [
        ("missing.wav", lambda p: None, "does not exist"),
        ("empty.wav", lambda p: p.write_bytes(b""), "cannot be read"),
        ("text.wav", lambda p: p.write_text("hello"), "cannot be read"),
        ("short.wav", lambda p: write_wav(p, tone(0.05, 16_000), 16_000), "too short"),
        (
            "nan.wav",
            lambda p: write_wav(p, np.full((8000, 1), np.nan), 16_000, "f32"),
            "no samples",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line_and_exit_3(
    mica: Mica, tiny: Path, tmp_path: Path, name: str, make: object, reason: str
) -> None:
    make(tmp_path / name)
    said = mica("transcribe", tmp_path / name, "--model", tiny)
    assert (said.code, said.out) == (3, "")
    assert name in said.line()
    assert reason in said.line()


def test_a_batch_goes_on_past_a_bad_file(
    mica: Mica, tiny: Path, sound: Path, tmp_path: Path
) -> None:
    bad, folder = tmp_path / "bad.wav", tmp_path / "out"
    bad.write_bytes(b"nothing")
    good = shutil.copy(sound, tmp_path / "good.wav")
    words = ["--model", tiny, "--format", "json", "--output", folder]
    said = mica("transcribe", sound, bad, good, *words)
    assert said.code == 3
    assert "bad.wav cannot be read" in said.err
    assert {file.stem for file in folder.iterdir()} == {"noise", "good"}


def test_files_of_every_kind_are_taken(mica: Mica, tiny: Path, tmp_path: Path) -> None:
    files = [
        write_wav(
            tmp_path / f"{kind}-{rate_hz}.wav",
            tone(0.5, rate_hz, channels),
            rate_hz,
            kind,
        )
        for kind in ("u8", "s16", "s24", "f32")
        for rate_hz, channels in ((8000, 1), (96_000, 2))
    ]
    folder = tmp_path / "out"
    words = ["--model", tiny, "--format", "json", "--output", folder]
    assert mica("transcribe", *files, *words).code == 0
    results = [json.loads(file.read_text()) for file in folder.iterdir()]
    assert len(results) == len(files)
    lengths_s = [result["duration_s"] for result in results]
    assert lengths_s == pytest.approx([0.5] * len(files), abs=0.01)


@pytest.mark.parametrize("wanted", ["German", "de"])
def test_a_model_that_cannot_translate_is_said_before_anything_is_heard(
    mica: Mica, tiny: Path, sound: Path, wanted: str
) -> None:
    said = mica("transcribe", sound, "--model", tiny, "--translate", wanted)
    assert (said.code, said.out) == (4, "")
    assert "The model “tiny” cannot translate." in said.line()
    assert "Install a Granite Speech model." in said.line()


def test_an_unknown_language_is_answered_with_those_there_are(mica: Mica) -> None:
    said = mica("transcribe", "any.wav", "--model", "any", "--translate", "Klingon")
    assert (said.code, said.out) == (2, "")
    assert "“Klingon” is none of English (en), French (fr)," in said.line()
    assert "Mandarin (zh)" in said.line()


def test_keywords_of_the_command_line_are_cleaned_and_reported(
    mica: Mica, tiny: Path, sound: Path, tmp_path: Path
) -> None:
    listed = tmp_path / "words.txt"
    listed.write_bytes("\ufeffName\nŁódź\n<|audio|>\n😀\njon\n".encode("utf-16-le"))
    words = ["--keyword", "Jon, Smith", "--keywords-file", listed, "--format", "json"]
    said = mica("transcribe", sound, "--model", tiny, *words)
    assert said.code == 0
    told = f"mica: {listed}: 1 duplicate, 1 not usable, heading “Name” skipped."
    assert told in said.err.splitlines()
    applied = json.loads(said.out)["keywords_applied"]
    assert set(applied) <= {"Jon", "Smith", "Łódź", "😀"}


def test_a_list_that_is_none_is_refused_before_a_word_is_heard(
    mica: Mica, sound: Path, tmp_path: Path
) -> None:
    for file, reason in ((tmp_path, "is a folder"), (tmp_path / "x", "does not exist")):
        said = mica("transcribe", sound, "--keywords-file", file)
        assert (said.code, said.out) == (1, "") and f"{file} {reason}." in said.line()


@pytest.mark.timeout(60)
def test_a_list_of_ones_own_that_cannot_be_read_ends_no_transcription(
    mica: Mica, tiny: Path, sound: Path
) -> None:
    os.mkfifo(paths.keywords_file())
    said = mica("transcribe", sound, "--model", tiny)
    assert said.code == 0 and "Your keywords can't be read: " in said.err


def test_ten_thousand_keywords_are_taken(
    mica: Mica, tiny: Path, sound: Path, tmp_path: Path
) -> None:
    listed = tmp_path / "words.txt"
    listed.write_text("\n".join(f"Name{n}" for n in range(10_000)))
    said = mica("transcribe", sound, "--model", tiny, "--keywords-file", listed)
    assert said.code == 0


def test_no_files_is_a_usage_error(mica: Mica) -> None:
    said = mica("transcribe")
    assert said.code == 2
    assert "PATH" in said.line()


def test_two_results_of_one_name_are_a_usage_error(
    mica: Mica, sound: Path, tmp_path: Path
) -> None:
    said = mica("transcribe", sound, "x/noise.mp3", "--output", tmp_path / "out")
    assert said.code == 2
    assert "“noise”" in said.line()
    assert not (tmp_path / "out").exists()


def test_an_unknown_command_is_a_usage_error(mica: Mica) -> None:
    assert mica("transmogrify").code == 2


def test_a_minute_at_the_speed_of_the_disk_is_taken_whole(
    mica: Mica, tiny: Path, tmp_path: Path
) -> None:
    samples = np.zeros((120 * RATE_HZ, 1))
    file = write_wav(tmp_path / "long.wav", samples, RATE_HZ)
    said = mica("transcribe", file, "--model", tiny, "--format", "json")
    assert json.loads(said.out)["duration_s"] == pytest.approx(120.0)


def test_a_bar_is_shown_on_a_terminal_and_never_in_the_result(
    mica: Mica, tiny: Path, sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = mica("transcribe", sound, "--model", tiny)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    shown = mica("transcribe", sound, "--model", tiny)
    assert "noise.wav" not in plain.err
    assert "noise.wav" in shown.err
    assert shown.out == plain.out


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_file_without_speech_is_said(
    mica: Mica, tiny: Path, sound: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr(
        "mica.cli.recognise.Recogniser.transcribe",
        lambda *_, **__: Transcript("", "tiny", 2.0),
    )
    said = mica("transcribe", sound, "--model", tiny, "--format", form)
    assert (said.code, said.line()) == (0, f"mica: No speech in {sound.name}.")
