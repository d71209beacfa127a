"""One recording over several microphones: what is heard, and when it ends."""

import queue
from collections.abc import Callable, Collection

import numpy as np
import pytest

from mica.audio.device_selection import Device, WantedDevice
from mica.audio.failover import (
    FAITHFUL_S,
    LONGEST_GAP_S,
    RETRY_S,
    SEEK_S,
    AudioSpan,
    DeviceChange,
    FailoverMicrophone,
)
from mica.errors import MicrophoneError
from mica.events import Chunk
from support.fakes import DESK, Clock, FakeMicrophone

LIST = ("Desk", "Laptop")
LAPTOP = Device(1, "Laptop", 48_000, False)
ABSENT = MicrophoneError("The microphone “Laptop” is not connected.", "Connect it.")
NONE = MicrophoneError("No microphone was found.", "Connect one.")


class Simulation:
    """Microphones as they come: devices to give, or errors to raise."""

    def __init__(self, *coming: Device | MicrophoneError) -> None:
        self.coming = list(coming)
        self.opened: queue.Queue[FakeMicrophone] = queue.Queue()
        self.avoided: list[set[str]] = []
        self.clock = Clock()
        self.asked: list[WantedDevice] = []  # each time one is opened
        self.meanwhile: WantedDevice = None  # the user wants that while one opens
        self.takes = FailoverMicrophone(LIST, self.source, self.clock)

    def source(
        self,
        wanted: WantedDevice,
        on_chunk: Callable[[Chunk], None],
        on_lost: Callable[[], None],
        avoid: Collection[str] = (),
    ) -> FakeMicrophone:
        self.asked.append(wanted)
        self.avoided.append(set(avoid))
        if self.meanwhile is not None:
            self.takes.want(self.meanwhile)
        next_one = self.coming.pop(0) if self.coming else NONE
        refusal = next_one if isinstance(next_one, MicrophoneError) else None
        device = next_one if isinstance(next_one, Device) else DESK
        given = wanted, on_chunk, on_lost, self.opened, refusal
        microphone = FakeMicrophone(*given, device)
        if refusal is ABSENT:
            microphone.device = None  # type: ignore[assignment]
        return microphone

    def begun(self) -> FakeMicrophone:
        self.takes.open()
        return self.opened.get(block=False)

    def all(self) -> list[AudioSpan]:
        """Everything until nothing comes."""
        got: list[AudioSpan] = []
        while True:
            try:
                got.append(self.takes.get(0))
            except queue.Empty:
                return got

    def heard(self) -> int:
        return sum(len(stretch.pcm) // 4 for stretch in self.all())


def test_one_microphone_is_handed_on_as_it_is() -> None:
    simulation = Simulation(DESK)
    simulation.begun().say(0.4)
    assert simulation.takes.captured == simulation.heard() == 6_400
    assert (simulation.takes.rate_hz, simulation.takes.device) == (16_000, DESK)
    assert not simulation.takes.reconnecting and simulation.takes.device_changes == []


def test_none_at_the_start_is_an_error() -> None:
    with pytest.raises(MicrophoneError):
        Simulation().takes.open()


def test_the_next_one_goes_on_at_the_rate_of_the_first_behind_a_silence() -> None:
    simulation = Simulation(DESK, LAPTOP)
    first = simulation.begun()
    first.say(1.0)
    assert simulation.heard() == 16_000
    simulation.clock.now_s += 1.5
    first.lose()
    [silence] = simulation.all()
    assert first.closed and not silence.heard
    assert silence.pcm == bytes(4 * 24_000)
    assert simulation.takes.device_changes == [
        DeviceChange(16_000, 24_000, "Desk", "Laptop")
    ]
    assert simulation.takes.device is LAPTOP
    second = simulation.opened.get(block=False)
    second.say(1.0)
    assert simulation.takes.captured == 16_000 + 24_000 + 16_000
    assert simulation.heard() == pytest.approx(16_000, abs=1_000)  # the rest is in soxr
    simulation.takes.close()
    assert second.closed


def test_what_came_before_the_loss_was_noticed_comes_first() -> None:
    simulation = Simulation(DESK, LAPTOP)
    first = simulation.begun()
    first.say(0.1)
    first.lose()
    assert [stretch.heard for stretch in simulation.all()] == [True] * 5 + [False]


def test_the_last_samples_within_the_resampler_are_not_lost() -> None:
    simulation = Simulation(DESK, LAPTOP, DESK)
    simulation.begun().lose()
    simulation.all()
    second = simulation.opened.get(block=False)
    second.say(1.0)
    second.lose()
    stretches = simulation.all()
    heard = sum(len(stretch.pcm) // 4 for stretch in stretches if stretch.heard)
    assert heard == pytest.approx(16_000, abs=2)
    assert [
        device_change.after for device_change in simulation.takes.device_changes
    ] == ["Laptop", "Desk"]


def test_while_none_is_there_it_is_looked_for_now_and_then() -> None:
    simulation = Simulation(DESK, NONE, NONE, LAPTOP)
    simulation.begun().lose()
    assert simulation.all() == [] and simulation.takes.reconnecting
    assert simulation.all() == [] and len(simulation.avoided) == 2  # not at every look
    simulation.clock.now_s += RETRY_S
    assert simulation.all() == [] and len(simulation.avoided) == 3
    simulation.clock.now_s += RETRY_S
    assert len(simulation.all()) == 1
    assert not simulation.takes.reconnecting and not simulation.takes.lost


def test_it_is_lost_when_none_comes_in_time() -> None:
    simulation = Simulation(DESK)
    microphone = simulation.begun()
    microphone.say(0.2)
    assert simulation.heard() == 3_200
    microphone.lose()
    lost_s = simulation.clock.now_s
    while not simulation.takes.lost:
        assert simulation.all() == []
        simulation.clock.now_s += RETRY_S
    assert simulation.clock.now_s - lost_s == pytest.approx(SEEK_S, abs=2 * RETRY_S)
    tries = len(simulation.avoided)
    simulation.clock.now_s += 60.0
    assert simulation.all() == [] and len(simulation.avoided) == tries


def test_one_that_gave_nothing_is_avoided_one_that_gave_is_not() -> None:
    simulation = Simulation(DESK, LAPTOP, DESK)
    simulation.begun().lose()
    simulation.all()
    second = simulation.opened.get(block=False)
    second.say(0.1)
    second.lose()
    simulation.all()
    assert simulation.avoided == [set(), {"Desk"}, {"Desk"}]


def test_one_that_is_listed_but_does_not_open_is_avoided() -> None:
    simulation = Simulation(DESK, NONE, NONE, LAPTOP)
    first = simulation.begun()
    first.say(0.1)
    first.lose()
    simulation.all()
    simulation.clock.now_s += FAITHFUL_S  # it may yet come back
    simulation.all()
    simulation.clock.now_s += RETRY_S
    simulation.all()
    assert simulation.avoided == [set(), set(), set(), {"Desk"}]
    assert simulation.takes.device is LAPTOP


def test_a_computer_that_slept_gives_no_hours_of_silence() -> None:
    simulation = Simulation(DESK, LAPTOP)
    first = simulation.begun()
    simulation.clock.now_s += 3_600.0
    first.lose()
    simulation.all()
    assert simulation.takes.device_changes[0].missing == LONGEST_GAP_S * 16_000


def test_samples_a_slow_reader_missed_are_silence_and_counted() -> None:
    simulation = Simulation(DESK)
    microphone = simulation.begun()
    microphone.say(181.0)  # at 16 kHz the queue holds 180 s
    assert simulation.takes.overflow == 16_000
    assert simulation.heard() == 180 * 16_000
    microphone.say(0.02)
    [after] = simulation.all()
    samples = np.frombuffer(after.pcm, "<f4")
    assert len(samples) == 16_320 and not samples[:16_000].any()


def test_another_that_is_wanted_goes_on() -> None:
    simulation = Simulation(DESK, LAPTOP)
    first = simulation.begun()
    first.say(0.1)
    simulation.takes.want("Laptop")
    assert [stretch.heard for stretch in simulation.all()] == [True] * 5 + [False]
    assert first.closed and simulation.takes.device is LAPTOP
    first.say(0.1)  # its last chunk is late
    simulation.opened.get(block=False).say(0.1)
    assert [stretch.heard for stretch in simulation.all()] == [True] * 5
    [device_change] = simulation.takes.device_changes
    assert device_change == DeviceChange(
        1_600, 0, "Desk", "Laptop", user_requested=True
    )


def test_of_one_that_was_dismissed_nothing_is_taken_any_more() -> None:
    simulation = Simulation(DESK, NONE)
    first = simulation.begun()
    first.say(0.1)
    simulation.takes.want("Laptop")
    assert simulation.heard() == 1_600
    first.say(1.0)
    assert simulation.heard() == 0 and simulation.takes.captured == 1_600


def test_the_one_that_is_heard_already_just_goes_on() -> None:
    simulation = Simulation(DESK, LAPTOP)
    first = simulation.begun()
    simulation.takes.want("Desk")
    first.say(0.1)
    assert simulation.heard() == 1_600
    assert not first.closed and simulation.takes.device_changes == []
    assert first.wishes == ["Desk"]  # once
    first.lose()
    simulation.all()
    assert simulation.asked == [LIST, "Desk"]  # what it is kept as


def test_where_the_wanted_one_is_not_there_the_old_one_goes_on() -> None:
    simulation = Simulation(DESK, ABSENT, DESK)
    simulation.begun().say(0.1)
    simulation.takes.want("Laptop")
    stretches = simulation.all() + simulation.all()  # at once
    assert [stretch.heard for stretch in stretches] == [True] * 5 + [False]
    assert (
        simulation.asked == [LIST, "Laptop", LIST] and simulation.avoided[-1] == set()
    )
    assert not simulation.takes.lost and not simulation.takes.reconnecting
    [device_change] = simulation.takes.device_changes
    assert device_change == DeviceChange(1_600, 0, "Desk", "Desk", ABSENT.what)
    assert device_change.line(16_000).startswith(
        "The microphone “Laptop” is not connected. At"
    )
    simulation.takes.want("Laptop")  # it was asked for already
    second = simulation.opened.get(block=False)
    second.say(0.1)
    simulation.all()
    assert not second.closed and len(simulation.asked) == 3


def test_one_that_was_not_there_may_be_there_when_it_is_wanted_again() -> None:
    simulation = Simulation(DESK, ABSENT, DESK, LAPTOP)
    simulation.begun().say(0.1)
    simulation.takes.want("Laptop")
    simulation.all()
    simulation.all()
    simulation.takes.want(LIST)
    simulation.takes.want("Laptop")
    simulation.all()
    assert (
        simulation.takes.device is LAPTOP and len(simulation.takes.device_changes) == 2
    )


def test_where_the_wanted_one_does_not_open_the_old_one_goes_on() -> None:
    simulation = Simulation(DESK, NONE, NONE, DESK, LAPTOP)
    simulation.begun().say(0.1)
    simulation.takes.want("Lamp")
    simulation.all()
    simulation.clock.now_s += FAITHFUL_S  # it may open yet
    simulation.all()
    simulation.all()
    assert simulation.asked == [LIST, "Lamp", "Lamp", LIST]
    assert simulation.takes.device_changes[0].denial == NONE.what
    simulation.opened.get(block=False).say(0.1)
    simulation.takes.want("Laptop")
    simulation.all()
    assert (
        simulation.takes.device is LAPTOP
        and simulation.takes.device_changes[1].denial == ""
    )


def test_another_wish_while_one_fails_is_not_forgotten() -> None:
    simulation = Simulation(DESK, ABSENT, LAPTOP)
    simulation.begun().say(0.1)
    simulation.takes.want("Lamp")
    simulation.meanwhile = "Laptop"
    simulation.all()
    simulation.clock.now_s += RETRY_S
    simulation.all()
    assert (
        simulation.asked == [LIST, "Lamp", "Laptop"]
        and simulation.takes.device is LAPTOP
    )


def test_a_wish_while_a_lost_one_is_sought_counts_and_may_be_in_vain() -> None:
    simulation = Simulation(DESK, NONE, ABSENT, DESK, NONE, LAPTOP)
    first = simulation.begun()
    first.say(0.1)
    simulation.all()
    first.lose()
    simulation.all()
    simulation.takes.want("Lamp")
    simulation.clock.now_s += RETRY_S
    simulation.all()
    simulation.all()
    assert (
        simulation.asked == [LIST, LIST, "Lamp", LIST]
        and not simulation.takes.reconnecting
    )
    second = simulation.opened.get(block=False)
    second.say(0.1)
    simulation.all()
    second.lose()
    simulation.all()
    simulation.takes.want("Laptop")
    simulation.clock.now_s += RETRY_S
    simulation.all()
    assert simulation.asked[-1] == "Laptop" and simulation.takes.device is LAPTOP


def test_a_lost_one_that_gave_nothing_is_avoided_whatever_is_wanted_then() -> None:
    simulation = Simulation(DESK, LAPTOP)
    simulation.begun().lose()
    simulation.takes.want(("Lamp",))
    simulation.all()
    assert simulation.avoided == [set(), {"Desk"}]


def test_one_that_was_not_there_may_be_there_when_the_old_one_is_lost() -> None:
    simulation = Simulation(DESK, ABSENT, DESK, LAPTOP)
    simulation.begun().say(0.1)
    simulation.takes.want("Laptop")
    simulation.all()
    simulation.all()
    second = simulation.opened.get(block=False)
    second.say(0.1)
    simulation.all()
    second.lose()
    simulation.all()
    assert simulation.asked == [LIST, "Laptop", LIST, "Laptop"]
    assert simulation.takes.device is LAPTOP


def test_what_a_slow_reader_missed_of_one_before_counts_on() -> None:
    simulation = Simulation(DESK, LAPTOP)
    simulation.begun().say(181.0)
    simulation.takes.want("Laptop")
    simulation.all()
    assert (
        simulation.takes.overflow == 16_000
        and len(simulation.takes.device_changes) == 1
    )


def test_one_that_was_dismissed_before_its_first_sample_may_come_again() -> None:
    simulation = Simulation(DESK, LAPTOP, DESK)
    simulation.begun()
    simulation.takes.want("Laptop")
    simulation.all()
    simulation.takes.want(None)
    simulation.all()
    assert simulation.takes.device is DESK and simulation.avoided == [
        set(),
        set(),
        set(),
    ]


def test_before_it_is_open_nothing_is_captured() -> None:
    simulation = Simulation()
    assert simulation.takes.captured == 0
    simulation.takes.close()


def test_a_seam_is_told_in_one_line() -> None:
    assert DeviceChange(1_200_000, 24_000, "Desk", "Laptop").line(16_000) == (
        "At 1:15 the microphone changed from “Desk” to “Laptop”; 1.5 s were not heard."
    )
    assert DeviceChange(16_000, 8_000, "Desk", "Desk").line(16_000) == (
        "At 0:01 the microphone “Desk” was away; 0.5 s were not heard."
    )
    assert DeviceChange(16_000, 500, "Desk", "Laptop").line(16_000) == (
        "At 0:01 the microphone changed from “Desk” to “Laptop”."
    )
