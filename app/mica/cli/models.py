"""`mica models`: list, convert, check, and choose speech models."""

from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from mica import paths, settings
from mica.cli import strings
from mica.cli.reporting import load_settings, report
from mica.dictation.control import ControlCommand, listens, send_command
from mica.errors import MicaError, ModelError
from mica.store import catalog

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group()
def models() -> None:
    """List, convert, check, and choose speech models."""


@models.command("list")
def list_() -> None:
    """List speech models.

    \b
    *  in use
    !  chosen, but missing
    -  published; see `mica models convert`
    """
    from mica.store.verify import structure_problems

    chosen = load_settings()
    if not (catalog.place(chosen.model) / "config.json").is_file():
        click.echo(f"! {chosen.model}  ({strings.MODEL_MISSING})")
    for name in catalog.installed():
        marker = "*" if name == chosen.model else " "
        note = f"  ({strings.SYNTHETIC_VOICES})" if name == catalog.EMBEDDED else ""
        if problems := structure_problems(catalog.place(name)):
            damage = strings.MODEL_DAMAGED.format(problems[0].rstrip("."))
            note = f"  ({damage})"
        click.echo(f"{marker} {name}{note}")
    for model in catalog.PUBLISHED:
        if model.name not in catalog.installed():
            click.echo(
                f"- {model.name}  ({strings.MODEL_PUBLISHED})  {model.what}; "
                f"{model.license}, {model.size_gb} GB; original: {model.repository}"
            )


@models.command()
@click.argument("source", metavar="SOURCE", type=FOLDER)
@click.argument("target", metavar="TARGET", type=FOLDER)
@click.option(
    "--bits",
    type=click.Choice(["4", "8"]),
    default="8",
    show_default=True,
    help="Bits per weight.",
)
def convert(source: Path, target: Path, bits: str) -> None:
    """Convert a downloaded model so that Mica can use it.

    SOURCE is the folder of the original (bf16) model. TARGET is created.

    To download an original first, run, for example:

    \b
    hf download ibm-granite/granite-speech-4.1-2b --local-dir original
    """
    from mica.model.mlx_build import use_suited_build

    use_suited_build()
    from mica.store.convert import convert as write

    if not source.is_dir():
        what = strings.NOT_A_FOLDER.format(source)
        raise ModelError(what, strings.CHOOSE_MODEL_FOLDER)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Converting", total=None)
        write(
            source,
            target,
            int(bits),
            lambda done, all_: progress.update(task, completed=done, total=all_),
        )
    report(strings.MODEL_CONVERTED.format(target))


@models.command()
@click.argument("model")
def verify(model: str) -> None:
    """Check a model’s files and report problems."""
    from mica.store.verify import verify as problems_of

    problems = problems_of(catalog.folder(model))
    if problems:
        raise ModelError(" ".join(problems), strings.REPLACE_MODEL)
    report(strings.MODEL_VERIFIED.format(model))


@models.command()
@click.argument("model")
def use(model: str) -> None:
    """Choose the model for dictation: an installed one, or a folder."""
    from mica.store.verify import structure_problems

    where = catalog.folder(model)
    if problems := structure_problems(where):
        raise ModelError(problems[0], strings.LIST_MODELS)
    name = model if model in catalog.installed() else str(where)
    settings.save_one("model", name)
    if listens(paths.control_socket()):
        try:
            send_command(paths.control_socket(), ControlCommand.RELOAD)
        except MicaError as error:
            report(strings.MODEL_NOT_LOADED.format(name, error.line()))
            return
    report(strings.MODEL_CHOSEN.format(name))
