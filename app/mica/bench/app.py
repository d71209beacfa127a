"""How quick and how modest the app is, seen from outside, on a desk of its own.

`tray_ms`: from the process's start until the tray shows the icon.
`first_journalled_sample_ms`: from the key until the recording on disk has samples, with
a microphone that is closed each time and with one kept open. `paste_ms`: from the
text's place in the history until a field that needs no time itself holds it; file times
are good to 4 ms.
`idle_cpu_percent`: of one core, app and engine together, while nobody does anything.
`memory_mb`: resident, of the app's own process, behind all that.
"""

import os
import time
import wave
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from mica.bench.captions_metrics import percentile
from mica.bench.child import tell
from mica.bench.desk import Desk, desk, until
from mica.bench.rows import Row, report
from mica.bench.speech import Clip, clips
from mica.units import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from mica.bench.field import Field, Screen

STARTS: Final = 10
DICTATIONS: Final = 10
IDLE_S: Final = 60.0
SETTLE_S: Final = 5.0
BETWEEN_S: Final = 1.0  # the clipboard is put back, and nothing is shown any more
LONGEST_CLIP_S: Final = 4.0
HEADER_BYTES: Final = 100  # a journal larger than this holds samples


def run(
    starts: int = STARTS, dictations: int = DICTATIONS, idle_s: float = IDLE_S
) -> dict[str, object]:
    """`mica bench app --json`: {"bench", "machine", "model", "rows"}.

    Medians, and 95th percentiles beside them; fewer of each are for trying it.
    """
    with desk() as found:
        from mica.bench.field import Field, Screen  # X11's library: not everywhere

        screen = Screen(found.environment["DISPLAY"])
        try:
            tell(f"app: {starts} starts")
            tray_ms = [start_ms(found, screen) for _ in range(starts)]
            field = Field(screen)
            until(field.active)
            rows = [*_spread("tray", tray_ms)]
            for warmth in ("off", "30 s"):
                choice = f'warm_microphone = "{warmth}"\n'
                (found.home / "settings.toml").write_text(choice)
                cold = warmth == "off"
                desks = (found, screen, field)
                rows += used(*desks, dictations, idle_s if cold else 0, cold=cold)
        finally:
            screen.close()
    return report("app", "pebble", rows)


def start_ms(desk: Desk, screen: "Screen") -> float:
    """One start, until its icon is there; the app has ended afterwards."""
    before = screen.icons()
    start_s = time.monotonic()
    with desk.app():
        shown_s = until(lambda: screen.icons() > before)
    until(lambda: screen.icons() == before)
    return 1000 * (shown_s - start_s)


def used(
    desk: Desk,
    screen: "Screen",
    field: "Field",
    dictations: int,
    idle_s: float,
    *,
    cold: bool,
) -> list[Row]:
    """One run of the app: idle first, then dictations one after the other.

    cold   the microphone is closed between them; else only the first one opens it, and
           that is not counted
    """
    spoken = desk.home / "spoken.wav"
    write(spoken, next(clip for clip in clips() if clip.seconds < LONGEST_CLIP_S))
    samples_ms: list[float] = []
    pastes_ms: list[float] = []
    with desk.app() as app:
        desk.until_ready()
        time.sleep(SETTLE_S)
        tell(f"app: {idle_s:g} s of nothing")
        before_s = cpu_s(app.pid)
        time.sleep(idle_s)
        idle = 100 * (cpu_s(app.pid) - before_s) / max(1, idle_s)
        if not cold:
            dictation(desk, screen, field, spoken)
            time.sleep(BETWEEN_S)
        for number in range(dictations):
            tell(f"app: dictation {number + 1} of {dictations}")
            sample_ms, paste_ms = dictation(desk, screen, field, spoken)
            samples_ms.append(sample_ms)
            pastes_ms.append(paste_ms)
            time.sleep(BETWEEN_S)
        resident = memory_mb(app.pid)
    if not cold:
        return _spread("first_journalled_sample", samples_ms, "warm microphone")
    return [
        *_spread("first_journalled_sample", samples_ms, "cold microphone"),
        *_spread("paste", pastes_ms),
        Row(f"{idle_s:g}s", "idle_cpu_percent", None, None, idle, None),
        Row("app", "memory_mb", None, None, resident, None),
    ]


def dictation(
    desk: Desk, screen: "Screen", field: "Field", spoken: Path
) -> tuple[float, float]:
    """Hold, speak, release: first_journalled_sample_ms and paste_ms."""
    journal, history = desk.home / "journal", desk.home / "history.sqlite-wal"
    before = recordings(journal)
    pressed_s = screen.key(down=True)
    heard_s = until(lambda: recordings(journal) > before)
    desk.play(spoken)
    screen.key(down=False)
    field.clear()
    written_s: list[float] = []

    def pasted() -> bool:
        with suppress(OSError):
            written_s.append(history.stat().st_mtime)
        return field.text() is not None

    until(pasted)
    pasted_s, asked_s = time.time(), field.asked_s
    assert asked_s is not None, "the keys came before the text"
    last_s = max(at_s for at_s in written_s if at_s <= asked_s)
    return 1000 * (heard_s - pressed_s), 1000 * (pasted_s - last_s)


def recordings(journal: Path) -> int:
    """How many hold samples."""
    return sum(file.stat().st_size > HEADER_BYTES for file in journal.glob("*.wav"))


def write(file: Path, clip: Clip) -> None:
    with wave.open(str(file), "wb") as opened:
        opened.setnchannels(1)
        opened.setsampwidth(2)
        opened.setframerate(SAMPLE_RATE_HZ)
        opened.writeframes((clip.samples * 32767).astype("<i2").tobytes())


def family(process: int) -> Iterator[int]:
    """A process and those it started that are there."""
    yield process
    with suppress(OSError):
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from family(int(child))


def cpu_s(process: int) -> float:
    """Processor time of it and those it started."""
    ticks = 0
    for one in family(process):
        with suppress(OSError):
            after_name = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2]
            user, system = after_name.split()[11:13]
            ticks += int(user) + int(system)
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_mb(process: int) -> float:
    """Resident, of it alone."""
    status = Path(f"/proc/{process}/status").read_text().splitlines()
    line = next(line for line in status if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def _spread(name: str, times_ms: Sequence[float], case: str = "") -> list[Row]:
    case = case or f"{len(times_ms)} times"
    late_ms = percentile(times_ms, 95)
    return [
        Row(case, f"{name}_ms", None, None, median(times_ms), None),
        Row(case, f"{name}_p95_ms", None, None, late_ms, None),
    ]
