"""Settings take effect and are saved immediately, or are refused as a whole."""

import errno
import os

import pytest

from mica import atomic, settings
from mica.dictation.settings_store import SettingsStore
from mica.errors import SettingsError
from mica.events import Style
from mica.settings import App, Settings


@pytest.fixture
def applied() -> list[Settings]:
    return []


def test_a_change_is_in_force_and_saved(home, applied):
    choices = SettingsStore(Settings(), applied.append)
    assert choices.change(hold_key="f13") is None
    assert choices.now == Settings(hold_key="f13")
    assert applied == [choices.now]
    assert settings.load() == (choices.now, [])


def test_an_unchanged_setting_is_not_saved(home, applied):
    assert (
        SettingsStore(Settings(), applied.append).change(hold_key="right_alt") is None
    )
    assert applied == [] and not (home / "settings.toml").exists()


def test_a_refused_setting_changes_nothing(home):
    def refuse(wanted: Settings) -> None:
        raise SettingsError("F13 is taken.", "Choose another key.")

    choices = SettingsStore(Settings(), refuse)
    assert choices.change(hold_key="f13") == "F13 is taken. Choose another key."
    assert choices.now == Settings()
    assert not (home / "settings.toml").exists()


def test_failed_save_is_reported_and_the_setting_stays_in_force(home, applied):
    (home / "settings.toml").symlink_to(home / "gone" / "settings.toml")
    choices = SettingsStore(Settings(), applied.append)
    notes = choices.change(hold_key="f13")
    assert notes is not None and "in effect but couldn’t be saved" in notes
    assert choices.now.hold_key == "f13"


def test_a_change_keeps_what_was_changed_elsewhere_meanwhile(home, applied):
    choices = SettingsStore(Settings(), applied.append)
    settings.save_one("model", "granite")
    (home / "settings.toml").open("a").write("# mine\n")
    assert choices.change(hold_key="f13") is None
    assert settings.load()[0] == Settings(model="granite", hold_key="f13")
    assert choices.now == applied[-1] == settings.load()[0]
    assert "# mine" in (home / "settings.toml").read_text()


def test_changed_setting_wins_over_the_file(home, applied):
    choices = SettingsStore(Settings(), applied.append)
    settings.save_one("sounds", False)
    assert choices.change(sounds=True) is None
    assert choices.now == settings.load()[0] == Settings()


def test_reload_applies_the_file(home, applied):
    choices = SettingsStore(Settings(), applied.append)
    settings.save_one("model", "granite")
    assert choices.follow() is None and choices.follow() is None
    assert applied == [Settings(model="granite")] == [choices.now]


def test_wrong_value_in_a_reload_is_named_once(home, applied):
    (home / "settings.toml").write_text('style = "loud"\n')
    now, notes = settings.load()
    choices = SettingsStore(now, applied.append, notes)
    assert choices.change(sounds=False) is None  # it was reported at the start
    (home / "settings.toml").open("a").write("auto_submit = 7\ntrailing_space = true\n")
    message = choices.change(reduce_motion=True)
    assert message is not None and "auto submit" in message and "style" not in message
    assert choices.change(reduce_motion=False) is None
    assert choices.now == Settings(sounds=False, trailing_space=True)


def test_unavailable_key_in_the_file_affects_no_other_setting(home, applied):
    def apply(wanted: Settings) -> None:
        if wanted.hold_key == "f13":
            raise SettingsError("F13 is taken.", "Choose another key.")
        applied.append(wanted)

    choices = SettingsStore(Settings(), apply)
    settings.save_one("hold_key", "f13")
    assert choices.change(sounds=False) == "F13 is taken. Choose another key."
    assert applied == [Settings(sounds=False)] == [choices.now]
    assert settings.load()[0] == Settings(hold_key="f13", sounds=False)


@pytest.mark.parametrize("remains", [None, b"", bytes(range(256)) * 4])
def test_removed_settings_file_is_written_again(home, applied, remains):
    choices = SettingsStore(Settings(), applied.append)
    choices.change(model="granite")
    (home / "settings.toml").unlink()
    if remains is not None:
        (home / "settings.toml").write_bytes(remains)
    choices.change(sounds=False)
    assert choices.now == Settings(model="granite", sounds=False)
    assert settings.load() == (choices.now, [])


def test_per_app_change_keeps_apps_written_to_the_file_meanwhile(home, applied):
    choices = SettingsStore(Settings(), applied.append)
    (home / "settings.toml").write_text('[apps.Mail]\nstyle = "raw"\nfuture = 1\n')
    choices.change_app("Mail", auto_submit=True)
    choices.change_app("xterm", style=Style.RAW)
    mail = App(style=Style.RAW, auto_submit=True)
    assert choices.now.apps == {"Mail": mail, "xterm": App(style=Style.RAW)}
    assert settings.load()[0] == choices.now
    choices.change_app("xterm", style=None)
    assert choices.now.apps == {"Mail": mail} == settings.load()[0].apps
    assert "future = 1" in (home / "settings.toml").read_text()


def test_backup_of_an_unreadable_settings_file_is_named(home, applied):
    (home / "settings.toml").write_bytes(bytes(range(256)) * 4)
    choices = SettingsStore(Settings(), applied.append)
    assert choices.change(hold_key="f13") == (
        "The settings were saved. The unreadable old file is now settings.toml.broken."
    )
    assert choices.is_saved


def test_every_reload_reports_the_mistakes_that_remain(home, applied):
    (home / "settings.toml").write_text('style = "loud"\nsounds = false\n')
    _, notes = settings.load()
    choices = SettingsStore(Settings(), applied.append, notes)
    assert choices.follow() is None  # they are known
    for _ in range(2):
        message = choices.reload()
        assert message is not None and "style setting was reset" in message
    (home / "settings.toml").write_text("sounds = false\n")
    assert choices.reload() is None and not choices.now.sounds


def test_reload_that_cannot_be_applied_is_an_error_each_time(home):
    def refuse(wanted: Settings) -> None:
        raise SettingsError("F13 is taken.", "Choose another key.")

    choices = SettingsStore(Settings(), refuse)
    settings.save_one("hold_key", "f13")
    for _ in range(2):
        with pytest.raises(SettingsError, match="F13 is taken"):
            choices.reload()
    assert choices.now == Settings()


def test_setting_the_disk_refused_stays_in_force_and_is_saved_later(
    home, applied, monkeypatch
):
    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    settings.save_one("model", "granite")
    choices = SettingsStore(settings.load()[0], applied.append)
    with monkeypatch.context() as patch:
        patch.setattr(atomic, "replace", refuse)
        for fields in ({"style": Style.RAW}, {"sounds": False}):
            notes = choices.change(**fields)
            assert notes is not None and "couldn’t be saved" in notes
            assert not choices.is_saved
        choices.change_app("Mail", auto_submit=True)
    assert choices.follow() is None
    wanted = Settings(
        model="granite",
        style=Style.RAW,
        sounds=False,
        apps={"Mail": App(auto_submit=True)},
    )
    assert choices.now == wanted
    settings.save_one("trailing_space", True)
    assert choices.change(reduce_motion=True) is None
    assert choices.now.trailing_space and choices.now.style is Style.RAW
    assert settings.load()[0] == choices.now
