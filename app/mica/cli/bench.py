"""`mica bench`: our speed beside others', as a table or as JSON."""

import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

from mica import settings
from mica.events import Style
from mica.store import catalogue

FILE_COLUMNS: Final = 120
RIVAL = click.Choice(["mlx-audio"])


@click.group()
def bench() -> None:
    """Measure on this machine; ratios above 1 mean Mica is faster or smaller."""


@bench.command()
@click.option("--model", help="A model's name or folder.")
@click.option("--against", type=RIVAL)
@click.option("--json", "as_json", is_flag=True)
@click.option("--plot", type=click.Path(path_type=Path), help="Draw it, as PNG.")
def latency(
    model: str | None, against: str | None, as_json: bool, plot: Path | None
) -> None:
    """From the end of speech to the text, by length of speech."""
    from mica.bench.latency import run
    from mica.bench.plot import draw

    if plot and find_spec("PIL") is None:
        raise click.UsageError(
            "--plot needs Pillow: pip install 'mica-dictation[plot]'"
        )
    folder = catalogue.folder(model or settings.load()[0].model)
    styles = (Style.RAW, Style.PUNCTUATED)
    report = run(folder, against=against is not None, styles=styles)
    if plot:
        draw(report, plot)
    _print(report, as_json)


@bench.command()
@click.option("--against", type=RIVAL)
@click.option("--json", "as_json", is_flag=True)
def encoder(against: str | None, as_json: bool) -> None:
    """One attention block of the full-size encoder, and its memory on 30 s."""
    from mica.bench.encoder import run
    from mica.bench.rows import report

    _print(report("encoder", "random", run(against)), as_json)


@bench.command()
@click.option("--model", help="A model's name or folder.")
@click.option("--json", "as_json", is_flag=True)
def captions(model: str | None, as_json: bool) -> None:
    """Live text: how soon a word is shown, and how much is taken back."""
    from mica.bench.captions import run

    folder = catalogue.folder(model or settings.load()[0].model)
    _print(run(folder), as_json)


@bench.command()
@click.option("--model", help="A model's name or folder.")
@click.option(
    "--minutes",
    type=(int, int),
    default=(5, 60),
    show_default=True,
    help="Of speech: early and late.",
)
@click.option("--json", "as_json", is_flag=True)
def memory(model: str | None, minutes: tuple[int, int], as_json: bool) -> None:
    """What the engine holds late in an hour of speech, beside early in it."""
    from mica.bench.memory import run

    folder = catalogue.folder(model or settings.load()[0].model)
    _print(run(folder, minutes), as_json)


@bench.command()
@click.option("--model", help="A model's name or folder.")
@click.option("--json", "as_json", is_flag=True)
def exactness(model: str | None, as_json: bool) -> None:
    """Reading ahead beside reading everything at the end."""
    from mica.bench.exactness import run

    folder = catalogue.folder(model or settings.load()[0].model)
    _print(run(folder), as_json)


def _print(report: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report, indent=2))
        return
    table = Table(title=f"{report['bench']}: {report['model']}, {report['machine']}")
    names = ("case", "metric", "style", "rival", "ours", "theirs", "ratio")
    for name in names:
        table.add_column(name)
    for row in report["rows"]:
        table.add_row(*(_cell(row[name]) for name in names))
    # In a file a table is not as narrow as rich takes it to be.
    Console(width=None if sys.stdout.isatty() else FILE_COLUMNS).print(table)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" if isinstance(value, float) else str(value)
