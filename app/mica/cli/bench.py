"""`mica bench`: our speed beside others', as a table or as JSON."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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

model_option = click.option("--model", help="A model's name or folder.")
clips_option = click.option(
    "--clips",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="WAV files with their words in .txt beside them, in place of ours.",
)
against_option = click.option(
    "--against", type=click.Choice(["mlx-audio"]), help="Measure it too."
)
json_option = click.option("--json", "as_json", is_flag=True)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture to be made of a latency report; refused before anything is measured."""

    file: Path | None

    def __post_init__(self) -> None:
        if self.file and find_spec("PIL") is None:
            needed = "--plot needs Pillow: pip install 'mica-dictation[plot]'"
            raise click.UsageError(needed)

    def of(self, report: Mapping[str, Any]) -> None:
        from mica.bench.plot import draw

        if self.file and report["rows"]:
            draw(report, self.file)


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


plot_option = click.option(
    "--plot",
    type=click.Path(path_type=Path),
    help="Draw release to text by length of speech, as PNG.",
)


@click.group()
def bench() -> None:
    """Measure on this machine; ratios above 1 mean Mica is faster or smaller.

    Progress is told on stderr. On two idle cores `all` takes some 40 minutes.
    """


@bench.command("all")
@model_option
@clips_option
@against_option
@plot_option
@json_option
def everything(
    model: str | None,
    clips: Path | None,
    against: str | None,
    plot: Path | None,
    as_json: bool,
) -> None:
    """Everything below in one run, and each figure that has a bar beside it."""
    from mica.bench.bars import held
    from mica.bench.everything import run

    drawing = Drawing(plot)
    reports: list[Mapping[str, Any]] = []
    for report in run(_folder(model), clips, against is not None):
        reports.append(report)
        if len(reports) == 1:
            drawing.of(report)
        if not as_json:
            _print(report, as_json=False)  # kept, whatever happens to the others
            sys.stdout.flush()
    if as_json:
        click.echo(json.dumps(reports, indent=2))
    else:
        _table("Figures that have a bar", held(reports))


@bench.command()
@model_option
@clips_option
@against_option
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
@plot_option
@json_option
def latency(
    model: str | None,
    clips: Path | None,
    against: str | None,
    shape: str | None,
    wrong: float,
    lengths: tuple[int, ...] | None,
    recordings: int | None,
    plot: Path | None,
    as_json: bool,
) -> None:
    """From the end of speech to the text, by length of speech."""
    from mica.bench.latency import CASES_S, Shape, run

    if shape and model:
        raise click.UsageError("--shape goes without --model.")
    drawing = Drawing(plot)
    report = run(
        _folder(model),
        clips=clips,
        against=against is not None,
        cases_s=lengths or CASES_S,
        styles=STYLES,
        recordings=recordings,
        shape=Shape(shape, wrong / 100) if shape else None,
    )
    drawing.of(report)
    _print(report, as_json)


@bench.command()
@model_option
@clips_option
@json_option
def effort(model: str | None, clips: Path | None, as_json: bool) -> None:
    """What is left to do at the release, and what the work before it costs."""
    from mica.bench.effort import run

    _print(run(_folder(model), clips=clips), as_json)


@bench.command()
@against_option
@json_option
def encoder(against: str | None, as_json: bool) -> None:
    """One attention block of the full-size encoder, and its memory on 30 s."""
    from mica.bench.encoder import run
    from mica.bench.rows import report

    _print(report("encoder", "random", run(against)), as_json)


@bench.command()
@model_option
@clips_option
@json_option
def captions(model: str | None, clips: Path | None, as_json: bool) -> None:
    """Live text: how soon a word is shown, and how much is taken back."""
    from mica.bench.captions import run

    _print(run(_folder(model), clips=clips), as_json)


@bench.command()
@model_option
@click.option(
    "--minutes",
    type=(int, int),
    default=(5, 60),
    show_default=True,
    help="Of speech: early and late.",
)
@json_option
def memory(model: str | None, minutes: tuple[int, int], as_json: bool) -> None:
    """What the engine holds late in an hour of speech, beside early in it."""
    from mica.bench.memory import run

    _print(run(_folder(model), minutes), as_json)


@bench.command()
@model_option
@clips_option
@click.option("--sounds", type=click.IntRange(1), default=1000, show_default=True)
@json_option
def noise(model: str | None, clips: Path | None, sounds: int, as_json: bool) -> None:
    """Coughs, knocks, fans and music: how far they get, what they cost the words."""
    from mica.bench.noise import run

    _print(run(_folder(model), clips=clips, sounds=sounds), as_json)


@bench.command()
@model_option
@clips_option
@json_option
def exactness(model: str | None, clips: Path | None, as_json: bool) -> None:
    """Reading ahead beside reading everything at the end."""
    from mica.bench.exactness import run

    _print(run(_folder(model), clips=clips), as_json)


@bench.command()
@json_option
def app(as_json: bool) -> None:
    """The app itself, on a screen and with a microphone of its own."""
    from mica.bench.app import run

    _print(run(), as_json)


@bench.command()
@json_option
def paste(as_json: bool) -> None:
    """Ten thousand random insertions against readers of every kind."""
    from mica.bench.paste import run

    _print(run(), as_json)


def _folder(model: str | None) -> Path:
    return catalogue.folder(model or chosen_settings().model)


def _print(report: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report, indent=2))
        return
    title = f"{report['bench']}: {report['model']}, {report['machine']}"
    _table(title, report["rows"])


def _table(title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """The rows, each beside its bar and whether it meets it."""
    from mica.bench.bars import bar_of

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
