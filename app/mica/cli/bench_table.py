"""A benchmark's figures as a table beside their targets, or as JSON."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

FILE_COLUMNS: Final = 160
COLUMNS: Final = ("case", "metric", "style", "rival", "ours", "theirs", "ratio")


def show(report: Mapping[str, Any], *, as_json: bool) -> None:
    """Print a report of mica.bench on stdout."""
    if as_json:
        click.echo(json.dumps(report, indent=2))
        return
    title = f"{report['bench']}: {report['model']}, {report['machine']}"
    print_table(title, report["rows"])


def print_table(title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Print the rows, each beside its target and whether it meets it."""
    from mica.bench.report import bar_of

    table = Table(title=title)
    for name in (*COLUMNS, "target", "verdict"):
        table.add_column(name, no_wrap=name == "metric")
    for row in rows:
        bar = bar_of(row)
        judged = (bar.text(), bar.verdict(row)) if bar else (None, None)
        table.add_row(*map(_cell, (*(row[name] for name in COLUMNS), *judged)))
    # rich assumes a narrow terminal when it writes to a file
    Console(width=None if sys.stdout.isatty() else FILE_COLUMNS).print(table)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if not isinstance(value, float):
        return str(value)
    return f"{value:.2g}" if 0 < abs(value) < 0.1 else f"{value:.2f}"
