"""The pipe thread's heartbeat, in a separate process, because it ends its process."""

import os
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mica.engine import messages as m

PROGRAM = """
import time
from mica.engine import worker_pipe as pipe
pipe.HEARTBEAT_S, pipe.IDLE_BEAT_S = 0.02, 1000
pipe = pipe.Pipe(0, 1)
pipe.start()
while True:
    if not isinstance(pipe.next(wait=True)[0], pipe_messages.Cancel):
        time.sleep(0.5)
""".replace("pipe_messages", "__import__('mica.engine.messages').engine.messages")
QUIET_S = 0.5
MOST_READS = 100
Child = "subprocess.Popen[bytes]"


@pytest.fixture
def child() -> Iterator[Child]:
    command = [sys.executable, "-c", PROGRAM]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    )
    yield process
    process.stdin.close()
    assert process.wait(30) == 0
    process.stdout.close()


def beats_until_quiet(child: Child) -> list[float]:
    """The ages in the heartbeats, until there are none for a while."""
    unpacker, ages = m.Unpacker(), []
    for _ in range(MOST_READS):
        limit_s = QUIET_S if ages else 30.0
        if not select.select([child.stdout], [], [], limit_s)[0]:
            return ages
        for header, _ in unpacker.push(os.read(child.stdout.fileno(), 1 << 16)):
            ages.append(m.reply(header).age_s)
    raise AssertionError("it never falls silent")


def test_heartbeats_are_frequent_at_work_and_rare_at_rest(child: Child) -> None:
    assert set(beats_until_quiet(child)) == {0.0}
    child.stdin.write(m.pack(m.Load(Path("model"))))
    ages = beats_until_quiet(child)
    assert max(ages) > 0.2
