"""The connections between the app's parts, on a fake host."""

import os
from contextlib import suppress

import pytest
from PySide6.QtWidgets import QPushButton

from mica import desktop as app
from mica import settings
from mica.desktop import QUIT_MS
from mica.dictation.captions import Phase
from mica.dictation.control import ControlCommand
from mica.dictation.state import Latch
from mica.dictation.strings import CAPTIONS_ENDED_AWAY, NO_TEXT
from mica.engine.client import Committed, Hypothesis, Ready
from mica.errors import LibraryError, MicaError
from mica.events import Style
from mica.host.key_names import Hotkey
from mica.host.values import AwayReason, Piece, Snapshot
from mica.insertion import strings as insertion_strings
from mica.settings import App, OverlayStyle
from mica.ui import strings
from mica.ui.captions_window import Line
from mica.ui.theme import StatusColor
from support.tiny_model import write_tiny_model
from ui.dictated import dictated

UNDO = {
    "key": lambda desktop: desktop._commands.by_key(Hotkey.UNDO),
    "menu": lambda desktop: desktop._tray.undo_wanted.emit(),
    "tell": lambda desktop: desktop._commands.by_socket(ControlCommand.UNDO),
}


def test_the_chosen_keys_are_bound(home, qapp, fake, request):
    (home / "settings.toml").write_text('hold_key = "f13"\nundo_key = "ctrl+alt+z"\n')
    request.getfixturevalue("desktop")
    assert fake.hotkeys.bound == {Hotkey.HOLD: "f13", Hotkey.UNDO: "ctrl+alt+z"}


def test_overlay_is_not_animated_with_reduced_motion(home, fake, request):
    fake.still = True
    desktop = request.getfixturevalue("desktop")
    assert desktop._overlay._still
    desktop._apply(settings.Settings(reduce_motion=False))
    assert desktop._overlay._still


def test_conflicting_keys_fall_back_to_the_default(home, fake, request):
    (home / "settings.toml").write_text('hold_key = "f13"\nundo_key = "f13"\n')
    desktop = request.getfixturevalue("desktop")
    assert fake.hotkeys.bound == {Hotkey.HOLD: "right_alt"}
    assert desktop._notes == [
        "F13 can’t be used for both “Hold to dictate” and “Undo last dictation.” "
        "Choose another key. Until then the default key is used."
    ]


def test_paused_hotkeys_are_bound_again(desktop, fake):
    desktop._tray.pause_wanted.emit(True)
    assert fake.hotkeys.bound == {}
    desktop._tray.pause_wanted.emit(False)
    assert fake.hotkeys.bound == {Hotkey.HOLD: "right_alt"}


def test_a_pause_ends_with_the_app(home, desktop):
    desktop._tray.pause_wanted.emit(True)
    assert not (home / "settings.toml").exists()


def test_toggle_and_cancel_commands_start_and_cancel_a_dictation(desktop, fake):
    desktop._commands.by_socket(ControlCommand.TOGGLE)
    assert fake.hotkeys.escape_wanted and desktop._timer.going
    desktop._commands.by_socket(ControlCommand.CANCEL)
    assert not fake.hotkeys.escape_wanted


def test_key_recorded_in_the_window_is_bound_at_once(desktop, fake, qtbot):
    window = desktop._windows.show_settings()
    qtbot.addWidget(window)
    window._keys["hold_key"].button.click()
    fake.hotkeys.learns("f13")  # on the host's thread
    qtbot.waitUntil(lambda: fake.hotkeys.bound == {Hotkey.HOLD: "f13"}, timeout=2_000)
    assert fake.hotkeys.learns is None
    assert settings.load()[0].hold_key == "f13"


def test_conflicting_keys_are_named_in_the_window(desktop, fake, qtbot):
    assert desktop._settings_store.change(undo_key="f8") is None
    problem = desktop._settings_store.change(paste_last_key="f8")
    assert (
        problem is not None
        and "F8" in problem
        and "“Paste last dictation” and “Undo last dictation.”" in problem
    )
    assert fake.hotkeys.bound == {Hotkey.HOLD: "right_alt", Hotkey.UNDO: "f8"}


