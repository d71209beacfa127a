"""The embedded model's card says what evaluate.py measured, and whom it understands."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from mica import paths

CARD = Path(__file__).resolve().parents[2] / "packaging" / "pebble" / "card.py"


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("card", CARD)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_card_is_what_the_numbers_give(maker: ModuleType) -> None:
    folder = paths.embedded_model()
    written = (folder / "README.md").read_text("utf-8")
    assert written == maker.card(folder)
    assert "not people" in written


def test_a_missed_bar_is_told(maker: ModuleType) -> None:
    found = json.loads((paths.embedded_model() / "evaluation.json").read_text("utf-8"))
    assert "| 99.0 % | at most 8 %: **missed** |" in maker.rows(
        found | {"wer_raw": 99.0}
    )
    assert "| 1.0 % | at most 8 %: met |" in maker.rows(found | {"wer_raw": 1.0})
