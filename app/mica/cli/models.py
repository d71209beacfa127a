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

MAX_PROBLEMS = 10  # that are listed
FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group()
def models() -> None:
    """List, convert, check, and choose speech models."""


@models.command("list")
def list_() -> None:
    """List speech models and what each can do.

    \b
    *  in use
    !  chosen, but missing
    -  published; see `mica models convert`
    """
    from mica.store.verify import structure_problems

    chosen, names = load_settings().model, catalog.installed()
    if not (catalog.place(chosen) / "config.json").is_file():
        click.echo(f"! {chosen}  ({strings.MODEL_MISSING})")
    elif chosen not in names:  # a folder elsewhere
        names.append(chosen)
    for name in names:
        notes = [strings.MODEL_IN_USE] if name == chosen else []
        problems = structure_problems(catalog.place(name))
        if problems:
            notes.append(strings.MODEL_DAMAGED.format(problems[0].rstrip(".")))
        marker, note = "*" if name == chosen else " ", ", ".join(notes)
        click.echo(f"{marker} {name}  ({note})" if note else f"{marker} {name}")
        if not problems:
            click.echo(f"    {_abilities_of(name)}")
    for model in catalog.PUBLISHED:
        if model.name not in names:
            click.echo(f"- {model.name}  ({strings.MODEL_PUBLISHED})")
            click.echo(f"    {_abilities(punctuates=model.punctuates)}")
            facts = model.license, model.size_gb, model.repository
            click.echo(f"    {strings.MODEL_ORIGINAL.format(*facts)}")


def _abilities_of(name: str) -> str:
    """What an installed model can do, by its configuration and files."""
    from mica.model.checkpoint import BPE_HEAD_FILE
    from mica.model.config import read_config

    folder = catalog.place(name)
    punctuates = (folder / BPE_HEAD_FILE).exists()  # as engine.prompt.Forms.of
    if read_config(folder).translates:
        return _abilities(punctuates=punctuates)
    style = strings.MODEL_PUNCTUATES if punctuates else strings.MODEL_PLAIN
    own = f"{style}; {strings.MODEL_TRANSLATES_NOT}"
    return strings.MODEL_EMBEDDED.format(own) if name == catalog.EMBEDDED else own


def _abilities(*, punctuates: bool) -> str:
    """What a Granite Speech model can do."""
    style = strings.MODEL_PUNCTUATES if punctuates else strings.MODEL_PLAIN
    return f"{strings.MODEL_LANGUAGES}; {style}; {strings.MODEL_TRANSLATES}"


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
    with (
        paths.as_user(),
        Progress(console=Console(stderr=True), transient=True) as progress,
    ):
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

    problems = problems_of(catalog.folder(model, typed=True))
    if problems:
        if (more := len(problems) - MAX_PROBLEMS) > 1:
            problems[MAX_PROBLEMS:] = [strings.MORE_PROBLEMS.format(more)]
        raise ModelError(" ".join(problems), strings.REPLACE_MODEL)
    report(strings.MODEL_VERIFIED.format(model))


@models.command()
@click.argument("model")
def use(model: str) -> None:
    """Choose the model for dictation: an installed one, or a folder."""
    from mica.store.verify import structure_problems

    where = catalog.folder(model, typed=True)
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
