"""The processes that a test's own has started, as Linux and macOS both tell."""

import os
import subprocess


def children(having: str = "") -> list[int]:
    """Their ids, of those with this in their command lines; also ended ones that
    nobody has waited for yet."""
    # one -o for each: a name's header would reach to the end of its argument (POSIX);
    # -ww, or macOS cuts lines at 79 columns
    command = ["ps", "-A", "-ww", "-o", "pid=", "-o", "ppid=", "-o", "command="]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        listed, _ = process.communicate()
    found = []
    for line in listed.splitlines():
        child, parent, called = line.split(maxsplit=2)
        is_ours = int(parent) == os.getpid() and int(child) != process.pid
        if is_ours and having in called:
            found.append(int(child))
    return found
