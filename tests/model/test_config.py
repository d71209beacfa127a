"""config.json as in the published models, with old and new key names."""

import math
from typing import Any

import pytest

from mica.errors import ModelError
from mica.model.config import Quantization, parse_config
from mica.model.tensor_names import layout
from support.tiny_model import tiny_config

# The values that granite-speech-4.1-2b @ 8f4bb5f and granite-4.0-1b-speech @ bd87ab8
# have in common.
PUBLISHED: dict[str, Any] = {
    "architectures": ["GraniteSpeechForConditionalGeneration"],
    "model_type": "granite_speech",
    "audio_token_index": 100352,
    "downsample_rate": 5,
    "window_size": 15,
    "tie_word_embeddings": False,
    "has_lora_adapter": False,
    "encoder_config": {
        "model_type": "granite_speech_encoder",
        "num_layers": 16,
        "hidden_dim": 1024,
        "num_heads": 8,
        "dim_head": 128,
        "input_dim": 160,
        "output_dim": 348,
        "conv_kernel_size": 15,
        "conv_expansion_factor": 2,
        "feedforward_mult": 4,
        "max_pos_emb": 512,
        "context_size": 200,
        "dropout": 0.1,
    },
    "projector_config": {
        "model_type": "blip_2_qformer",
        "hidden_size": 1024,
        "intermediate_size": 4096,
        "num_attention_heads": 16,
        "num_hidden_layers": 2,
        "encoder_hidden_size": 1024,
        "cross_attention_frequency": 1,
        "position_embedding_type": "absolute",
        "layer_norm_eps": 1e-12,
        "vocab_size": 30522,
    },
    "text_config": {
        "model_type": "granite",
        "hidden_size": 2048,
        "intermediate_size": 4096,
        "num_hidden_layers": 40,
        "num_attention_heads": 16,
        "num_key_value_heads": 4,
        "vocab_size": 100353,
        "max_position_embeddings": 4096,
        "rope_theta": 10000,
        "rope_scaling": None,
        "rms_norm_eps": 1e-05,
        "hidden_act": "silu",
        "embedding_multiplier": 12.0,
        "logits_scaling": 8.0,
        "attention_multiplier": 0.0078125,
        "residual_multiplier": 0.22,
        "tie_word_embeddings": False,
    },
}


def test_the_published_models_have_these_tensors() -> None:
    entries = layout(parse_config(PUBLISHED))
    assert len(entries) == 938  # the float tensors in their safetensors headers
    count = sum(math.prod(entry.shape) for entry in entries)
    running = 16 * 2 * 2048  # batch statistics do not count as parameters
    assert round((count - running) / 1e6, 1) == 2313.1


def test_old_and_new_spellings_of_the_rotary_base_agree() -> None:
    old, new = tiny_config(), tiny_config()
    del old["text_config"]["rope_parameters"]
    old["text_config"] |= {"rope_theta": 10000, "rope_scaling": None}
    assert parse_config(old) == parse_config(new)


def test_tied_embeddings_follow_the_decoder_config_then_the_model_config() -> None:
    config = tiny_config()
    config["tie_word_embeddings"] = True
    assert not parse_config(config).decoder.tied
    del config["text_config"]["tie_word_embeddings"]
    assert parse_config(config).decoder.tied


def test_quantization_is_read_and_single_layers_may_be_left_out() -> None:
    config = tiny_config()
    assert parse_config(config).quantization is None
    config["quantization"] = {"group_size": 64, "bits": 8, "lm_head": False}
    assert parse_config(config).quantization == Quantization(8, 64)


def test_a_layer_with_its_own_recipe_is_refused_by_name() -> None:
    config = tiny_config()
    recipe = {"group_size": 64, "bits": 8, "lm_head": {"bits": 4}}
    config["quantization"] = recipe
    with pytest.raises(ModelError, match=r"quantization\.lm_head"):
        parse_config(config)
