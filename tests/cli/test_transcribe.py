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


def test_transcribe_prints_only_the_text_on_stdout(
    mica: Mica, tiny: Path, sound: Path
) -> None:
    result = mica("transcribe", sound, "--model", tiny, "--style", "raw")
    assert result.code == 0
    assert result.out.endswith("\n")


def test_transcribe_prints_json_with_every_documented_key(
    mica: Mica, tiny: Path, sound: Path
) -> None:
    result = mica("transcribe", sound, "--model", tiny, "--format", "json")
    printed = json.loads(result.out)
    assert set(printed) >= {
        "text",
        "model",
        "language",
        "duration_s",
        "segments",
        "keywords_applied",
        "notes",
        "timing",
    }
    assert set(printed["timing"]) == {
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
    assert printed["duration_s"] == pytest.approx(2.0)
    assert printed["model"] == "tiny"


@pytest.mark.parametrize("form", ["text", "srt"])
def test_output_writes_only_the_result(
    mica: Mica, tiny: Path, sound: Path, tmp_path: Path, form: str
) -> None:
    folder = tmp_path / "out"
    words = ["--model", tiny, "--format", form, "--output", folder]
    result = mica("transcribe", sound, *words)
    assert (result.code, result.out) == (0, "")
    [written] = folder.iterdir()
    assert written.stem == "words"


def test_texts_of_several_files_are_printed_below_their_names(
    mica: Mica, tiny: Path, sound: Path, tmp_path: Path
) -> None:
    other, bad = shutil.copy(sound, tmp_path / "other.wav"), tmp_path / "bad.wav"
    bad.write_bytes(b"")
    alone = mica("transcribe", sound, "--model", tiny).out
    result = mica("transcribe", sound, bad, other, "--model", tiny)
    assert result.out == (
        f"==> {sound.name} <==\n{alone}\n==> other.wav <==\n{alone}\n"
    )
    assert "bad.wav is empty." in result.err
    markdown = mica("transcribe", sound, other, "--model", tiny, "--format", "md")
    assert "# other.wav\n\n" in markdown.out
    result = mica("transcribe", sound, other, "--model", tiny, "--format", "json")
    decoder, rest = json.JSONDecoder(), result.out
    for _ in range(2):
        parsed, end = decoder.raw_decode(rest.lstrip())
        assert parsed["duration_s"] == pytest.approx(2.0)
        rest = rest.lstrip()[end:]
    assert rest.strip() == "" and "mica: other.wav:\n" in result.err


def test_an_impossible_output_folder_is_reported_before_the_engine_starts(
    mica: Mica, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    folder = tmp_path / "file" / "out"
    result = mica("transcribe", "any.wav", "--model", "any", "--output", folder)
    assert (result.code, result.out) == (1, "")
    assert f"{folder} couldn’t be created" in result.line()
    assert "Choose another folder with --output." in result.line()


def test_a_result_that_cannot_be_saved_is_printed_and_the_batch_continues(
    mica: Mica, tiny: Path, sound: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    (folder / "words.json").mkdir(parents=True)  # a folder where the file would be
    other = shutil.copy(sound, tmp_path / "other.wav")
    words = ["--model", tiny, "--format", "json", "--output", folder]
    result = mica("transcribe", sound, other, *words)
    assert result.code == 1
    assert "words.json couldn’t be saved" in result.err
    assert json.loads(result.out)["duration_s"] == pytest.approx(2.0)
    assert (folder / "other.json").is_file()


@pytest.mark.parametrize(
    ("name", "make", "reason"),
    [
        ("missing.wav", lambda p: None, "doesn’t exist"),
        ("empty.wav", lambda p: p.write_bytes(b""), "is empty"),
        ("text.wav", lambda p: p.write_text("hello"), "cannot be read"),
        ("short.wav", lambda p: write_wav(p, tone(0.05, 16_000), 16_000), "too short"),
        (
            "nan.wav",
            lambda p: write_wav(p, np.full((8000, 1), np.nan), 16_000, "f32"),
            "aren’t audio samples",
        ),
    ],
)
def test_an_unusable_file_is_one_line_and_exit_3(
    mica: Mica, tiny: Path, tmp_path: Path, name: str, make: object, reason: str
) -> None:
    make(tmp_path / name)
    result = mica("transcribe", tmp_path / name, "--model", tiny)
    assert (result.code, result.out) == (3, "")
    assert name in result.line()
    assert reason in result.line()


def test_a_batch_continues_after_a_bad_file(
    mica: Mica, tiny: Path, sound: Path, tmp_path: Path
) -> None:
    bad, folder = tmp_path / "bad.wav", tmp_path / "out"
    bad.write_bytes(b"nothing")
    good = shutil.copy(sound, tmp_path / "good.wav")
    words = ["--model", tiny, "--format", "json", "--output", folder]
    result = mica("transcribe", sound, bad, good, *words)
    assert result.code == 3
    assert "bad.wav cannot be read" in result.err
    assert {file.stem for file in folder.iterdir()} == {"words", "good"}


def test_wav_files_of_every_kind_are_transcribed(
    mica: Mica, tiny: Path, tmp_path: Path
) -> None:
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
def test_a_model_that_cannot_translate_is_refused_before_a_file_is_read(
    mica: Mica, tiny: Path, sound: Path, wanted: str
) -> None:
    result = mica("transcribe", sound, "--model", tiny, "--translate", wanted)
    assert (result.code, result.out) == (4, "")
    assert "The model “tiny” can’t translate." in result.line()
    assert "IBM’s Granite Speech models can." in result.line()


def test_an_unknown_language_lists_the_supported_ones(mica: Mica) -> None:
    result = mica("transcribe", "any.wav", "--model", "any", "--translate", "Klingon")
    assert (result.code, result.out) == (2, "")
    assert (
        "“Klingon” isn’t a supported language. Choose from English (en),"
        in result.line()
    )
    assert "Mandarin (zh)" in result.line()


def test_keywords_of_the_command_line_are_cleaned_and_reported(
    mica: Mica, tiny: Path, sound: Path, tmp_path: Path
) -> None:
    listed = tmp_path / "words.txt"
    listed.write_bytes("\ufeffName\nŁódź\n<|audio|>\n😀\njon\n".encode("utf-16-le"))
    words = ["--keyword", "Jon, Smith", "--keywords-file", listed, "--format", "json"]
    result = mica("transcribe", sound, "--model", tiny, *words)
    assert result.code == 0
    note = f"mica: {listed}: 1 duplicate, 1 unusable, heading “Name” skipped."
    assert note in result.err.splitlines()
    applied = json.loads(result.out)["keywords_applied"]
    assert set(applied) <= {"Jon", "Smith", "Łódź", "😀"}


def test_an_unreadable_keywords_file_is_refused_before_a_file_is_read(
    mica: Mica, sound: Path, tmp_path: Path
) -> None:
    for file, reason in ((tmp_path, "is a folder"), (tmp_path / "x", "doesn’t exist")):
        result = mica("transcribe", sound, "--keywords-file", file)
        assert (result.code, result.out) == (
            1,
            "",
        ) and f"{file} {reason}." in result.line()


@pytest.mark.timeout(60)
def test_unreadable_own_keywords_do_not_stop_a_transcription(
    mica: Mica, tiny: Path, sound: Path
) -> None:
    os.mkfifo(paths.keywords_file())
    result = mica("transcribe", sound, "--model", tiny)
    assert result.code == 0 and "Your keywords can’t be read: " in result.err


def test_a_keywords_file_may_have_ten_thousand_keywords(
    mica: Mica, tiny: Path, sound: Path, tmp_path: Path
) -> None:
    listed = tmp_path / "words.txt"
    listed.write_text("\n".join(f"Name{n}" for n in range(10_000)))
    result = mica("transcribe", sound, "--model", tiny, "--keywords-file", listed)
    assert result.code == 0


def test_transcribe_without_files_is_a_usage_error(mica: Mica) -> None:
    result = mica("transcribe")
    assert result.code == 2
    assert "Specify at least one file" in result.line()


def test_two_results_of_one_name_are_a_usage_error(
    mica: Mica, sound: Path, tmp_path: Path
) -> None:
    result = mica("transcribe", sound, "x/words.mp3", "--output", tmp_path / "out")
    assert result.code == 2
    assert "“words”" in result.line()
    assert not (tmp_path / "out").exists()


def test_an_unknown_command_is_a_usage_error(mica: Mica) -> None:
    assert mica("transmogrify").code == 2


def test_a_long_file_is_transcribed_to_its_end(
    mica: Mica, tiny: Path, tmp_path: Path
) -> None:
    samples = np.zeros((120 * RATE_HZ, 1))
    file = write_wav(tmp_path / "long.wav", samples, RATE_HZ)
    result = mica("transcribe", file, "--model", tiny, "--format", "json")
    assert json.loads(result.out)["duration_s"] == pytest.approx(120.0)


def test_a_progress_bar_is_shown_on_a_terminal_and_never_in_the_result(
    mica: Mica, tiny: Path, sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    piped = mica("transcribe", sound, "--model", tiny)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    shown = mica("transcribe", sound, "--model", tiny)
    assert "words.wav" not in piped.err
    assert "words.wav" in shown.err
    assert shown.out == piped.out


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_file_without_speech_is_reported(
    mica: Mica, tiny: Path, sound: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr(
        "mica.cli.recognizer.Recognizer.transcribe",
        lambda *_, **__: Transcript("", "tiny", 2.0),
    )
    result = mica("transcribe", sound, "--model", tiny, "--format", form)
    assert (result.code, result.line()) == (
        0,
        f"mica: No speech detected in {sound.name}.",
    )
