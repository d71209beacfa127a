"""Muon: momentum whose matrix updates are made orthogonal; for the inner matrices.

float32 and batched by shape, since torch's own works in bfloat16, which this CPU lacks.
"""

import torch
from torch import Tensor

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)  # Jordan et al., 2024
ROUNDS = 4


def orthogonal(stack: Tensor) -> Tensor:
    """(N, R, C) with R <= C -> the nearest matrices of equal singular values."""
    a, b, c = NEWTON_SCHULZ
    stack = stack / (stack.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(ROUNDS):
        square = stack @ stack.mT
        stack = torch.baddbmm(
            stack, torch.baddbmm(square, square, square, beta=b, alpha=c), stack, beta=a
        )
    return stack


class Muon(torch.optim.Optimizer):
    """One step is as long as AdamW's: 0.2 root mean square at rate 1."""

    def __init__(self, params: list[Tensor], lr: float) -> None:
        super().__init__(params, {"lr": lr, "momentum": 0.95, "weight_decay": 0.05})

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        for group in self.param_groups:
            shapes: dict[tuple[int, ...], list[Tensor]] = {}
            for p in group["params"]:
                shapes.setdefault(tuple(sorted(p.shape)), []).append(p)
            for alike in shapes.values():
                self._step(alike, group)

    def _step(self, alike: list[Tensor], group: dict[str, float]) -> None:
        turned = []
        for p in alike:
            momentum = self.state[p].setdefault("momentum", torch.zeros_like(p))
            momentum.lerp_(p.grad, 1 - group["momentum"])
            ahead = p.grad.lerp(momentum, group["momentum"])
            turned.append(ahead if p.shape[0] <= p.shape[1] else ahead.mT)
        length = group["lr"] * 0.2 * max(alike[0].shape) ** 0.5
        for p, update in zip(alike, orthogonal(torch.stack(turned)), strict=True):
            p.mul_(1 - group["lr"] * group["weight_decay"])
            p.sub_(update if p.shape[0] <= p.shape[1] else update.mT, alpha=length)
