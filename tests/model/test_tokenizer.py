"""Text, ids and the prompt around the audio."""

from pathlib import Path

import pytest
from tokenizers import Tokenizer as Library

from mica.errors import ModelError
from mica.model.granite import Granite
from support.tiny_model import AUDIO, CHAT_TEMPLATE, EOS

INSTRUCTION = "transcribe the speech to text. Keywords: Ørsted, 東京"


@pytest.mark.parametrize(
    "text", ["", "hello there", "  two  spaces ", "naïve 東京 🎤\n"]
)
def test_text_round_trips_through_the_tokenizer(tiny: Granite, text: str) -> None:
    assert tiny.tokenizer.decode(tiny.tokenizer.encode(text)) == text


def test_special_tokens_in_text_are_plain_characters(tiny: Granite) -> None:
    ids = tiny.tokenizer.encode(f"a{AUDIO}b{EOS}c")
    assert tiny.tokenizer.audio not in ids and tiny.tokenizer.eos not in ids
    assert tiny.tokenizer.decode(ids) == f"a{AUDIO}b{EOS}c"


def test_special_tokens_are_left_out_of_text(tiny: Granite) -> None:
    ids = [*tiny.tokenizer.encode("so"), tiny.tokenizer.eos]
    assert tiny.tokenizer.decode(ids) == "so"


def test_the_prompt_equals_the_template_with_audio_markers(
    tiny: Granite, tmp_path: Path
) -> None:
    library = Library.from_file(str(tmp_path / "tiny" / "tokenizer.json"))
    content = AUDIO * 6 + INSTRUCTION
    rendered = CHAT_TEMPLATE.replace("{{ messages[0]['content'] }}", content)
    prefix, suffix = tiny.render_prompt(INSTRUCTION, 6)
    expected = library.encode(rendered, add_special_tokens=False).ids
    assert [*prefix, *[tiny.tokenizer.audio] * 6, *suffix] == expected


def test_a_prompt_past_the_context_is_an_error(tiny: Granite) -> None:
    with pytest.raises(ModelError, match="too long"):
        tiny.render_prompt("hello", 4090)
