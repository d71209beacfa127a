"""Writes the bundled recordings: the demo, and the clips for tests and benchmarks.

    python packaging/pebble/clips.py --work build/pebble

`resources/demo.wav` contains three held-out sentences in one voice.
`tests/pebble/clips/` contains 20 held-out sentences, with the voices in turn; next to
each clip, a .txt file has its words and a .times file the end of each word in seconds.
All recordings are 16-bit at 16 kHz, without background noise.
"""

import argparse
import json
import wave
from collections import Counter
from pathlib import Path

import numpy as np
from speak import RATE_HZ, VOICES, utterance

ROOT = Path(__file__).resolve().parents[2]
CLIPS = 20
DEMO = [
    "Hello Frances, are you free on Friday first thing?",
    "We need more salt, olives and bananas.",
    "When the gardener comes, please translate the key.",
]  # held-out sentences that make sense to a reader
PAUSE_S = 0.5
SEED = 6000
OFTEN = 120


def write_wav(path: Path, samples: np.ndarray) -> None:
    with wave.open(str(path), "wb") as opened:
        opened.setnchannels(1)
        opened.setsampwidth(2)
        opened.setframerate(RATE_HZ)
        opened.writeframes((samples * 32767).astype("<i2").tobytes())


def held_out(work: Path) -> list[str]:
    """The test sentences whose words all occur at least OFTEN times in training."""
    counts: Counter[str] = Counter()
    for line in (work / "train.jsonl").open():
        counts.update(json.loads(line)["raw"].split())
    rows = [json.loads(line) for line in (work / "test.jsonl").open()]
    return [
        row["text"]
        for row in rows
        if min(counts[word] for word in row["raw"].split()) >= OFTEN
    ]


def write(work: Path) -> None:
    texts = held_out(work)
    assert set(DEMO) <= set(texts), "the demo is held out too"
    others = [text for text in texts if text not in DEMO][:CLIPS]
    folder = ROOT / "tests" / "pebble" / "clips"
    folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(others):
        clip = utterance(text, SEED + number, clean=True)
        ends = "".join(f"{at:.3f}\n" for at in clip.word_ends_s)
        write_wav(folder / f"{number:02d}.wav", clip.samples)
        (folder / f"{number:02d}.txt").write_text(text + "\n", "utf-8")
        (folder / f"{number:02d}.times").write_text(ends, "utf-8")
    pause = np.zeros(int(PAUSE_S * RATE_HZ), np.float32)
    voice = SEED // len(VOICES) * len(VOICES)  # the first voice
    spoken = [utterance(text, voice, clean=True).samples for text in DEMO]
    demo = np.concatenate([part for one in spoken for part in (one, pause)])
    write_wav(ROOT / "resources" / "demo.wav", demo / np.abs(demo).max() * 0.5)
    print("\n".join([*DEMO, *others]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/pebble"))
    write(parser.parse_args().work)
