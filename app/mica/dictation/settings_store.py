"""The settings in force: changed in one place, applied at once, then saved. No Qt."""

from collections.abc import Callable

import msgspec

from mica import settings
from mica.errors import MicaError
from mica.settings import Settings

Apply = Callable[[Settings], None]


class Choices:
    """Main thread only.

    apply   puts new settings in force, or raises MicaError and changes nothing
    """

    def __init__(self, now: Settings, apply: Apply) -> None:
        self._now, self._apply = now, apply

    @property
    def now(self) -> Settings:
        return self._now

    def change(self, **fields: object) -> str | None:
        """What to tell the user; None where all went well.

        fields   of Settings. What cannot be had leaves all as it was.
        """
        wanted = msgspec.structs.replace(self._now, **fields)
        if wanted == self._now:
            return None
        try:
            self._apply(wanted)
        except MicaError as why:
            return why.line()
        before, self._now = self._now, wanted
        try:
            return settings.save(before, wanted)
        except OSError as why:
            return (
                f"This is in force, but not remembered ({why.strerror}). "
                "Check the disk and the folder's permissions."
            )