def test_key_of_another_program_is_refused(desktop, fake):
    fake.hotkeys.refuses = MicaError("Another program has F8.", "Choose another key.")
    assert "Another program has F8." in desktop._settings_store.change(undo_key="f8")
    assert desktop._settings_store.now.undo_key is None


def test_keys_chosen_during_a_pause_are_bound_after_it(desktop, fake):
    desktop._tray.pause_wanted.emit(True)
    assert desktop._settings_store.change(hold_key="f13") is None
    assert fake.hotkeys.bound == {}
    desktop._tray.pause_wanted.emit(False)
    assert fake.hotkeys.bound == {Hotkey.HOLD: "f13"}


def test_chosen_settings_are_in_force(desktop):
    chosen = {"overlay": OverlayStyle.OFF, "style": Style.RAW, "microphone": "Desk"}
    assert desktop._settings_store.change(**chosen) is None
    desktop._overlay.message("Only said.", StatusColor.QUIET)
    assert not desktop._overlay.isVisible() and not desktop._overlay.notice.isVisible()
    assert desktop._dictation._settings().style is Style.RAW
    assert desktop._tray._chosen == "Desk"


@pytest.mark.parametrize("way", ["key", "menu", "tell"])
def test_paste_last_works_by_key_menu_and_command(desktop, fake, way):
    if way == "key":
        desktop._commands.by_key(Hotkey.PASTE_LAST)
    elif way == "menu":
        desktop._tray.paste_wanted.emit()
    else:
        with pytest.raises(MicaError, match=NO_TEXT):
            desktop._commands.by_socket(ControlCommand.PASTE_LAST)
    assert desktop._overlay.notice.text == NO_TEXT


def test_recording_stops_when_the_user_leaves(desktop, fake):
    desktop._dictation.toggle()
    desktop._on_away(AwayReason.LOCK)
    assert not fake.hotkeys.escape_wanted
    desktop._dictation.toggle()
    assert not fake.hotkeys.escape_wanted
    desktop._dictation.resume()
    desktop._dictation.toggle()
    assert fake.hotkeys.escape_wanted


def test_translate_command_acts_like_its_key(desktop):
    desktop._on_engine(Ready("granite", 0.1, translates=True))
    desktop._commands.by_socket(ControlCommand.TRANSLATE)
    assert desktop._dictation._keys.translates
    desktop._commands.by_socket(ControlCommand.TRANSLATE)
    assert desktop._dictation._keys.latch is Latch.OFF


def test_pause_command_disables_hotkeys_until_resume(desktop, fake):
    for _ in range(2):
        desktop._commands.by_socket(ControlCommand.PAUSE)
        assert fake.hotkeys.bound == {} and desktop._tray._pause.isChecked()
    desktop._commands.by_socket(ControlCommand.RESUME)
    assert fake.hotkeys.bound == {Hotkey.HOLD: "right_alt"}


@pytest.mark.parametrize("way", ["menu", "tell"])
def test_remove_punctuation_works_by_menu_and_command(desktop, qtbot, way):
    if way == "menu":
        desktop._tray.raw_wanted.emit()
    else:
        desktop._commands.by_socket(ControlCommand.RAW)
    qtbot.waitUntil(
        lambda: desktop._overlay.notice.text == insertion_strings.NO_DICTATION,
        timeout=5_000,
    )


@pytest.mark.parametrize("way", ["key", "menu", "tell"])
def test_undo_reverts_a_cancel_first(desktop, fake, way):
    desktop._dictation.toggle()
    desktop._commands.by_socket(ControlCommand.CANCEL)
    assert desktop._status.undoable
    UNDO[way](desktop)
    assert (
        not desktop._status.undoable
        and desktop._overlay.notice.text != insertion_strings.NOTHING_TO_UNDO
    )


