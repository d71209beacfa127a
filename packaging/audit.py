"""Checks what comes with Mica: known vulnerabilities and licenses.

    python packaging/audit.py

Vulnerabilities are looked up by pip-audit, which needs the advisories of pypi.org; the
licenses of packages, and of the native libraries inside them, are compared with the
list below. The exit status is 0 if everything was checked and is fine, 1 if there is a
problem, and 3 if there is none, but advisories could not be fetched for all packages.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterable

from mica.cli import notices
from mica.cli.notices import Component

UNCHECKED = 3
SHOWN = 5  # packages that are named in a line
#: Licenses that allow Mica to be given away under its own, with notices. Under the LGPL
#: libraries must be replaceable: here they are files of their own.
ALLOWED = frozenset(
    {
        *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0"),
        *("CNRI-Python", "ISC", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0"),
        *("Unicode-3.0", "Zlib", "LGPL-2.1-or-later", "LGPL-3.0-only"),
        *("LGPL-3.0-or-later", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    }
)
#: What is allowed although its license isn't in the list, and why.
EXCEPTIONS = {
    "x264": "part of PyAV's FFmpeg, which runs in a process of its own",
    "x265": "part of PyAV's FFmpeg, which runs in a process of its own",
}


def is_allowed(expression: str) -> bool:
    """Whether an SPDX expression can be met: every part that is joined by AND, by one
    of its alternatives."""
    parts = re.sub(r"[()]", "", expression).split(" AND ")
    return all(ALLOWED & {*part.split(" OR ")} for part in parts)


def license_problems(found: Iterable[Component]) -> list[str]:
    """A line for each component whose license is not allowed."""
    return [
        f"{one.name}: {one.license} is not in the list of allowed licenses."
        for one in found
        if not is_allowed(one.license) and one.name.split()[0] not in EXCEPTIONS
    ]


def advisories() -> tuple[list[str], list[str]]:
    """The known vulnerabilities, and the packages that could not be looked up; raises
    OSError if none could be."""
    command = [sys.executable, "-m", "pip_audit", "--format=json"]
    command += ["--progress-spinner=off", "--skip-editable"]
    done = subprocess.run(command, capture_output=True, text=True)
    try:
        answers = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError) as why:
        reason = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        raise OSError(reason) from why
    ours = notices.normalized(notices.ROOT)
    known = [
        f"{one['name']} {one['version']}: {bug['id']}, fixed in "
        f"{', '.join(bug['fix_versions']) or 'no version yet'}."
        for one in answers
        for bug in one.get("vulns", ())
    ]
    names = [one["name"] for one in answers if "skip_reason" in one]
    return known, [name for name in names if notices.normalized(name) != ours]


def main() -> int:
    """Print what is wrong; return the exit status."""
    found = list(notices.components())
    problems = license_problems(found)
    print(f"Licenses: {len(found)} components, {len(problems)} not allowed.")
    unchecked = ""
    try:
        known, skipped = advisories()
    except OSError as why:
        unchecked = (
            f"Vulnerabilities: NOT CHECKED, advisories can't be fetched ({why})."
        )
    else:
        problems += known
        if skipped:
            more = len(skipped) - SHOWN
            unchecked = f"Vulnerabilities: NOT CHECKED for {len(skipped)} packages: "
            unchecked += ", ".join(sorted(skipped)[:SHOWN])
            unchecked += f" and {more} more." if more > 0 else "."
        else:
            print(f"Vulnerabilities: {len(known)} known.")
    for line in [*problems, *([unchecked] if unchecked else [])]:
        print(line)
    if problems:
        return 1
    return UNCHECKED if unchecked else 0


if __name__ == "__main__":
    sys.exit(main())
