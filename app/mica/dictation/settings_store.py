"""The settings in force: changed in one place, applied at once, then saved. No Qt.

Others write their file too: a person by hand, `mica models use`. What they wrote is put
in force before anything is changed, and when a window shows the settings.
"""

from collections.abc import Callable, Sequence

import msgspec

from mica import settings
from mica.errors import MicaError
from mica.settings import App, Settings

Apply = Callable[[Settings], None]


class SettingsStore:
    """Main thread only.

    apply         puts new settings in force, or raises MicaError and changes nothing
    known_notes   what the user knows is wrong with the file
    """

    def __init__(
        self, now: Settings, apply: Apply, known_notes: Sequence[str] = ()
    ) -> None:
        self._now = self._saved = now  # in force, and as the file has them
        self._apply, self._known_notes = apply, list(known_notes)

    @property
    def now(self) -> Settings:
        return self._now

    def change(self, **fields: object) -> str | None:
        """Change and save settings; a message if that failed, else None.

        fields   of Settings, but not apps. What cannot be had leaves all as it was.
        """
        problem = self.follow()
        return self._change(fields) or problem

    def change_app(self, name: str, **fields: object) -> str | None:
        """The same for what one application has of its own. Nothing is kept of one that
        has nothing."""
        problem = self.follow()
        apps = dict(self._now.apps)
        app = msgspec.structs.replace(apps.pop(name, App()), **fields)
        if app != App():
            apps[name] = app
        return self._change({"apps": apps}) or problem

    def follow(self) -> str | None:
        """Put in force what was changed in the file. What to tell the user: what is
        newly wrong with it; where it cannot be had, all is as it was."""
        saved, notes = settings.reread(self._saved)
        new = [note for note in notes if note not in self._known_notes]
        self._known_notes = notes
        wanted = settings.merged(self._now, self._saved, saved)
        if wanted != self._now:
            try:
                self._apply(wanted)
            except MicaError as why:
                return why.line()
            self._now = wanted
        self._saved = saved
        return " ".join(new) or None

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
        except OSError as why:  # the next change tries again
            return (
                f"The change is in effect but couldn’t be saved ({why.strerror}). "
                "Check the disk and the folder’s permissions."
            )
        self._saved = wanted
        return notes