@pytest.mark.parametrize("way", ["key", "menu", "tell"])
def test_undo_removes_the_inserted_text_where_no_cancel_is_pending(desktop, qtbot, way):
    UNDO[way](desktop)
    qtbot.waitUntil(
        lambda: desktop._overlay.notice.text == insertion_strings.NOTHING_TO_UNDO,
        timeout=5_000,
    )


def test_saved_clipboard_can_be_restored_from_the_menu(desktop, fake, qtbot):
    menu, restore = desktop._tray.menu, desktop._tray._clipboard
    menu.aboutToShow.emit()
    assert not restore.isVisible()
    held = Snapshot((Piece(0, "x", b"y"),))
    desktop._dictation.insertion.clipboard.saved_copies = (held,)
    menu.aboutToShow.emit()
    assert restore.isVisible()
    restore.trigger()
    qtbot.waitUntil(lambda: fake.clipboard.held == held, timeout=5_000)


@pytest.mark.parametrize("arrives", [True, False])
def test_quitting_waits_for_a_pending_insertion(
    desktop, fake, qtbot, monkeypatch, arrives
):
    ended = []
    desktop._exit = lambda: ended.append(desktop._dictation.insertion.is_ticking)
    monkeypatch.setattr(app, "QUIT_TIMEOUT_S", 60.0 if arrives else 0.2)
    fake.paster.is_ready = False
    desktop._dictation.insertion.undo()
    desktop._commands.by_socket(ControlCommand.QUIT)
    qtbot.wait(2 * QUIT_MS)
    assert ended == []
    fake.paster.is_ready = arrives
    qtbot.waitUntil(lambda: ended == [not arrives], timeout=5_000)


CAPTIONS = {
    "key": lambda desktop: desktop._commands.by_key(Hotkey.CAPTIONS),
    "menu": lambda desktop: desktop._tray.captions_wanted.emit(),
    "tell": lambda desktop: desktop._commands.by_socket(ControlCommand.CAPTIONS),
}


@pytest.mark.parametrize("way", CAPTIONS)
def test_captions_start_and_end_by_key_menu_and_command(desktop, fake, qtbot, way):
    menu = desktop._tray._captions
    CAPTIONS[way](desktop)
    assert desktop._captions_window.isVisible() and menu.text() == "Stop Live Captions"
    assert fake.activity.held and fake.activity.lit
    assert desktop._captions_timer.going
    assert not desktop._timer.going  # the fast timer, which costs CPU time
    CAPTIONS[way](desktop)
    assert (
        not desktop._captions_window.isVisible()
        and menu.text() == "Start Live Captions"
    )
    assert not fake.activity.held
    desktop._captions.close()  # the fake microphones deliver nothing
    desktop._captions._pending.clear()
    qtbot.waitUntil(lambda: not desktop._captions_timer.going, timeout=5_000)


def test_the_button_of_the_band_ends_captions(desktop):
    desktop._commands.by_socket(ControlCommand.CAPTIONS)
    desktop._captions_window.stop_wanted.emit()
    assert not desktop._captions_window.isVisible()


def test_captions_pause_while_the_user_dictates(desktop, fake):
    desktop._commands.by_socket(ControlCommand.CAPTIONS)
    desktop._dictation.toggle()
    assert (
        desktop._captions_window._phase is Phase.PAUSED
        and desktop._captions_window.isVisible()
    )
    assert not desktop._overlay.geometry().intersects(
        desktop._captions_window.geometry()
    )
    desktop._commands.by_socket(ControlCommand.CANCEL)
    assert desktop._captions.is_on and fake.activity.held


def test_caption_words_are_in_their_window_and_not_in_the_overlay(desktop):
    desktop._commands.by_socket(ControlCommand.CAPTIONS)
    utterance = next(iter(desktop._captions._pending))
    desktop._on_engine(Committed(utterance, 0.0, 1.0, "Hello."))
    desktop._on_engine(Hypothesis(utterance, "and so"))
    assert desktop._captions_window.shown == (Line("Hello.", "and so"),)
    assert desktop._status._live.text == ""


