"""Speaks the sentences that `make bench` measures, where espeak-ng is at hand.

    python packaging/bench/synthesize.py --out build/speech

`held_out.txt` holds the 300 sentences pebble was not trained on. Each becomes a WAV in
one of pebble's voices, without background, its words beside it in a .txt and where each
word ends, in seconds, in a .times. Files that are there already are kept. Without
espeak-ng it says so and makes nothing; the benchmarks then use the clips that ship.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "pebble"))
from clips import write_wav
from speak import utterance

ROOT = Path(__file__).resolve().parents[2]
SEED = 7  # as the model card's own measurement


def speak(folder: Path) -> int:
    """How many clips the folder holds afterwards."""
    sentences = (Path(__file__).parent / "held_out.txt").read_text("utf-8").splitlines()
    for number, text in enumerate(sentences):
        file = folder / f"{number:03d}.wav"
        if file.exists():
            continue
        spoken = utterance(text, SEED + number, clean=True)
        folder.mkdir(parents=True, exist_ok=True)
        ends = "".join(f"{at:.3f}\n" for at in spoken.word_ends_s)
        file.with_suffix(".txt").write_text(text + "\n", "utf-8")
        file.with_suffix(".times").write_text(ends, "utf-8")
        write_wav(file, spoken.samples)  # last: a clip that is there is whole
    return len(sentences)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "speech")
    try:
        count = speak(parser.parse_args().out)
    except OSError as why:  # ctypes does not find the library
        print(f"no speech was made: {why}; install espeak-ng", file=sys.stderr)
    else:
        print(f"{count} sentences are spoken", file=sys.stderr)
