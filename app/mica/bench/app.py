"""Benchmarks the app from outside, in a private desktop session: latency, CPU, memory.

`tray_ms`: from process start until the tray shows the icon.
`first_journalled_sample_ms`: from the key press until the recording on disk has
samples, with the microphone closed each time and with it kept open. `paste_ms`: from
when the text is saved in the history until a text field, whose own time is negligible,
has it; file times are accurate to 4 ms.
`idle_cpu_percent`: of one core, app and engine together, while idle.
`memory_mb`: resident, of the app's own process, after all that.
"""

import os
import time
import wave
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from mica.bench.child import print_progress
from mica.bench.desktop_session import DesktopSession, desktop_session, wait_until
from mica.bench.metrics import percentile
from mica.bench.report import Row, report
from mica.bench.speech import Clip, clips
from mica.units import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from mica.bench.desktop_session import DisplayConnection, TextField

STARTS: Final = 10
DICTATIONS: Final = 10
IDLE_S: Final = 60.0
SETTLE_S: Final = 5.0
BETWEEN_S: Final = 1.0  # until the clipboard is restored and the overlay is gone
LONGEST_CLIP_S: Final = 4.0
HEADER_BYTES: Final = 100  # a journal larger than this has samples


@dataclass(frozen=True, slots=True)
class Rig:
    """A desktop session, a connection to its display, and a text field on it."""

    session: DesktopSession
    display: "DisplayConnection"
    field: "TextField"


def run(
    starts: int = STARTS, dictations: int = DICTATIONS, idle_s: float = IDLE_S
) -> dict[str, object]:
    """`mica bench app --json`: {"bench", "machine", "model", "rows"}.

    Medians and 95th percentiles. Smaller numbers are for trying the benchmark itself.
    """
    with desktop_session() as session:
        # X11's library: not everywhere
        from mica.bench.desktop_session import DisplayConnection, TextField

        display = DisplayConnection(session.environment["DISPLAY"])
        try:
            print_progress(f"app: {starts} starts")
            tray_ms = [start_ms(session, display) for _ in range(starts)]
            rig = Rig(session, display, TextField(display))
            wait_until(rig.field.active)
            rows = [*_median_and_p95("tray", tray_ms)]
            for keep_open in ("off", "30 s"):
                settings = f'keep_microphone_open = "{keep_open}"\n'
                (session.home / "settings.toml").write_text(settings)
                cold = keep_open == "off"
                rows += measure_run(rig, dictations, idle_s if cold else 0, cold=cold)
        finally:
            display.close()
    return report("app", "pebble", rows)


def start_ms(session: DesktopSession, display: "DisplayConnection") -> float:
    """The time of one start, until the icon is shown; ends the app again."""
    before = display.icons()
    start_s = time.monotonic()
    with session.app():
        shown_s = wait_until(lambda: display.icons() > before)
    wait_until(lambda: display.icons() == before)
    return 1000 * (shown_s - start_s)


def measure_run(rig: Rig, dictations: int, idle_s: float, *, cold: bool) -> list[Row]:
    """Measure one run of the app: idle first, then dictations in succession.

    cold   the microphone is closed between them; else only the first one opens it, and
           is not counted
    """
    spoken = rig.session.home / "spoken.wav"
    write_wav(spoken, next(clip for clip in clips() if clip.seconds < LONGEST_CLIP_S))
    samples_ms: list[float] = []
    pastes_ms: list[float] = []
    with rig.session.app() as app:
        rig.session.wait_until_ready()
        time.sleep(SETTLE_S)
        print_progress(f"app: idle for {idle_s:g} s")
        before_s = cpu_s(app.pid)
        time.sleep(idle_s)
        idle = 100 * (cpu_s(app.pid) - before_s) / max(1, idle_s)
        if not cold:
            measure_dictation(rig, spoken)
            time.sleep(BETWEEN_S)
        for number in range(dictations):
            print_progress(f"app: dictation {number + 1} of {dictations}")
            sample_ms, paste_ms = measure_dictation(rig, spoken)
            samples_ms.append(sample_ms)
            pastes_ms.append(paste_ms)
            time.sleep(BETWEEN_S)
        resident = memory_mb(app.pid)
    if not cold:
        return _median_and_p95("first_journalled_sample", samples_ms, "warm microphone")
    return [
        *_median_and_p95("first_journalled_sample", samples_ms, "cold microphone"),
        *_median_and_p95("paste", pastes_ms),
        Row(f"{idle_s:g}s", "idle_cpu_percent", None, None, idle, None),
        Row("app", "memory_mb", None, None, resident, None),
    ]


def measure_dictation(rig: Rig, spoken: Path) -> tuple[float, float]:
    """Hold, speak, release; returns first_journalled_sample_ms and paste_ms."""
    home, field = rig.session.home, rig.field
    journal, history = home / "journal", home / "history.sqlite-wal"
    before = recordings(journal)
    pressed_s = rig.display.key(down=True)
    journalled_s = wait_until(lambda: recordings(journal) > before)
    rig.session.play(spoken)
    rig.display.key(down=False)
    field.clear()
    written_s: list[float] = []

    def pasted() -> bool:
        with suppress(OSError):
            written_s.append(history.stat().st_mtime)
        return field.text() is not None

    wait_until(pasted)
    pasted_s, keys_s = time.time(), field.keys_s
    assert keys_s is not None, "the keys came before the text"
    last_s = max(at_s for at_s in written_s if at_s <= keys_s)
    return 1000 * (journalled_s - pressed_s), 1000 * (pasted_s - last_s)


def recordings(journal: Path) -> int:
    """How many journals in a folder have samples."""
    return sum(file.stat().st_size > HEADER_BYTES for file in journal.glob("*.wav"))


def write_wav(file: Path, clip: Clip) -> None:
    """Write the clip as 16-bit mono at 16 kHz."""
    with wave.open(str(file), "wb") as opened:
        opened.setnchannels(1)
        opened.setsampwidth(2)
        opened.setframerate(SAMPLE_RATE_HZ)
        opened.writeframes((clip.samples * 32767).astype("<i2").tobytes())


def process_tree(process: int) -> Iterator[int]:
    """A process and its living descendants."""
    yield process
    with suppress(OSError):
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from process_tree(int(child))


def cpu_s(process: int) -> float:
    """CPU time of a process and its descendants."""
    ticks = 0
    for one in process_tree(process):
        with suppress(OSError):
            after_name = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2]
            user, system = after_name.split()[11:13]
            ticks += int(user) + int(system)
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_mb(process: int) -> float:
    """Resident memory of one process, without descendants."""
    status = Path(f"/proc/{process}/status").read_text().splitlines()
    line = next(line for line in status if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def _median_and_p95(name: str, times_ms: Sequence[float], case: str = "") -> list[Row]:
    case = case or f"{len(times_ms)} times"
    late_ms = percentile(times_ms, 95)
    return [
        Row(case, f"{name}_ms", None, None, median(times_ms), None),
        Row(case, f"{name}_p95_ms", None, None, late_ms, None),
    ]
