"""Settings are in force and saved at once, or refused whole."""

import pytest

from mica import settings
from mica.dictation.settings_store import Choices
from mica.errors import SettingsError
from mica.settings import Settings


@pytest.fixture
def applied() -> list[Settings]:
    return []


def test_a_change_is_in_force_and_saved(home, applied):
    choices = Choices(Settings(), applied.append)
    assert choices.change(hold_key="f13") is None
    assert choices.now == Settings(hold_key="f13")
    assert applied == [choices.now]
    assert settings.load() == (choices.now, [])


def test_what_is_so_already_is_not_saved(home, applied):
    assert Choices(Settings(), applied.append).change(hold_key="right_alt") is None
    assert applied == [] and not (home / "settings.toml").exists()


def test_what_is_refused_changes_nothing(home):
    def refuse(wanted: Settings) -> None:
        raise SettingsError("F13 is taken.", "Choose another key.")

    choices = Choices(Settings(), refuse)
    assert choices.change(hold_key="f13") == "F13 is taken. Choose another key."
    assert choices.now == Settings()
    assert not (home / "settings.toml").exists()


def test_a_disk_that_refuses_is_said_and_the_choice_stands(home, applied):
    (home / "settings.toml").symlink_to(home / "gone" / "settings.toml")
    choices = Choices(Settings(), applied.append)
    told = choices.change(hold_key="f13")
    assert told is not None and told.startswith("This is in force, but not remembered")
    assert choices.now.hold_key == "f13"


def test_a_change_keeps_what_was_changed_elsewhere_meanwhile(home, applied):
    choices = Choices(Settings(), applied.append)
    settings.save_one("model", "granite")
    (home / "settings.toml").open("a").write("# mine\n")
    assert choices.change(hold_key="f13") is None
    assert settings.load()[0] == Settings(model="granite", hold_key="f13")
    assert "# mine" in (home / "settings.toml").read_text()


def test_where_an_unreadable_file_went_is_said(home, applied):
    (home / "settings.toml").write_bytes(bytes(range(256)) * 4)
    told = Choices(Settings(), applied.append).change(hold_key="f13")
    assert told == "The old settings file is kept as settings.toml.broken."
