"""`mica bench`: our speed beside others', as a table or as JSON."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

from mica.cli.messages import chosen_settings
from mica.events import Style
from mica.store import catalogue

FILE_COLUMNS: Final = 160
STYLES: Final = (Style.RAW, Style.PUNCTUATED)
COLUMNS: Final = ("case", "metric", "style", "rival", "ours", "theirs", "ratio")
Command = Callable[..., None]


@dataclass(frozen=True, slots=True)
class LatencyPlot:
    """A plot of a latency report; refused before anything is measured."""

    file: Path | None

    def __post_init__(self) -> None:
        if self.file and find_spec("PIL") is None:
            needed = "--plot needs Pillow: pip install 'mica-dictation[plot]'"
            raise click.UsageError(needed)

    def draw(self, report: Mapping[str, Any]) -> None:
        from mica.bench.plot import draw

        if self.file and report["rows"]:
            draw(report, self.file)


@dataclass(frozen=True, slots=True)
class Request:
    """The options that benchmarks share; the default where a command has not got one.

    clips     a folder; None for those that come along
    against   whether the rival is measured too
    """

    model: str | None = None
    clips: Path | None = None
    against: bool = False
    plot: Path | None = None
    as_json: bool = False

    @property
    def folder(self) -> Path:
        """The model's."""
        return catalogue.folder(self.model or chosen_settings().model)

    def show(self, report: Mapping[str, Any]) -> None:
        """Print a report as a table, or as JSON."""
        _print(report, self.as_json)


OPTIONS: Final = {
    "model": click.option("--model", help="A model's name or folder."),
    "clips": click.option(
        "--clips",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        help="WAV files with their words in .txt beside them, in place of ours.",
    ),
    "against": click.option(
        "--against", type=click.Choice(["mlx-audio"]), help="Measure it too."
    ),
    "plot": click.option(
        "--plot",
        type=click.Path(path_type=Path),
        help="Draw release to text by length of speech, as PNG.",
    ),
    "as_json": click.option("--json", "as_json", is_flag=True),
}


def shared_options(*names: str) -> Callable[[Command], Command]:
    """Gives a command these of OPTIONS and --json, as one Request in front."""
    names = (*names, "as_json")

    def decorate(command: Command) -> Command:
        @wraps(command)
        def packed(**given: Any) -> None:
            shared = {name: given.pop(name) for name in names}
            if "against" in shared:
                shared["against"] = shared["against"] is not None
            command(Request(**shared), **given)

        for name in reversed(names):
            packed = OPTIONS[name](packed)
        return packed

    return decorate


def _seconds(
    context: click.Context, option: click.Parameter, given: str | None
) -> tuple[int, ...] | None:
    """Whole numbers with commas between them."""
    if given is None:
        return None
    parts = given.split(",")
    if not all(part.strip().isdigit() and int(part) > 0 for part in parts):
        raise click.BadParameter(f"“{given}” is not like 3,10,60.")
    return tuple(map(int, parts))


@click.group()
def bench() -> None:
    """Measure on this machine; ratios above 1 mean Mica is faster or smaller.

    Progress is told on stderr. On two idle cores `all` takes some 40 minutes.
    """


@bench.command("all")
@shared_options("model", "clips", "against", "plot")
def everything(request: Request) -> None:
    """Everything below in one run, and each figure that has a bar beside it."""
    from mica.bench.everything import run
    from mica.bench.report import rows_with_bars

    plot = LatencyPlot(request.plot)
    reports: list[Mapping[str, Any]] = []
    for report in run(request.folder, request.clips, request.against):
        reports.append(report)
        if len(reports) == 1:
            plot.draw(report)
        if not request.as_json:
            request.show(report)  # kept, whatever happens to the others
            sys.stdout.flush()
    if request.as_json:
        click.echo(json.dumps(reports, indent=2))
    else:
        _table("Figures that have a bar", rows_with_bars(reports))


