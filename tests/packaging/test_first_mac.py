"""The list of checks for the first Mac is complete and matches the current code."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "packaging" / "macos"


def test_mac_checks_call_existing_code() -> None:
    """These files do not run here, so they are type-checked as if on a Mac."""
    files = [FOLDER / "test_on_a_mac.py", FOLDER / "show_what_floats.py"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--platform", "darwin", *map(str, files)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout


def test_each_of_the_ten_checks_says_what_to_do_and_expect_and_send() -> None:
    text = (FOLDER / "first_mac.md").read_text("utf-8")
    sections = re.split(r"^## ", text, flags=re.M)[1:]
    assert [section.split(".")[0] for section in sections] == [
        str(number) for number in range(1, 11)
    ]
    for section in sections:
        parts = ("*Do:* ", "*Expected:* ", "*Send also:* ")
        assert [section.count(part) for part in parts] == [1, 1, 1], section
