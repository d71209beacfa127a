"""The settings file: reading, changing, and tolerating a broken one."""

import os
import subprocess
import sys

import msgspec
import pytest

from mica import settings
from mica.errors import SettingsError
from mica.events import Style
from mica.settings import DEFAULTS, App, InsertBy, Settings


def test_settings_without_a_file_are_the_defaults(home):
    assert settings.load() == (Settings(), [])


@pytest.mark.parametrize(
    "chosen",
    [
        Settings(style=Style.RAW, microphone="Desk", hold_key="f13"),
        Settings(microphone=("Desk", "Laptop")),
        Settings(idle_unload_minutes=0.5, undo_key="ctrl+alt+z", sounds=False),
        Settings(
            apps={
                "org.gnome.Terminal": App(
                    style=Style.RAW, keywords=("kubectl", "Łódź")
                ),
                "XTerm": App(auto_submit=False),
            }
        ),
    ],
)
def test_saved_settings_are_loaded(home, chosen):
    assert settings.save(Settings(), chosen) is None
    assert settings.load() == (chosen, [])
    settings.save(chosen, Settings())
    assert settings.load() == (Settings(), [])


WRONG = [
    ("idle_unload_minutes = -3", "The idle unload setting was reset"),
    ("idle_unload_minutes = nan", "not nan."),
    ("idle_unload_minutes = inf", "it must be a number from 0 to 10,080, not inf."),
    ("idle_unload_minutes = 1e300", "not such a large number."),
    ("max_dictation_s = 0", "The max dictation setting was reset"),
    ("max_dictation_s = -1.0", "it must be a number from 10 to 86,400, not -1."),
    ("quiet_stop_s = -0.5", "The quiet stop setting was reset"),
    (f"keyword_token_budget = {10**26}", "The keyword token budget setting was reset"),
    (f"quiet_stop_s = {10**400}", "not such a large number."),
    ("keyword_token_budget = 3.5", "a number from 0 to 1,000, not 3.5."),
    ('hold_key = ""', "The hold key setting was reset: it must be a name in quotes"),
    ('hold_key = "  "', "not “  ”."),
    ("hold_key = 5", "not 5."),
    ('model = ""', "The model setting was reset"),
    ('model = "a\\u0000b"', "The model setting was reset"),
    (
        'keep_microphone_open = "60 s"',
        "it must be “off”, “30 s” or “always”, not “60 s”.",
    ),
    ('overlay = "hologram"', "The overlay setting was reset"),
    ('translate_to = "Latin"', "The translate to setting was reset"),
    ('sounds = "yes"', "it must be true or false, not “yes”."),
    ("sounds = 1", "it must be true or false, not 1."),
    ("microphone = true", "it must be a name in quotes or a list of names in quotes"),
    ('microphone = ["Desk", 3]', "The microphone setting was reset"),
    ("style = {}", "it must be “raw” or “punctuated”, not a table."),
    ("undo_key = []", ""),
    ('captions_key = ""', ""),
    ('microphone = ""', ""),
    ("apps = 3", "The apps settings were reset: they must be tables."),
]


@pytest.mark.parametrize(("line", "expected"), WRONG)
def test_an_invalid_value_alone_is_reset_with_a_note(home, line, expected):
    file = home / "settings.toml"
    text = f'{line}\ntrailing_space = true\n\n[apps.XTerm]\ninsert = "type"\n'
    if line.startswith("apps"):
        text = f"{line}\ntrailing_space = true\n"
    file.write_text(text)
    chosen, notes = settings.load()
    xterm = {} if line.startswith("apps") else {"XTerm": App(insert=InsertBy.TYPE)}
    assert chosen == Settings(trailing_space=True, apps=xterm)
    assert len(notes) == bool(expected) and expected in "".join(notes)
    assert file.read_text() == text and len(list(home.iterdir())) == 1


def test_an_invalid_value_of_an_app_alone_is_reset(home):
    (home / "settings.toml").write_text(
        '[apps]\nmail = "type"\n[apps.xterm]\ninsert = "typed"\nauto_submit = true\n'
        'keywords = "ls"\n[apps.gedit]\nstyle = "raw"\n'
    )
    chosen, notes = settings.load()
    assert chosen.apps == {
        "xterm": App(auto_submit=True),
        "gedit": App(style=Style.RAW),
    }
    assert notes == [
        "The settings of “mail” were reset: they must be a table.",
        "The insert setting of “xterm” was reset: it must be “paste” or “type”, "
        "not “typed”.",
        "The keywords setting of “xterm” was reset: it must be a list of names in "
        "quotes, not “ls”.",
    ]


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        ('model = "pebble', "Line 2 of the settings file was ignored"),
        ('microphone = ["Desk"', "Line 2 of the settings file was ignored"),
        ("[apps.xterm", "Lines 2, 3 of the settings file were ignored"),
        ("sounds = true", "Line 2 of the settings file was ignored"),
        ("what is this", "Line 2 of the settings file was ignored"),
        ("a = " + "[" * 5000, "Line 2 of the settings file was ignored"),
    ],
)
def test_a_line_with_a_mistake_alone_is_ignored_with_a_note(home, broken, expected):
    file = home / "settings.toml"
    text = f'sounds = false\n{broken}\nstyle = "raw"\n[apps.Mail]\nauto_submit = true\n'
    file.write_text(text)
    chosen, notes = settings.load()
    style = Style.PUNCTUATED if broken.startswith("[") else Style.RAW
    mail = {"Mail": App(auto_submit=True)}
    assert chosen == Settings(sounds=False, style=style, apps=mail)
    assert len(notes) == 1 and notes[0].startswith(expected)
    assert file.read_text() == text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_settings_are_read_in_any_encoding(home, encoding):
    text = 'sounds = false\r\nmicrophone = "Büro"\r\n'
    (home / "settings.toml").write_bytes(text.encode(encoding))
    assert settings.load() == (Settings(sounds=False, microphone="Büro"), [])


