"""Whether the chosen model can be used, as far as known without loading it."""

import os
import shutil
from pathlib import Path

import pytest

from mica.dictation.model_state import ModelState
from mica.engine.client_events import Failed, Ready
from mica.errors import EngineError, ModelError
from mica.store import catalog
from support.tiny_model import write_tiny_model

BROKEN = ModelError("model.safetensors is broken.", "Install it again.")


class Model:
    """A model's folder, and whether the engine has loaded the model."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.is_loaded = folder, False
        self.state = ModelState(folder, lambda: self.is_loaded)


@pytest.fixture
def model(tmp_path: Path) -> Model:
    return Model(write_tiny_model(tmp_path / "tiny"))


def test_existing_model_is_no_problem(model: Model) -> None:
    assert model.state.problem() is None


def test_a_missing_model_is_named_with_what_to_do_until_it_is_mounted(
    tmp_path: Path,
) -> None:
    model = Model(tmp_path / "granite")
    problem = model.state.problem()
    assert problem is not None and "“granite”" in problem.what
    assert "Connect the disk" in problem.remedy
    model.folder.mkdir()
    assert model.state.problem() is not None  # an unmounted disk
    shutil.rmtree(model.folder)
    write_tiny_model(model.folder)
    assert model.state.problem() is None


def test_a_loaded_model_needs_no_folder(model: Model) -> None:
    shutil.rmtree(model.folder)
    model.is_loaded = True
    assert model.state.problem() is None
    model.is_loaded = False  # unloaded when idle
    assert model.state.problem() is not None


def test_a_broken_model_is_refused_until_a_file_of_it_changes(model: Model) -> None:
    model.state.on_engine(Failed(None, BROKEN))
    assert model.state.problem() is BROKEN
    weights = model.folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes() + b" ")
    assert model.state.problem() is None


def test_a_repair_that_keeps_size_and_time_is_taken(model: Model) -> None:
    model.state.on_engine(Failed(None, BROKEN))
    weights = model.folder / "model.safetensors"
    before = weights.stat()
    weights.write_bytes(bytes(before.st_size))
    os.utime(weights, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert model.state.problem() is None


def test_a_link_to_nothing_does_not_hide_the_model(model: Model) -> None:
    (model.folder / "README.md").symlink_to("nowhere")
    assert model.state.problem() is None
    model.state.on_engine(Failed(None, BROKEN))
    assert model.state.problem() is BROKEN


def test_a_model_the_engine_has_loaded_since_is_no_problem(model: Model) -> None:
    model.state.on_engine(Failed(None, BROKEN))
    model.state.on_engine(Ready("tiny", 0.1))
    assert model.state.problem() is None


def test_failures_of_other_kinds_do_not_refuse_the_model(model: Model) -> None:
    model.state.on_engine(Failed(None, EngineError("It died.")))
    model.state.on_engine(Failed(3, BROKEN))
    assert model.state.problem() is None


def test_a_folder_that_cannot_be_looked_into_is_missing(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(folder: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refused)
    assert model.state.problem() is not None


def test_a_model_that_cannot_translate_refuses_that_alone(model: Model) -> None:
    problem = model.state.problem(translated=True)
    assert problem is not None
    assert problem.what.endswith("can’t translate.")
    assert problem.remedy == "IBM’s Granite Speech models can."
    assert model.state.problem() is None and not model.state.translates
    model.state.on_engine(Ready("granite", 0.1, translates=True))
    assert model.state.problem(translated=True) is None


def test_an_unreadable_config_leaves_translation_to_the_engine(tmp_path: Path) -> None:
    assert Model(tmp_path / "gone").state.translates


@pytest.mark.parametrize("name", ["granite", "/mnt/disk/granite"])
def test_folder_of_a_missing_model_is_known(home: Path, name: str) -> None:
    place = catalog.place(name)
    assert not place.exists() and place.name == "granite"
    with pytest.raises(ModelError):
        catalog.folder(name)


def test_a_folder_here_does_not_take_the_place_of_an_installed_model(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    here = write_tiny_model(tmp_path / "granite")
    with pytest.raises(ModelError):  # the name in the settings
        catalog.folder("granite")
    assert catalog.folder("granite", typed=True) == here
    there = write_tiny_model(home / "models" / "granite")
    assert catalog.folder("granite", typed=True) == there


@pytest.mark.parametrize("name", ["x" * 900, "..", "a/" * 400])
def test_a_name_that_no_folder_can_have_is_a_missing_model(name: str) -> None:
    assert Model(catalog.place(name)).state.problem() is not None
