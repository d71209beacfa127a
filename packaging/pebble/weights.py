"""Converts a shipped model folder to `encoder.pt` and `decoder.pt` for more training.

    python packaging/pebble/weights.py --work build/pebble --model MODELS/pebble

Undoes export.py and `mica models convert`: names, shapes, 8-bit groups. The work folder
may have a different tokenizer: a token that both tokenizers have keeps its weights; any
other starts at the mean of its pieces in the model folder's tokenizer. Existing files
are kept.
"""

import argparse
import re
from collections.abc import Callable
from pathlib import Path

import torch
import torch_encoder as n
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor
from train_decoder import Model

GROUP = 64
STEPS = 1000  # recorded as done, so that losses that start late are used at once


def dequantized(packed: Tensor, scales: Tensor, biases: Tensor) -> Tensor:
    """Float32 (rows, columns) from 8-bit groups, packed four to a 32-bit word."""
    rows = packed.shape[0]
    numbers = packed.contiguous().view(torch.uint8).reshape(rows, -1, GROUP).float()
    return (numbers * scales.float()[..., None] + biases.float()[..., None]).reshape(
        rows, -1
    )


def unpacked(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """All tensors as float32, with the 8-bit groups dequantized."""
    found = {}
    for name, value in tensors.items():
        stem = name.removesuffix(".weight")
        if name.endswith((".scales", ".biases")):
            continue
        if f"{stem}.scales" in tensors:
            value = dequantized(
                value, tensors[f"{stem}.scales"], tensors[f"{stem}.biases"]
            )
        found[name] = value.float()
    return found


def encoder_state(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The encoder under torch_encoder.py's names, without draft and phoneme heads."""
    state = {}
    columns = [0] + [ord(c) for c in n.CHARACTERS[1:]]
    for name, value in tensors.items():
        if not name.startswith("encoder."):
            continue
        name = name.removeprefix("encoder.")
        if name.endswith("depth_conv.conv.weight"):
            name, value = name.removesuffix(".conv.weight"), value[:, 0]
        elif name.endswith(("up_conv.weight", "down_conv.weight")):
            value = value[..., 0]
        elif name in ("out.weight", "out.bias"):
            value = value[columns]
        elif name == "out_mid.weight":
            value = value[:, columns]
        state[name] = value
    return state


_PARTS = [
    (r"^projector\.qformer\.", "projector."),
    (r"\.encoder\.layer\.", ".layers."),
    (r"attention\.attention\.", "attention."),
    (r"\.output\.dense", ".dense"),
    (r"\.output\.LayerNorm", ".norm"),
    (r"\.intermediate_query\.dense", ".up"),
    (r"\.output_query\.dense", ".down"),
    (r"\.output_query\.LayerNorm", ".norm"),
    (r"^language_model\.model\.", "decoder."),
    (r"\.self_attn\.", "."),
    (r"\.mlp\.", "."),
]


def decoder_state(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The projector and decoder under train_decoder.py's names."""
    state = {}
    for name, value in tensors.items():
        if name.startswith("encoder."):
            continue
        for pattern, ours in _PARTS:
            name = re.sub(pattern, ours, name)
        state[name] = value
    return state


def pieces(old: Tokenizer, new: Tokenizer) -> list[list[int]]:
    """For every token of the new tokenizer, the old tokens that spell the same."""
    known = old.get_vocab()
    found = []
    for token in range(new.get_vocab_size()):
        name = new.id_to_token(token)
        written = new.decode([token], skip_special_tokens=False)
        found.append([known[name]] if name in known else old.encode(written).ids)
    return found


def spread(rows: Tensor, chosen: list[list[int]], like: Tensor) -> Tensor:
    """A table like `like`, each row replaced by the mean of its chosen rows, if any."""
    table = like.clone()
    for row, sources in enumerate(chosen):
        if sources:
            table[row] = rows[sources].mean(0)
    return table


def read(folder: Path, work: Path) -> tuple[dict, dict]:
    """The states of the encoder and of the projector with the decoder."""
    tensors = unpacked(load_file(folder / "model.safetensors"))
    head = load_file(folder / "out_llm.safetensors")
    old = Tokenizer.from_file(str(folder / "tokenizer.json"))
    new = Tokenizer.from_file(str(work / "tokenizer.json"))
    chosen = pieces(old, new)
    after_blank = [[0], *([s + 1 for s in sources] for sources in chosen)]
    encoder, model = n.Encoder().state_dict(), Model().state_dict()
    for part in ("weight", "bias"):
        name = f"draft.{part}"
        encoder[name] = spread(head[part].float(), after_blank, encoder[name])
    encoder_values, decoder_values = encoder_state(tensors), decoder_state(tensors)
    table = "decoder.embed_tokens.weight"
    decoder_values[table] = spread(decoder_values[table], chosen, model[table])
    return _filled(encoder, encoder_values), _filled(model, decoder_values)


def _filled(state: dict[str, Tensor], values: dict[str, Tensor]) -> dict[str, Tensor]:
    """The state with all values filled in, except parts that only training needs.

    Raises ValueError if the architectures differ.
    """
    unknown = set(values) - set(state)
    aids = ("sounds.", "draft.")
    missing = {
        name
        for name in set(state) - set(values)
        if not name.startswith(aids) and not name.endswith("num_batches_tracked")
    }
    if unknown or missing:
        raise ValueError(f"not the same architecture: {unknown} {missing}")
    return state | values


def write(folder: Path, work: Path) -> None:
    encoder, model = read(folder, work)
    states: list[tuple[str, Callable[[], dict]]] = [
        ("encoder.pt", lambda: {"encoder": encoder, "steps": STEPS}),
        ("decoder.pt", lambda: {"model": model, "stage": "none"}),
    ]
    for name, state in states:
        if not (work / name).exists():
            torch.save(state(), work / name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/pebble"))
    parser.add_argument("--model", type=Path, required=True)
    given = parser.parse_args()
    write(given.model, given.work)
