"""`make faults`: a thousand random runs, and a table of faults and stages.

python tests/faults/run.py                          a thousand runs
python tests/faults/run.py --runs 100 --seed 7      other ones
python tests/faults/run.py "disk full/arming/3"     one run, as a failure names it
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_LOGGING_RULES"] = "qt.qpa.*=false"
sys.path.insert(0, str(Path(__file__).parents[1]))

from PySide6.QtWidgets import QApplication

from faults import runs
from faults.known import FAULTS, Stage

RUNS = 1000
PROCESSES = 2
EACH = 20  # runs of a process, which then gives back its memory
Cell = tuple[str, str]  # a fault and a stage
Result = tuple[str, list[str]]  # the name of a run, and the laws that did not hold


def cases(number: int, seed: int) -> Iterator[str]:
    """So many runs: every cell of the table equally often, give or take one."""
    cells = [(f, s) for s in Stage for f in runs.possible(s)]
    random.Random(seed).shuffle(cells)
    for turn in range(number):
        fault, stage = cells[turn % len(cells)]
        yield str(runs.Case(fault, stage, seed + turn // len(cells)))


def played(names: list[str]) -> Iterator[Result]:
    """Play runs in this process."""
    application = QApplication([])
    for name in names:
        broken = runs.play(runs.case(name), application)
        yield name, [str(one) for one in broken]


def in_processes(names: list[str]) -> Iterator[Result]:
    """Play runs in other processes, two at a time."""
    parts = [names[at : at + EACH] for at in range(0, len(names), EACH)]
    with ThreadPoolExecutor(PROCESSES) as pool:
        for printed in pool.map(_in_process, parts):
            yield from (tuple(json.loads(line)) for line in printed)


def _in_process(names: list[str]) -> list[str]:
    """The results of runs in another process, one a line. One that ends by itself has
    lost the others."""
    command = [sys.executable, __file__, "--json", *names]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    lines = done.stdout.splitlines()
    rest = names[len(lines) :]
    why = [f"the process ended with {done.returncode}"]
    return lines + [json.dumps((name, why)) for name in rest]


def table(count: Counter[Cell], lost: Counter[Cell]) -> str:
    """Rows are faults, columns stages: runs, and after a slash those that failed."""
    stages = [stage.value for stage in Stage]
    lines = [" ".join([" " * 22, *(f"{stage:>9}" for stage in stages)])]
    for fault in FAULTS:
        cells = []
        for stage in Stage:
            cell = fault.name, stage.value
            found = f"{count[cell]}/{lost[cell]}" if count[cell] else ""
            cells.append(f"{'–' if stage in fault.not_at else found:>9}")
        lines.append(" ".join([f"{fault.name:22}", *cells]))
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="runs, such as disk full/arming/3")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="one line for each run")
    given = parser.parse_args()
    if given.json:
        for result in played(given.names):
            print(json.dumps(result), flush=True)
        return 0
    if given.names:
        results = played(given.names)
    else:
        results = in_processes(list(cases(given.runs, given.seed)))
    count, lost = Counter[Cell](), Counter[Cell]()
    begun_s = time.perf_counter()
    for name, broken in results:
        fault, stage, _ = name.split("/")
        count[fault, stage] += 1
        lost[fault, stage] += bool(broken)
        for one in broken:
            print(f"{name}: {one}", flush=True)
    took_s = time.perf_counter() - begun_s
    if not given.names:
        print(table(count, lost))
        print(f"{count.total()} runs, {lost.total()} lost, {took_s:.0f} s.")
    return 1 if lost.total() else 0


if __name__ == "__main__":
    sys.exit(main())
