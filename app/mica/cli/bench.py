"""`mica bench`: Mica's speed beside other implementations', as a table or as JSON.

Over 300 lines: a command of a few lines for each benchmark, with its options.
"""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import click

from mica import paths
from mica.cli import strings
from mica.cli.bench_table import print_table, show
from mica.cli.reporting import load_settings
from mica.cli.shared_options import json_option, model_option
from mica.events import Style
from mica.store import catalog

STYLES: Final = (Style.RAW, Style.PUNCTUATED)
Command = Callable[..., None]


@dataclass(frozen=True, slots=True)
class LatencyPlot:
    """A plot of a latency report; UsageError at once if it can't be drawn."""

    file: Path | None

    def __post_init__(self) -> None:
        if self.file and find_spec("PIL") is None:
            raise click.UsageError(strings.NEEDS_PILLOW)

    def draw(self, report: Mapping[str, Any]) -> None:
        from mica.bench.plot import draw

        if self.file and report["rows"]:
            with paths.as_user():
                draw(report, self.file)


@dataclass(frozen=True, slots=True)
class BenchOptions:
    """Options that benchmarks share; defaults for those a command does not have.

    clips     a folder; None: the built-in clips
    against   whether the rival is measured too
    """

    model: str | None = None
    clips: Path | None = None
    against: bool = False
    plot: Path | None = None
    as_json: bool = False

    def __post_init__(self) -> None:
        if self.against and find_spec("mlx_audio") is None:  # the built app
            raise click.UsageError(strings.NEEDS_RIVAL)

    @property
    def folder(self) -> Path:
        """The folder of the model."""
        return catalog.folder(
            self.model or load_settings().model, typed=bool(self.model)
        )

    def show(self, report: Mapping[str, Any]) -> None:
        """Print a report as a table, or as JSON."""
        show(report, as_json=self.as_json)


OPTIONS: Final = {
    "model": model_option,
    "clips": click.option(
        "--clips",
        metavar="FOLDER",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        help="Use these WAV files, each with its transcript in a .txt file of the "
        "same name, instead of the built-in clips.",
    ),
    "against": click.option(
        "--against",
        type=click.Choice(["mlx-audio"]),
        help="Also measure this implementation.",
    ),
    "plot": click.option(
        "--plot",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Save a chart of the latency by length of speech (PNG).",
    ),
    "as_json": json_option,
}


def shared_options(*names: str) -> Callable[[Command], Command]:
    """Give a command some of OPTIONS and --json, packed as its first argument."""
    names = (*names, "as_json")

    def decorate(command: Command) -> Command:
        @wraps(command)
        def packed(**given: Any) -> None:
            shared = {name: given.pop(name) for name in names}
            if "against" in shared:
                shared["against"] = shared["against"] is not None
            command(BenchOptions(**shared), **given)

        for name in reversed(names):
            packed = OPTIONS[name](packed)
        return packed

    return decorate


def number_option(name: str, default: int, help: str) -> Callable[[Command], Command]:
    """An option that takes a number from 1."""
    kind = click.IntRange(1)
    return click.option(name, type=kind, default=default, show_default=True, help=help)


def _lengths(
    _context: click.Context, _option: click.Parameter, value: str | None
) -> tuple[int, ...] | None:
    """Seconds, as whole numbers separated by commas."""
    if value is None:
        return None
    parts = value.split(",")
    if not all(part.strip().isdigit() and int(part) > 0 for part in parts):
        raise click.BadParameter(strings.NOT_SECONDS)
    return tuple(map(int, parts))


@click.group()
def bench() -> None:
    """Measure Mica on this machine.

    A ratio above 1 means that Mica is faster or smaller. Progress goes to standard
    error. `all` takes about 40 minutes on two idle cores.
    """


@bench.command("all")
@shared_options("model", "clips", "against", "plot")
def everything(options: BenchOptions) -> None:
    """Run all benchmarks and compare the figures with their targets."""
    from mica.bench.everything import run
    from mica.bench.report import rows_with_bars

    plot = LatencyPlot(options.plot)
    reports: list[Mapping[str, Any]] = []
    for report in run(options.folder, options.clips, options.against):
        reports.append(report)
        if len(reports) == 1:
            plot.draw(report)
        if not options.as_json:
            options.show(report)  # now, in case a later one fails
            sys.stdout.flush()
    if options.as_json:
        click.echo(json.dumps(reports, indent=2))
    else:
        print_table(strings.TARGETS, rows_with_bars(reports))


