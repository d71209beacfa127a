"""Random microphones that speak, give zeros, disappear and come back, random requests
for another one, and jumps of the clock.

Every sample delivered before a loss or a request comes out once and in order. Between
two microphones there is exactly the silence of the change. The recording is given up
only after the time limit, and then for good.
"""

import queue
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from mica.audio.device_selection import WantedDevice
from mica.audio.failover import LONGEST_GAP_S, RECONNECT_S, FailoverMicrophone
from mica.audio.level import LevelMonitor
from mica.errors import MicrophoneError
from support.fakes import DESK, Clock, FakeMicrophone, FakeMicrophones

ABSENT = "Lamp"
UNPLUGGED = MicrophoneError("No microphone.", "Go on.")


class Some(FakeMicrophones):
    """Fake microphones, except that ABSENT cannot be opened."""

    def __call__(self, wanted: WantedDevice, *given: Any) -> FakeMicrophone:
        microphone = super().__call__(wanted, *given)
        if wanted == ABSENT:
            microphone._refusal, microphone.device = UNPLUGGED, None
        return microphone


class Machine(RuleBasedStateMachine):
    """All microphones have the same rate, so that samples can be compared directly."""

    @initialize()
    def begin(self) -> None:
        self.clock = Clock()
        self.microphones = Some()
        self.failover = FailoverMicrophone(None, self.microphones, self.clock)
        self.failover.open()
        self.microphone = self.microphones.opened.get(block=False)
        self.number = 0  # every sample has a different value
        self.is_there, self.user_requested = True, False
        self.expected: list[float] = []  # samples that have not come out yet
        self.got = 0
        self.lost_s: float | None = None
        self.health = LevelMonitor(DESK.rate_hz)
        self.has_samples = False

    @rule(count=st.integers(0, 400), zeros=st.booleans())
    def give(self, count: int, zeros: bool) -> None:
        if not self.is_there:
            return
        samples = np.zeros(count)
        if not zeros:
            samples = np.arange(self.number + 1, self.number + 1 + count, dtype=float)
            self.number += count
        self.microphone.give(samples.astype("<f4"))
        self.expected += samples.tolist()

    @rule()
    def vanish(self) -> None:
        if self.is_there:
            self.is_there, self.microphones.refusal = False, UNPLUGGED
            self.microphone.lose()

    @rule(wanted=st.sampled_from([None, ("Lamp", "Desk"), "Desk", ABSENT]))
    def want(self, wanted: WantedDevice) -> None:
        self.failover.request(wanted)
        self.user_requested = self.failover._wanted not in (
            self.failover._capture.wanted,
            "Desk",
        )

    @rule()
    def plug_in(self) -> None:
        self.microphones.refusal = None

    @rule(seconds=st.sampled_from([0.0, 0.01, 0.3, 2.0, 3_600.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.now_s += seconds

    @precondition(lambda self: not self.failover.lost)
    @rule()
    def read(self) -> None:
        device_changes = len(self.failover.device_changes)
        self.is_there &= not self.user_requested
        was_there = self.is_there
        try:
            span = self.failover.get(0)
        except queue.Empty:
            assert not self.expected
            if self.failover.reconnecting and self.lost_s is None:
                self.lost_s = self.clock.now_s
            return
        if self.failover.reconnecting and self.lost_s is None:
            self.lost_s = self.clock.now_s  # after the resampler was flushed
        samples = np.frombuffer(span.pcm, "<f4")
        self.got += len(samples)
        if not span.recorded:
            assert (
                len(self.failover.device_changes) == device_changes + 1
                and not was_there
            )
            device_change = self.failover.device_changes[-1]
            assert (device_change.at, device_change.missing) == (
                self.got - len(samples),
                len(samples),
            )
            assert device_change.missing <= LONGEST_GAP_S * DESK.rate_hz
            assert not samples.any()
            self.microphone = self.microphones.opened.get(block=False)
            self.is_there, self.user_requested = True, False
            self.lost_s, self.has_samples = None, False
            self.health = LevelMonitor(DESK.rate_hz)
            return
        due, self.expected = (
            self.expected[: len(samples)],
            self.expected[len(samples) :],
        )
        assert samples.tolist() == due
        self.health.push(span.pcm)
        self.has_samples |= bool(samples.any())
        assert self.health.flowing == self.has_samples

    @precondition(lambda self: self.failover.lost)
    @rule()
    def read_in_vain(self) -> None:
        tries = len(self.microphones.made)
        try:
            self.failover.get(0)
        except queue.Empty:
            assert len(self.microphones.made) == tries
            return
        raise AssertionError("something came from nowhere")

    @invariant()
    def counts_agree(self) -> None:
        assert self.failover.captured == self.got + len(self.expected)

    @invariant()
    def given_up_only_after_a_while(self) -> None:
        if self.failover.lost:
            assert self.lost_s is not None
            assert self.clock.now_s - self.lost_s >= RECONNECT_S
            assert self.microphone.closed


TestMicrophones = Machine.TestCase
TestMicrophones.settings = settings(max_examples=60, stateful_step_count=40)
