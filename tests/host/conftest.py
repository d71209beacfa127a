"""A display of our own for the tests of this folder that need one."""

from collections.abc import Iterator

import pytest

import xserver


@pytest.fixture(scope="module")
def x_display() -> Iterator[str]:
    """One Xvfb with openbox for a module."""
    lacking = xserver.missing()
    if lacking:
        pytest.skip(f"needs {', '.join(lacking)}")
    with xserver.display() as name:
        yield name
