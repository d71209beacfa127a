"""Places a file's samples in time according to its container's timestamps.

Pure: it computes how much silence precedes the next samples, and records what could not
be read. Samples are never dropped because of their timestamps: where these overlap,
later samples are delayed until a gap absorbs the delay.
"""

from typing import Final

from mica.text.format import clock

JUMP_S: Final = 0.05  # shorter gaps are rounding or codec delay
EXACT_S: Final = 0.001  # after a lost packet, only the next timestamp says how long
RESTART_S: Final = 10.0  # a jump back this far means another recording
MOST_SILENCE_S: Final = 7200.0  # in total; longer pauses are not credible
ONE_PLACE_S: Final = 1.0  # lost packets closer than this count as one place
MOST_NAMED: Final = 10
SLACK_S: Final = 1.0  # a file may be this much shorter than its header says,
SLACK: Final = 0.02  # or this fraction


class Timeline:
    """The output time of one file, in seconds from its 0:00.

    at_s   where the next samples begin
    """

    def __init__(self) -> None:
        self.at_s = 0.0
        self._offset_s: float | None = 0.0  # from file time to output time
        self._lost = False  # since the last samples
        self._silence_budget_s = MOST_SILENCE_S
        self._places_s: list[float] = []
        self._last_lost_s = float("-inf")
        self._skipped_s: list[float] = []

    def silence_s(self, start_s: float | None) -> float:
        """How much silence precedes samples with the timestamp `start_s`."""
        if start_s is None or self._offset_s is None:
            due_s = 0.0
            if start_s is not None:
                self._offset_s = self.at_s - start_s
        else:
            due_s = start_s + self._offset_s - self.at_s
        smallest_s = EXACT_S if self._lost else JUMP_S
        self._lost = False
        if smallest_s < due_s <= self._silence_budget_s:
            self._silence_budget_s -= due_s
            self.at_s += due_s
            return due_s
        if due_s > self._silence_budget_s:
            self._skipped_s.append(self.at_s)
        if due_s > self._silence_budget_s or due_s < -RESTART_S:
            assert self._offset_s is not None
            self._offset_s -= due_s
        return 0.0

    def advance(self, seconds: float) -> None:
        """Note that samples of this length were output."""
        self.at_s += seconds

    def lost(self) -> None:
        """Note that something after the last samples could not be read."""
        self._lost = True
        if self.at_s - self._last_lost_s > ONE_PLACE_S:
            self._places_s.append(self.at_s)
        self._last_lost_s = self.at_s

    def restart(self) -> None:
        """Let the next samples follow without a gap; timestamps restart with them."""
        self._offset_s = None

    def lacking(self, name: str, claimed_s: float, slack_s: float) -> list[str]:
        """A note if the file ended before the length in its header."""
        is_cut = self.at_s + slack_s < claimed_s
        if not is_cut or self._skipped_s:
            return []
        ends, length = (clock(round(at_s)) for at_s in (self.at_s, claimed_s))
        if ends == length:
            return [f"{name} is cut off at {ends}."]
        return [f"{name} ends at {ends}; it should be {length} long."]

    def notes(self, name: str) -> list[str]:
        """Notes about unreadable places and timestamps; usually none."""
        lines = []
        if self._places_s:
            one = len(self._places_s) == 1
            places = "1 place" if one else f"{len(self._places_s)} places"
            lines.append(
                f"{places} of {name} could not be read ({_list(self._places_s)})."
            )
        if self._skipped_s:
            lines.append(
                f"The times in {name} jump too far ({_list(self._skipped_s)}); "
                "no silence is counted there."
            )
        return lines


def _list(places_s: list[float]) -> str:
    named = [clock(round(place_s, 3)) for place_s in places_s[:MOST_NAMED]]
    more = len(places_s) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")
