"""The processing of the decoder's output, with a scripted decoder."""

from types import SimpleNamespace
from typing import Any

import mlx.core as mx
import numpy as np
import pytest

from mica.audio.features import log_mel
from mica.engine import guards, notes
from mica.engine.draft import draft_tokens
from mica.engine.guards import Decoded, Prompt, SegmentResult, Units
from mica.engine.offline import OfflineReader, finish, quietest_point
from mica.engine.prompt import instruction
from mica.engine.transcriber import Transcriber
from mica.events import Certainty, Language, Style, Tentative, TranscribeOptions
from mica.model.speech_model import Ability
from support.sounds import RATE_HZ, silence, voice

pytestmark = pytest.mark.usefixtures("noise_is_speech")

EOS = 0
RAW, PUNCTUATED = instruction(Style.RAW, ()), instruction(Style.PUNCTUATED, ())
GERMAN = instruction(Style.PUNCTUATED, (), to=Language.GERMAN)
RAW_GERMAN = instruction(Style.RAW, (), to=Language.GERMAN)


@pytest.fixture(autouse=True)
def _letters_are_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow one pass per letter; the limit has a test of its own."""
    monkeypatch.setattr(guards, "PASSES_PER_S", 100)


class Letters:
    """A tokenizer with one token per character."""

    eos = EOS

    def encode(self, text: str) -> list[int]:
        return [ord(letter) for letter in text]

    def decode(self, ids: list[int]) -> str:
        return "".join(map(chr, ids))


class Scripted:
    """A model whose CTC gives one text and whose decoder has one text per prompt."""

    config = SimpleNamespace(decoder=SimpleNamespace(context_tokens=4096))
    tokenizer = Letters()
    bpe_head: object | None = object()
    abilities = frozenset(Ability)
    languages = frozenset(Language)

    def __init__(self, ctc_text: str, scripts: dict[str, str]) -> None:
        self.ctc_text, self.scripts = ctc_text, scripts
        self.prompts: list[str] = []
        self.rest: list[int] = []

    def encode(self, frames: np.ndarray) -> Any:
        hidden = mx.zeros((len(frames), 1))
        return SimpleNamespace(hidden=hidden, mid_logits=hidden, mid_posteriors=hidden)

    def char_logits(self, hidden: mx.array) -> mx.array:
        labels = [n for letter in self.ctc_text for n in (ord(letter), 0)]
        labels += [0] * (hidden.shape[0] - len(labels))
        return mx.array(12 * np.eye(348, dtype=np.float32)[labels])

    def ctc_labels(self, samples: np.ndarray) -> list[int]:
        logits = self.char_logits(self.encode(log_mel(samples)).hidden)
        return np.array(mx.argmax(logits, axis=-1)).tolist()

    def bpe_draft(self, hidden: mx.array, posteriors: mx.array) -> None:
        return None

    def project(self, hidden: mx.array) -> mx.array:
        return mx.zeros((3, 1))

    def embed(self, ids: list[int]) -> mx.array:
        return mx.zeros((len(ids), 1))

    def new_cache(self) -> None:
        return None

    def render_prompt(self, prompt: str, n_audio: int) -> tuple[list[int], list[int]]:
        self.prompts.append(prompt)
        self.rest = [*self.tokenizer.encode(self.scripts[prompt]), EOS]
        return [1], [2]

    def decoder(self, embeddings: mx.array, cache: None) -> mx.array:
        return mx.array(np.eye(348, dtype=np.float32)[[self.rest.pop(0)]])


def finished(model: Scripted, style: Style, keywords: list[str]) -> SegmentResult:
    return finish(model, voice(3.0), TranscribeOptions(style, tuple(keywords)))


@pytest.mark.parametrize("style", list(Style))
def test_the_text_is_what_the_decoder_writes_until_its_end_mark(style: Style) -> None:
    model = Scripted("good morning", {instruction(style, ()): " Good morning. "})
    result = finished(model, style, [])
    assert result.text == "Good morning."
    assert result.ctc_text == "good morning"
    assert result.llm_passes == len(" Good morning. ") + 1
    assert result.notes == ()


def test_keywords_are_in_the_prompt() -> None:
    prompt = instruction(Style.PUNCTUATED, ["Jon"])
    model = Scripted("ask john", {prompt: "Ask Jon."})
    result = finished(model, Style.PUNCTUATED, ["Jon"])
    assert (result.text, result.keywords) == ("Ask Jon.", ("Jon",))
    assert model.prompts == [prompt]


def test_model_without_a_bpe_head_gets_the_older_prompt() -> None:
    model = Scripted("jon", {f"{RAW} Keywords: Jon": "jon"})
    model.bpe_head = None
    assert finished(model, Style.PUNCTUATED, ["Jon"]).text == "jon"


def test_unspoken_keyword_is_removed_from_the_text() -> None:
    prompt = instruction(Style.PUNCTUATED, ["Wojciech"])
    scripts = {prompt: "Wojciech is late.", PUNCTUATED: "The bus is late."}
    result = finished(
        Scripted("the bus is late", scripts), Style.PUNCTUATED, ["Wojciech"]
    )
    assert result.text == "The bus is late."
    assert result.notes == (notes.KEYWORD_REMOVED,)
    assert result.llm_passes == sum(len(text) + 1 for text in scripts.values())


def test_retry_uses_the_first_text_as_its_draft() -> None:
    prompts: list[Prompt] = []

    def decode(prompt: Prompt) -> Units[Decoded]:
        prompts.append(prompt)
        text = "Wojciech is late." if prompt.keywords else "The bus is late."
        yield
        return Decoded(Letters().encode(text), 1, ended=True)

    ctc_text, options = "the bus is late", TranscribeOptions(keywords=("Wojciech",))
    model = Scripted(ctc_text, {})
    units = guards.guarded_decode(model, ctc_text, options, decode, 3.0)
    assert guards.run_to_end(units).text == "The bus is late."
    assert [prompt.previous_text for prompt in prompts] == ["", "Wojciech is late."]
    drafted = draft_tokens(
        Letters(), "", Style.RAW, [], "an interim text", prompts[1].previous_text
    )
    assert Letters().decode(drafted) == "Wojciech is late."


def test_loop_is_retried_once_in_the_other_style() -> None:
    scripts = {PUNCTUATED: "Ha" * 100, RAW: "ha ha"}
    model = Scripted("ha ha ha", scripts)
    result = finished(model, Style.PUNCTUATED, [])
    assert model.prompts == [PUNCTUATED, RAW]
    assert (result.text, result.notes) == ("ha ha", (notes.REPEATED,))


def test_two_runaways_fall_back_to_the_ctc_text() -> None:
    endless = "".join(chr(97 + n * 7 % 26) for n in range(300))
    model = Scripted("good morning", {PUNCTUATED: endless, RAW: endless})
    result = finished(model, Style.PUNCTUATED, [])
    assert (result.text, result.tokens) == ("Good morning.", ())
    assert (result.certainty, result.notes) == (Certainty.CHECK, ())
    bound = 2 * len("good morning") + guards.SPARE_TOKENS
    assert result.llm_passes == 2 * bound


def test_all_passes_of_a_segment_together_are_limited_by_its_length(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(guards, "PASSES_PER_S", 4)
    long = "".join(chr(97 + n * 7 % 26) for n in range(60))
    model = Scripted(long, {PUNCTUATED: long, RAW: long})
    result = finished(model, Style.PUNCTUATED, [])
    assert result.llm_passes == 3 * 4 + guards.SPARE_TOKENS
    assert result.certainty is Certainty.CHECK
    assert result.text == f"{long.capitalize()}."


def test_empty_ctc_text_skips_the_decoder() -> None:
    model = Scripted("", {})
    assert finished(model, Style.RAW, []).text == ""
    assert model.prompts == []


def translated(
    model: Scripted, keywords: tuple[str, ...] = (), seconds: float = 3.0
) -> SegmentResult:
    to = Language.GERMAN
    return finish(
        model,
        voice(seconds),
        TranscribeOptions(keywords=tuple(keywords), target_language=to),
    )


def test_short_translation_is_accepted() -> None:
    ctc_text = "i have had a headache for days and days"
    model = Scripted(ctc_text, {GERMAN: "Kopfweh."})
    result = translated(model, seconds=6.0)
    assert (result.text, result.notes) == ("Kopfweh.", ())
    assert model.prompts == [GERMAN]


def test_translation_keeps_a_keyword_that_does_not_match_the_speech() -> None:
    prompt = instruction(Style.PUNCTUATED, ["München"], to=Language.GERMAN)
    model = Scripted("off to munich", {prompt: "Auf nach München."})
    result = translated(model, ("München",))
    assert (result.text, result.keywords) == ("Auf nach München.", ("München",))
    assert result.notes == ()


def test_translation_may_be_longer_than_the_speech() -> None:
    long = "".join(chr(97 + n * 7 % 26) for n in range(50))
    assert len(long) > 2 * len("good morning") + guards.SPARE_TOKENS
    assert translated(Scripted("good morning", {GERMAN: long})).text == long


def test_looping_translation_is_retried() -> None:
    model = Scripted("good morning", {GERMAN: "Ha" * 100, RAW_GERMAN: "guten morgen"})
    result = translated(model)
    assert model.prompts == [GERMAN, RAW_GERMAN]
    assert (result.text, result.notes) == ("guten morgen", (notes.REPEATED,))


def test_failed_translation_gives_the_spoken_words_and_a_note() -> None:
    model = Scripted("good morning", {GERMAN: "Ha" * 100, RAW_GERMAN: "Ho" * 100})
    result = translated(model)
    assert (result.text, result.tokens) == ("good morning", ())
    assert result.notes == (notes.UNTRANSLATED,)


def test_empty_speech_is_not_translated() -> None:
    model = Scripted("", {})
    assert translated(model).text == ""
    assert model.prompts == []


def test_words_have_times_but_those_of_a_translation() -> None:
    spoken = finished(
        Scripted("so it is", {PUNCTUATED: "So, 8."}), Style.PUNCTUATED, []
    )
    assert [word.text for word in spoken.words] == ["So,", "8."]
    assert all(word.start_s is not None for word in spoken.words)
    assert translated(Scripted("so it is", {GERMAN: "So ist es."})).words == ()


def test_words_of_a_passage_read_in_parts_lie_in_their_part() -> None:
    model = Halves("we left and then we came home again", {PUNCTUATED: "We left."})
    samples = np.concatenate([voice(3.0), silence(0.5), voice(3.0, seed=1)])
    cut = quietest_point(samples)
    assert cut is not None
    result = finish(model, samples, TranscribeOptions())
    assert (result.text, result.notes) == ("We left. We left.", (notes.IN_PARTS,))
    starts = [word.start_s for word in result.words]
    cut_s = cut / RATE_HZ
    assert starts == pytest.approx([0.0, 0.1, cut_s, cut_s + 0.1], abs=0.03)


class Halves(Scripted):
    """A model whose CTC gives the whole text for 5 s or more, "we left" for less."""

    def char_logits(self, hidden: mx.array) -> mx.array:
        if hidden.shape[0] < 250:
            self.ctc_text = "we left"
        return super().char_logits(hidden)


@pytest.mark.parametrize(
    ("pause_s", "text"),
    [
        (0.4, "Then we left then we left."),
        (0.8, "Then we left. Then we left."),
    ],
)
def test_sentence_continues_only_over_a_short_pause(pause_s: float, text: str) -> None:
    model = Scripted("then", {PUNCTUATED: "Then we left."})
    transcriber = Transcriber(model, "script", reader=OfflineReader)
    transcriber.begin(RATE_HZ, TranscribeOptions(live=False))
    committed = transcriber.push(
        np.concatenate([voice(12.1), silence(pause_s), voice(2), silence(0.3)])
    )
    last, transcript = transcriber.finish()
    assert transcript.text == text
    commits = [*committed, *last]
    assert " ".join(commit.segment.text for commit in commits) == text


class Chattering(Scripted):
    """A model whose CTC gives a word every 80 ms, whatever the sound."""

    def char_logits(self, hidden: mx.array) -> mx.array:
        labels = [ord("x"), 0, ord(" "), 0] * (hidden.shape[0] // 4 + 1)
        labels = labels[: hidden.shape[0]]
        return mx.array(12 * np.eye(348, dtype=np.float32)[labels])


def test_live_text_loses_no_word_after_a_forced_cut() -> None:
    words = " ".join(f"x{number}" for number in range(150))
    model = Chattering("", {PUNCTUATED: words})
    transcriber = Transcriber(model, "script", reader=OfflineReader)
    transcriber.begin(RATE_HZ, TranscribeOptions())
    before = transcriber.push(voice(19.8))[-1]
    [cut, *_] = transcriber.push(voice(0.4, seed=1))
    assert isinstance(before, Tentative) and isinstance(cut, Tentative)
    after = cut.text.removeprefix(words)
    assert len(after.split()) > 5
    assert before.text.endswith(after)
