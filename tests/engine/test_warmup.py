"""The warm-up: a real inference before the first dictation, and its speed."""

from pathlib import Path

import pytest

from engine.test_requests import Requests
from mica.bench.cost import RowCounter
from mica.engine import messages as m
from mica.engine.live_cadence import SLOW_BLOCK_S, live_interval_s
from mica.engine.transcriber import Transcriber
from mica.engine.worker import Worker
from mica.events import Style, Tentative, TranscribeOptions
from mica.model.granite import Granite
from mica.model.load import load_model
from support.sounds import RATE_HZ, voice
from support.tiny_model import write_tiny_model

pytestmark = pytest.mark.usefixtures("noise_is_speech")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("tiny"))


def test_warm_up_runs_and_times_a_whole_inference(folder: Path) -> None:
    model = load_model(folder)
    with RowCounter(model) as work:
        assert model.warm_up() > 0
    assert work.encodings > 0 and work.passes > 0


def test_worker_is_ready_only_after_its_warm_up(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe, replies_before = Requests(), list[int]()

    def inference(self: Granite) -> float:
        replies_before.append(len(pipe.replies))
        return 0.0

    monkeypatch.setattr(Granite, "warm_up", inference)
    pipe.items.append((m.Load(folder), b""))
    Worker(pipe).run()
    assert replies_before == [0]
    assert [type(reply) for reply in pipe.replies] == [m.Ready]


@pytest.mark.parametrize(
    ("block_s", "shown"), [(0.99 * SLOW_BLOCK_S, 4), (SLOW_BLOCK_S, 2)]
)
def test_slow_encoding_halves_the_rate_of_live_text(
    folder: Path, block_s: float, shown: int
) -> None:
    interval_s = live_interval_s(block_s)
    transcriber = Transcriber(load_model(folder), "tiny", live_every_s=interval_s)
    transcriber.begin(RATE_HZ, TranscribeOptions(Style.RAW))
    updates = transcriber.push(voice(2.05))
    assert sum(isinstance(one, Tentative) for one in updates) == shown
