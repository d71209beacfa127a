"""Synthesizes the speech that `make bench` uses, if espeak-ng is installed.

    python packaging/bench/synthesize.py --out build/speech

`held_out.txt` has 300 sentences that pebble was not trained on. Each becomes a WAV file
in one of pebble's voices, without background noise. A .txt file next to it has its
words, a .times file the end of each word in seconds. Existing files are kept. Without
espeak-ng, this prints a message and writes nothing; the benchmarks then use the clips
of the tests.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "pebble"))
from clips import write_wav
from speak import utterance

ROOT = Path(__file__).resolve().parents[2]
SEED = 7  # the one that evaluate.py uses for the model card


def speak(folder: Path) -> int:
    """Write the missing clips; return the number of clips in the folder."""
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
        write_wav(file, spoken.samples)  # last: if it exists, the clip is complete
    return len(sentences)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "speech")
    try:
        count = speak(parser.parse_args().out)
    except OSError as why:  # ctypes did not find the library
        print(f"no speech was made: {why}; install espeak-ng", file=sys.stderr)
    else:
        print(f"{count} sentences are spoken", file=sys.stderr)
