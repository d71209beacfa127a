"""Synthesizes each utterance in a random voice of one of several synthesizers.

The voices are espeak-ng's English accents with its +f and +m variants, and those of
flite and festival (packages.txt in this folder names the Debian packages). Pitch and
rate vary and, sometimes, the speed of the whole recording, which also shifts the
voice's formants. The same seed always gives the same sound.
"""

import select
import subprocess
import sys
import tempfile
import wave
from pathlib import Path
from typing import ClassVar, NamedTuple

import numpy as np
import soxr
from espeak import RATE_HZ, Voice

ACCENTS = {
    "gmw/en-US": 0.36, "gmw/en": 0.2, "gmw/en-GB-scotland": 0.08,
    "gmw/en-GB-x-rp": 0.08, "gmw/en-GB-x-gbclan": 0.07, "gmw/en-GB-x-gbcwmd": 0.07,
    "gmw/en-US-nyc": 0.08, "gmw/en-029": 0.06,
}  # fmt: skip
VARIANTS = [
    "", "", "", "", *(f"f{i}" for i in range(1, 6)), *(f"m{i}" for i in range(1, 9)),
    "Alex", "Alicia", "Andrea", "Andy", "Annie", "Gene", "Michael", "Mike", "adam",
    "antonio", "belinda", "benjamin", "boris", "caleb", "david", "ed", "edward",
    "grandma", "grandpa", "iven", "iven2", "john", "linda", "max", "miguel", "norbert",
    "pablo", "paul", "quincy", "rob", "robert", "sandro", "shelby", "steph", "travis",
    "zac",
]  # fmt: skip
RATES = (130, 210)  # words per minute
FLITE = {"kal16": 105, "kal": 105, "rms": 110, "awb": 130, "slt": 175}  # Hz
FESTIVAL = ["kal_diphone", "ked_diphone", "cmu_us_slt_arctic_hts"]
STRETCH = (0.8, 1.3)
ESPEAK, FLITES, FESTIVALS = "espeak", "flite", "festival"
SHARES = {ESPEAK: 0.66, FLITES: 0.22, FESTIVALS: 0.12}
OTHERS = {FLITES: 0.6, FESTIVALS: 0.4}
RESAMPLED_SHARE = {ESPEAK: 0.15, FLITES: 0.6, FESTIVALS: 0.6}
SPEEDS = (0.86, 1.17)
PATIENCE_S = 60
UNKNOWN = 255  # label of a phoneme that the synthesizer does not report


class SynthesizedSpeech(NamedTuple):
    """Samples at 16 kHz, and the start of each phoneme in seconds; None if unknown."""

    samples: np.ndarray
    phonemes: list[tuple[float, str]] | None


def synthesize(
    text: str, rng: np.random.Generator, shares: dict[str, float] = SHARES
) -> SynthesizedSpeech:
    """Speak the text in a voice chosen at random."""
    kind = str(rng.choice(list(shares), p=list(shares.values())))
    speed = rng.uniform(*SPEEDS) if rng.random() < RESAMPLED_SHARE[kind] else 1.0
    makers = {ESPEAK: _espeak, FLITES: _flite, FESTIVALS: _festival}
    try:
        speech = makers[kind](text, rng)
    except (OSError, EOFError, wave.Error, subprocess.SubprocessError) as why:
        print(f"{kind} cannot say {text!r}: {why}", file=sys.stderr, flush=True)
        Festival.stop()
        speech = _espeak(text, rng)
    if speed == 1.0:
        return speech
    samples = soxr.resample(speech.samples, RATE_HZ, RATE_HZ / speed, quality="MQ")
    times = speech.phonemes and [(at / speed, name) for at, name in speech.phonemes]
    return SynthesizedSpeech(samples, times)


def _espeak(text: str, rng: np.random.Generator) -> SynthesizedSpeech:
    accent = rng.choice(list(ACCENTS), p=list(ACCENTS.values()))
    variant = rng.choice(VARIANTS)
    voice = Voice(f"{accent}+{variant}" if variant else str(accent))
    rate, pitch, spread = rng.uniform(*RATES), rng.uniform(20, 80), rng.uniform(25, 75)
    samples = voice.synthesize(text, int(rate), int(pitch), int(spread))
    return SynthesizedSpeech(samples, voice.phoneme_times)


def _flite(text: str, rng: np.random.Generator) -> SynthesizedSpeech:
    name = str(rng.choice(list(FLITE)))
    pitch_hz = FLITE[name] * rng.uniform(0.85, 1.2)
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        subprocess.run(
            ["flite", "-voice", name, "--setf", f"int_f0_target_mean={pitch_hz:.0f}",
             "--setf", f"duration_stretch={rng.uniform(*STRETCH):.2f}",
             "-t", text, "-o", file.name],
            check=True,
            timeout=PATIENCE_S,
        )  # fmt: skip
        return SynthesizedSpeech(read_wav(Path(file.name)), None)


def _festival(text: str, rng: np.random.Generator) -> SynthesizedSpeech:
    name, stretch = str(rng.choice(FESTIVAL)), rng.uniform(*STRETCH)
    return SynthesizedSpeech(Festival.running().synthesize(text, name, stretch), None)


class Festival:
    """A festival process; it is kept running because it loads its voices only once."""

    _running: ClassVar["Festival | None"] = None

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["festival", "--pipe"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    @classmethod
    def running(cls) -> "Festival":
        if cls._running is None:
            cls._running = cls()
        return cls._running

    @classmethod
    def stop(cls) -> None:
        """Kill the process; the next utterance starts a new one."""
        if cls._running is not None:
            cls._running._process.kill()
            cls._running._process.wait()
            cls._running = None

    def synthesize(self, text: str, voice: str, stretch: float) -> np.ndarray:
        assert self._process.stdin and self._process.stdout
        quoted = text.replace("\\", "").replace('"', "")
        with tempfile.NamedTemporaryFile(suffix=".wav") as file:
            self._process.stdin.write(
                f"(voice_{voice})(Parameter.set 'Duration_Stretch {stretch:.2f})"
                f'(utt.save.wave (utt.synth (Utterance Text "{quoted}"))'
                f' "{file.name}" \'riff)(format t "said\\n")(fflush nil)\n'
            )
            self._process.stdin.flush()
            if not select.select([self._process.stdout], [], [], PATIENCE_S)[0]:
                raise OSError(f"festival does not answer: {text}")
            if "said" not in self._process.stdout.readline():
                raise OSError(f"festival cannot say: {text}")
            return read_wav(Path(file.name))


def read_wav(file: Path) -> np.ndarray:
    """The samples of a 16-bit mono file as float32 at 16 kHz."""
    with wave.open(str(file)) as opened:
        data = np.frombuffer(opened.readframes(opened.getnframes()), "<i2")
        rate_hz = opened.getframerate()
    samples = data.astype(np.float32) / 32768
    if rate_hz == RATE_HZ:
        return samples
    return soxr.resample(samples, rate_hz, RATE_HZ, quality="MQ")