@bench.command()
@shared_options("model", "clips", "against", "plot")
@click.option(
    "--shape",
    type=click.Choice(["granite-speech-4.1-2b"]),
    help="Random weights of that model's size: nothing to download first.",
)
@click.option(
    "--wrong",
    type=click.FloatRange(0, 100),
    default=3,
    show_default=True,
    help="Per cent of the draft's tokens, with --shape.",
)
@click.option("--lengths", callback=_seconds, help="Of speech, in s: 3,10,60.")
@click.option("--recordings", type=click.IntRange(1), help="Of each length.")
def latency(
    request: Request,
    shape: str | None,
    wrong: float,
    lengths: tuple[int, ...] | None,
    recordings: int | None,
) -> None:
    """From the end of speech to the text, by length of speech."""
    from mica.bench.latency import CASES_S, LatencyCases, Shape, run

    if shape and request.model:
        raise click.UsageError("--shape goes without --model.")
    plot = LatencyPlot(request.plot)
    report = run(
        request.folder,
        clips=request.clips,
        against=request.against,
        cases=LatencyCases(lengths or CASES_S, STYLES, recordings),
        shape=Shape(shape, wrong / 100) if shape else None,
    )
    plot.draw(report)
    request.show(report)


@bench.command()
@shared_options("model", "clips")
def effort(request: Request) -> None:
    """What is left to do at the release, and what the work before it costs."""
    from mica.bench.effort import run

    request.show(run(request.folder, clips=request.clips))


@bench.command()
@shared_options("against")
def encoder(request: Request) -> None:
    """One attention block of the full-size encoder, and its memory on 30 s."""
    from mica.bench.encoder import RIVAL, run
    from mica.bench.report import report

    rows = run(RIVAL if request.against else None)
    request.show(report("encoder", "random", rows))


@bench.command()
@shared_options("model", "clips")
def captions(request: Request) -> None:
    """Live text: how soon a word is shown, and how much is taken back."""
    from mica.bench.captions import run

    request.show(run(request.folder, clips=request.clips))


@bench.command()
@shared_options("model")
@click.option(
    "--minutes",
    type=(int, int),
    default=(5, 60),
    show_default=True,
    help="Of speech: early and late.",
)
def memory(request: Request, minutes: tuple[int, int]) -> None:
    """What the engine holds late in an hour of speech, beside early in it."""
    from mica.bench.memory import run

    request.show(run(request.folder, minutes))


@bench.command()
@shared_options("model", "clips")
@click.option("--sounds", type=click.IntRange(1), default=1000, show_default=True)
def noise(request: Request, sounds: int) -> None:
    """Coughs, knocks, fans and music: how far they get, what they cost the words."""
    from mica.bench.noise import run

    request.show(run(request.folder, clips=request.clips, sounds=sounds))


@bench.command()
@shared_options("model", "clips")
def exactness(request: Request) -> None:
    """Reading ahead beside reading everything at the end."""
    from mica.bench.exactness import run

    request.show(run(request.folder, clips=request.clips))


@bench.command()
@shared_options()
def app(request: Request) -> None:
    """The app itself, on a screen and with a microphone of its own."""
    from mica.bench.app import run

    request.show(run())


@bench.command()
@shared_options()
def paste(request: Request) -> None:
    """Ten thousand random insertions against readers of every kind."""
    from mica.bench.paste import run

    request.show(run())


def _print(report: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report, indent=2))
        return
    title = f"{report['bench']}: {report['model']}, {report['machine']}"
    _table(title, report["rows"])


def _table(title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """The rows, each beside its bar and whether it meets it."""
    from mica.bench.report import bar_of

    table = Table(title=title)
    for name in (*COLUMNS, "bar", "verdict"):
        table.add_column(name, no_wrap=name == "metric")
    for row in rows:
        bar = bar_of(row)
        judged = (bar.text(), bar.verdict(row)) if bar else (None, None)
        table.add_row(*map(_cell, (*(row[name] for name in COLUMNS), *judged)))
    # In a file a table is not as narrow as rich takes it to be.
    Console(width=None if sys.stdout.isatty() else FILE_COLUMNS).print(table)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if not isinstance(value, float):
        return str(value)
    return f"{value:.2g}" if 0 < abs(value) < 0.1 else f"{value:.2f}"
