"""Speaks the sentences with espeak-ng and stores their log-mel rows.

    python packaging/pebble/speak.py --work build/pebble --set train

Each sentence gets a voice, pitch, rate, level and background of its own, from the seed
and its number, so a run can stop and go on: shards already written are kept. A shard
is `rows` float16 (n, 80), 10 ms each, log10 power, unclipped; `phonemes` uint8 (n // 2)
for every 20 ms, 0 = none; `starts` (utterances + 1,) into rows; `quiet` the rows of
background that lead each utterance; `ids`. Some utterances are background alone.
"""

import argparse
import ctypes
import json
import multiprocessing
import re
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soxr

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "app"))
from mica.audio import features

RATE_HZ = 16_000
VOICES = ["en-us", "en-us+f3", "en-us+m7", "en-us+f2", "gmw/en", "gmw/en+f4"]
SHARD = 500
EMPTY_SHARE = 0.03
PHONEMES = 96  # classes; espeak's English voices use fewer


class _Event(ctypes.Structure):
    """espeak_EVENT of speak_lib.h."""

    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("string", ctypes.c_char * 8),
    ]


_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)
_SYNCHRONOUS, _PHONEME_EVENTS, _UTF8 = 2, 1, 1
_EVENT_END, _EVENT_WORD, _EVENT_PHONEME = 0, 1, 7
_RATE, _PITCH, _RANGE = 1, 3, 4


class Voice:
    """libespeak-ng in this process; one voice at a time."""

    _library: ctypes.CDLL | None = None
    _rate_hz = 0

    def __init__(self, name: str) -> None:
        if Voice._library is None:
            Voice._library = ctypes.CDLL("libespeak-ng.so.1")
            Voice._rate_hz = Voice._library.espeak_Initialize(
                _SYNCHRONOUS, 0, None, _PHONEME_EVENTS
            )
        self._espeak = Voice._library
        self._espeak.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self._callback = _CALLBACK(self._collect)
        self._espeak.espeak_SetSynthCallback(self._callback)
        if self._espeak.espeak_SetVoiceByName(name.encode()) != 0:
            raise ValueError(f"espeak-ng has no voice {name}")
        self._pieces: list[np.ndarray] = []
        self.phoneme_times: list[tuple[float, str]] = []
        self.word_starts: list[tuple[int, float]] = []  # index in the text

    def phonemes(self, text: str) -> bytes:
        """The sounds of a text, stress marks left out."""
        pointer = ctypes.c_char_p(text.encode())
        found = self._espeak.espeak_TextToPhonemes(ctypes.byref(pointer), _UTF8, 0)
        return found.translate(None, b"',%=|_ ")

    def say(
        self, text: str, words_per_minute: int, pitch: int, spread: int
    ) -> np.ndarray:
        """float32 samples at 16 kHz; fills phoneme_times and word_starts."""
        self._pieces, self.phoneme_times, self.word_starts = [], [], []
        for parameter, value in (
            (_RATE, words_per_minute),
            (_PITCH, pitch),
            (_RANGE, spread),
        ):
            self._espeak.espeak_SetParameter(parameter, value, 0)
        data = text.encode()
        self._espeak.espeak_Synth(data, len(data) + 1, 0, 1, 0, _UTF8, None, None)
        spoken = np.concatenate(self._pieces).astype(np.float32) / 32768
        return soxr.resample(spoken, Voice._rate_hz, RATE_HZ, quality="MQ")

    def word_ends_s(self, text: str) -> list[float]:
        """Where each word of the last say() ends: at a pause, else at the next word.

        The voice runs some short words together; they end together.
        """
        pauses = [at for at, phoneme in self.phoneme_times if phoneme.startswith("_")]
        last = self.phoneme_times[-1][0] if self.phoneme_times else 0.0
        ends = []
        for word in re.finditer(r"\S+", text):
            started = [at for place, at in self.word_starts if place < word.end()]
            later = [at for place, at in self.word_starts if place >= word.end()]
            stop = min(later, default=last)
            start = max(started, default=0.0)
            ends.append(min((p for p in pauses if start < p <= stop), default=stop))
        return ends

    def _collect(self, samples, count, events) -> int:  # C callback
        if samples and count:
            self._pieces.append(np.ctypeslib.as_array(samples, (count,)).copy())
        index = 0
        while events[index].type != _EVENT_END:
            event = events[index]
            at_s = event.audio_position / 1000
            if event.type == _EVENT_PHONEME:
                self.phoneme_times.append(
                    (at_s, event.string.decode("utf-8", "replace"))
                )
            elif event.type == _EVENT_WORD:
                self.word_starts.append((event.text_position - 1, at_s))
            index += 1
        return 0


def background(count: int, rng: np.random.Generator, level_db: float) -> np.ndarray:
    """`count` samples of white, pink or humming noise, or of chords and drums."""
    kind = rng.choice(["white", "pink", "hum", "music"], p=[0.35, 0.3, 0.15, 0.2])
    seconds = np.arange(count) / RATE_HZ
    if kind == "music":
        sound = music(seconds, rng)
    elif kind == "hum":
        tones = [np.sin(2 * np.pi * f * seconds) / f for f in (50, 100, 150, 200, 300)]
        sound = np.sum(tones, axis=0) + rng.normal(0, 0.002, count)
    else:
        spectrum = np.fft.rfft(rng.normal(0, 1, count))
        if kind == "pink":
            spectrum /= np.sqrt(np.arange(len(spectrum)) + 1)
        sound = np.fft.irfft(spectrum, count)
    loud = np.sqrt(np.mean(sound**2)) + 1e-9
    return (sound / loud * 10 ** (level_db / 20)).astype(np.float32)


