"""Random dictations on microphones that are kept open: begun, ended, lost, superseded
by another device, and timers that fire late.

A microphone in use stays open and delivers from the first sample on. At most one idle
microphone is open, and audio captured while it is idle is never delivered.
"""

from collections.abc import Callable

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mica.audio.device_selection import WantedDevice
from mica.audio.microphone_pool import MicrophonePool
from mica.audio.microphone_source import MicrophoneSource
from mica.events import Chunk
from mica.settings import KeepOpen
from support.fakes import DESK, FakeMicrophone, FakeMicrophones


class Recording:
    """One dictation: the samples it received, and whether its microphone was lost."""

    def __init__(self) -> None:
        self.received, self.losses = 0, 0
        self.source: MicrophoneSource | None = None
        self.microphone: FakeMicrophone | None = None

    def on_chunk(self, chunk: Chunk) -> None:
        assert chunk.first == self.received
        assert self.source is not None, "a dictation that ended hears on"
        self.received += len(chunk.pcm) // 4

    def lose(self) -> None:
        self.losses += 1


class PoolMachine(RuleBasedStateMachine):
    @initialize(keep_open=st.sampled_from(KeepOpen))
    def begin(self, keep_open: KeepOpen) -> None:
        self.microphones = FakeMicrophones()
        self.unplugged: list[FakeMicrophone] = []
        self.stale: list[FakeMicrophone] = []  # may no longer be the one to use
        self.alarms: list[Callable[[], None]] = []
        self.uses: list[Recording] = []
        self.verdict: bool | None = None
        self.pool = MicrophonePool(
            keep_open, self.microphones, self.later, lambda *arguments: self.verdict
        )

    def later(self, delay_s: float, call: Callable[[], None]) -> Callable[[], None]:
        self.alarms.append(call)
        return lambda: None  # canceled too late: the timer fires anyway

    def living(self) -> list[FakeMicrophone]:
        return [
            microphone
            for microphone in self.microphones.made
            if not microphone.closed and microphone not in self.unplugged
        ]

    def idle(self) -> list[FakeMicrophone]:
        used = [use.microphone for use in self.uses]
        return [m for m in self.microphones.made if not m.closed and m not in used]

    @rule(wanted=st.sampled_from([None, "Desk", ("Desk",)]), excludes=st.booleans())
    def press(self, wanted: WantedDevice, excludes: bool) -> None:
        if len(self.uses) == 3:
            return
        had = self.living()
        use = Recording()
        excluded = {"Laptop"} if excludes else set()
        use.source = self.pool.source(wanted, use.on_chunk, use.lose, excluded)
        use.source.open()
        opened = self.microphones.opened
        fresh = not opened.empty()
        had = [m for m in had if m not in self.stale]
        fitting = [m for m in had if m.wanted == wanted and not excludes]
        assert fresh is not bool(fitting)
        use.microphone = opened.get() if fresh else use.source._stream.source
        assert fresh or use.microphone in fitting
        assert use.source.rate_hz == DESK.rate_hz
        self.uses.append(use)

    @rule(first=st.booleans())
    def end(self, first: bool) -> None:
        if self.uses:
            use = self.uses.pop(0 if first else -1)
            assert use.source is not None
            use.source.close()
            use.source = None

    @rule(which=st.integers(0, 5), count=st.integers(0, 50))
    def sound(self, which: int, count: int) -> None:
        living = self.living()
        if not living:
            return
        microphone = living[which % len(living)]
        before = {id(use): use.received for use in self.uses}
        microphone.give(np.ones(count, "<f4"))
        for use in self.uses:
            more = count if use.microphone is microphone else 0
            assert use.received - before[id(use)] == more

    @rule(which=st.integers(0, 5))
    def lose(self, which: int) -> None:
        living = self.living()
        if not living:
            return
        microphone = living[which % len(living)]
        self.unplugged.append(microphone)
        microphone.lose()
        users = [use for use in self.uses if use.microphone is microphone]
        assert [use.losses for use in users] == [1] * len(users)
        assert users or microphone.closed

    @rule(verdict=st.sampled_from([True, False, None]))
    def devices_change(self, verdict: bool | None) -> None:
        used = [use for use in self.uses if use.microphone not in self.unplugged]
        self.verdict = verdict
        self.pool.devices_changed()
        assert self.idle() == []
        self.alarms.pop()()  # some time later
        self.verdict = None
        microphones = [use.microphone for use in used if use.microphone]
        self.unplugged += microphones if verdict else []
        self.stale = microphones if verdict is None else []
        assert [use.losses for use in used] == [int(verdict is True)] * len(used)

    @rule(which=st.integers(0, 50))
    def alarm(self, which: int) -> None:
        if self.alarms:
            self.alarms[which % len(self.alarms)]()

    @rule(keep_open=st.sampled_from(KeepOpen))
    def choose(self, keep_open: KeepOpen) -> None:
        self.pool.keep_open = keep_open

    @rule()
    def close_idle(self) -> None:
        self.pool.close_idle()
        assert self.idle() == []

    @invariant()
    def in_use_is_open_and_at_most_one_is_not(self) -> None:
        if hasattr(self, "uses"):
            used = [use.microphone for use in self.uses]
            assert not any(m.closed for m in used if m and m not in self.unplugged)
            assert len(self.idle()) <= 1


TestMicrophonePool = PoolMachine.TestCase
TestMicrophonePool.settings = settings(max_examples=60, stateful_step_count=40)
