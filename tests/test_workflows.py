"""The workflows' scripts are valid shell and run the same commands as people do."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
RUN = re.compile(r"^( *)(?:- )?run: (?:([|>])-?\n((?:\1 {2,}.*\n|\n)+)|(.+)\n)", re.M)


def scripts(workflow: Path) -> Iterator[str]:
    """The script of each step, with GitHub's expressions replaced by names."""
    text = re.sub(r"\$\{\{.*?\}\}", "EXPRESSION", workflow.read_text("utf-8"))
    for _, style, block, line in RUN.findall(text):
        script = dedent(block) if style else line
        yield script.replace("\n", " ") if style == ">" else script


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="needs shellcheck")
@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.name)
def test_every_step_is_sound_shell(workflow: Path) -> None:
    found = list(scripts(workflow))
    assert len(found) == workflow.read_text("utf-8").count("run: ") > 0
    for script in found:
        done = subprocess.run(
            ["shellcheck", "-s", "bash", "-"],
            input=script,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}"


def test_the_mac_workflow_builds_and_tries_the_app() -> None:
    script = "\n".join(scripts(ROOT / ".github" / "workflows" / "mac.yml"))
    commands = ("make setup-run", "make test", "make app", "--self-test", "open -g")
    for command in commands:
        assert command in script
    names = re.findall(r"(?:packaging|tests)/[\w/]+\.\w+", script)
    assert names and all((ROOT / name).is_file() for name in names)


def test_every_make_target_of_the_workflows_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for workflow in WORKFLOWS:
        for target in re.findall(r"make ([\w-]+)", "\n".join(scripts(workflow))):
            assert re.search(rf"^{target}:", makefile, re.M), target


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.name)
def test_actions_and_machines_are_there_still(workflow: Path) -> None:
    """Each action has its first version for Node 24, the only Node on GitHub's machines
    since September 2026; macOS 14 was removed from them in November."""
    first = {"checkout": 5, "setup-python": 6, "upload-artifact": 6}
    text = workflow.read_text("utf-8")
    used = re.findall(r"uses: actions/([\w-]+)@v(\d+)$", text, re.M)
    assert len(used) == text.count("uses: ") > 0
    assert [name for name, version in used if int(version) < first[name]] == []
    assert not re.search(r"\bmacos-1[0-4]\b", text)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.name)
def test_a_command_that_fails_before_a_pipe_fails_its_step(workflow: Path) -> None:
    """GitHub sets pipefail only if a step names bash explicitly."""
    has_pipe = any(" | " in script for script in scripts(workflow))
    asks = "defaults:\n  run:\n    shell: bash\n" in workflow.read_text("utf-8")
    assert asks or not has_pipe