def music(seconds: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Chords that change and a drum on every beat."""
    beat_s = rng.uniform(0.35, 0.7)
    beat = (seconds / beat_s).astype(int)
    phase = seconds - beat * beat_s
    roots = rng.choice([110, 131, 147, 165, 196, 220], beat[-1] // 4 + 1)
    root = roots[beat // 4]
    turns = 2 * np.pi * np.cumsum(root) / RATE_HZ
    chord = sum(np.sin(turns * r) * np.exp(-phase) for r in (1, 1.25, 1.5, 2))
    drum = rng.normal(0, 1, len(seconds)) * np.exp(-phase * 30)
    return chord * 0.3 + drum * rng.uniform(0.2, 1.0)


class Spoken(NamedTuple):
    """Samples; when each phoneme begins; the background's lead; when each word ends."""

    samples: np.ndarray
    phonemes: list[tuple[float, str]]
    lead_s: float
    word_ends_s: list[float]


def utterance(text: str, seed: int, clean: bool = False) -> Spoken:
    """A sentence in a voice, pace, level and background of its own; "" is noise."""
    rng = np.random.default_rng(seed)
    name = VOICES[seed % len(VOICES)]
    lead_s, tail_s = rng.uniform(0.1, 0.5), rng.uniform(0.1, 0.4)
    times: list[tuple[float, str]] = []
    ends: list[float] = []
    spoken = np.zeros(int(rng.uniform(1.0, 4.0) * RATE_HZ), np.float32)
    if text:
        voice = Voice(name)
        rate = int(rng.uniform(140, 210))
        spoken = voice.say(
            text, rate, int(rng.uniform(25, 75)), int(rng.uniform(30, 70))
        )
        spoken = spoken / (np.abs(spoken).max() + 1e-9)
        times = [(at + lead_s, phoneme) for at, phoneme in voice.phoneme_times]
        ends = [at + lead_s for at in voice.word_ends_s(text)]
    lead = np.zeros(int(lead_s * RATE_HZ), np.float32)
    tail = np.zeros(int(tail_s * RATE_HZ), np.float32)
    sound = np.concatenate([lead, spoken, tail]) * 10 ** (rng.uniform(-22, -1) / 20)
    if clean or rng.random() < 0.25:
        return Spoken(sound.astype(np.float32), times, lead_s, ends)
    power = np.sqrt(np.mean(spoken**2)) if text else 0.1
    level_db = 20 * np.log10(power + 1e-6) - rng.uniform(12, 45)
    if not text:
        level_db = rng.uniform(-60, -12)
    noisy = sound + background(len(sound), rng, level_db)
    return Spoken(noisy, times, lead_s, ends)


def rows_of(samples: np.ndarray) -> np.ndarray:
    """float16 (n, 80) with n even: the front end's rows before clipping."""
    stream = features.FeatureStream()
    frames = np.concatenate([stream.push(samples), stream.finish()])
    return frames.reshape(-1, 80).astype(np.float16)


def _phoneme_frames(times: list[tuple[float, str]], frames: int) -> np.ndarray:
    labels = np.zeros(frames, np.uint8)
    ends = [at for at, _ in times[1:]] + [frames]
    for (at, phoneme), until in zip(times, ends, strict=False):
        bare = phoneme.strip("',%=:|_ ")
        if bare:
            code = sum(ord(c) * (i * 7 + 1) for i, c in enumerate(bare))
            labels[round(at * 50) : min(round(until * 50), frames)] = code % 95 + 1
    return labels


def _shard(task: tuple[Path, list[dict[str, str]], int]) -> float:
    path, sentences, seed = task
    rows, phonemes, starts, quiet, ids = [], [], [0], [], []
    for sentence in sentences:
        number = seed + int(sentence["id"].split("-")[1])
        empty = np.random.default_rng(number).random() < EMPTY_SHARE
        empty = empty and sentence["id"].startswith("train")
        samples, times, lead_s, _ = utterance("" if empty else sentence["text"], number)
        new = rows_of(samples)
        rows.append(new)
        phonemes.append(_phoneme_frames(times, len(new) // 2))
        starts.append(starts[-1] + len(new))
        quiet.append(int(lead_s * 100) if not empty else len(new))
        ids.append("" if empty else sentence["id"])
    draft = path.with_suffix(".tmp.npz")
    np.savez(
        draft,
        rows=np.concatenate(rows),
        phonemes=np.concatenate(phonemes),
        starts=np.array(starts),
        quiet=np.array(quiet),
        ids=np.array(ids),
    )
    draft.replace(path)
    return starts[-1] / 100


def speak(work: Path, name: str, count: int, seed: int, processes: int) -> None:
    sentences = [json.loads(line) for line in (work / f"{name}.jsonl").open()][:count]
    folder = work / "speech"
    folder.mkdir(exist_ok=True)
    tasks = [
        (folder / f"{name}-{i // SHARD:03d}.npz", sentences[i : i + SHARD], seed)
        for i in range(0, len(sentences), SHARD)
    ]
    tasks = [task for task in tasks if not task[0].exists()]
    done_s = 0.0
    with multiprocessing.Pool(processes) as pool:
        for number, seconds in enumerate(pool.imap(_shard, tasks), 1):
            done_s += seconds
            print(f"{name}: {number}/{len(tasks)}, {done_s / 3600:.2f} h", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/pebble"))
    parser.add_argument("--set", default="train", choices=["train", "dev", "test"])
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    speak(given.work, given.set, given.count, given.seed, given.processes)
