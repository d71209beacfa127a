"""What set-up installs is here: no test below is skipped for want of a program."""

import sys

import pytest

import strace
import virtual_microphone
import xserver
from end_to_end import desk
from mica.engine.process import openblas


@pytest.mark.skipif(sys.platform != "linux", reason="set-up installs them on Linux")
def test_nothing_is_lacking_that_tests_are_skipped_for() -> None:
    assert xserver.missing() == virtual_microphone.missing() == desk.missing() == []
    assert strace.missing() == []
    assert openblas() is not None
