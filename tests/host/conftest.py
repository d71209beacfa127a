"""A private display or a fake Mac for the tests here that need one."""

from collections.abc import Iterator

import pytest

from support import xserver
from support.apple_fakes import FakeMac, installed


@pytest.fixture(scope="module")
def x_display() -> Iterator[str]:
    """An Xvfb with openbox, one per module."""
    lacking = xserver.missing()
    if lacking:
        pytest.skip(f"needs {', '.join(lacking)}")
    with xserver.display() as name:
        yield name


@pytest.fixture
def mac() -> Iterator[FakeMac]:
    mac = FakeMac()
    with installed(mac):
        yield mac
