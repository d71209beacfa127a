"""Scripts for a Mac use only what its tools support: bash 3.2, make 3.81, BSD tools.

This searches for constructs known to be newer or GNU-only, so it proves nothing about
constructs that are not listed. On a Mac, tests/packaging and the workflow's steps run
with the real tools.
"""

import re
from pathlib import Path

import pytest

from support.packaging_scripts import ROOT

SCRIPTS = [
    *sorted((ROOT / "packaging").glob("*.sh")),
    *sorted((ROOT / "packaging" / "macos").glob("*.sh")),
    ROOT / "Makefile",
    ROOT / ".github" / "workflows" / "mac.yml",
]
#: From the NEWS of bash 4.0 to 5.3. In 3.2, an empty array is an unbound variable.
NEWER_BASH = {
    "an array that may be empty": r"\w=\(\)",
    "declare -A": r"\b(declare|local|typeset) -\w*[Agn]",
    "mapfile": r"\b(mapfile|readarray|coproc)\b",
    "${name,,}": r"\$\{\w+(\[[^]]*\])?(\^\^?|,,?)",
    "${name@Q}": r"\$\{\w+(\[[^]]*\])?@\w\}",
    "${name: -1: -1}": r"\$\{\w+:[^}]*: *-\d",
    "${name[-1]}": r"\$\{\w+\[-\d",
    "|&": r"\|&|&>>",
    ";;&": r";;&|;&",
    "-v name": r"(\[\[?|\btest) -v ",
    "{name}>": r"\{[a-z_]\w*\}[<>]",
    "wait -n": r"\bwait -[np]|\bread -\w*[Ni]",
    "%(...)T": r"%\([^)]*\)T",
    "globstar": r"\b(globstar|lastpipe|inherit_errexit|autocd)\b",
    "BASHPID": r"\b(BASHPID|EPOCHSECONDS|EPOCHREALTIME|SRANDOM|BASH_ARGV0)\b",
    "{1..9..2}": r"\{\d+\.\.\d+\.\.\d+\}",
    "$'\\u2013'": r"\$'[^']*\\[uU][0-9a-fA-F]",
}
GNU_TOOLS = {
    "sed -i": r"\bsed (-\w+ )*-i(?! '')|\bsed (-\w+ )*-r\b",
    "readlink -f": r"\breadlink -\w*[ef]|\brealpath\b",  # macOS has both from 12.3 on
    "date -d": r"\bdate -(d|-date|I)|\bdate \+\S*%N",
    "stat -c": r"\bstat -(c|-)",
    "xargs -r": r"\bxargs (-\w+ )*-(r|d)\b",
    "grep -P": r"\bgrep -\w*P",
    "sort -V": r"\bsort -\w*V(?!\w)",
    "head -n -1": r"\bhead (-n|-c) ?-\d",
    "find -printf": r"\bfind\b.*-printf",
    "cp --": r"\b(cp|mv|ln|rm|mkdir|mktemp|touch|tr|cut|ls|du) --\w",
    "timeout": r"(^|[;&|] *)(timeout|nproc|tac|shuf|sha256sum|md5sum) ",
    "echo -e": r"\becho -e\b",
}
#: From the NEWS of make 3.82 to 4.4.
NEWER_MAKE = {
    ".ONESHELL": r"^\.(ONESHELL|RECIPEPREFIX|SHELLFLAGS|EXTRA_PREREQS)\b",
    "!=": r"^\w+ *(!=|:::=|::=)",
    "$(file": r"\$\((file|guile|let|intcmp) ",
    "define =": r"^define \w+ *[:?+]?=|^(undefine|private|load) ",
}


def found(words: dict[str, str], text: str) -> list[str]:
    """The constructs that occur in a script, except in comments."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    code = "\n".join(lines)
    return [name for name, word in words.items() if re.search(word, code, re.M)]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda file: file.name)
def test_a_script_for_a_mac_uses_what_a_mac_has(script: Path) -> None:
    text = script.read_text("utf-8")
    assert found(NEWER_BASH | GNU_TOOLS, text) == []
    assert script.name != "Makefile" or found(NEWER_MAKE, text) == []


@pytest.mark.parametrize(
    "line",
    [
        "found=()",
        "declare -A ages",
        "local -n other=$1",
        "mapfile -t lines <file",
        'echo "${name,,}"',
        'echo "${names[0]^}"',
        'echo "${name@Q}"',
        'echo "${name: 1: -1}"',
        'echo "${names[-1]}"',
        "make |& tee log",
        "make &>>log",
        "case x in x) one ;;& esac",
        "[[ -v HOME ]]",
        "exec {log}>file",
        "wait -n",
        "printf '%(%F)T'",
        "shopt -s globstar",
        "echo $BASHPID",
        "echo {1..9..2}",
        "echo $'\\u2013'",
        "sed -i s/a/b/ file",
        "sed -n -r s/a/b/p file",
        "readlink -f .",
        "date -d yesterday",
        "date +%s.%N",
        "stat -c %s file",
        "find . | xargs -r rm",
        "grep -oP a file",
        "sort -rV file",
        "head -n -1 file",
        "find . -printf %p",
        "mkdir --parents a/b",
        "sha256sum file",
        "echo -e 'a\\n'",
    ],
)
def test_what_a_mac_lacks_is_found(line: str) -> None:
    assert found(NEWER_BASH | GNU_TOOLS, f"#!/bin/bash\n{line}\n")


@pytest.mark.parametrize(
    "line", [".ONESHELL:", "NOW != date", "A ::= b", "$(file >log,a)", "undefine A"]
)
def test_what_apples_make_lacks_is_found(line: str) -> None:
    assert found(NEWER_MAKE, line)
