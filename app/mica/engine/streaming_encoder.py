"""Encodes the open segment, and prefills the decoder's cache, while it is spoken.

A block becomes final when `refresh_frames` more frames have been heard: encoding all of
them gives the block's hidden frames and the left context for the next block. Final
projector windows go into the decoder's cache at once, after the beginning of the
prompt. So little is left to do at the segment's end. What `snapshot` returns is a
function of the segment's samples alone: neither how they were cut nor when the work was
done shows in it.

It knows no clock, no silence and no text but the CTC's: the caller says when to go on
and where the segment ends, and runs the decoder. Inference thread only.
"""

from copy import copy
from dataclasses import dataclass

import mlx.core as mx
import numpy as np
from numpy.typing import NDArray

from mica.audio.features import EDGE, FRAME_CELLS, FeatureStream, clipped, floor
from mica.engine import ctc
from mica.engine.draft import merge_ctc_heads
from mica.engine.guards import Units
from mica.model.decoder import KvCache
from mica.model.encoder import Encoded
from mica.model.granite import Granite, Likely, bpe_tokens
from mica.units import FRAME_SAMPLES, HOP_SAMPLES

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class DecoderInput:
    """A segment as input to a decoder that may have read its beginning already.

    cache          what the decoder has read: `cache.offset` positions
    embeddings     (n, decoder hidden), what it reads next, before the instruction: the
                   rest of the audio; if the cache is empty, the prompt's beginning too
    audio_tokens   of the whole segment, read or not
    ctc_text       the CTC's text of the whole segment; empty means nothing was said
    draft          the CTC's tokens of the whole segment
    drafted        the merged text of both CTC heads
    scores         (T, characters), the CTC's log posteriors of the whole segment
    """

    cache: KvCache
    embeddings: mx.array
    audio_tokens: int
    ctc_text: str
    draft: list[int]
    drafted: str
    scores: Floats


@dataclass(frozen=True, slots=True)
class _Rows:
    """The unclipped frames (T, 160) of some samples.

    settled   how many of them are unaffected by further samples
    peak      their loudest cell
    """

    rows: Floats
    settled: int
    peak: float

    def frames(self, first: int, stop: int | None) -> Floats:
        return clipped(self.rows[first:stop], self.peak)


@dataclass(frozen=True, slots=True)
class _Labels:
    """The output of the CTC heads, including blanks and repeats.

    scores    (T, characters), the characters' log posteriors
    tokens    the best label of each pooled frame; empty without a BPE head
    """

    scores: Floats
    tokens: list[Likely]


@dataclass(frozen=True, slots=True)
class _FinalBlock:
    """hidden (C, hidden); left context for the next block; the peak that its frames
    were clipped at; and the quietest cell among them."""

    hidden: mx.array
    labels: _Labels
    left_context: mx.array
    peak: float
    lowest: float

    @property
    def is_blank(self) -> bool:
        """Whether the CTC heard nothing in it."""
        return not ctc.characters(ctc.labels(self.labels.scores))


