"""The settings in effect: changed in one place, applied at once, then saved. No Qt.

The file is also changed by hand and by `mica models use`. Such changes take effect
before any change here, and when a window shows the settings.
"""

from collections.abc import Callable, Sequence

import msgspec

from mica import settings
from mica.errors import MicaError
from mica.settings import App, Settings

Apply = Callable[[Settings], None]


class SettingsStore:
    """The current settings and their file. Main thread only.

    apply         applies new settings, or raises MicaError and changes nothing
    known_notes   problems of the file that the user already knows
    """

    def __init__(
        self, now: Settings, apply: Apply, known_notes: Sequence[str] = ()
    ) -> None:
        self._now = self._saved = now  # in effect, and in the file
        self._apply, self._known_notes = apply, list(known_notes)

    @property
    def now(self) -> Settings:
        return self._now

    @property
    def is_saved(self) -> bool:
        """Whether the settings in effect are in the file."""
        return self._now == self._saved

    def change(self, **fields: object) -> str | None:
        """Change and save settings. Returns a message if that failed, or a note about
        the file, else None.

        fields   of Settings, except apps. If they cannot be applied, nothing changes.
        """
        problem = self.follow()
        return self._change(fields) or problem

    def change_app(self, name: str, **fields: object) -> str | None:
        """The same for one application. One without settings of its own is not
        stored."""
        problem = self.follow()
        apps = dict(self._now.apps)
        app = msgspec.structs.replace(apps.pop(name, App()), **fields)
        if app != App():
            apps[name] = app
        return self._change({"apps": apps}) or problem

    def follow(self) -> str | None:
        """Apply what was changed in the file. Returns a message about new problems in
        it; if it cannot be applied, nothing changes."""
        known = self._known_notes
        try:
            notes = self._follow()
        except MicaError as why:
            return why.line()
        return " ".join(note for note in notes if note not in known) or None

    def reload(self) -> str | None:
        """Apply what was changed in the file, as the user asks. Returns a message about
        all problems in it; MicaError if it cannot be applied: nothing changes."""
        return " ".join(self._follow()) or None

    def _follow(self) -> list[str]:
        """Apply what was changed in the file; all problems in it. Raises MicaError."""
        saved, self._known_notes = settings.reread(self._saved)
        wanted = settings.merged(self._now, self._saved, saved)
        if wanted != self._now:
            self._apply(wanted)
            self._now = wanted
        self._saved = saved
        return self._known_notes

    def _change(self, fields: dict[str, object]) -> str | None:
        wanted = msgspec.structs.replace(self._now, **fields)
        if wanted == self._now:
            return None
        try:
            self._apply(wanted)
        except MicaError as why:
            return why.line()
        self._now = wanted
        try:
            notes = settings.save(self._saved, wanted)
        except OSError as why:  # the next change saves again
            return (
                f"The change is in effect but couldn’t be saved ({why.strerror}). "
                "Check the disk and the folder’s permissions."
            )
        self._saved = wanted
        return notes
