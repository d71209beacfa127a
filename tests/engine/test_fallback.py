"""A reader that fails, in any of its methods, costs at most its own segment."""

import numpy as np
import pytest

from mica.engine.guards import SegmentResult, Units, run_to_end
from mica.engine.live_text import Interim
from mica.engine.readers import FallbackReader
from mica.engine.transcriber import Transcriber
from mica.engine.utterance import MakeReader
from mica.errors import EngineError, ModelError
from mica.events import Style, TranscribeOptions
from mica.model.granite import Granite
from mica.model.load import load_model
from support.sounds import RATE_HZ, Floats, silence, voice
from support.tiny_model import write_tiny_model

pytestmark = pytest.mark.usefixtures("noise_is_speech", "decoder_is_trusted")

PLACES = ["make", "push", "work", "finish"]


class Reader:
    """A reader that raises `error` in one of its methods."""

    interim: Interim | None = Interim("so far", 0, in_pause=True)

    def __init__(self, place: str = "", error: BaseException | None = None) -> None:
        self._place, self._error = place, error
        self._done = False
        self._reach("make")

    def _reach(self, place: str) -> None:
        if place == self._place and self._error is not None:
            raise self._error

    def push(self, samples: Floats) -> None:
        self._reach("push")

    def work(self, pause: int | None) -> bool:
        self._reach("work")
        done, self._done = self._done, True
        return not done

    def finish(self, samples: Floats) -> Units[SegmentResult]:
        yield
        self._reach("finish")
        return SegmentResult(f"{len(samples)} samples")


def read(reader: FallbackReader) -> SegmentResult:
    reader.push(np.zeros(3, np.float32))
    reader.work(None)
    return run_to_end(reader.finish(np.zeros(5, np.float32)))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "error", [ValueError("zip()"), MemoryError(), AssertionError()]
)
def test_failed_reader_is_replaced_by_the_offline_reader(
    place: str, error: Exception
) -> None:
    reader = FallbackReader(lambda: Reader(place, error), Reader())
    assert read(reader) == SegmentResult("5 samples")
    assert reader.interim is None
    assert not reader.work(None)


def test_a_reader_that_works_is_left_alone() -> None:
    reader = FallbackReader(Reader, Reader("finish", ValueError()))
    assert reader.work(None)
    assert not reader.work(None)
    assert reader.interim == Reader.interim
    assert read(reader) == SegmentResult("5 samples")


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (ValueError("zip()"), "Your speech could not be transcribed."),
        (
            ModelError("Too long.", "Use fewer keywords."),
            "Too long. Use fewer keywords.",
        ),
    ],
)
def test_segment_that_both_readers_fail_at_is_empty_with_a_note(
    error: Exception, failure: str
) -> None:
    reader = FallbackReader(lambda: Reader("work", error), Reader("finish", error))
    assert read(reader) == SegmentResult("", failure=failure)


@pytest.mark.parametrize("place", PLACES)
def test_a_cancelled_utterance_is_no_failure(place: str) -> None:
    with pytest.raises(GeneratorExit):
        read(FallbackReader(lambda: Reader(place, GeneratorExit()), Reader()))


def test_segment_cancelled_between_two_units_is_not_read_again() -> None:
    offline = Reader("finish", AssertionError("read again"))
    units = FallbackReader(Reader, offline).finish(np.zeros(5, np.float32))
    next(units)
    units.close()
    with pytest.raises(StopIteration):
        next(units)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Granite:
    return load_model(write_tiny_model(tmp_path_factory.mktemp("tiny")))


def failing(*numbers: int) -> MakeReader:
    """Makes readers, of which those with these numbers fail on both paths."""
    made: list[FallbackReader] = []

    def make(*_: object) -> FallbackReader:
        error = ValueError() if len(made) in numbers else None
        offline = Reader("finish", error)
        made.append(FallbackReader(lambda: Reader("push", error), offline))
        return made[-1]

    return make


def spoken(*parts: Floats) -> Floats:
    return np.concatenate([part for one in parts for part in (one, silence(0.7))])


def test_a_failed_segment_leaves_the_words_around_it(model: Granite) -> None:
    transcriber = Transcriber(model, "tiny", reader=failing(1))
    transcriber.begin(RATE_HZ, TranscribeOptions(Style.RAW))
    parts = [voice(12.1), voice(12.2, seed=1), voice(1, seed=2)]
    committed = transcriber.push(spoken(*parts))
    last, transcript = transcriber.finish()
    words = [one.segment.text for one in [*committed, *last] if hasattr(one, "segment")]
    assert len(words) == 2
    assert transcript.text == " ".join(words)
    assert transcript.notes == ("What you said at 0:12 could not be transcribed.",)


def test_an_utterance_without_a_readable_segment_fails_and_the_next_is_read(
    model: Granite,
) -> None:
    transcriber = Transcriber(model, "tiny", reader=failing(0))
    transcriber.begin(RATE_HZ, TranscribeOptions(Style.RAW))
    transcriber.push(spoken(voice(1)))
    with pytest.raises(EngineError, match=r"^Your speech could not be transcribed.$"):
        transcriber.finish()
    transcriber.begin(RATE_HZ, TranscribeOptions(Style.RAW))
    transcriber.push(spoken(voice(1)))
    _, transcript = transcriber.finish()
    assert transcript.text.endswith(" samples")
