"""The command line as a whole: help texts and usage errors."""

from collections.abc import Iterator

import click
import pytest

from cli.conftest import Mica
from mica.cli.main import mica as main


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """A command and all its subcommands, each with the words that run it."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from commands(inner, f"{path} {name}")


ALL = dict(commands(main, "mica"))


@pytest.mark.parametrize("path", ALL)
def test_every_command_and_option_has_a_help_text(path: str) -> None:
    command = ALL[path]
    options = [one for one in command.params if isinstance(one, click.Option)]
    assert command.help and "'" not in command.help
    assert [one.name for one in options if not one.help or "'" in one.help] == []


GROUPS = [path for path, command in ALL.items() if isinstance(command, click.Group)]


@pytest.mark.parametrize("path", GROUPS)
def test_the_list_of_commands_shows_whole_sentences(mica: Mica, path: str) -> None:
    result = mica(*path.split()[1:], "--help")
    lines = result.out.partition("Commands:\n")[2].splitlines()
    assert len(lines) > 3 and all(line.endswith(".") for line in lines)
    assert not any(line.endswith("...") for line in lines)


@pytest.mark.parametrize("path", GROUPS[1:])
def test_a_group_without_a_command_prints_its_help_as_an_error(
    mica: Mica, path: str
) -> None:
    words = path.split()[1:]
    result = mica(*words)
    assert (result.code, result.out) == (2, "")
    assert result.err == mica(*words, "--help").out


def test_the_help_of_transcribe_shows_that_files_are_optional(mica: Mica) -> None:
    assert "mica transcribe [OPTIONS] [FILE]...\n" in mica("transcribe", "--help").out


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["fly"], "No such command 'fly'. For help, run `mica --help`."),
        (
            ["transcibe"],
            "No such command 'transcibe'. Did you mean “transcribe”? "
            "For help, run `mica --help`.",
        ),
        (
            ["tell", "togle"],
            "There is no command “togle”. Did you mean “toggle”? "
            "For help, run `mica tell --help`.",
        ),
        (
            ["tell", "captions", "maybe"],
            "Captions can be turned on or off, not “maybe”. "
            "For help, run `mica tell --help`.",
        ),
        (
            ["transcribe", "--formt", "srt"],
            "No such option '--formt'. Did you mean '--format'? "
            "For help, run `mica transcribe --help`.",
        ),
        (
            ["keywords", "add"],
            "Missing argument 'KEYWORD...'. For help, run `mica keywords add --help`.",
        ),
    ],
)
def test_a_usage_error_names_the_help_of_its_command(
    mica: Mica, words: list[str], line: str
) -> None:
    result = mica(*words)
    assert (result.code, result.line()) == (2, f"mica: {line}")
