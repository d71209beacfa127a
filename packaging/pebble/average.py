"""Averages the weights of several checkpoints of the projector and decoder.

    python packaging/pebble/average.py --work build/pebble --of end.pt=0.6 before.pt=0.4

Checkpoints from the ends of training rounds, each after the learning rate had fallen,
or from shortly before an end, make different mistakes. Their mean makes fewer, above
all on a minute read at once. Replaces `decoder.pt`.
"""

import argparse
from pathlib import Path

import torch


def average(work: Path, shares: dict[Path, float]) -> None:
    """Write the weighted mean to `decoder.pt`.

    shares   weight of each checkpoint; they add up to 1
    """
    states = {
        file: torch.load(file, map_location="cpu", weights_only=True) for file in shares
    }
    mean = next(iter(states.values()))
    mean["model"] = {
        name: sum(share * states[file]["model"][name] for file, share in shares.items())
        for name in mean["model"]
    }
    torch.save(mean, work / "decoder.new")
    (work / "decoder.new").replace(work / "decoder.pt")


def named(text: str) -> tuple[Path, float]:
    file, share = text.rsplit("=", 1)
    return Path(file), float(share)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/pebble"))
    parser.add_argument("--of", type=named, nargs="+", required=True)
    given = parser.parse_args()
    average(given.work, dict(given.of))
