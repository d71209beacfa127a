"""Reads a segment while it is spoken, so that little is left to do at its end.

Encodes and prefills what is final. At block boundaries and pauses it decodes what was
said so far. If nothing follows, that text is the result; otherwise it is the draft for
the next decoding, and live text shows it. Where this happens is a function of the
samples alone. The caller decides when to run each unit of work. A translation has no
draft, and half of it says little about the rest, so it is decoded in pauses only.
"""

import time
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mica.engine.agreement import checked, is_guessing
from mica.engine.draft import draft_tokens
from mica.engine.guards import Decoded, Prompt, SegmentResult, Units, guarded_decode
from mica.engine.live_text import Interim
from mica.engine.offline import decode_with_retry
from mica.engine.speculative import decode_speculatively
from mica.engine.streaming_encoder import DecoderInput, StreamingEncoder
from mica.events import Certainty, TranscribeOptions
from mica.model.granite import Granite
from mica.units import SAMPLE_RATE_HZ

SPARED: Final = 2 * SAMPLE_RATE_HZ  # no decoding at a boundary this soon after a pause

Floats = NDArray[np.float32]


@dataclass(slots=True)
class _Finish:
    """Decoding of the first `stop` samples.

    is_done   `result` is set, unless the decoding was put off to the segment's end
    """

    stop: int
    in_pause: bool
    units: Units[SegmentResult | None]
    is_done: bool = False
    result: SegmentResult | None = None


class StreamingReader:
    """push and work while the segment is spoken, then finish once.

    interim   the text of the last decoding that was completed and understood
    """

    def __init__(self, model: Granite, options: TranscribeOptions) -> None:
        self._model, self._options = model, options
        self._translates = options.target_language is not None
        self._open = StreamingEncoder(model)
        self._pushed = 0
        self._run: _Finish | None = None
        self.interim: Interim | None = None
        self._understands = True
        self._decoded = ""  # by the last decoding, whether it was trusted or not
        self._encode_s = self._llm_s = 0.0
        self._passes = 0

    def push(self, samples: Floats) -> None:
        """Add samples, up to 200 ms after the segment's last speech so far."""
        self._open.push(samples)
        self._pushed += len(samples)

    def work(self, pause: int | None) -> bool:
        """Do one unit of the available work; False if there is none.

        pause   where the segment would have ended if nothing had been said after its
                newest pause, in samples; None before the first pause
        """
        run = self._run
        if run and not run.is_done:
            if pause is None or pause <= run.stop:
                self._step(run)
                return True
            run = None
            self._cancel()
        if self._encoded():
            return True
        stop, in_pause = self._due(pause)
        if stop == 0 or (run and run.stop >= stop):
            return False
        if self._translates and not in_pause:
            return False
        self._step(self._start(stop, in_pause, is_last=False))
        return True

    def finish(self, samples: Floats) -> Units[SegmentResult]:
        """The segment's text; reuses what is already done.

        samples   the whole segment, the first part of which was pushed
        """
        self.push(samples[self._pushed :])
        before = self._passes
        run = self._run
        if run is None or run.stop != len(samples):
            run = self._start(len(samples), in_pause=True, is_last=True)
        found = yield from self._finished(run)
        if found is None:
            run = self._start(len(samples), in_pause=True, is_last=True)
            found = yield from self._finished(run)
        assert found is not None, "only an interim decoding is put off"
        result = replace(
            found,
            encode_s=self._encode_s,
            llm_s=self._llm_s,
            llm_passes=self._passes,
            release_passes=self._passes - before,
        )
        retry = decode_with_retry(self._model, samples, result, self._options)
        return (yield from retry)

    def _finished(self, run: _Finish) -> Units[SegmentResult | None]:
        while not run.is_done:
            self._step(run)
            yield
        return run.result

    def _due(self, pause: int | None) -> tuple[int, bool]:
        """Where interim text is due (0 = nowhere), and whether that is in a pause.

        At the newest pause, or where another block became final if that is well after
        the pause.
        """
        boundary = self._open.boundary
        if pause is not None and pause >= boundary - SPARED:
            return pause, True
        return boundary, False

    def _encoded(self) -> bool:
        start = time.perf_counter()
        done = self._open.advance()
        self._encode_s += time.perf_counter() - start
        return done

    def _start(self, stop: int, in_pause: bool, is_last: bool) -> _Finish:
        """Start a new decoding in place of the previous one."""
        self._cancel()
        self._run = _Finish(stop, in_pause, self._finishing(stop, is_last))
        return self._run

    def _cancel(self) -> None:
        """Drop the decoding in progress, if any."""
        if self._run is not None:
            self._run.units.close()
            self._run = None

    def _step(self, run: _Finish) -> None:
        try:
            next(run.units)
        except StopIteration as end:
            run.is_done, run.result = True, end.value
            if run.result is not None:
                self._learn(run, run.result)

    def _learn(self, run: _Finish, result: SegmentResult) -> None:
        self._understands = result.certainty is not Certainty.NOT_UNDERSTOOD
        self._decoded = self._model.tokenizer.decode(list(result.tokens))
        if self._understands:
            self.interim = Interim(result.text, run.stop, run.in_pause)

    def _finishing(self, stop: int, is_last: bool) -> Units[SegmentResult | None]:
        """Decode the first `stop` samples; None if that is put off to the end.

        It is if an earlier part was not understood and the CTC still guesses: the
        decoder would write something else each time, in as many passes as without a
        draft.
        """
        sound = yield from self._snapshot(stop)
        if sound is None or not sound.ctc_text:
            return SegmentResult("")
        if not (is_last or self._understands) and is_guessing(sound.scores):
            return None
        audio_end = sound.cache.offset
        result = yield from guarded_decode(
            self._model,
            sound.ctc_text,
            self._options,
            lambda prompt: self._decode(sound, audio_end, prompt),
            stop / SAMPLE_RATE_HZ,
        )
        return checked(result, sound.scores, self._options)

    def _snapshot(self, stop: int) -> Units[DecoderInput | None]:
        units = self._open.snapshot(stop)
        while True:
            start = time.perf_counter()
            try:
                next(units)
            except StopIteration as end:
                sound: DecoderInput | None = end.value
                return sound
            finally:
                self._encode_s += time.perf_counter() - start
            yield

    def _decode(
        self, sound: DecoderInput, audio_end: int, prompt: Prompt
    ) -> Units[Decoded]:
        """Decode a prompt speculatively, with a draft.

        audio_end   cache offset at the end of the audio the decoder has already read
        """
        sound.cache.rewind(audio_end)
        style, keywords = prompt.style, prompt.keywords
        _, suffix = self._model.render_prompt(prompt.instruction, sound.audio_tokens)
        ctc_text = sound.drafted if prompt.spoken else ""
        tokens = draft_tokens(
            self._model.tokenizer,
            ctc_text,
            style,
            keywords,
            self._decoded.strip(),
            prompt.previous_text,
        )
        passes = decode_speculatively(
            self._model,
            sound.cache,
            sound.embeddings,
            suffix,
            tokens,
            prompt.stretch * len(sound.draft),
            prompt.pass_limit,
        )
        while True:
            start = time.perf_counter()
            try:
                next(passes)
            except StopIteration as end:
                written: Decoded = end.value
                return written
            finally:
                self._llm_s += time.perf_counter() - start
            self._passes += 1
            yield
