"""The bundled model's card has evaluate.py's figures and says whom it understands."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from mica import paths


@pytest.fixture(scope="module")
def maker(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("card")


def test_model_card_is_generated_from_the_numbers(maker: ModuleType) -> None:
    folder = paths.embedded_model()
    written = (folder / "README.md").read_text("utf-8")
    assert written == maker.card(folder)
    assert "not people" in written


def test_missed_target_is_shown(maker: ModuleType) -> None:
    found = json.loads((paths.embedded_model() / "evaluation.json").read_text("utf-8"))
    assert "| 99.0 % | at most 8 %: **missed** |" in maker.rows(
        found | {"wer_raw": 99.0}
    )
    assert "| 1.0 % | at most 8 %: met |" in maker.rows(found | {"wer_raw": 1.0})


def test_model_card_names_training_sources_and_their_licenses(
    maker: ModuleType, tmp_path: Path
) -> None:
    for file in ("evaluation.json", "model.safetensors"):
        shutil.copyfile(paths.embedded_model() / file, tmp_path / file)
    found = json.loads((tmp_path / "evaluation.json").read_text("utf-8"))
    for key, _ in maker.OPEN_MEASURES:
        found |= {f"espeak-test_{key}": 12.5, f"people-dev_{key}": 77.0}
    (tmp_path / "evaluation.json").write_text(json.dumps(found))
    facts = {"text": {"tatoeba": 49970}, "hours": 30.5, "people": {"ljspeech": 300},
            "people_hours": 14.0}  # fmt: skip
    (tmp_path / "training.json").write_text(json.dumps(facts))
    written = maker.card(tmp_path)
    assert "| tatoeba | 49970 | Tatoeba (tatoeba.org), 2018-11-17 | CC BY 2.0 FR" in (
        written
    )
    assert "30.5 hours" in written
    assert "| measured | espeak-ng | people |\n|---|---|---|\n" in written
    assert "| word errors, raw style | 12.5 % | 77.0 % |" in written
    assert "{" not in written


def test_source_without_a_license_is_refused(maker: ModuleType) -> None:
    facts = {"text": {"unheard-of": 1}, "hours": 1, "people": {}, "people_hours": 0}
    with pytest.raises(KeyError):
        maker.training_data(facts)
