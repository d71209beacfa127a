"""Writes the trained parts as a model folder in Granite Speech's original format.

    python packaging/pebble/export.py --original build/pebble/original
    mica models convert build/pebble/original resources/models/pebble --bits 8

The first command writes the unquantized folder, which transformers can load; the second
converts it to Mica's format. Encoder, projector and draft head are bfloat16. The
decoder is fp32, so that its 8-bit groups get fp32 scales. The character CTC has 348
outputs; those that no training text uses get a bias so low that they can never win.
"""

import argparse
import json
import shutil
from pathlib import Path

import torch
import torch_decoder as d
import torch_encoder as n
from safetensors.torch import save_file
from torch import Tensor

OUTPUTS = 348  # 0 = blank, 32..255 = character code
NEVER = -40.0
AUDIO_TOKEN, EOS_TOKEN, PAD_TOKEN = 3, 0, 1
TEMPLATE = (
    "{%- for message in messages -%}USER: {{ message['content'] }}\n ASSISTANT:"
    "{%- endfor -%}"
)


def encoder_tensors(state: dict[str, Tensor]) -> dict[str, Tensor]:
    tensors = {}
    for name, value in state.items():
        if name.startswith(("sounds", "draft", "out")):
            continue
        if name.endswith("depth_conv"):
            name, value = f"{name}.conv.weight", value[:, None]
        elif name.endswith(("up_conv.weight", "down_conv.weight")):
            value = value[..., None]
        tensors[f"encoder.{name}"] = value
    columns = [0] + [ord(c) for c in n.CHARACTERS[1:]]
    weight = torch.zeros(OUTPUTS, n.HIDDEN)
    bias = torch.full((OUTPUTS,), NEVER)
    weight[columns], bias[columns] = state["out.weight"], state["out.bias"]
    back = torch.zeros(n.HIDDEN, OUTPUTS)
    back[:, columns] = state["out_mid.weight"]
    return tensors | {
        "encoder.out.weight": weight,
        "encoder.out.bias": bias,
        "encoder.out_mid.weight": back,
        "encoder.out_mid.bias": state["out_mid.bias"],
    }


def projector_tensors(state: dict[str, Tensor]) -> dict[str, Tensor]:
    tensors = {}
    for name, value in state.items():
        if name.startswith("layers."):
            _, index, part, *rest = name.split(".")
            if part.endswith("attention"):
                inner = {"dense": "output.dense", "norm": "output.LayerNorm"}
                rest[0] = inner.get(rest[0], f"attention.{rest[0]}")
                part = ".".join([part, *rest])
            else:
                outer = {
                    "up": "intermediate_query.dense",
                    "down": "output_query.dense",
                    "norm": "output_query.LayerNorm",
                }
                part = ".".join([outer[part], *rest])
            name = f"qformer.encoder.layer.{index}.{part}"
        elif name.startswith("layernorm"):
            name = f"qformer.{name}"
        tensors[f"projector.{name}"] = value
    return tensors


def decoder_tensors(state: dict[str, Tensor]) -> dict[str, Tensor]:
    tensors = {}
    for name, value in state.items():
        for part in ("q_proj", "k_proj", "v_proj", "o_proj"):
            name = name.replace(part, f"self_attn.{part}")
        for part in ("gate_proj", "up_proj", "down_proj"):
            name = name.replace(f".{part}", f".mlp.{part}")
        tensors[f"language_model.model.{name}"] = value
    return tensors


