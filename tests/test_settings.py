"""The settings file: read, written, and survived when it is broken."""

import msgspec

from mica import settings
from mica.events import Style
from mica.settings import App, Settings


def test_without_a_file_defaults_apply(home):
    assert settings.load() == (Settings(), [])


def test_what_is_saved_is_loaded(home):
    chosen = Settings(style=Style.RAW, microphone="Desk", hold_key="f13")
    settings.save(chosen)
    assert settings.load() == (chosen, [])


def test_a_list_of_microphones_keeps_its_order(home):
    chosen = Settings(microphone=("Desk", "Laptop"))
    settings.save(chosen)
    assert settings.load() == (chosen, [])


def test_what_an_application_has_of_its_own_is_saved_too(home):
    app = App(style=Style.RAW, keywords=("kubectl",), auto_submit=False)
    chosen = Settings(apps={"org.gnome.Terminal": app, "XTerm": App()})
    settings.save(chosen)
    assert settings.load() == (chosen, [])


def test_an_unknown_key_of_an_application_is_named_too(home):
    (home / "settings.toml").write_text('[apps.XTerm]\nkeyword = ["ls"]\n')
    chosen, notes = settings.load()
    assert chosen == Settings(apps={"XTerm": App()})
    assert "“keyword”" in notes[0] and "“keywords”" in notes[0]


def test_a_corrupt_file_is_kept_aside_and_said(home):
    (home / "settings.toml").write_bytes(b"model = \xff\xfe [")
    chosen, notes = settings.load()
    assert chosen == Settings()
    assert len(notes) == 1 and "settings.toml.broken" in notes[0]
    assert (home / "settings.toml.broken").exists()
    assert not (home / "settings.toml").exists()


def test_a_wrong_type_is_said_by_name(home):
    (home / "settings.toml").write_text('style = "loud"\n')
    chosen, notes = settings.load()
    assert chosen == Settings()
    assert "style" in notes[0]


def test_an_unknown_key_names_the_nearest_one(home):
    (home / "settings.toml").write_text('hold_kye = "f13"\n')
    chosen, notes = settings.load()
    assert chosen == Settings()
    assert "hold_kye" in notes[0] and "hold_key" in notes[0]


def test_settings_are_frozen():
    assert msgspec.structs.asdict(Settings()).keys() >= {"model", "style", "hold_key"}
    try:
        Settings().model = "x"
    except AttributeError:
        return
    raise AssertionError("settings can be changed in place")