def test_menu_copies_the_text_of_captions(desktop, fake, qtbot):
    entry = desktop._tray._copy_captions
    assert not entry.isVisible()
    desktop._commands.by_socket(ControlCommand.CAPTIONS)
    entry.trigger()
    assert (
        fake.clipboard.copied == []
        and desktop._overlay.notice.text == "There are no captions to copy."
    )
    utterance = next(iter(desktop._captions._pending))
    desktop._on_engine(Committed(utterance, 0.0, 1.0, "Hello."))
    entry.trigger()
    qtbot.waitUntil(lambda: fake.clipboard.copied == ["Hello."], timeout=5_000)


def test_captions_end_when_the_user_leaves(desktop, fake):
    desktop._commands.by_socket(ControlCommand.CAPTIONS)
    desktop._on_away(AwayReason.LOCK)
    assert not desktop._captions_window.isVisible() and not fake.activity.held
    desktop._on_back()
    assert desktop._overlay.notice.text == CAPTIONS_ENDED_AWAY


def test_the_machine_stays_awake_from_the_key_to_the_text(desktop, fake):
    desktop._commands.by_socket(ControlCommand.TOGGLE)
    assert fake.activity.held and not fake.activity.lit
    desktop._commands.by_socket(ControlCommand.CANCEL)
    assert not fake.activity.held


WINDOWS = {
    "keywords by menu": lambda desktop: desktop._tray.keywords_wanted.emit(),
    "keywords by tell": lambda desktop: desktop._commands.by_socket(
        ControlCommand.KEYWORDS
    ),
    "settings by menu": lambda desktop: desktop._tray.settings_wanted.emit(),
    "settings by tell": lambda desktop: desktop._commands.by_socket(
        ControlCommand.SETTINGS
    ),
}


@pytest.mark.parametrize("way", WINDOWS)
def test_each_window_opens_from_its_menu_entry_and_command(desktop, fake, way):
    WINDOWS[way](desktop)
    windows = desktop._windows
    shown = {"keywords": windows._vocabulary, "settings": windows._settings}
    window = shown.pop(way.split()[0])
    assert window is not None and window.isVisible() and fake.forward == ["forward"]
    assert [*shown.values()] == [None]


def test_app_runs_on_a_disk_that_allows_no_sockets(monkeypatch, request, qtbot):
    """A memory stick's file system; commands don't reach the app, and it says so."""

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(app, "SingleInstance", refuse)
    desktop = request.getfixturevalue("desktop")
    assert strings.NO_CONTROL_SOCKET.format("Operation not permitted") in desktop._notes
    dictated(desktop, qtbot, "Hello.")


MENU_COMMANDS = {  # the menu's entries
    "Start Dictation": ControlCommand.TOGGLE,
    "Start Live Captions": ControlCommand.CAPTIONS,
    "Copy Captions": ControlCommand.COPY_CAPTIONS,
    "Undo Last Dictation": ControlCommand.UNDO,
    "Paste Last Dictation": ControlCommand.PASTE_LAST,
    "Remove Punctuation from Last Dictation": ControlCommand.RAW,
    "Copy Last Dictation": ControlCommand.COPY_LAST,
    "Transcribe Again": ControlCommand.RETRY,
    "Recordings": ControlCommand.DELETE,
    "Private Dictation": ControlCommand.PRIVATE,
    "Dismiss": ControlCommand.DISMISS,
    "Restore Clipboard": ControlCommand.RESTORE_CLIPBOARD,
    "Keywords…": ControlCommand.KEYWORDS,
    "Microphone": ControlCommand.MICROPHONE,
    "Pause Shortcuts": ControlCommand.PAUSE,
    "Settings…": ControlCommand.SETTINGS,
    "Quit Mica": ControlCommand.QUIT,
}


