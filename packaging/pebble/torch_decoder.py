"""The projector and the decoder in torch, for training: small versions of Granite's.

The architecture is that of the checkpoint: multipliers, RoPE, RMSNorm, SwiGLU, tied
embeddings. Audio embeddings replace those of the audio tokens before the embedding
multiplier is applied. Batches are padded at the end, which does not affect the earlier
positions of a causal decoder.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch_encoder import HIDDEN as ENCODER_HIDDEN
from torch_encoder import VOCABULARY

HIDDEN = 192
LAYERS = 4
HEADS = 3
KV_HEADS = 3
HEAD = HIDDEN // HEADS
INNER = 512
THETA = 10_000.0
EMBEDDING_MULTIPLIER = 6.0
ATTENTION_MULTIPLIER = 0.125
RESIDUAL_MULTIPLIER = 0.5
LOGITS_SCALING = 2.0
EPS = 1e-5
WINDOW, QUERIES = 15, 3
PROJECTOR_HIDDEN = 192
PROJECTOR_LAYERS = 2
PROJECTOR_HEADS = 3
PROJECTOR_INNER = 384


class QueryAttention(nn.Module):
    """BLIP-2's attention with its output norm; the batch dimension is the windows."""

    def __init__(self, source: int) -> None:
        super().__init__()
        self.query = nn.Linear(PROJECTOR_HIDDEN, PROJECTOR_HIDDEN)
        self.key = nn.Linear(source, PROJECTOR_HIDDEN)
        self.value = nn.Linear(source, PROJECTOR_HIDDEN)
        self.dense = nn.Linear(PROJECTOR_HIDDEN, PROJECTOR_HIDDEN)
        self.norm = nn.LayerNorm(PROJECTOR_HIDDEN, eps=1e-12)

    def forward(self, queries: Tensor, source: Tensor) -> Tensor:
        W, Q, D = queries.shape
        q, k, v = (
            x.reshape(W, -1, PROJECTOR_HEADS, D // PROJECTOR_HEADS).transpose(1, 2)
            for x in (self.query(queries), self.key(source), self.value(source))
        )
        scores = q @ k.transpose(-1, -2) * (D // PROJECTOR_HEADS) ** -0.5
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(W, Q, D)
        return self.norm(self.dense(mixed) + queries)


class QFormerLayer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention = QueryAttention(PROJECTOR_HIDDEN)
        self.crossattention = QueryAttention(ENCODER_HIDDEN)
        self.up = nn.Linear(PROJECTOR_HIDDEN, PROJECTOR_INNER)
        self.down = nn.Linear(PROJECTOR_INNER, PROJECTOR_HIDDEN)
        self.norm = nn.LayerNorm(PROJECTOR_HIDDEN, eps=1e-12)

    def forward(self, queries: Tensor, source: Tensor) -> Tensor:
        queries = self.crossattention(self.attention(queries, queries), source)
        return self.norm(self.down(F.gelu(self.up(queries))) + queries)


class Projector(nn.Module):
    """Maps hidden frames (B, T, 192), T a multiple of 15, to (B, T / 5, 192)."""

    def __init__(self) -> None:
        super().__init__()
        self.query = nn.Parameter(torch.randn(1, QUERIES, PROJECTOR_HIDDEN))
        self.layernorm = nn.LayerNorm(PROJECTOR_HIDDEN, eps=1e-12)
        self.layers = nn.ModuleList(QFormerLayer() for _ in range(PROJECTOR_LAYERS))
        self.linear = nn.Linear(PROJECTOR_HIDDEN, HIDDEN)

    def forward(self, hidden: Tensor) -> Tensor:
        B, T, D = hidden.shape
        windows = hidden.reshape(B * T // WINDOW, WINDOW, D)
        queries = self.layernorm(self.query).expand(len(windows), -1, -1)
        for layer in self.layers:
            queries = layer(queries, windows)
        return self.linear(queries).reshape(B, -1, HIDDEN)


class Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.input_layernorm = nn.RMSNorm(HIDDEN, eps=EPS)
        self.q_proj = nn.Linear(HIDDEN, HEADS * HEAD, bias=False)
        self.k_proj = nn.Linear(HIDDEN, KV_HEADS * HEAD, bias=False)
        self.v_proj = nn.Linear(HIDDEN, KV_HEADS * HEAD, bias=False)
        self.o_proj = nn.Linear(HEADS * HEAD, HIDDEN, bias=False)
        self.post_attention_layernorm = nn.RMSNorm(HIDDEN, eps=EPS)
        self.gate_proj = nn.Linear(HIDDEN, INNER, bias=False)
        self.up_proj = nn.Linear(HIDDEN, INNER, bias=False)
        self.down_proj = nn.Linear(INNER, HIDDEN, bias=False)

    def forward(self, hidden: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
        B, T, _ = hidden.shape
        normed = self.input_layernorm(hidden)
        q, k, v = (
            x(normed).reshape(B, T, -1, HEAD).transpose(1, 2)
            for x in (self.q_proj, self.k_proj, self.v_proj)
        )
        mixed = F.scaled_dot_product_attention(
            rotate(q, turn), rotate(k, turn), v, is_causal=True,
            scale=ATTENTION_MULTIPLIER,
        )  # fmt: skip
        mixed = mixed.transpose(1, 2).reshape(B, T, HEADS * HEAD)
        hidden = hidden + RESIDUAL_MULTIPLIER * self.o_proj(mixed)
        normed = self.post_attention_layernorm(hidden)
        gated = self.down_proj(F.silu(self.gate_proj(normed)) * self.up_proj(normed))
        return hidden + RESIDUAL_MULTIPLIER * gated


def rotary_angles(T: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Cosines and sines of RoPE, each (T, head), with two equal halves."""
    rates = THETA ** -(torch.arange(0, HEAD, 2).float() / HEAD)
    angles = torch.arange(T).float()[:, None] * rates
    angles = torch.cat([angles, angles], -1)
    return angles.cos().to(device), angles.sin().to(device)


def rotate(x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    first, second = x.chunk(2, -1)
    return x * turn[0] + torch.cat([-second, first], -1) * turn[1]


class Decoder(nn.Module):
    """Maps embeddings (B, T, 192), not yet multiplied, to the last hidden states."""

    def __init__(self) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(VOCABULARY, HIDDEN)
        nn.init.normal_(self.embed_tokens.weight, std=1 / EMBEDDING_MULTIPLIER)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.norm = nn.RMSNorm(HIDDEN, eps=EPS)

    def forward(self, embeddings: Tensor) -> Tensor:
        hidden = embeddings * EMBEDDING_MULTIPLIER
        turn = rotary_angles(hidden.shape[1], hidden.device)
        for layer in self.layers:
            hidden = layer(hidden, turn)
        return self.norm(hidden)

    def logits(self, hidden: Tensor) -> Tensor:
        return hidden @ self.embed_tokens.weight.T / LOGITS_SCALING
