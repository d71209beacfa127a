"""Models for the tests in this folder; fp32 on the CPU, so that bounds are tight."""

from collections.abc import Iterator
from pathlib import Path

import mlx.core as mx
import pytest

from mica.model.granite import Granite
from mica.model.load import load_model
from support.tiny_model import write_tiny_model


@pytest.fixture(autouse=True)
def cpu() -> Iterator[None]:
    before = mx.default_device()
    mx.set_default_device(mx.cpu)
    yield
    mx.set_default_device(before)


@pytest.fixture
def tiny(tmp_path: Path) -> Granite:
    """A random model in our 8-bit format."""
    return load_model(write_tiny_model(tmp_path / "tiny"))
