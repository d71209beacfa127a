"""A tiny model folder in which the model targets replace one file."""

import shutil
from pathlib import Path

from mica.errors import ModelError
from mica.model.load import load_model
from mica.store.verify import verify
from support.tiny_model import write_tiny_model

MEMORY_BYTES = 1 << 30
LIMIT_S = 1.0
TEXT = "transcribe the speech: Ørsted, 東京\n" * 4


def whole(folder: Path) -> Path:
    """The model folder, complete; made once."""
    model = folder / "model"
    if not model.exists():
        write_tiny_model(folder / "original", bits=None, layers=2)
    shutil.rmtree(model, ignore_errors=True)
    shutil.copytree(folder / "original", model)
    return model


def sample(name: str, folder: Path) -> bytes:
    """A file of the folder."""
    return (whole(folder) / name).read_bytes()


def check_file(name: str, data: bytes, folder: Path) -> None:
    """A model is refused in a few words, or it works."""
    model = folder / "model"
    (model / name).write_bytes(data)
    problems = verify(model)
    assert all(one.isprintable() for one in problems), problems
    try:
        loaded = load_model(model)
        loaded.warm_up()
    except ModelError as error:
        assert error.remedy and error.line().isprintable(), error.line()
        return
    assert not problems, problems
    tokenizer = loaded.tokenizer
    ids = tokenizer.encode(TEXT)
    assert all(0 <= one < loaded.config.decoder.vocabulary for one in ids)
    assert tokenizer.decode(ids).replace("\n", "").isprintable()