class StreamingEncoder:
    """Encodes one segment while it is spoken: push() samples, advance() when there is
    time, snapshot() when its text is wanted; then more of the same.

    This object owns the cache. advance() and snapshot() rewind it to the end of the
    final audio it holds, which discards what a caller added after that, so a
    DecoderInput is valid until the next call of either.

    refresh_frames   frames of right context for a final block, None = as the model's
                     config says. With a whole block, any model is within about 1 % of
                     offline encoding; each frame is encoded once more and delays what
                     the decoder can read while the user speaks
    """

    def __init__(self, model: Granite, refresh_frames: int | None = None) -> None:
        self._model = model
        self._block = model.config.encoder.context_frames
        if refresh_frames is None:
            refresh_frames = model.config.refresh_frames
        self._span = self._block + refresh_frames
        self._stream = FeatureStream()
        self._samples = np.zeros(0, np.float32)
        self._rows = np.zeros((0, FRAME_CELLS), np.float32)
        self._final: list[_FinalBlock] = []
        self._cache = model.new_cache()
        self._beginning, _ = model.render_prompt("", 0)
        self._read_windows = 0  # of the projector, in the cache
        self._turn = 0  # counts advance and snapshot; a new call ends an open snapshot

    @property
    def blocks(self) -> int:
        """How many blocks are final."""
        return len(self._final)

    @property
    def boundary(self) -> int:
        """How many samples made the newest final block final; 0 before the first."""
        if not self._final:
            return 0
        frames = (len(self._final) - 1) * self._block + self._span
        return frames * FRAME_SAMPLES + EDGE - HOP_SAMPLES

    def push(self, samples: Floats) -> None:
        """Add samples; runs no network.

        samples  float32 (n,), 16 kHz mono, in order from the segment's start; any n
        """
        self._samples = np.concatenate([self._samples, samples])
        self._rows = np.concatenate([self._rows, self._stream.push(samples)])

    def advance(self) -> bool:
        """Do one encoding or one decoder pass; False if there is nothing to do."""
        now = _Rows(self._rows, len(self._rows), self._stream.peak)
        self._turn += 1
        self._rewind(now)
        return self._encode_block(now) or self._read_audio()

    def snapshot(self, stop: int | None = None) -> Units[DecoderInput | None]:
        """Encode samples [0, stop), None = all, as if the segment ended there.

        Encodes what is not final; runs no decoder pass. Yields after each encoding;
        between units, push is allowed but advance is not. None if there are too few
        samples for a frame. More may be pushed afterwards: samples beyond `stop` are
        not lost, only encoded again.
        """
        now = self._ended(stop)
        if len(now.rows) == 0:
            return None
        self._turn += 1
        turn = self._turn
        self._rewind(now)
        sound = None
        while sound is None:
            if not self._encode_block(now):
                sound = self._decoder_input(now)
            yield
            assert turn == self._turn, "advanced between the units of a snapshot"
        return sound

    def _ended(self, stop: int | None) -> _Rows:
        """The rows if the audio ends at `stop`."""
        stream, rows = copy(self._stream), self._rows  # finish() changes the copy only
        if stop is not None and stop < len(self._samples):
            # From scratch: 5 ms of one core for 8 s, 20 ms for 20 s; once per 2 s.
            stream = FeatureStream()
            rows = stream.push(self._samples[:stop])
        ended = np.concatenate([rows, stream.finish()])
        return _Rows(ended, len(rows), stream.peak)

    def _rewind(self, now: _Rows) -> None:
        """Drop blocks that are not final with these rows; rewind the cache to match."""
        for index, block in enumerate(self._final):
            if not self._is_unchanged(index, block, now):
                del self._final[index:]
                break
        self._read_windows = min(self._read_windows, self._final_windows())
        self._cache.rewind(self._final_audio_end())

    def _is_unchanged(self, index: int, block: _FinalBlock, now: _Rows) -> bool:
        """Whether encoding the block again would see the same frames."""
        first = index * self._block
        if first + self._span > now.settled:
            return False
        higher = max(block.peak, now.peak)
        return block.peak == now.peak or block.lowest >= float(floor(higher))

    def _encode_block(self, now: _Rows) -> bool:
        """Encode the next block, if it can be final."""
        first = len(self._final) * self._block
        if first + self._span > now.settled:
            return False
        frames = now.frames(first, first + self._span)
        encoded, left_context = self._model.encode_step(
            frames, self._left_context(), self._block
        )
        final = Encoded(
            encoded.hidden[: self._block], encoded.mid_logits[: self._block]
        )
        mx.eval(final.hidden, left_context)
        lowest = float(now.rows[first : first + self._span].min())
        self._final.append(
            _FinalBlock(
                final.hidden, self._labels(final), left_context, now.peak, lowest
            )
        )
        return True

    def _read_audio(self) -> bool:
        """Run a decoder pass over the final windows it has not read, once the CTC has
        heard anything: a segment without letters never reaches the decoder."""
        final = self._final_windows()
        if final == self._read_windows or all(block.is_blank for block in self._final):
            return False
        stop = final * self._model.config.projector.window_frames
        hidden = mx.concatenate([block.hidden for block in self._final])[:stop]
        self._model.decoder(self._unread(hidden), self._cache, last=0)
        mx.eval(self._cache.state)
        self._read_windows = final
        return True

    def _decoder_input(self, now: _Rows) -> DecoderInput:
        """The final blocks plus the rest of the rows, which are encoded here."""
        frames = now.frames(len(self._final) * self._block, None)
        # Drop its left context: unevaluated, it would keep every layer's frames alive.
        encoded = self._model.encode_step(frames, self._left_context(), 0)[0]
        hidden = [*(block.hidden for block in self._final), encoded.hidden]
        embeddings = self._unread(mx.concatenate(hidden))
        mx.eval(embeddings, encoded.hidden, encoded.mid_logits)
        labels = [*(block.labels for block in self._final), self._labels(encoded)]
        scores = np.concatenate([part.scores for part in labels])
        ctc_text = ctc.characters(ctc.labels(scores))
        likely = self._likely(labels, ctc_text)
        projector = self._model.config.projector
        windows = -(-len(now.rows) // projector.window_frames)
        tokens = windows * projector.queries
        draft = [token for token, _ in likely]
        text = merge_ctc_heads(self._model.tokenizer, likely, ctc_text)
        return DecoderInput(
            self._cache, embeddings, tokens, ctc_text, draft, text, scores
        )

    def _unread(self, hidden: mx.array) -> mx.array:
        """What the decoder reads next, given all hidden frames of the segment.

        Windows begin at multiples of 15 frames, blocks at multiples of 200: a window
        that extends beyond a final block is not read until the next block is final.
        """
        start = self._read_windows * self._model.config.projector.window_frames
        audio = self._model.project(hidden[start:])
        if self._read_windows > 0:
            return audio
        return mx.concatenate([self._model.embed(self._beginning), audio])

    def _labels(self, encoded: Encoded) -> _Labels:
        """The labels of one block. Blocks hold whole groups of pooled frames, so their
        labels can be concatenated."""
        model = self._model
        logits = model.char_logits(encoded.hidden).astype(mx.float32)
        tokens = model.bpe_labels(encoded.hidden, encoded.mid_posteriors)
        return _Labels(ctc.log_posteriors(np.array(logits)), tokens or [])

    def _likely(self, parts: list[_Labels], ctc_text: str) -> list[Likely]:
        """The CTC's tokens of consecutive parts, whose characters give `ctc_text`."""
        if self._model.bpe_head is None:
            return [(token, 1.0) for token in self._model.tokenizer.encode(ctc_text)]
        return bpe_tokens([label for part in parts for label in part.tokens])

    def _left_context(self) -> mx.array | None:
        return self._final[-1].left_context if self._final else None

    def _final_windows(self) -> int:
        final_frames = len(self._final) * self._block
        return final_frames // self._model.config.projector.window_frames

    def _final_audio_end(self) -> int:
        """The cache's offset at the end of the final audio it holds."""
        if self._read_windows == 0:
            return 0
        queries = self._model.config.projector.queries
        return len(self._beginning) + self._read_windows * queries
