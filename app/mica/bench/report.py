"""Reports of the benchmarks: rows of figures, and their bars.

A bar is the limit that a figure has to meet; all bars are in one table. A row without a
bar is only reported. This module measures nothing.
"""

import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

MET, NOT_MET, VOID = "met", "NOT MET", "void"
#: From a child process: case, metric, style, value.
Measurement = tuple[str, str, str | None, float]


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement, ours and a rival's.

    metric   its name ends in its unit
    style    of the text; None if there is no text
    rival    None if nothing was compared; then `theirs` is None too
    """

    case: str
    metric: str
    style: str | None
    rival: str | None
    ours: float
    theirs: float | None

    @property
    def ratio(self) -> float | None:
        """theirs / ours: above 1, ours is faster or smaller."""
        if self.theirs is None or self.ours <= 0:
            return None
        return self.theirs / self.ours

    def as_dict(self) -> dict[str, object]:
        """The row as `bench --json` prints it."""
        return {
            "case": self.case,
            "metric": self.metric,
            "style": self.style,
            "rival": self.rival,
            "ours": self.ours,
            "theirs": self.theirs,
            "ratio": self.ratio,
        }


def report(bench: str, model: str, rows: Sequence[Row]) -> dict[str, object]:
    """What `mica bench --json` prints: {"bench", "machine", "model", "rows"}."""
    return {
        "bench": bench,
        "machine": machine(),
        "model": model,
        "rows": [row.as_dict() for row in rows],
    }


def machine() -> str:
    """The processor, its number of cores, and the operating system."""
    system = f"{platform.system()} {platform.release()}"
    return f"{processor()}, {os.cpu_count()} cores, {system}"


def processor() -> str:
    """The processor's name if the system provides it, else its architecture."""
    with suppress(OSError, subprocess.SubprocessError):
        if platform.system() == "Darwin":
            command = ["sysctl", "-n", "machdep.cpu.brand_string"]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            return done.stdout.strip()
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


@dataclass(frozen=True, slots=True)
class FigureBar:
    """A limit for the rows of a metric; "" matches any case, style or rival.

    of_ratio   the limit applies to the ratio, else to our own figure
    """

    metric: str
    limit: float
    at_least: bool = False
    case: str = ""
    style: str = ""
    rival: str = ""
    of_ratio: bool = False

    def concerns(self, row: Mapping[str, Any]) -> bool:
        return row["metric"] == self.metric and all(
            wanted in ("", row[name])
            for name, wanted in (
                ("case", self.case),
                ("style", self.style),
                ("rival", self.rival),
            )
        )

    def text(self) -> str:
        relation = "≥" if self.at_least else "≤"
        return f"{relation} {self.limit:g}{' times' if self.of_ratio else ''}"

    def verdict(self, row: Mapping[str, Any]) -> str:
        value = row["ratio"] if self.of_ratio else row["ours"]
        if value is None:
            return VOID
        is_met = value >= self.limit if self.at_least else value <= self.limit
        return MET if is_met else NOT_MET


def _faster(times: float, case: str, rival: str) -> FigureBar:
    return FigureBar("release_to_text_ms", times, True, case, "", rival, of_ratio=True)


#: Noises of bench.rooms in which pauses must be detected. Babble, in which other people
#: speak, is only reported.
ROOMS: Final = ("fan", "keys", "street", "kitchen")


def _room_bars(noise: str) -> tuple[FigureBar, ...]:
    """The bars for speech in a noise at 10 dB, and for the noise alone."""
    at_10_db = f"{noise} 10 dB"
    return (
        FigureBar("pauses_found_percent", 97, at_least=True, case=at_10_db),
        FigureBar("pause_known_p50_ms", 100, case=at_10_db),
        FigureBar("pause_known_p90_ms", 220, case=at_10_db),
        FigureBar("pause_known_in_250ms_percent", 95, at_least=True, case=at_10_db),
        FigureBar("forced_cuts_percent", 1, case=at_10_db),
        FigureBar("speech_lost_percent", 0.3, case=at_10_db),
        FigureBar("false_speech_percent", 5, case=at_10_db),
        FigureBar("encoded_of_60s_noise_s", 5, case=noise),
        FigureBar("quiet_stop_earliest_s", 14.5, at_least=True, case=noise),
        FigureBar("quiet_stop_latest_s", 17, case=noise),
    )


BARS: Final = (
    _faster(3, "10s", "mlx-audio"),
    _faster(10, "60s", "mlx-audio"),
    _faster(1.5, "10s", "mlx-audio-speculative"),
    _faster(5, "60s", "mlx-audio-speculative"),
    FigureBar("release_to_text_over_10s", 1.3, case="60s"),
    FigureBar("release_to_text_over_10s", 1.3, case="600s"),
    FigureBar("release_passes", 2, case="no pause", style="raw"),
    FigureBar("release_passes", 3, case="no pause", style="punctuated"),
    FigureBar("release_passes", 0, case="250ms pause"),
    FigureBar("passes_per_token_raw", 0.20),
    FigureBar("passes_per_token_punctuated", 0.35),
    FigureBar("passes_per_token_interim", 0.12),
    FigureBar("duty_encode_prefill_percent", 50),
    FigureBar("events_in_silence", 0),
    FigureBar("passes_in_silence", 0),
    FigureBar("first_word_lost", 0),
    FigureBar("raised", 0),
    FigureBar("tokens_equal_percent", 99.5, at_least=True),
    FigureBar("wer_added_points", 0.5),
    FigureBar("marks_f1_lost_points", 2),
    FigureBar("capitals_f1_lost_points", 2),
    FigureBar("events_changed", 0),
    FigureBar("delay_p50_s", 0.7),
    FigureBar("delay_p95_s", 1.2),
    FigureBar("committed_changed", 0),
    FigureBar("upwr", 0.10),
    FigureBar("normalized_erasure", 0.2),
    FigureBar("memory_growth", 1.05),
    FigureBar("encode_ms", 1.8, at_least=True, rival="mlx-audio", of_ratio=True),
    FigureBar("extra_memory_mb", 4, at_least=True, rival="mlx-audio", of_ratio=True),
    FigureBar("tray_ms", 1000),
    FigureBar("tray_p95_ms", 1000),
    FigureBar("first_journalled_sample_ms", 100),
    FigureBar("first_journalled_sample_p95_ms", 100),
    FigureBar("paste_ms", 30),
    FigureBar("paste_p95_ms", 30),
    FigureBar("idle_cpu_percent", 0.5),
    FigureBar("memory_mb", 200),
    FigureBar("wrong_pastes", 0),
    FigureBar("clipboards_lost", 0),
    FigureBar("endless_pastes", 0),
    *(bar for noise in ROOMS for bar in _room_bars(noise)),
    FigureBar("speech_lost_percent", 5, case="peak -50 dBFS"),
    FigureBar("detector_percent_of_core", 1),
)


def bar_of(row: Mapping[str, Any]) -> FigureBar | None:
    """The bar for a row; None if it has none."""
    return next((bar for bar in BARS if bar.concerns(row)), None)


def rows_with_bars(reports: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows of all reports that have a bar, in the order of the bars."""
    rows = [dict(row) for report in reports for row in report["rows"]]
    return [row for bar in BARS for row in rows if bar_of(row) is bar]
