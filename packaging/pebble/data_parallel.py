"""Training in several processes: the same weights, the mean of the gradients.

On small CPUs one thread in each of two processes is half as quick again as two threads:

    torchrun --nproc_per_node 2 train_encoder.py --threads 1
"""

import os

import torch
from torch import distributed, nn

RANK = int(os.environ.get("RANK", "0"))


def start() -> None:
    """Join the other processes, if torchrun started several."""
    if "WORLD_SIZE" in os.environ:
        distributed.init_process_group("gloo")


def average_gradients(parameters: list[nn.Parameter]) -> None:
    """Gradients become their mean over the processes."""
    if not distributed.is_initialized():
        return
    parts = [p.grad if p.grad is not None else torch.zeros_like(p) for p in parameters]
    flat = torch.cat([x.flatten() for x in parts])
    distributed.all_reduce(flat)
    flat /= distributed.get_world_size()
    at = 0
    for p in parameters:
        p.grad = flat[at : at + p.numel()].view_as(p)
        at += p.numel()
