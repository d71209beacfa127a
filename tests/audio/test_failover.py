"""One recording over several microphones: what is heard, and when it ends."""

import queue
from collections.abc import Callable, Collection

import numpy as np
import pytest

from fakes import DESK, Clock, FakeMicrophone
from mica.audio.device_selection import Device, Wanted
from mica.audio.failover import (
    FAITHFUL_S,
    LONGEST_GAP_S,
    RETRY_S,
    SEEK_S,
    Seam,
    Stretch,
    Takes,
)
from mica.errors import MicrophoneError
from mica.events import Chunk

LIST = ("Desk", "Laptop")
LAPTOP = Device(1, "Laptop", 48_000, False)
ABSENT = MicrophoneError("The microphone “Laptop” is not connected.", "Connect it.")
NONE = MicrophoneError("No microphone was found.", "Connect one.")


class World:
    """Microphones as they come: devices to give, or errors to raise."""

    def __init__(self, *coming: Device | MicrophoneError) -> None:
        self.coming = list(coming)
        self.opened: queue.Queue[FakeMicrophone] = queue.Queue()
        self.avoided: list[set[str]] = []
        self.clock = Clock()
        self.asked: list[Wanted] = []  # each time one is opened
        self.meanwhile: Wanted = None  # the user wants that while one opens
        self.takes = Takes(LIST, self.source, self.clock)

    def source(
        self,
        wanted: Wanted,
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

    def all(self) -> list[Stretch]:
        """Everything until nothing comes."""
        got: list[Stretch] = []
        while True:
            try:
                got.append(self.takes.get(0))
            except queue.Empty:
                return got

    def heard(self) -> int:
        return sum(len(stretch.pcm) // 4 for stretch in self.all())


def test_one_microphone_is_handed_on_as_it_is() -> None:
    world = World(DESK)
    world.begun().say(0.4)
    assert world.takes.captured == world.heard() == 6_400
    assert (world.takes.rate_hz, world.takes.device) == (16_000, DESK)
    assert not world.takes.seeking and world.takes.seams == []


def test_none_at_the_start_is_an_error() -> None:
    with pytest.raises(MicrophoneError):
        World().takes.open()


def test_the_next_one_goes_on_at_the_rate_of_the_first_behind_a_silence() -> None:
    world = World(DESK, LAPTOP)
    first = world.begun()
    first.say(1.0)
    assert world.heard() == 16_000
    world.clock.now_s += 1.5
    first.lose()
    [silence] = world.all()
    assert first.closed and not silence.heard
    assert silence.pcm == bytes(4 * 24_000)
    assert world.takes.seams == [Seam(16_000, 24_000, "Desk", "Laptop")]
    assert world.takes.device is LAPTOP
    second = world.opened.get(block=False)
    second.say(1.0)
    assert world.takes.captured == 16_000 + 24_000 + 16_000
    assert world.heard() == pytest.approx(16_000, abs=1_000)  # the rest is in soxr
    world.takes.close()
    assert second.closed


def test_what_came_before_the_loss_was_noticed_comes_first() -> None:
    world = World(DESK, LAPTOP)
    first = world.begun()
    first.say(0.1)
    first.lose()
    assert [stretch.heard for stretch in world.all()] == [True] * 5 + [False]


def test_the_last_samples_within_the_resampler_are_not_lost() -> None:
    world = World(DESK, LAPTOP, DESK)
    world.begun().lose()
    world.all()
    second = world.opened.get(block=False)
    second.say(1.0)
    second.lose()
    stretches = world.all()
    heard = sum(len(stretch.pcm) // 4 for stretch in stretches if stretch.heard)
    assert heard == pytest.approx(16_000, abs=2)
    assert [seam.after for seam in world.takes.seams] == ["Laptop", "Desk"]


def test_while_none_is_there_it_is_looked_for_now_and_then() -> None:
    world = World(DESK, NONE, NONE, LAPTOP)
    world.begun().lose()
    assert world.all() == [] and world.takes.seeking
    assert world.all() == [] and len(world.avoided) == 2  # not at every look
    world.clock.now_s += RETRY_S
    assert world.all() == [] and len(world.avoided) == 3
    world.clock.now_s += RETRY_S
    assert len(world.all()) == 1
    assert not world.takes.seeking and not world.takes.lost


def test_it_is_lost_when_none_comes_in_time() -> None:
    world = World(DESK)
    microphone = world.begun()
    microphone.say(0.2)
    assert world.heard() == 3_200
    microphone.lose()
    lost_s = world.clock.now_s
    while not world.takes.lost:
        assert world.all() == []
        world.clock.now_s += RETRY_S
    assert world.clock.now_s - lost_s == pytest.approx(SEEK_S, abs=2 * RETRY_S)
    tries = len(world.avoided)
    world.clock.now_s += 60.0
    assert world.all() == [] and len(world.avoided) == tries


def test_one_that_gave_nothing_is_avoided_one_that_gave_is_not() -> None:
    world = World(DESK, LAPTOP, DESK)
    world.begun().lose()
    world.all()
    second = world.opened.get(block=False)
    second.say(0.1)
    second.lose()
    world.all()
    assert world.avoided == [set(), {"Desk"}, {"Desk"}]


def test_one_that_is_listed_but_does_not_open_is_avoided() -> None:
    world = World(DESK, NONE, NONE, LAPTOP)
    first = world.begun()
    first.say(0.1)
    first.lose()
    world.all()
    world.clock.now_s += FAITHFUL_S  # it may yet come back
    world.all()
    world.clock.now_s += RETRY_S
    world.all()
    assert world.avoided == [set(), set(), set(), {"Desk"}]
    assert world.takes.device is LAPTOP


def test_a_computer_that_slept_gives_no_hours_of_silence() -> None:
    world = World(DESK, LAPTOP)
    first = world.begun()
    world.clock.now_s += 3_600.0
    first.lose()
    world.all()
    assert world.takes.seams[0].missing == LONGEST_GAP_S * 16_000


def test_samples_a_slow_reader_missed_are_silence_and_counted() -> None:
    world = World(DESK)
    microphone = world.begun()
    microphone.say(181.0)  # at 16 kHz the queue holds 180 s
    assert world.takes.overflow == 16_000
    assert world.heard() == 180 * 16_000
    microphone.say(0.02)
    [after] = world.all()
    samples = np.frombuffer(after.pcm, "<f4")
    assert len(samples) == 16_320 and not samples[:16_000].any()


def test_another_that_is_wanted_goes_on() -> None:
    world = World(DESK, LAPTOP)
    first = world.begun()
    first.say(0.1)
    world.takes.want("Laptop")
    assert [stretch.heard for stretch in world.all()] == [True] * 5 + [False]
    assert first.closed and world.takes.device is LAPTOP
    first.say(0.1)  # its last chunk is late
    world.opened.get(block=False).say(0.1)
    assert [stretch.heard for stretch in world.all()] == [True] * 5
    [seam] = world.takes.seams
    assert seam == Seam(1_600, 0, "Desk", "Laptop", wished=True)


def test_of_one_that_was_dismissed_nothing_is_taken_any_more() -> None:
    world = World(DESK, NONE)
    first = world.begun()
    first.say(0.1)
    world.takes.want("Laptop")
    assert world.heard() == 1_600
    first.say(1.0)
    assert world.heard() == 0 and world.takes.captured == 1_600


def test_the_one_that_is_heard_already_just_goes_on() -> None:
    world = World(DESK, LAPTOP)
    first = world.begun()
    world.takes.want("Desk")
    first.say(0.1)
    assert world.heard() == 1_600
    assert not first.closed and world.takes.seams == []
    assert first.wishes == ["Desk"]  # once
    first.lose()
    world.all()
    assert world.asked == [LIST, "Desk"]  # what it is kept as


def test_where_the_wanted_one_is_not_there_the_old_one_goes_on() -> None:
    world = World(DESK, ABSENT, DESK)
    world.begun().say(0.1)
    world.takes.want("Laptop")
    stretches = world.all() + world.all()  # at once
    assert [stretch.heard for stretch in stretches] == [True] * 5 + [False]
    assert world.asked == [LIST, "Laptop", LIST] and world.avoided[-1] == set()
    assert not world.takes.lost and not world.takes.seeking
    [seam] = world.takes.seams
    assert seam == Seam(1_600, 0, "Desk", "Desk", ABSENT.what)
    assert seam.line(16_000).startswith("The microphone “Laptop” is not connected. At")
    world.takes.want("Laptop")  # it was asked for already
    second = world.opened.get(block=False)
    second.say(0.1)
    world.all()
    assert not second.closed and len(world.asked) == 3


def test_one_that_was_not_there_may_be_there_when_it_is_wanted_again() -> None:
    world = World(DESK, ABSENT, DESK, LAPTOP)
    world.begun().say(0.1)
    world.takes.want("Laptop")
    world.all()
    world.all()
    world.takes.want(LIST)
    world.takes.want("Laptop")
    world.all()
    assert world.takes.device is LAPTOP and len(world.takes.seams) == 2


def test_where_the_wanted_one_does_not_open_the_old_one_goes_on() -> None:
    world = World(DESK, NONE, NONE, DESK, LAPTOP)
    world.begun().say(0.1)
    world.takes.want("Lamp")
    world.all()
    world.clock.now_s += FAITHFUL_S  # it may open yet
    world.all()
    world.all()
    assert world.asked == [LIST, "Lamp", "Lamp", LIST]
    assert world.takes.seams[0].denial == NONE.what
    world.opened.get(block=False).say(0.1)
    world.takes.want("Laptop")
    world.all()
    assert world.takes.device is LAPTOP and world.takes.seams[1].denial == ""


def test_another_wish_while_one_fails_is_not_forgotten() -> None:
    world = World(DESK, ABSENT, LAPTOP)
    world.begun().say(0.1)
    world.takes.want("Lamp")
    world.meanwhile = "Laptop"
    world.all()
    world.clock.now_s += RETRY_S
    world.all()
    assert world.asked == [LIST, "Lamp", "Laptop"] and world.takes.device is LAPTOP


def test_a_wish_while_a_lost_one_is_sought_counts_and_may_be_in_vain() -> None:
    world = World(DESK, NONE, ABSENT, DESK, NONE, LAPTOP)
    first = world.begun()
    first.say(0.1)
    world.all()
    first.lose()
    world.all()
    world.takes.want("Lamp")
    world.clock.now_s += RETRY_S
    world.all()
    world.all()
    assert world.asked == [LIST, LIST, "Lamp", LIST] and not world.takes.seeking
    second = world.opened.get(block=False)
    second.say(0.1)
    world.all()
    second.lose()
    world.all()
    world.takes.want("Laptop")
    world.clock.now_s += RETRY_S
    world.all()
    assert world.asked[-1] == "Laptop" and world.takes.device is LAPTOP


def test_a_lost_one_that_gave_nothing_is_avoided_whatever_is_wanted_then() -> None:
    world = World(DESK, LAPTOP)
    world.begun().lose()
    world.takes.want(("Lamp",))
    world.all()
    assert world.avoided == [set(), {"Desk"}]


def test_one_that_was_not_there_may_be_there_when_the_old_one_is_lost() -> None:
    world = World(DESK, ABSENT, DESK, LAPTOP)
    world.begun().say(0.1)
    world.takes.want("Laptop")
    world.all()
    world.all()
    second = world.opened.get(block=False)
    second.say(0.1)
    world.all()
    second.lose()
    world.all()
    assert world.asked == [LIST, "Laptop", LIST, "Laptop"]
    assert world.takes.device is LAPTOP


def test_what_a_slow_reader_missed_of_one_before_counts_on() -> None:
    world = World(DESK, LAPTOP)
    world.begun().say(181.0)
    world.takes.want("Laptop")
    world.all()
    assert world.takes.overflow == 16_000 and len(world.takes.seams) == 1


def test_one_that_was_dismissed_before_its_first_sample_may_come_again() -> None:
    world = World(DESK, LAPTOP, DESK)
    world.begun()
    world.takes.want("Laptop")
    world.all()
    world.takes.want(None)
    world.all()
    assert world.takes.device is DESK and world.avoided == [set(), set(), set()]


def test_before_it_is_open_nothing_is_captured() -> None:
    world = World()
    assert world.takes.captured == 0
    world.takes.close()


def test_a_seam_is_told_in_one_line() -> None:
    assert Seam(1_200_000, 24_000, "Desk", "Laptop").line(16_000) == (
        "At 1:15 the microphone changed from “Desk” to “Laptop”; 1.5 s were not heard."
    )
    assert Seam(16_000, 8_000, "Desk", "Desk").line(16_000) == (
        "At 0:01 the microphone “Desk” was away; 0.5 s were not heard."
    )
    assert Seam(16_000, 500, "Desk", "Laptop").line(16_000) == (
        "At 0:01 the microphone changed from “Desk” to “Laptop”."
    )
