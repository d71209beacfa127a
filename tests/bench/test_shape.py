import json
from typing import Any

import numpy as np
import pytest

from engine.sounds import voice
from mica.bench import shape
from mica.bench.feed import fed
from mica.bench.scripted import WORDS_PER_S, scripted, written
from mica.bench.shape import SHAPES, random_model
from mica.events import Style
from mica.model.config import parse_config
from mica.model.layout import layout
from tiny_model import TOKENS, tiny_config


def tiny() -> dict[str, Any]:
    config = tiny_config()
    config["text_config"]["vocab_size"] = 1024  # room for the script's pieces
    return config


def test_the_shape_has_the_published_sizes() -> None:
    entries = layout(parse_config(SHAPES["granite-speech-4.1-2b"]))
    numbers = sum(
        int(np.prod(entry.shape)) for entry in entries if "running" not in entry.name
    )
    assert numbers == pytest.approx(2313.1e6, rel=1e-4)


@pytest.mark.parametrize("style", list(Style))
def test_a_network_that_cannot_speak_writes_the_script(style: Style) -> None:
    model = random_model(tiny())
    heard = fed(model, voice(6), style, reader=scripted(model, 0.0))
    text = heard.transcript.text
    assert text.split()[:3] == written(("So", "I", "talked"), style).rstrip(".").split()
    assert len(text.split()) == pytest.approx(6 * WORDS_PER_S, abs=1)
    assert heard.transcript.timing.llm_passes < len(text.split())


def test_wrong_drafts_cost_passes_and_change_no_word() -> None:
    model = random_model(tiny())
    right, wrong = (
        fed(model, voice(9), Style.RAW, live=False, reader=scripted(model, share))
        for share in (0.0, 0.3)
    )
    assert wrong.transcript.text == right.transcript.text
    assert wrong.transcript.timing.llm_passes > right.transcript.timing.llm_passes


def test_latency_measures_a_shape_without_a_model(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from mica.bench import latency_child

    monkeypatch.setitem(shape.SHAPES, "tiny", tiny())
    latency_child.main(
        {
            "model_folder": "/nowhere",
            "clips": None,
            "rivals": [],
            "cases": [["raw", 3, 1]],
            "shape": ["tiny", 0.03],
        }
    )
    (case,) = json.loads(capsys.readouterr().out)
    assert (case["case"], case["style"]) == ("3s", "raw")
    assert case["ours"]["release_to_text_ms"] > 0
    assert case["ours"]["llm_passes"] >= 1
    assert "wer_percent" not in case["ours"]


def test_the_script_ends_its_sentence() -> None:
    assert written(("So", "she", "thinks,"), Style.PUNCTUATED) == "So she thinks."
    assert written(("It", "is."), Style.PUNCTUATED) == "It is."
    assert TOKENS < 1024
