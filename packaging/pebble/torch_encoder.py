"""The encoder in torch, for training: a small version of granite-speech-4.1-2b's.

Parameters are named as in the checkpoint, so export.py has little to rename. All items
of a batch have the same length and there are no masks, because the data fills every
frame with speech or background.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
HIDDEN = 192
LAYERS = 6
HEADS = 3
HEAD = 64
FEED_MULT = 2
CONV_EXPANSION = 2
KERNEL = 15
CONTEXT = 200
INPUT = 160
CHARACTERS = "\0 'abcdefghijklmnopqrstuvwxyz"  # 0 is the blank
VOCABULARY = 4096  # outputs of the draft head: blank, then token id + 1
PHONEMES = 96
POOL = 4  # frames pooled for one output of the draft head


def skew(by_distance: Tensor) -> Tensor:
    """Reindex (..., C, 2C - 1) by key minus query to (..., C, C) by key."""
    *lead, C, width = by_distance.shape
    padded = F.pad(by_distance, (0, 1)).reshape(*lead, C * (width + 1))
    rolled = padded[..., : C * width].reshape(*lead, C, width)
    return rolled[..., C - 1 :]


@torch.compile(dynamic=True)
def over_time(hidden: Tensor, kernel: Tensor) -> Tensor:
    """Depthwise convolution of (B, T, K) with (K, 15), as shifted sums.

    Compiled, they become one loop; on a CPU, the backward pass of torch's own
    convolution takes 60 times as long.
    """
    T = hidden.shape[1]
    padded = F.pad(hidden, (0, 0, KERNEL // 2, KERNEL // 2))
    mixed = padded[:, :T] * kernel[:, 0]
    for shift in range(1, KERNEL):
        mixed = mixed + padded[:, shift : shift + T] * kernel[:, shift]
    return mixed


class FeedForward(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.pre_norm = nn.LayerNorm(HIDDEN)
        self.up_proj = nn.Linear(HIDDEN, HIDDEN * FEED_MULT)
        self.down_proj = nn.Linear(HIDDEN * FEED_MULT, HIDDEN)

    def forward(self, hidden: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.up_proj(self.pre_norm(hidden))))


class Attention(nn.Module):
    """Self-attention within blocks of 200 frames; the last block may be shorter."""

    def __init__(self) -> None:
        super().__init__()
        inner = HEADS * HEAD
        self.pre_norm = nn.LayerNorm(HIDDEN)
        self.to_q = nn.Linear(HIDDEN, inner, bias=False)
        self.to_kv = nn.Linear(HIDDEN, 2 * inner, bias=False)
        self.to_out = nn.Linear(inner, HIDDEN)
        self.rel_pos_emb = nn.Embedding(2 * CONTEXT + 1, HEAD)
        nn.init.normal_(self.rel_pos_emb.weight, std=0.05)

    def forward(self, hidden: Tensor) -> Tensor:
        normed = self.pre_norm(hidden)
        queries, key_values = self.to_q(normed), self.to_kv(normed)
        whole = hidden.shape[1] // CONTEXT * CONTEXT
        pieces = [
            self._blocks(queries[:, a:b], key_values[:, a:b], min(CONTEXT, b - a))
            for a, b in ((0, whole), (whole, hidden.shape[1]))
            if b > a
        ]
        return self.to_out(torch.cat(pieces, 1))

    def _blocks(self, queries: Tensor, key_values: Tensor, C: int) -> Tensor:
        B, T, inner = queries.shape
        keys, values = key_values.chunk(2, -1)
        q, k, v = (
            x.reshape(B * T // C, C, HEADS, HEAD).transpose(1, 2)
            for x in (queries, keys, values)
        )
        # The table is ordered by query minus key; reversed, by key minus query.
        rows = self.rel_pos_emb.weight[CONTEXT - C + 1 : CONTEXT + C].flip(0)
        scores = (q @ k.transpose(-1, -2) + skew(q @ rows.T)) * HEAD**-0.5
        return (scores.softmax(-1) @ v).transpose(1, 2).reshape(B, T, inner)


class Convolution(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        inner = HIDDEN * CONV_EXPANSION
        self.norm = nn.LayerNorm(HIDDEN)
        self.up_conv = nn.Linear(HIDDEN, 2 * inner)
        self.depth_conv = nn.Parameter(torch.randn(inner, KERNEL) * KERNEL**-0.5)
        self.batch_norm = nn.BatchNorm1d(inner)
        self.down_conv = nn.Linear(inner, HIDDEN)

    def forward(self, hidden: Tensor) -> Tensor:
        gated = F.glu(self.up_conv(self.norm(hidden)), -1)
        mixed = over_time(gated, self.depth_conv)
        B, T, inner = mixed.shape
        normed = self.batch_norm(mixed.reshape(B * T, inner)).reshape(B, T, inner)
        return self.down_conv(F.silu(normed))


class Conformer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.ff1, self.ff2 = FeedForward(), FeedForward()
        self.attn, self.conv = Attention(), Convolution()
        self.post_norm = nn.LayerNorm(HIDDEN)

    def forward(self, hidden: Tensor, drop: nn.Module) -> Tensor:
        hidden = hidden + 0.5 * drop(self.ff1(hidden))
        hidden = hidden + drop(self.attn(hidden))
        hidden = hidden + drop(self.conv(hidden))
        hidden = hidden + 0.5 * drop(self.ff2(hidden))
        return self.post_norm(hidden)


class Encoder(nn.Module):
    """Maps frames (B, T, 160) to hidden (B, T, 192) and the CTC logits of the middle
    and the last layer."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.input_linear = nn.Linear(INPUT, HIDDEN)
        self.layers = nn.ModuleList(Conformer() for _ in range(LAYERS))
        self.out = nn.Linear(HIDDEN, len(CHARACTERS))
        self.out_mid = nn.Linear(len(CHARACTERS), HIDDEN)
        self.draft = nn.Linear(HIDDEN, VOCABULARY)  # out_llm.safetensors
        self.sounds = nn.Linear(HIDDEN, PHONEMES)  # a training aid, not exported
        self.drop = nn.Dropout(dropout)

    def forward(self, frames: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        hidden = self.input_linear(frames)
        for layer in self.layers[: LAYERS // 2]:
            hidden = layer(hidden, self.drop)
        self.half = hidden
        middle = self.out(hidden)
        hidden = hidden + self.out_mid(middle.softmax(-1))
        for layer in self.layers[LAYERS // 2 :]:
            hidden = layer(hidden, self.drop)
        return hidden, middle, self.out(hidden)

    def drafted(self, hidden: Tensor, middle: Tensor) -> Tensor:
        """Draft logits (B, T / 4, vocabulary) of frames pooled by their non-blank
        probability."""
        B, T, D = hidden.shape
        weight = 1 - middle.detach().softmax(-1)[..., :1]
        missing = -T % POOL
        hidden = F.pad(hidden, (0, 0, 0, missing)).reshape(B, -1, POOL, D)
        weight = F.pad(weight, (0, 0, 0, missing)).reshape(B, -1, POOL, 1)
        weight = weight / (weight.sum(2, keepdim=True) + 1e-8)
        return self.draft((hidden * weight).sum(2))


def collapsed(best: list[int]) -> list[int]:
    """The best path's CTC labels without repeats and blanks."""
    changes = [b for a, b in zip([0, *best], best, strict=False) if b != a]
    return [label for label in changes if label]


def characters(logits: Tensor) -> str:
    """The greedy text of one utterance's character logits (T, characters)."""
    labels = collapsed(logits.argmax(-1).tolist())
    return " ".join("".join(CHARACTERS[label] for label in labels).split())