def test_every_menu_entry_has_a_command(desktop):
    actions = set(desktop._tray.menu.actions()) - set(desktop._tray._lines)
    entries = {action.text() for action in actions} - {""}
    assert entries == {*MENU_COMMANDS}
    # Not in the menu: commands with their own keys, Esc, the end of a pause, and
    # commands for the command line.
    others = {
        ControlCommand.TRANSLATE,
        ControlCommand.LOCK,
        ControlCommand.CANCEL,
        ControlCommand.RESUME,
        ControlCommand.INSERT,  # in the submenu of recordings, like DELETE
        ControlCommand.COPY,
        ControlCommand.SHOW,
        ControlCommand.STATUS,
    }
    assert {*MENU_COMMANDS.values()} | others | {ControlCommand.RELOAD} == set(
        ControlCommand
    )


def test_a_window_that_is_shown_gets_the_keyboard(desktop, fake, qtbot):
    qtbot.addWidget(desktop._windows.show_settings())
    assert fake.forward == ["forward"]


def test_settings_lead_to_those_of_single_applications(desktop, qtbot, monkeypatch):
    window = desktop._windows.show_settings()
    qtbot.addWidget(window)
    desktop._library.add(100.0, Style.RAW, "Mail")
    [button] = [
        b for b in window.findChildren(QPushButton) if b.text() == strings.PER_APP_ITEM
    ]
    button.click()
    applications = desktop._windows._applications
    qtbot.addWidget(applications)
    assert applications.isVisible() and applications._name.currentText() == "Mail"
    applications._keywords.insert("Jon")
    applications._keywords.editingFinished.emit()
    assert desktop._dictation._settings().apps == {"Mail": App(keywords=("Jon",))}

    def broken() -> list[str]:
        raise LibraryError("The history cannot be read.", "Free the disk.")

    monkeypatch.setattr(desktop._library, "targets", broken)
    button.click()
    assert applications._name.currentText() == "Mail"


def test_problems_at_startup_are_shown_together(home, fake, request):
    (home / "settings.toml").write_text('keep_microphone_open = "5 s"\n')
    (home / "keywords.txt").mkdir()
    desktop = request.getfixturevalue("desktop")
    desktop.start()
    assert "The keep microphone open setting was reset" in desktop._overlay.notice.text
    assert "Your keywords can’t be read: " in desktop._overlay.notice.text


@pytest.mark.timeout(60)
@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_a_list_of_keywords_that_cannot_be_read_stops_no_dictation(
    home, desktop, qtbot, kind
):
    messages: list[str] = []
    desktop.start()
    desktop._overlay.message = lambda text, *more, **other: messages.append(text)
    (home / "keywords.txt").write_text("Jon\n")
    dictated(desktop, qtbot, "before")
    (home / "keywords.txt").unlink()
    make = os.mkfifo if kind == "pipe" else os.mkdir
    make(home / "keywords.txt")
    desktop._microphone_pool.close_idle()
    dictated(desktop, qtbot, "after")
    keyword_lists = [call[4] for call in desktop._client.calls if call[0] == "begin"]
    assert keyword_lists == [["Jon"], ["Jon"]]
    assert any("Your keywords can’t be read: " in line for line in messages)


def test_window_opens_where_no_tray_exists(desktop, qtbot, monkeypatch):
    monkeypatch.setattr(app, "TRAY_MS", 0)
    desktop.start()
    assert desktop._windows._control is None
    qtbot.waitUntil(lambda: desktop._windows._control is not None)
    assert desktop._windows._control.isVisible()