def test_save_leaves_the_rest_of_the_file_as_it_is(home):
    file = home / "settings.toml"
    file.write_text(
        '# mine\nsounds = false  # at night\nfuture = 1\nmodel = "granite\n\n'
        '[apps.xterm]\n# why\ninsert = "type"\n'
    )
    before, _ = settings.load()
    apps = {"xterm": App(insert=InsertBy.PASTE)}
    after = msgspec.structs.replace(before, sounds=True, undo_key="f8", apps=apps)
    settings.save(before, after)
    assert file.read_text() == (
        '# mine\nsounds = true  # at night\nfuture = 1\nundo_key = "f8"\n'
        'model = "granite\n\n[apps.xterm]\n# why\ninsert = "paste"\n'
    )


def test_save_keeps_what_another_process_changed(home):
    before, _ = settings.load()
    settings.save_one("model", "granite")
    settings.save(before, msgspec.structs.replace(before, sounds=False))
    assert settings.load()[0] == Settings(model="granite", sounds=False)


@pytest.mark.timeout(60)
def test_settings_that_several_processes_change_are_all_saved(home):
    fields = ["sounds", "smart_spacing", "restore_clipboard"]
    code = (
        "import sys; from mica import settings; settings.save_one(sys.argv[1], False)"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, one]) for one in fields]
    assert [writer.wait() for writer in writers] == [0] * 3
    assert settings.load()[0] == Settings(**dict.fromkeys(fields, False))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("kind", ["binary", "folder", "pipe", "300 MB"])
def test_an_unreadable_file_is_noted_and_renamed_only_by_a_change(home, kind):
    file = home / "settings.toml"
    if kind == "folder":
        file.mkdir()
    elif kind == "pipe":
        os.mkfifo(file)
    elif kind == "binary":
        file.write_bytes(b"model = \xff\x00 [\x00\x00")
    else:
        with file.open("wb") as out:
            out.truncate(300 << 20)
    (home / "settings.toml.broken").write_text("an earlier one")
    chosen, [note] = settings.load()
    assert chosen == Settings()
    assert note.startswith("The settings can’t be read: ")
    assert note.endswith(" Mica uses the default settings.")
    with pytest.raises(SettingsError, match="wasn’t saved"):
        settings.save_one("model", "granite")
    assert os.path.lexists(file)
    note = settings.save(chosen, Settings(sounds=False))
    assert note == (
        "The settings were saved. "
        "The unreadable old file is now settings.toml.broken-2."
    )
    assert (home / "settings.toml.broken").read_text() == "an earlier one"
    assert settings.load() == (Settings(sounds=False), [])


def test_a_note_about_an_unknown_setting_names_the_nearest_one(home):
    (home / "settings.toml").write_text(
        'hold_kye = "f13"\n[apps.XTerm]\nkeyword = []\n'
    )
    chosen, notes = settings.load()
    assert chosen == Settings()
    assert notes == [
        "The unknown setting “hold_kye” was ignored. Did you mean “hold_key”?",
        "The unknown setting “keyword” was ignored. Did you mean “keywords”?",
    ]


def test_notes_about_many_mistakes_are_counted(home):
    unknown = "".join(f"unknown{n} = 1\n" for n in range(2000))
    apps = "".join(f"[apps.a{n}]\nstyle = 3\n" for n in range(50))
    (home / "settings.toml").write_text(unknown + apps)
    _, notes = settings.load()
    assert "1,995 more unknown settings were ignored." in notes
    assert len(notes) <= 13 and notes[-1] == "44 more settings have mistakes."


@pytest.mark.timeout(5)
def test_a_file_that_is_not_toml_is_renamed_by_a_change(home):
    file = home / "settings.toml"
    page = '<a href="x">[1]</a>\n' * 5000
    file.write_text(page)
    chosen, [note] = settings.load()
    assert (
        note == f"The settings can’t be read: {file} isn’t a settings file. {DEFAULTS}"
    )
    with pytest.raises(SettingsError, match="wasn’t saved"):
        settings.save_one("model", "granite")
    note = settings.save(chosen, Settings(sounds=False))
    assert note == (
        "The settings were saved. The unreadable old file is now settings.toml.broken."
    )
    assert (home / "settings.toml.broken").read_text() == page


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sounds = 2026-01-01", "not a date or time."),
        ('microphone = ["Desk", 3]', "not a list with other values."),
        ('style = "a\\u001b[2Jb"', "not “a�[2Jb”."),
        ('[apps."x\\u0007"]\nstyle = 1', "style setting of “x�” was reset"),
        (
            '[apps.com.apple.Mail]\nstyle = "raw"',
            'Add quotation marks: [apps."com.apple.Mail"].',
        ),
    ],
)
def test_a_note_shows_an_invalid_value_in_short(home, line, expected):
    (home / "settings.toml").write_text(f"{line}\n")
    [note] = settings.load()[1]
    assert expected in note


def test_a_whole_number_may_have_a_decimal_point(home):
    (home / "settings.toml").write_text("keyword_token_budget = 20.0\n")
    assert settings.load() == (Settings(keyword_token_budget=20), [])


def test_settings_are_frozen():
    assert msgspec.structs.asdict(Settings()).keys() >= {"model", "style", "hold_key"}
    try:
        Settings().model = "x"
    except AttributeError:
        return
    raise AssertionError("settings can be changed in place")
