"""Runs all benchmarks, for `make bench`.

Timed ones run alone; those that only count or measure memory run in parallel. All of it
takes about 40 minutes on two cores. A benchmark that cannot run here is reported with
the reason, and the others continue.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from mica.bench import (
    app,
    captions,
    effort,
    encoder,
    exactness,
    latency,
    memory,
    paste,
    rooms,
)
from mica.bench.child import AT_ONCE, print_progress
from mica.bench.report import report
from mica.errors import MicaError
from mica.events import Style

STYLES: Final = (Style.RAW, Style.PUNCTUATED)
Report = dict[str, Any]
Benchmark = Callable[[], Report]


def run(model_folder: Path, clips: Path | None, against: bool) -> Iterator[Report]:
    """The reports, each as soon as it is ready; latency's comes first."""
    timed: dict[str, Benchmark] = {
        "latency": lambda: latency.run(
            model_folder,
            clips=clips,
            against=against,
            cases=latency.LatencyCases(styles=STYLES, once_s=(600,)),
        ),
        "effort": lambda: effort.run(model_folder, clips=clips),
        "captions": lambda: captions.run(model_folder, clips=clips),
        "encoder": lambda: report(
            "encoder", "random", encoder.run("mlx-audio" if against else None)
        ),
        "app": app.run,
    }
    counted: dict[str, Benchmark] = {
        "exactness": lambda: exactness.run(model_folder, clips=clips),
        "memory": lambda: memory.run(model_folder),
        "paste": paste.run,
        "rooms": lambda: rooms.run(folder=clips),
    }
    for name, bench in timed.items():
        yield _measured(name, bench)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(_measured, counted, counted.values())


def _measured(name: str, benchmark: Benchmark) -> Report:
    """A benchmark's report; without rows if it cannot run here."""
    print_progress(f"{name} begins")
    start_s = time.monotonic()
    try:
        found: Mapping[str, Any] = benchmark()
    except MicaError as why:
        return report(name, why.line(), [])
    print_progress(f"{name} took {(time.monotonic() - start_s) / 60:.1f} minutes")
    return dict(found)