@pytest.mark.parametrize(
    "what", [ControlCommand.TOGGLE, ControlCommand.LOCK, ControlCommand.CAPTIONS]
)
def test_missing_model_is_reported_and_nothing_is_recorded(
    home, fake, request, monkeypatch, qtbot, what
):
    (home / "settings.toml").write_text('model = "/nowhere/granite"\n')
    desktop = request.getfixturevalue("desktop")
    monkeypatch.setattr(desktop._client, "is_loaded", False)
    desktop.start()
    assert "“granite”" in desktop._tray.icon.toolTip()
    desktop._overlay.forget()
    with suppress(MicaError):  # captions also report the error through the socket
        desktop._commands.by_socket(what)
    assert "“granite”" in desktop._overlay.notice.text
    qtbot.waitUntil(lambda: not desktop._microphone_pool._recording)
    assert desktop._library.entry(1) is None
    assert list((home / "journal").glob("*.wav")) == []


def test_reload_loads_another_model_and_reports_a_missing_one(home, desktop, tmp_path):
    granite = write_tiny_model(tmp_path / "granite")
    settings.save_one("model", str(granite))
    desktop._commands.by_socket(ControlCommand.RELOAD)
    assert desktop._client.models[1:] == [granite]
    desktop._client.is_loaded = False
    assert desktop._model.problem() is None
    settings.save_one("sounds", False)
    desktop._commands.by_socket(ControlCommand.RELOAD)
    assert desktop._client.models[1:] == [granite]  # the model is unchanged
    settings.save_one("model", "gone")
    with pytest.raises(MicaError, match="can’t find the model “gone”"):
        desktop._commands.by_socket(ControlCommand.RELOAD)


def test_a_reload_names_what_is_wrong_and_shows_the_rest(home, desktop, qtbot):
    desktop._commands.by_socket(ControlCommand.SETTINGS)
    window = desktop._windows._settings
    qtbot.addWidget(window)
    (home / "settings.toml").write_text('overlay = "loud"\nsounds = false\n')
    for _ in range(2):  # each time, until it is corrected
        note = desktop._commands.by_socket(ControlCommand.RELOAD)
        assert note is not None and "overlay setting was reset" in note
        assert desktop._overlay.notice.text == note
        desktop._overlay.forget()
    assert not window._checks["sounds"].isChecked()
    (home / "settings.toml").write_text("sounds = false\n")
    assert desktop._commands.by_socket(ControlCommand.RELOAD) is None


@pytest.mark.parametrize("content", [b'style = "raw"\n\xff\xfe\x00', b"\0" * 40])
def test_a_reload_of_an_unreadable_file_says_so_and_changes_nothing(
    home, desktop, content
):
    (home / "settings.toml").write_bytes(content)
    before = desktop._settings_store.now
    for _ in range(2):
        note = desktop._commands.by_socket(ControlCommand.RELOAD)
        assert note is not None and "can’t be read: " in note
    assert desktop._settings_store.now == before


def test_the_window_of_a_desktop_without_a_tray_names_the_new_hold_key(desktop, qtbot):
    desktop._windows.show_control(desktop._tray.menu)
    window = desktop._windows._control
    qtbot.addWidget(window)
    assert desktop._settings_store.change(hold_key="right_ctrl") is None
    assert "Right Ctrl" in window._hint.text()


def test_a_window_that_is_opened_shows_what_the_file_says_now(home, desktop, qtbot):
    (home / "settings.toml").write_text('sounds = false\n[apps.Mail]\nstyle = "raw"\n')
    desktop._commands.by_socket(ControlCommand.SETTINGS)
    window = desktop._windows._settings
    qtbot.addWidget(window)
    assert not window._checks["sounds"].isChecked()
    desktop._windows.show_applications()
    qtbot.addWidget(desktop._windows._applications)
    assert desktop._windows._applications._name.currentText() == "Mail"


def test_unavailable_keys_block_no_other_setting(home, fake, request):
    (home / "settings.toml").write_text('hold_key = "f13"\nundo_key = "f13"\n')
    desktop = request.getfixturevalue("desktop")
    assert desktop._settings_store.change(sounds=False) is None
    assert not settings.load()[0].sounds
    assert desktop._settings_store.change(undo_key="f14") is None
    assert fake.hotkeys.bound == {Hotkey.HOLD: "f13", Hotkey.UNDO: "f14"}
