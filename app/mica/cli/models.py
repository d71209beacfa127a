"""`mica models`: which there are, converting, checking and choosing one."""

from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from mica import paths, settings
from mica.cli.messages import chosen_settings, say
from mica.dictation.control import Tell, listens, tell
from mica.errors import MicaError, ModelError
from mica.store import catalogue

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group()
def models() -> None:
    """The speech models on this machine."""


@models.command("list")
def list_() -> None:
    """Installed models (* is in use, ! is chosen but missing), then those that can be
    converted."""
    from mica.store.verify import structure_problems

    chosen = chosen_settings()
    if not (catalogue.place(chosen.model) / "config.json").is_file():
        click.echo(f"! {chosen.model}  (missing)")
    for name in catalogue.installed():
        mark = "*" if name == chosen.model else " "
        note = "  (synthetic voices only)" if name == catalogue.EMBEDDED else ""
        if problems := structure_problems(catalogue.place(name)):
            note = f"  (damaged: {problems[0].rstrip('.')})"
        click.echo(f"{mark} {name}{note}")
    for model in catalogue.PUBLISHED:
        if model.name not in catalogue.installed():
            click.echo(
                f"- {model.name}  {model.what}; {model.licence}, "
                f"{model.size_gb} GB; original: {model.repository}"
            )


@models.command()
@click.argument("source", metavar="SRC", type=FOLDER)
@click.argument("target", metavar="DST", type=FOLDER)
@click.option("--bits", type=click.Choice(["4", "8"]), default="8")
def convert(source: Path, target: Path, bits: str) -> None:
    """Make our format of an original (bf16) model folder."""
    from mica.store.convert import convert as write

    if not source.is_dir():
        raise ModelError(f"{source} is no folder.", "Give the downloaded model's.")
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Converting", total=None)
        write(
            source,
            target,
            int(bits),
            lambda done, all_: progress.update(task, completed=done, total=all_),
        )
    click.echo(f"mica: {target} is ready.", err=True)


@models.command()
@click.argument("model")
def verify(model: str) -> None:
    """Check a model's files; prints what is wrong."""
    from mica.store.verify import verify as problems_of

    problems = problems_of(catalogue.folder(model))
    if problems:
        raise ModelError(" ".join(problems), "Convert or install it again.")
    click.echo(f"mica: {model} is complete.", err=True)


@models.command()
@click.argument("model")
def use(model: str) -> None:
    """Choose the model for dictation."""
    from mica.store.verify import structure_problems

    where = catalogue.folder(model)
    if problems := structure_problems(where):
        raise ModelError(problems[0], "See `mica models list`.")
    name = model if model in catalogue.installed() else str(where)
    settings.save_one("model", name)
    if listens(paths.control_socket()):
        try:
            tell(paths.control_socket(), Tell.RELOAD)
        except MicaError as why:
            say(f"{name} is chosen. {why.line()}")
            return
    say(f"{name} is used from now on.")
