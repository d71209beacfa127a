"""The settings window: each choice is applied and saved at once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import (
    QBoxLayout,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
)

from mica.dictation.settings_store import SettingsStore
from mica.errors import MicaError
from mica.events import Language, Style
from mica.host.key_names import FUNCTION
from mica.host.ports import LoginItem
from mica.host.values import FnKeyAction, LoginState
from mica.settings import KeepOpen, OverlayStyle, Settings
from mica.ui import strings, widgets
from mica.ui.key_button import KeyField, Learn
from mica.ui.microphone_picker import MicrophonePicker
from mica.ui.widgets import ScrollingWindow

WIDTH = 900  # with two columns
STACKED_WIDTH = 540  # with one
GAP = 32  # between the columns
FN = {
    FnKeyAction.INPUT_SOURCE: strings.FN_INPUT_SOURCE,
    FnKeyAction.EMOJI: strings.FN_EMOJI,
    FnKeyAction.DICTATION: strings.FN_DICTATION,
    FnKeyAction.UNKNOWN: strings.FN_UNKNOWN,
}
#: On Apple's keyboards: brightness, dictation, sound and so on unless Fn is held.
MEDIA_KEYS = FUNCTION[:12]
KEYS = {
    "hold_key": strings.HOLD_TO_DICTATE,
    "translate_key": strings.HOLD_TO_TRANSLATE,
    "paste_last_key": strings.PASTE_LAST_KEY,
    "undo_key": strings.UNDO_LAST_KEY,
    "captions_key": strings.CAPTIONS_KEY,
}
STYLES = {Style.PUNCTUATED: strings.PUNCTUATED, Style.RAW: strings.RAW}
LANGUAGES = {language: language.value for language in Language} | {
    Language.MANDARIN: strings.MANDARIN
}
OVERLAYS = {
    OverlayStyle.LIVE: strings.LEVEL_AND_TEXT,
    OverlayStyle.MINIMAL: strings.LEVEL_ONLY,
    OverlayStyle.OFF: strings.ERRORS_ONLY,
}
KEEP_OPEN = {
    KeepOpen.OFF: strings.NEVER,
    KeepOpen.SHORT: strings.FOR_30_SECONDS,
    KeepOpen.ALWAYS: strings.ALWAYS,
}
LISTENING = {"sounds": strings.SOUNDS, "reduce_motion": strings.REDUCE_MOTION}
PRIVACY = {"private_dictation": strings.PRIVATELY}
STOP_AFTER_S = Settings().quiet_stop_s  # the value after it is turned on again
WRITING = {
    "smart_spacing": strings.SMART_SPACING,
    "trailing_space": strings.TRAILING_SPACE,
    "auto_submit": strings.AUTO_SUBMIT,
    "restore_clipboard": strings.RESTORE_AFTER_PASTE,
}


class SettingsWindow(ScrollingWindow):
    """Shows and changes the settings. Main thread only.

    microphones    returns the names, each time it is shown
    learn          see KeyButton
    login          shown only if this system can start Mica at login
    fn_key_action, function_keys_need_fn   see ports.Host; called if they matter
    can_translate  whether the model can; called each time it is shown
    network_line   what the network was used for; called likewise
    """

    applications_wanted = Signal()
    deletion_wanted = Signal()  # of all recordings and texts

    def __init__(
        self,
        choices: SettingsStore,
        microphones: Callable[[], Sequence[str]],
        learn: Learn,
        login: LoginItem,
        fn_key_action: Callable[[], FnKeyAction],
        function_keys_need_fn: Callable[[], bool],
    ) -> None:
        super().__init__()
        self.can_translate: Callable[[], bool] = lambda: True
        self.network_line: Callable[[], str] = lambda: ""
        self._login, self._fn_key_action = login, fn_key_action
        self._function_keys_need_fn = function_keys_need_fn
        self._choices, self._microphones, self._learn = choices, microphones, learn
        self.setWindowTitle(strings.SETTINGS_TITLE)
        self._keys = {field: self._key(field) for field in KEYS}
        self._problem, self._fn = widgets.note(), widgets.note()
        self._untranslated = widgets.note(strings.CANNOT_TRANSLATE)
        self._microphone, self._connected = MicrophonePicker(), list[str]()
        self._microphone.chosen.connect(lambda name: self._change("microphone", name))
        self._quiet = QCheckBox()
        self._quiet.clicked.connect(
            lambda on: self._change("quiet_stop_s", STOP_AFTER_S if on else 0.0)
        )
        self._network = QLabel()
        self._at_login = QCheckBox(strings.START_AT_LOGIN)
        self._at_login.clicked.connect(self._choose_login)
        self._style = self._choice("style", STYLES)
        self._language = self._choice("translate_to", LANGUAGES)
        self._keep_open = self._choice("keep_microphone_open", KEEP_OPEN)
        self._overlay = self._choice("overlay", OVERLAYS)
        self._checks = {
            field: self._check(field, text)
            for field, text in (WRITING | LISTENING | PRIVACY).items()
        }
        self._build()
        self.refresh()

    def refresh(self) -> None:
        """Show the file's settings, and the microphones connected now."""
        problem = self._choices.follow()
        self._connected = list(self._microphones())
        self._show()
        self._show_problem(problem)

    def changeEvent(self, event: QEvent) -> None:
        """Read the action of Fn again when the user returns from System Settings."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange and self.isActiveWindow():
            self._show_fn()
            self._network.setText(self.network_line())
            self._fit()

    def _show(self) -> None:
        now = self._choices.now
        for field, button in self._keys.items():
            button.show_key(getattr(now, field))
        for field, check in self._checks.items():
            check.setChecked(getattr(now, field))
        self._quiet.setChecked(now.quiet_stop_s > 0)
        self._quiet.setText(strings.STOP_AFTER.format(now.quiet_stop_s or STOP_AFTER_S))
        self._style.setCurrentIndex(list(STYLES).index(now.style))
        self._language.setCurrentIndex(list(LANGUAGES).index(now.translate_to))
        self._keep_open.setCurrentIndex(list(KEEP_OPEN).index(now.keep_microphone_open))
        self._overlay.setCurrentIndex(list(OVERLAYS).index(now.overlay))
        self._at_login.setChecked(
            self._login.state() in (LoginState.ON, LoginState.NEEDS_APPROVAL)
        )
        self._microphone.show_choice(now.microphone, self._connected)
        self._show_fn()
        self._network.setText(self.network_line())
        can = self.can_translate()
        for part in (self._language, self._keys["translate_key"]):
            part.setEnabled(can)
        self._untranslated.setVisible(not can)

    def _show_fn(self) -> None:
        """Show what interferes with Fn as a hold key, and with F1 to F12."""
        now, lines = self._choices.now, []
        is_held = "fn" in (now.hold_key, now.translate_key)
        if is_held and (why := FN.get(self._fn_key_action())) is not None:
            lines.append(f"{why}: {strings.FREE_FN}")
        keys = [key.split("+")[-1] for field in KEYS if (key := getattr(now, field))]
        found = [key.upper() for key in keys if key in MEDIA_KEYS]
        if found and self._function_keys_need_fn():
            lines.append(strings.NEEDS_FN.format(", ".join(found)))
        self._fn.setText("\n".join(lines))
        self._fn.setVisible(bool(lines))

    def _build(self) -> None:
        """Use two columns if there is room: one is too tall for small screens."""
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._forms = self._keys_and_writing(), self._listening_and_mica()
        for rows in self._forms:
            column = QVBoxLayout()
            column.addLayout(rows)
            column.addStretch(1)
            self._columns.addLayout(column, 1)
        self._rows = widgets.column(self.contents)
        self._rows.addLayout(self._columns)
        self._rows.addWidget(self._problem)

    def _keys_and_writing(self) -> QFormLayout:
        rows = widgets.form()
        rows.addRow(widgets.heading(strings.SHORTCUTS))
        for field, key in self._keys.items():
            rows.addRow(KEYS[field], key)
        for line in (widgets.note(strings.HOW_TO_RECORD), self._fn):
            rows.addRow("", line)
        rows.addRow(widgets.heading(strings.TEXT))
        rows.addRow(strings.STYLE, self._style)
        rows.addRow(strings.TRANSLATE_TO, self._language)
        rows.addRow("", self._untranslated)
        for field in WRITING:
            rows.addRow("", self._checks[field])
        single = QPushButton(strings.PER_APP_ITEM)
        single.clicked.connect(self.applications_wanted)
        rows.addRow("", single)
        return rows

    def _listening_and_mica(self) -> QFormLayout:
        rows = widgets.form()
        rows.addRow(widgets.heading(strings.MICROPHONE_HEADING))
        rows.addRow(strings.MICROPHONE, self._microphone)
        rows.addRow(strings.KEEP_READY, self._keep_open)
        rows.addRow("", widgets.note(strings.ABOUT_READY))
        rows.addRow("", self._quiet)
        rows.addRow(widgets.heading(strings.FEEDBACK))
        rows.addRow(strings.OVERLAY, self._overlay)
        for field in LISTENING:
            rows.addRow("", self._checks[field])
        rows.addRow(widgets.heading(strings.PRIVACY))
        rows.addRow("", self._checks["private_dictation"])
        rows.addRow("", widgets.note(strings.ABOUT_PRIVATE))
        delete_all = QPushButton(strings.DELETE_ALL_SETTING)
        delete_all.clicked.connect(self.deletion_wanted)
        rows.addRow("", delete_all)
        rows.addRow(widgets.heading(strings.GENERAL))
        rows.addRow("", self._at_login)
        has_login = self._login.state() is not LoginState.UNSUPPORTED
        rows.setRowVisible(self._at_login, has_login)
        rows.addRow(strings.NETWORK, self._network)
        return rows

    def _key(self, field: str) -> KeyField:
        key = KeyField(self._learn, optional=field != "hold_key")
        key.chosen.connect(lambda name: self._change(field, name))
        return key

    def _check(self, field: str, text: str) -> QCheckBox:
        check = QCheckBox(text)
        check.clicked.connect(lambda on: self._change(field, on))
        return check

    def _choice(self, field: str, shown: Mapping[Any, str]) -> QComboBox:
        combo = widgets.PopUp()
        combo.addItems(list(shown.values()))
        values = list(shown)
        combo.activated.connect(lambda index: self._change(field, values[index]))
        return combo

    def _choose_login(self, wanted: bool) -> None:
        problem = None
        try:
            self._login.set_enabled(wanted)
        except MicaError as why:
            problem = why.line()
        needs_approval = self._login.state() is LoginState.NEEDS_APPROVAL
        self._show()
        self._show_problem(problem or (strings.ALLOW_LOGIN if needs_approval else None))

    def _change(self, field: str, value: object) -> None:
        problem = self._choices.change(**{field: value})
        self._show()
        key = self._keys.get(field)
        self._show_problem(problem if key is None else None)
        if key is not None and problem is not None:
            key.show_problem(problem)

    def _show_problem(self, problem: str | None) -> None:
        """Show a problem that is not a key's, or none; and clear those of keys."""
        for key in self._keys.values():
            key.show_problem(None)
        self._problem.setText(f"⚠ {problem}" if problem else "")
        self._problem.setVisible(problem is not None)
        self._fit()

    def _fit(self) -> None:
        """Use two columns if there is room."""
        self._columns.setDirection(QBoxLayout.Direction.LeftToRight)
        self._columns.setSpacing(GAP)
        widgets.align(self._forms, together=False)
        self._rows.activate()
        if self._rows.minimumSize().width() <= self.room.width():
            self.fit(WIDTH)
            return
        self._columns.setDirection(QBoxLayout.Direction.TopToBottom)
        self._columns.setSpacing(0)
        widgets.align(self._forms, together=True)
        self.fit(STACKED_WIDTH)