def config() -> dict:
    return {
        "model_type": "granite_speech",
        "architectures": ["GraniteSpeechForConditionalGeneration"],
        "audio_token_index": AUDIO_TOKEN,
        "downsample_rate": d.WINDOW // d.QUERIES,
        "window_size": d.WINDOW,
        "has_lora_adapter": False,
        "tie_word_embeddings": True,
        # With two seconds of audio after a block, its projector output is 1 % off, as
        # measured by `mica bench exactness`. With a whole block after it, the output is
        # 0.1 % off, but encoding costs half as much again.
        "mica_refresh_frames": 100,
        "encoder_config": {
            "model_type": "granite_speech_encoder",
            "input_dim": n.INPUT,
            "num_layers": n.LAYERS,
            "hidden_dim": n.HIDDEN,
            "feedforward_mult": n.FEED_MULT,
            "num_heads": n.HEADS,
            "dim_head": n.HEAD,
            "output_dim": OUTPUTS,
            "context_size": n.CONTEXT,
            "max_pos_emb": n.CONTEXT,
            "dropout": 0.1,
            "conv_kernel_size": n.KERNEL,
            "conv_expansion_factor": n.CONV_EXPANSION,
        },
        "projector_config": {
            "model_type": "blip_2_qformer",
            "hidden_size": d.PROJECTOR_HIDDEN,
            "encoder_hidden_size": n.HIDDEN,
            "intermediate_size": d.PROJECTOR_INNER,
            "num_hidden_layers": d.PROJECTOR_LAYERS,
            "num_attention_heads": d.PROJECTOR_HEADS,
            "hidden_act": "gelu",
            "layer_norm_eps": 1e-12,
            "cross_attention_frequency": 1,
            "max_position_embeddings": 2048,
            "vocab_size": 32,
        },
        "text_config": {
            "model_type": "granite",
            "vocab_size": n.VOCABULARY,
            "hidden_size": d.HIDDEN,
            "intermediate_size": d.INNER,
            "num_hidden_layers": d.LAYERS,
            "num_attention_heads": d.HEADS,
            "num_key_value_heads": d.KV_HEADS,
            "max_position_embeddings": 4096,
            "rms_norm_eps": d.EPS,
            "rope_parameters": {"rope_type": "default", "rope_theta": d.THETA},
            "rope_theta": d.THETA,
            "hidden_act": "silu",
            "attention_bias": False,
            "mlp_bias": False,
            "attention_multiplier": d.ATTENTION_MULTIPLIER,
            "embedding_multiplier": d.EMBEDDING_MULTIPLIER,
            "residual_multiplier": d.RESIDUAL_MULTIPLIER,
            "logits_scaling": d.LOGITS_SCALING,
            "tie_word_embeddings": True,
            "bos_token_id": EOS_TOKEN,
            "eos_token_id": EOS_TOKEN,
            "pad_token_id": PAD_TOKEN,
        },
    }


def export(work: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    file = work / "heard" / "encoder.pt"
    state = torch.load(file, map_location="cpu", weights_only=True)
    encoder = state.get("mean") or state["encoder"]
    decoder = torch.load(work / "decoder.pt", map_location="cpu", weights_only=True)[
        "model"
    ]
    part = {
        side: {
            k.removeprefix(f"{side}."): v
            for k, v in decoder.items()
            if k.startswith(side)
        }
        for side in ("projector", "decoder")
    }
    audio_tensors = encoder_tensors(encoder) | projector_tensors(part["projector"])
    audio_tensors = {
        name: value if name.endswith("num_batches_tracked") else value.bfloat16()
        for name, value in audio_tensors.items()
    }
    tensors = audio_tensors | decoder_tensors(part["decoder"])
    save_file(
        {name: value.contiguous() for name, value in tensors.items()},
        folder / "model.safetensors",
        {"format": "pt"},
    )
    head = {key: encoder[f"draft.{key}"].bfloat16() for key in ("weight", "bias")}
    save_file(head, folder / "out_llm.safetensors", {"format": "pt"})
    shutil.copyfile(work / "tokenizer.json", folder / "tokenizer.json")
    for name, values in (
        ("config.json", config()),
        ("tokenizer_config.json", TOKENIZER),
        ("preprocessor_config.json", PREPROCESSOR),
    ):
        (folder / name).write_text(json.dumps(values, indent=2) + "\n")
    (folder / "chat_template.jinja").write_text(TEMPLATE)


TOKENIZER = {
    "tokenizer_class": "PreTrainedTokenizerFast",
    "bos_token": "<|end_of_text|>",
    "eos_token": "<|end_of_text|>",
    "pad_token": "<|pad|>",
    "unk_token": "<|unk|>",
    "model_max_length": 4096,
}
PREPROCESSOR = {
    "feature_extractor_type": "GraniteSpeechFeatureExtractor",
    "melspec_kwargs": {
        "hop_length": 160,
        "n_fft": 512,
        "n_mels": 80,
        "sample_rate": 16_000,
        "win_length": 400,
    },
    "projector_window_size": d.WINDOW,
    "projector_downsample_rate": d.WINDOW // d.QUERIES,
    "sampling_rate": 16_000,
}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/pebble"))
    parser.add_argument("--original", type=Path, required=True)
    given = parser.parse_args()
    export(given.work, given.original)
