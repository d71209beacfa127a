import json
from pathlib import Path
from typing import Any, cast

import mlx.core as mx
import numpy as np
import pytest

from mica.bench import latency, random_model
from mica.bench.latency import LatencyCases, Shape
from mica.bench.random_model import SHAPES, WORDS_PER_S, random_network, script_text
from mica.bench.streaming import stream
from mica.events import Style
from mica.model.config import parse_config
from mica.model.tensor_names import layout
from support.sounds import voice
from support.tiny_model import TOKENS, tiny_config

pytestmark = pytest.mark.usefixtures("noise_is_speech")

BOUND = 1e-5


def tiny() -> dict[str, Any]:
    config = tiny_config()
    config["text_config"]["vocab_size"] = 1024  # enough for the script's tokens
    return config


def test_the_shape_has_the_published_sizes() -> None:
    entries = layout(parse_config(SHAPES["granite-speech-4.1-2b"]))
    numbers = sum(
        int(np.prod(entry.shape)) for entry in entries if "running" not in entry.name
    )
    assert numbers == pytest.approx(2313.1e6, rel=1e-4)


@pytest.mark.parametrize("style", list(Style))
def test_random_network_outputs_the_scripted_words(style: Style) -> None:
    network = random_network(tiny())
    result = stream(network.model, voice(6), style, reader=network.readers(0.0))
    text = result.transcript.text
    assert (
        text.split()[:3]
        == script_text(("So", "I", "talked"), style).rstrip(".").split()
    )
    assert len(text.split()) == pytest.approx(6 * WORDS_PER_S, abs=1)
    assert result.transcript.timing.llm_passes < len(text.split())


def test_wrong_drafts_take_passes_but_change_no_word() -> None:
    network = random_network(tiny())
    right, wrong = (
        stream(network.model, voice(9), Style.RAW, live=False, reader=reader)
        for reader in map(network.readers, (0.0, 0.3))
    )
    assert wrong.transcript.text == right.transcript.text
    assert wrong.transcript.timing.llm_passes > right.transcript.timing.llm_passes


def test_the_rival_computes_on_the_same_weights() -> None:
    network = random_network(tiny())
    ours, theirs = network.model, network.rival()._model
    features = np.random.RandomState(0).standard_normal((437, 160)).astype(np.float32)
    audio = ours.project(ours.encode(features).hidden)
    rival = theirs.get_audio_features(mx.array(features)[None])
    assert float(mx.abs(audio - rival[0]).max()) <= BOUND
    logits = theirs(None, input_embeddings=rival)[0]
    assert float(mx.abs(ours.decoder(audio, ours.new_cache()) - logits[-1]).max()) <= (
        BOUND
    )


def test_the_rival_writes_as_many_tokens_as_the_script_has() -> None:
    network = random_network(tiny())
    tokens = network.model.tokenizer.encode("So I talked to Maria yesterday.")
    text = network.model.tokenizer.decode(tokens)
    _, passes = network.rival().write(voice(3), Style.PUNCTUATED, text, False)
    assert passes == len(tokens) + 1  # one pass for the end token


def test_latency_measures_a_shape_without_a_model(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(random_model.SHAPES, "tiny", tiny())
    latency.main(
        {
            "model_folder": "/nowhere",
            "clips": None,
            "rivals": ["mlx-audio"],
            "cases": [["raw", 3, 1]],
            "shape": ["tiny", 0.03],
        }
    )
    (case,) = json.loads(capsys.readouterr().out)
    assert (case["case"], case["style"]) == ("3s", "raw")
    for side in (case["ours"], case["mlx-audio"]):
        assert side["release_to_text_ms"] > 0
        assert side["llm_passes"] >= 1
        assert "wer_percent" not in side  # the script was not spoken


def test_random_model_is_compared_with_the_standard_path(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    side = {"release_to_text_ms": 5.0, "llm_passes": 2, "release_to_text_p95_ms": 6.0}
    case = {"case": "10s", "style": "raw", "ours": side, "mlx-audio": side}
    request: dict[str, Any] = {}
    monkeypatch.setattr(
        latency, "measure_in_child", lambda _, what: request.update(what) or [case]
    )
    report = latency.run(Path("x"), cases=LatencyCases((10,)), shape=Shape("tiny"))
    assert request["rivals"] == ["mlx-audio"]
    rows = cast(list[dict[str, Any]], report["rows"])
    assert [(row["rival"], row["ratio"]) for row in rows] == [("mlx-audio", 1.0)] * 3


def test_the_script_ends_its_sentence() -> None:
    assert script_text(("So", "she", "thinks,"), Style.PUNCTUATED) == "So she thinks."
    assert script_text(("It", "is."), Style.PUNCTUATED) == "It is."
    assert TOKENS < 1024
