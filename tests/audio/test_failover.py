"""One recording from several microphones: its samples and its end."""

import queue
from collections.abc import Callable, Collection

import numpy as np
import pytest

from mica.audio.device_selection import Device, WantedDevice
from mica.audio.failover import (
    EXCLUDE_AFTER_S,
    LONGEST_GAP_S,
    RECONNECT_S,
    REPLACEMENTS,
    RETRY_S,
    FailoverMicrophone,
)
from mica.audio.microphone_source import AudioSpan, DeviceChange
from mica.errors import MicrophoneError
from mica.events import Chunk
from support.fakes import DESK, Clock, FakeMicrophone

LIST = ("Desk", "Laptop")
LAPTOP = Device(1, "Laptop", 48_000, False)
ABSENT = MicrophoneError("The microphone “Laptop” is not connected.", "Connect it.")
NONE = MicrophoneError("No microphone was found.", "Connect one.")


class Simulation:
    """A queue of microphones to open: devices, or errors to raise."""

    def __init__(self, *coming: Device | MicrophoneError) -> None:
        self.coming = list(coming)
        self.opened: queue.Queue[FakeMicrophone] = queue.Queue()
        self.excluded: list[set[str]] = []
        self.clock = Clock()
        self.requested: list[WantedDevice] = []  # the device wanted at each open()
        self.meanwhile: WantedDevice = None  # requested by the user during open()
        self.failover = FailoverMicrophone(LIST, self.source, self.clock)

    def source(
        self,
        wanted: WantedDevice,
        on_chunk: Callable[[Chunk], None],
        on_lost: Callable[[], None],
        excluded: Collection[str] = (),
    ) -> FakeMicrophone:
        self.requested.append(wanted)
        self.excluded.append(set(excluded))
        if self.meanwhile is not None:
            self.failover.request(self.meanwhile)
        next_one = self.coming.pop(0) if self.coming else NONE
        refusal = next_one if isinstance(next_one, MicrophoneError) else None
        device = next_one if isinstance(next_one, Device) else DESK
        given = wanted, on_chunk, on_lost, self.opened, refusal
        microphone = FakeMicrophone(*given, device)
        if refusal is ABSENT:
            microphone.device = None  # type: ignore[assignment]
        return microphone

    def next_opened(self) -> FakeMicrophone:
        self.failover.open()
        return self.opened.get(block=False)

    def all(self) -> list[AudioSpan]:
        """All spans until none is left."""
        got: list[AudioSpan] = []
        while True:
            try:
                got.append(self.failover.get(0))
            except queue.Empty:
                return got

    def received(self) -> int:
        return sum(len(span.pcm) // 4 for span in self.all())


def test_samples_of_one_microphone_are_unchanged() -> None:
    simulation = Simulation(DESK)
    simulation.next_opened().speak(0.4)
    assert simulation.failover.captured == simulation.received() == 6_400
    assert (simulation.failover.rate_hz, simulation.failover.device) == (16_000, DESK)
    assert (
        not simulation.failover.reconnecting
        and simulation.failover.device_changes == []
    )


def test_a_missing_first_microphone_is_an_error() -> None:
    with pytest.raises(MicrophoneError):
        Simulation().failover.open()


def test_the_next_microphone_continues_at_the_first_rate_after_silence() -> None:
    simulation = Simulation(DESK, LAPTOP)
    first = simulation.next_opened()
    first.speak(1.0)
    assert simulation.received() == 16_000
    simulation.clock.now_s += 1.5
    first.lose()
    [silence] = simulation.all()
    assert first.closed and not silence.recorded
    assert silence.pcm == bytes(4 * 24_000)
    assert simulation.failover.device_changes == [
        DeviceChange(16_000, 24_000, "Desk", "Laptop")
    ]
    assert simulation.failover.device is LAPTOP
    second = simulation.opened.get(block=False)
    second.speak(1.0)
    assert simulation.failover.captured == 16_000 + 24_000 + 16_000
    assert simulation.received() == pytest.approx(
        16_000, abs=1_000
    )  # the rest is still in soxr
    simulation.failover.close()
    assert second.closed


def test_samples_from_before_the_loss_come_first() -> None:
    simulation = Simulation(DESK, LAPTOP)
    first = simulation.next_opened()
    first.speak(0.1)
    first.lose()
    assert [span.recorded for span in simulation.all()] == [True] * 5 + [False]


def test_last_samples_in_the_resampler_are_not_lost() -> None:
    simulation = Simulation(DESK, LAPTOP, DESK)
    simulation.next_opened().lose()
    simulation.all()
    second = simulation.opened.get(block=False)
    second.speak(1.0)
    second.lose()
    spans = simulation.all()
    recorded = sum(len(span.pcm) // 4 for span in spans if span.recorded)
    assert recorded == pytest.approx(16_000, abs=2)
    assert [
        device_change.after for device_change in simulation.failover.device_changes
    ] == ["Laptop", "Desk"]


def test_reconnecting_is_retried_at_intervals() -> None:
    simulation = Simulation(DESK, NONE, NONE, LAPTOP)
    simulation.next_opened().lose()
    assert simulation.all() == [] and simulation.failover.reconnecting
    assert simulation.all() == [] and len(simulation.excluded) == 2  # no retry yet
    simulation.clock.now_s += RETRY_S
    assert simulation.all() == [] and len(simulation.excluded) == 3
    simulation.clock.now_s += RETRY_S
    assert len(simulation.all()) == 1
    assert not simulation.failover.reconnecting and not simulation.failover.lost


def test_a_recording_is_lost_when_no_microphone_comes_in_time() -> None:
    simulation = Simulation(DESK)
    microphone = simulation.next_opened()
    microphone.speak(0.2)
    assert simulation.received() == 3_200
    microphone.lose()
    lost_s = simulation.clock.now_s
    while not simulation.failover.lost:
        assert simulation.all() == []
        simulation.clock.now_s += RETRY_S
    assert simulation.clock.now_s - lost_s == pytest.approx(
        RECONNECT_S, abs=2 * RETRY_S
    )
    tries = len(simulation.excluded)
    simulation.clock.now_s += 60.0
    assert simulation.all() == [] and len(simulation.excluded) == tries


def test_only_a_microphone_without_samples_is_excluded() -> None:
    simulation = Simulation(DESK, LAPTOP, DESK)
    simulation.next_opened().lose()
    simulation.all()
    second = simulation.opened.get(block=False)
    second.speak(0.1)
    second.lose()
    simulation.all()
    assert simulation.excluded == [set(), {"Desk"}, {"Desk"}]


def test_a_listed_microphone_that_does_not_open_is_excluded() -> None:
    simulation = Simulation(DESK, NONE, NONE, LAPTOP)
    first = simulation.next_opened()
    first.speak(0.1)
    first.lose()
    simulation.all()
    simulation.clock.now_s += EXCLUDE_AFTER_S  # until then, it may come back
    simulation.all()
    simulation.clock.now_s += RETRY_S
    simulation.all()
    assert simulation.excluded == [set(), set(), set(), {"Desk"}]
    assert simulation.failover.device is LAPTOP


def test_sleep_of_the_computer_adds_no_hours_of_silence() -> None:
    simulation = Simulation(DESK, LAPTOP)
    first = simulation.next_opened()
    simulation.clock.now_s += 3_600.0
    first.lose()
    simulation.all()
    assert simulation.failover.device_changes[0].missing == LONGEST_GAP_S * 16_000


def test_samples_a_slow_reader_missed_are_silence_and_counted() -> None:
    simulation = Simulation(DESK)
    microphone = simulation.next_opened()
    microphone.speak(181.0)  # at 16 kHz the queue holds 180 s
    assert simulation.failover.overflow == 16_000
    assert simulation.received() == 180 * 16_000
    microphone.speak(0.02)
    [after] = simulation.all()
    samples = np.frombuffer(after.pcm, "<f4")
    assert len(samples) == 16_320 and not samples[:16_000].any()


def test_a_requested_microphone_takes_over() -> None:
    simulation = Simulation(DESK, LAPTOP)
    first = simulation.next_opened()
    first.speak(0.1)
    simulation.failover.request("Laptop")
    assert [span.recorded for span in simulation.all()] == [True] * 5 + [False]
    assert first.closed and simulation.failover.device is LAPTOP
    first.speak(0.1)  # a late chunk, which is dropped
    simulation.opened.get(block=False).speak(0.1)
    assert [span.recorded for span in simulation.all()] == [True] * 5
    [device_change] = simulation.failover.device_changes
    assert device_change == DeviceChange(
        1_600, 0, "Desk", "Laptop", user_requested=True
    )


def test_samples_of_a_superseded_microphone_are_dropped() -> None:
    simulation = Simulation(DESK, NONE)
    first = simulation.next_opened()
    first.speak(0.1)
    simulation.failover.request("Laptop")
    assert simulation.received() == 1_600
    first.speak(1.0)
    assert simulation.received() == 0 and simulation.failover.captured == 1_600


def test_requesting_the_open_microphone_changes_nothing() -> None:
    simulation = Simulation(DESK, LAPTOP)
    first = simulation.next_opened()
    simulation.failover.request("Desk")
    first.speak(0.1)
    assert simulation.received() == 1_600
    assert not first.closed and simulation.failover.device_changes == []
    assert first.requested == ["Desk"]  # asked only once
    first.lose()
    simulation.all()
    assert simulation.requested == [LIST, "Desk"]  # the request is remembered


def test_a_missing_requested_microphone_leaves_the_old_one() -> None:
    simulation = Simulation(DESK, ABSENT, DESK)
    simulation.next_opened().speak(0.1)
    simulation.failover.request("Laptop")
    spans = simulation.all() + simulation.all()  # without advancing the clock
    assert [span.recorded for span in spans] == [True] * 5 + [False]
    assert (
        simulation.requested == [LIST, "Laptop", LIST]
        and simulation.excluded[-1] == set()
    )
    assert not simulation.failover.lost and not simulation.failover.reconnecting
    [device_change] = simulation.failover.device_changes
    assert device_change == DeviceChange(1_600, 0, "Desk", "Desk", ABSENT.what)
    assert device_change.line(16_000).startswith(
        "The microphone “Laptop” is not connected. At"
    )
    simulation.failover.request("Laptop")  # a repeated request is ignored
    second = simulation.opened.get(block=False)
    second.speak(0.1)
    simulation.all()
    assert not second.closed and len(simulation.requested) == 3


def test_a_missing_microphone_may_be_requested_again() -> None:
    simulation = Simulation(DESK, ABSENT, DESK, LAPTOP)
    simulation.next_opened().speak(0.1)
    simulation.failover.request("Laptop")
    simulation.all()
    simulation.all()
    simulation.failover.request(LIST)
    simulation.failover.request("Laptop")
    simulation.all()
    assert (
        simulation.failover.device is LAPTOP
        and len(simulation.failover.device_changes) == 2
    )


def test_a_requested_microphone_that_does_not_open_leaves_the_old_one() -> None:
    simulation = Simulation(DESK, NONE, NONE, DESK, LAPTOP)
    simulation.next_opened().speak(0.1)
    simulation.failover.request("Lamp")
    simulation.all()
    simulation.clock.now_s += EXCLUDE_AFTER_S  # until then, it may still open
    simulation.all()
    simulation.all()
    assert simulation.requested == [LIST, "Lamp", "Lamp", LIST]
    assert simulation.failover.device_changes[0].problem == NONE.what
    simulation.opened.get(block=False).speak(0.1)
    simulation.failover.request("Laptop")
    simulation.all()
    assert (
        simulation.failover.device is LAPTOP
        and simulation.failover.device_changes[1].problem == ""
    )


def test_a_request_made_while_one_fails_is_not_forgotten() -> None:
    simulation = Simulation(DESK, ABSENT, LAPTOP)
    simulation.next_opened().speak(0.1)
    simulation.failover.request("Lamp")
    simulation.meanwhile = "Laptop"
    simulation.all()
    simulation.clock.now_s += RETRY_S
    simulation.all()
    assert (
        simulation.requested == [LIST, "Lamp", "Laptop"]
        and simulation.failover.device is LAPTOP
    )


def test_a_request_made_while_reconnecting_counts_and_may_fail() -> None:
    simulation = Simulation(DESK, NONE, ABSENT, DESK, NONE, LAPTOP)
    first = simulation.next_opened()
    first.speak(0.1)
    simulation.all()
    first.lose()
    simulation.all()
    simulation.failover.request("Lamp")
    simulation.clock.now_s += RETRY_S
    simulation.all()
    simulation.all()
    assert (
        simulation.requested == [LIST, LIST, "Lamp", LIST]
        and not simulation.failover.reconnecting
    )
    second = simulation.opened.get(block=False)
    second.speak(0.1)
    simulation.all()
    second.lose()
    simulation.all()
    simulation.failover.request("Laptop")
    simulation.clock.now_s += RETRY_S
    simulation.all()
    assert simulation.requested[-1] == "Laptop" and simulation.failover.device is LAPTOP


def test_a_lost_microphone_without_samples_is_excluded_whatever_is_requested() -> None:
    simulation = Simulation(DESK, LAPTOP)
    simulation.next_opened().lose()
    simulation.failover.request(("Lamp",))
    simulation.all()
    assert simulation.excluded == [set(), {"Desk"}]


def test_a_missing_microphone_is_tried_again_when_the_old_one_is_lost() -> None:
    simulation = Simulation(DESK, ABSENT, DESK, LAPTOP)
    simulation.next_opened().speak(0.1)
    simulation.failover.request("Laptop")
    simulation.all()
    simulation.all()
    second = simulation.opened.get(block=False)
    second.speak(0.1)
    simulation.all()
    second.lose()
    simulation.all()
    assert simulation.requested == [LIST, "Laptop", LIST, "Laptop"]
    assert simulation.failover.device is LAPTOP


def test_the_overflow_counts_over_all_microphones() -> None:
    simulation = Simulation(DESK, LAPTOP)
    simulation.next_opened().speak(181.0)
    simulation.failover.request("Laptop")
    simulation.all()
    assert (
        simulation.failover.overflow == 16_000
        and len(simulation.failover.device_changes) == 1
    )


def test_a_microphone_superseded_before_its_first_sample_may_return() -> None:
    simulation = Simulation(DESK, LAPTOP, DESK)
    simulation.next_opened()
    simulation.failover.request("Laptop")
    simulation.all()
    simulation.failover.request(None)
    simulation.all()
    assert simulation.failover.device is DESK and simulation.excluded == [
        set(),
        set(),
        set(),
    ]


def test_no_sample_is_captured_before_the_microphone_is_open() -> None:
    simulation = Simulation()
    assert simulation.failover.captured == 0
    simulation.failover.close()


def test_a_device_change_is_described_in_one_line() -> None:
    assert DeviceChange(1_200_000, 24_000, "Desk", "Laptop").line(16_000) == (
        "At 1:15 the microphone changed from “Desk” to “Laptop”; 1.5 s were not heard."
    )
    assert DeviceChange(16_000, 8_000, "Desk", "Desk").line(16_000) == (
        "At 0:01 the microphone “Desk” was away; 0.5 s were not heard."
    )
    assert DeviceChange(16_000, 500, "Desk", "Laptop").line(16_000) == (
        "At 0:01 the microphone changed from “Desk” to “Laptop”."
    )


def replaced(simulation: Simulation, times: int) -> list[FakeMicrophone]:
    """Request a replacement for a silent microphone several times; return all
    microphones that were opened."""
    found = [simulation.next_opened()]
    for _ in range(times):
        found[-1].speak(1.0, level=0.0)
        simulation.all()
        simulation.failover.replace_silent()
        simulation.all()
        if not simulation.opened.empty():
            found.append(simulation.opened.get(block=False))
    return found


def test_whether_a_microphone_has_worked_is_known_once_one_is_open() -> None:
    simulation = Simulation(DESK)
    assert not simulation.failover.has_worked
    simulation.failover.open()
    simulation.opened.get(block=False).has_worked = True
    assert simulation.failover.has_worked


def test_a_silent_microphone_is_opened_again_and_the_device_list_read() -> None:
    simulation = Simulation(DESK, DESK)
    first, second = replaced(simulation, 1)
    assert first.discarded and not second.closed
    [change] = simulation.failover.device_changes
    assert (change.before, change.after, change.was_silent) == ("Desk", "Desk", True)
    assert simulation.excluded == [set(), set()]
    second.speak(1.0)
    assert simulation.received() > 0.9 * DESK.rate_hz


def test_microphone_that_stays_silent_is_replaced() -> None:
    simulation = Simulation(DESK, DESK, LAPTOP)
    *_, third = replaced(simulation, 2)
    assert simulation.excluded == [set(), set(), {"Desk"}]
    assert simulation.failover.device is LAPTOP
    third.speak(1.0)
    assert simulation.received() > 0.9 * DESK.rate_hz


def test_the_first_microphone_stays_where_all_are_silent() -> None:
    """The microphone may be muted on purpose; the user was told and may unmute it."""
    simulation = Simulation(DESK, DESK, LAPTOP, DESK, LAPTOP)
    found = replaced(simulation, REPLACEMENTS + 3)
    assert [one.device for one in found] == [DESK, DESK, LAPTOP, DESK]
    assert simulation.excluded[-1] == set()
    assert not found[-1].closed and not simulation.failover.reconnecting


def test_the_only_microphone_is_opened_again_twice_at_most() -> None:
    simulation = Simulation(*[DESK] * 6)
    found = replaced(simulation, REPLACEMENTS + 3)
    assert len(found) == 3 and not found[-1].closed


def test_silent_microphone_chosen_by_name_is_not_replaced() -> None:
    simulation = Simulation(DESK, DESK, LAPTOP)
    simulation.failover = FailoverMicrophone("Desk", simulation.source, Clock())
    found = replaced(simulation, 3)
    assert [one.device for one in found] == [DESK, DESK]


def test_requested_microphone_is_replaced_again() -> None:
    simulation = Simulation(*[DESK] * 3, LAPTOP, LAPTOP)
    replaced(simulation, REPLACEMENTS)
    simulation.failover.request("Laptop")
    simulation.all()
    chosen = simulation.opened.get(block=False)
    chosen.speak(1.0, level=0.0)
    simulation.all()
    simulation.failover.replace_silent()
    simulation.all()
    assert chosen.discarded
    assert simulation.opened.get(block=False).device is LAPTOP


def test_the_replacement_of_a_silent_microphone_is_described_in_one_line() -> None:
    reopened = DeviceChange(16_000, 4_000, "Desk", "Desk", was_silent=True)
    assert reopened.line(16_000) == (
        "At 0:01 the microphone “Desk” gave only silence and was opened again."
    )
    other = DeviceChange(32_000, 4_000, "Desk", "Laptop", was_silent=True)
    assert other.line(16_000) == (
        "At 0:02 the microphone “Desk” gave only silence, so “Laptop” was used."
    )
