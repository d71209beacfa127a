"""Mica's windows: each is created when first needed, and brought to the front."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QMessageBox, QSystemTrayIcon, QWidget

from mica.dictation.settings_store import SettingsStore
from mica.host.ports import Host
from mica.text.keywords import Keywords
from mica.ui import strings
from mica.ui.keywords_window import KeywordsWindow
from mica.ui.per_app_window import PerAppWindow
from mica.ui.qt_loop import Bridge
from mica.ui.settings_window import SettingsWindow
from mica.ui.widgets import ControlWindow


class Windows:
    """The app's windows. Main thread only.

    can_translate       whether the model can
    network_line        what the network was used for
    ask_to_delete_all   recordings and texts, as the user asked for in the settings
    """

    def __init__(
        self,
        choices: SettingsStore,
        keywords: Keywords,
        microphones: Callable[[], Sequence[str]],
        host: Host,
        bridge: Bridge,
        targets: Callable[[], Sequence[str]],
    ) -> None:
        self.can_translate: Callable[[], bool] = lambda: True
        self.ask_to_delete_all: Callable[[], None] = lambda: None
        self.network_line: Callable[[], str] = lambda: ""
        self._choices, self._keywords = choices, keywords
        self._microphones, self._targets = microphones, targets
        self._host, self._bridge = host, bridge
        self._vocabulary: KeywordsWindow | None = None
        self._settings: SettingsWindow | None = None
        self._applications: PerAppWindow | None = None
        self._control: ControlWindow | None = None
        self._question: QMessageBox | None = None

    def show_main(self, menu: QMenu) -> None:
        """Show the settings, or without a tray the window that leads to everything.

        menu   the tray icon's
        """
        if QSystemTrayIcon.isSystemTrayAvailable():
            self.show_settings()
        else:
            self.show_control(menu)

    def show_control(self, menu: QMenu) -> None:
        if self._control is None:
            self._control = ControlWindow(menu)
        self._control.show_key(self._choices.now.hold_key)
        self._raise(self._control)

    def set_hold_key(self, name: str) -> None:
        """Show another hold key."""
        if self._control is not None:
            self._control.show_key(name)

    def show_keywords(self) -> None:
        if self._vocabulary is None:
            self._vocabulary = KeywordsWindow(self._keywords)
        self._vocabulary.refresh()
        self._raise(self._vocabulary)

    def show_settings(self) -> SettingsWindow:
        if self._settings is None:
            self._settings = SettingsWindow(
                self._choices,
                self._microphones,
                self._learn,
                self._host.login,
                self._host.fn_key_action,
                self._host.function_keys_need_fn,
            )
            self._settings.applications_wanted.connect(self.show_applications)
            self._settings.deletion_wanted.connect(lambda: self.ask_to_delete_all())
            self._settings.can_translate = lambda: self.can_translate()
            self._settings.network_line = lambda: self.network_line()
        self._settings.refresh()
        self._raise(self._settings)
        return self._settings

    def show_applications(self) -> None:
        if self._applications is None:
            self._applications = PerAppWindow(self._choices, self._targets)
        self._applications.refresh()
        self._raise(self._applications)

    def confirm(
        self, question: str, detail: str, action: str, on_confirmed: Callable[[], None]
    ) -> None:
        """Ask before something that can't be undone; returns at once.

        action   what the button says that does it; Cancel is the default
        """
        box = QMessageBox(QMessageBox.Icon.Warning, strings.APP, question)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setInformativeText(detail)
        does = box.addButton(action, QMessageBox.ButtonRole.DestructiveRole)
        cancel = box.addButton(strings.CANCEL, QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(cancel)
        box.setEscapeButton(cancel)
        does.clicked.connect(on_confirmed)
        self._question = box  # keeps it alive
        self._raise(box)

    def follow(self) -> None:
        """Show settings that were changed elsewhere."""
        for window in (self._settings, self._applications):
            if window is not None and window.isVisible():
                window.refresh()

    def _learn(self, on_key: Callable[[str], None] | None) -> None:
        """Record a shortcut; the host calls back on any thread."""
        if on_key is None:
            self._host.hotkeys.record_shortcut(None)
        else:
            post = self._bridge.post
            self._host.hotkeys.record_shortcut(lambda name: post(lambda: on_key(name)))

    def _raise(self, window: QWidget) -> None:
        window.show()
        window.raise_()
        window.activateWindow()
        self._host.activate_app()