@bench.command()
@shared_options("model", "clips", "against", "plot")
@click.option(
    "--shape",
    type=click.Choice(["granite-speech-4.1-2b"]),
    help="Use random weights of this model’s size; nothing needs to be downloaded.",
)
@click.option(
    "--wrong",
    metavar="PERCENT",
    type=click.FloatRange(0, 100),
    default=3,
    show_default=True,
    help="Share of wrong draft tokens, with --shape.",
)
@click.option(
    "--lengths",
    metavar="SECONDS",
    callback=_lengths,
    help="Lengths of speech, separated by commas, such as 3,10,60.",
)
@click.option(
    "--recordings", type=click.IntRange(1), help="Number of recordings of each length."
)
def latency(
    options: BenchOptions,
    shape: str | None,
    wrong: float,
    lengths: tuple[int, ...] | None,
    recordings: int | None,
) -> None:
    """Measure the time from the end of speech to the text.

    Each length of speech is measured.
    """
    from mica.bench.latency import CASES_S, LatencyCases, Shape, run

    if shape and options.model:
        raise click.UsageError(strings.SHAPE_OR_MODEL)
    plot = LatencyPlot(options.plot)
    report = run(
        options.folder,
        clips=options.clips,
        against=options.against,
        cases=LatencyCases(lengths or CASES_S, STYLES, recordings),
        shape=Shape(shape, wrong / 100) if shape else None,
    )
    plot.draw(report)
    options.show(report)


@bench.command()
@shared_options("model", "clips")
def effort(options: BenchOptions) -> None:
    """Count the work done before and after speech ends."""
    from mica.bench.effort import run

    options.show(run(options.folder, clips=options.clips))


@bench.command()
@shared_options("against")
def encoder(options: BenchOptions) -> None:
    """Measure the time and memory of a full-size encoder block."""
    from mica.bench.encoder import RIVAL, run
    from mica.bench.report import report

    rows = run(RIVAL if options.against else None)
    options.show(report("encoder", "random", rows))


@bench.command()
@shared_options("model", "clips")
def captions(options: BenchOptions) -> None:
    """Measure how soon live text appears, and how often it changes."""
    from mica.bench.captions import run

    options.show(run(options.folder, clips=options.clips))


@bench.command()
@shared_options("model")
@click.option(
    "--minutes",
    metavar="EARLY LATE",
    type=(int, int),
    default=(5, 60),
    show_default=True,
    help="Minutes of speech after which memory is measured.",
)
def memory(options: BenchOptions, minutes: tuple[int, int]) -> None:
    """Compare memory use early and late in an hour of speech."""
    from mica.bench.memory import run

    options.show(run(options.folder, minutes))


@bench.command()
@shared_options("model", "clips")
@number_option("--sounds", 1000, "Number of sounds.")
def noise(options: BenchOptions, sounds: int) -> None:
    """Measure what coughs, knocks, fans, and music do to the text."""
    from mica.bench.noise import run

    options.show(run(options.folder, clips=options.clips, sounds=sounds))


@bench.command()
@shared_options("clips")
@click.option(
    "--noises",
    metavar="FOLDER",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Also use these WAV files as noises.",
)
@number_option("--recordings", 12, "Number of 30-second recordings.")
def rooms(options: BenchOptions, noises: Path | None, recordings: int) -> None:
    """Measure how well pauses are recognized in noise, echo, and hum."""
    from mica.bench.rooms import run

    options.show(run(folder=options.clips, noises=noises, recordings=recordings))


@bench.command()
@shared_options("model", "clips")
def exactness(options: BenchOptions) -> None:
    """Compare the texts of the streaming and the offline reader."""
    from mica.bench.exactness import run

    options.show(run(options.folder, clips=options.clips))


@bench.command()
@shared_options()
def app(options: BenchOptions) -> None:
    """Measure the app itself, on a virtual screen and microphone."""
    from mica.bench.app import run

    options.show(run())


@bench.command()
@shared_options()
def paste(options: BenchOptions) -> None:
    """Try ten thousand random insertions in simulated apps."""
    from mica.bench.paste import run

    options.show(run())
