"""Averages the projector and decoder with those of an earlier time.

    python packaging/pebble/average.py --work build/pebble --earlier before.pt

Two ends of one training, each after its rate had fallen, have made different mistakes:
their mean makes fewer, above all in a minute read at once. Replaces `decoder.pt`.
"""

import argparse
from pathlib import Path

import torch


def average(work: Path, earlier: Path, share: float) -> None:
    """share   of `decoder.pt` in the mean"""
    state = torch.load(earlier, weights_only=True)
    later = torch.load(work / "decoder.pt", weights_only=True)["model"]
    for name, weight in state["model"].items():
        weight.lerp_(later[name], share)
    torch.save(state, work / "decoder.new")
    (work / "decoder.new").replace(work / "decoder.pt")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/pebble"))
    parser.add_argument("--earlier", type=Path, required=True)
    parser.add_argument("--share", type=float, default=0.45)
    given = parser.parse_args()
    average(given.work, given.earlier, given.share)
