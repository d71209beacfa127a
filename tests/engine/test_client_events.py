"""The message about a refused model names it; its files are only in the log."""

import logging
from pathlib import Path

import pytest

from mica.engine.client_events import refused
from mica.errors import ModelError
from mica.model.config import REMEDY

FOLDER = Path("/models/granite-speech-4.1-2b")


def test_a_damaged_model_is_named_and_its_file_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    error = ModelError("model.safetensors is cut off.", REMEDY)
    with caplog.at_level(logging.WARNING):
        why = refused(error, FOLDER)
    assert isinstance(why, ModelError)
    assert why.line() == (
        "The model “granite-speech-4.1-2b” is damaged. "
        "Install it again, or choose another."
    )
    assert "model.safetensors is cut off." in caplog.text


def test_a_model_of_another_kind_is_not_called_damaged() -> None:
    error = ModelError("The architecture is not known.", "Choose one.")
    assert refused(error, FOLDER).line() == "The architecture is not known. Choose one."
