"""Which microphone stays open, for how long, and that nothing of that time is kept."""

import math
import threading
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import pytest

from fakes import DESK, LIMIT_S, FakeMicrophone, FakeMicrophones
from mica.audio.device_selection import Device, Wanted
from mica.audio.failover import Source
from mica.audio.microphone_pool import (
    SETTLE_S,
    SHORT_S,
    Opened,
    WarmMicrophones,
    kept_s,
    later,
)
from mica.errors import MicrophoneError
from mica.events import Chunk
from mica.host.sound import Transport
from mica.settings import Settings, Warmth

HEADSET = replace(DESK, name="Headset", transport=Transport.BLUETOOTH)


class World:
    """A warm keeper over fake microphones; its timer goes off when told."""

    def __init__(self, warmth: Warmth = Warmth.SHORT, device: Device = DESK) -> None:
        self.microphones = FakeMicrophones(device)
        self.opened = self.microphones.opened
        self.alarms: list[tuple[float, Callable[[], None]]] = []
        self.cancelled: list[int] = []
        self.superseded: dict[tuple[Wanted, ...], bool] = {}
        self.warm = WarmMicrophones(
            warmth, self.microphones, self.later, self.is_superseded
        )
        self.chunks: list[Chunk] = []
        self.losses = 0

    def later(self, delay_s: float, call: Callable[[], None]) -> Callable[[], None]:
        self.alarms.append((delay_s, call))
        number = len(self.alarms) - 1
        return lambda: self.cancelled.append(number)

    def is_superseded(
        self, device: Device, wanted: Wanted, avoid: Collection[str]
    ) -> bool | None:
        return self.superseded.get((device.name, wanted, *avoid))

    def lost(self) -> None:
        self.losses += 1

    def lease(self, wanted: Wanted = None, avoid: Collection[str] = ()) -> Source:
        source = self.warm.source(wanted, self.chunks.append, self.lost, avoid)
        source.open()
        return source

    def alarms_and_let_go(self) -> None:
        """All that closes what nobody uses."""
        for _, call in self.alarms:
            call()
        self.warm.let_go()

    def used(self) -> FakeMicrophone:
        """One dictation long ago; its microphone."""
        source = self.lease()
        microphone = self.opened.get(block=False)
        microphone.say(0.1)
        source.close()
        self.chunks.clear()
        return microphone


def test_the_next_dictation_takes_over_what_stayed_open() -> None:
    world = World()
    microphone = world.used()
    assert not microphone.closed
    source = world.lease()
    assert world.opened.empty()
    assert (source.rate_hz, source.device) == (DESK.rate_hz, DESK)
    microphone.say(0.04)
    assert [chunk.first for chunk in world.chunks] == [0, 320]
    assert world.cancelled == [0]


def test_after_devices_changed_a_microphone_is_chosen_anew() -> None:
    world = World()
    source = world.lease()
    before = world.opened.get(block=False)
    world.warm.choose_anew()
    assert not before.closed  # somebody speaks into it
    other = world.lease()
    after = world.opened.get(block=False)
    source.close()
    assert before.closed
    other.close()
    assert not after.closed  # it is the new one, and kept warm
    world.warm.choose_anew()
    assert after.closed


def test_who_has_one_looks_for_another_where_another_would_be_chosen() -> None:
    world = World()
    source = world.lease(("Lamp", "Desk"), {"Lamp"})
    microphone = world.opened.get(block=False)
    world.warm.choose_anew()
    world.warm.choose_anew()  # told of by and by
    assert [delay_s for delay_s, _ in world.alarms] == [SETTLE_S] * 2
    assert world.cancelled == [0]
    look = world.alarms[-1][1]
    look()
    assert world.losses == 0
    world.superseded["Desk", ("Lamp", "Desk"), "Lamp"] = True
    look()
    assert world.losses == 1 and not microphone.closed
    source.close()
    assert microphone.closed


def test_one_that_is_still_the_choice_is_shared_and_kept_again() -> None:
    world = World()
    source = world.lease()
    microphone = world.opened.get(block=False)
    world.warm.choose_anew()
    world.superseded["Desk", None] = False
    world.alarms[-1][1]()
    other = world.lease()
    assert world.opened.empty() and world.losses == 0
    for one in (source, other):
        one.close()
    assert not microphone.closed


def test_one_that_suits_another_wish_is_that_wishs_from_then_on() -> None:
    world = World()
    source = world.lease()
    assert not source.suits("Lamp") and source.suits("Desk")
    other = world.lease("Desk")
    assert world.opened.qsize() == 1
    world.superseded["Desk", None] = True  # a headset became the system's choice
    world.warm.choose_anew()
    world.alarms[-1][1]()
    assert world.losses == 0
    source.close()
    other.close()


def test_what_is_said_while_it_is_only_warm_is_dropped() -> None:
    world = World()
    microphone = world.used()
    microphone.say(1.0)
    assert world.chunks == []


def test_it_closes_when_its_time_is_over() -> None:
    world = World()
    microphone = world.used()
    [(delay_s, over)] = world.alarms
    assert delay_s == SHORT_S
    over()
    assert microphone.closed
    world.lease()
    assert world.opened.qsize() == 1


def test_an_alarm_that_comes_late_closes_nothing_in_use() -> None:
    world = World()
    microphone = world.used()
    world.lease()
    world.alarms[0][1]()
    assert not microphone.closed


@pytest.mark.parametrize(
    ("warmth", "device", "stays_s"),
    [
        (Warmth.OFF, DESK, 0),
        (Warmth.SHORT, DESK, SHORT_S),
        (Warmth.SHORT, HEADSET, 0),
        (Warmth.ALWAYS, DESK, math.inf),
        (Warmth.ALWAYS, HEADSET, math.inf),
        (Warmth.OFF, HEADSET, 0),
    ],
)
def test_how_long_it_stays_open(warmth: Warmth, device: Device, stays_s: float) -> None:
    assert kept_s(warmth, device.transport) == stays_s
    world = World(warmth, device)
    assert world.used().closed == (stays_s == 0)
    assert [delay for delay, _ in world.alarms] == [SHORT_S] * (stays_s == SHORT_S)


def test_another_wish_closes_it_before_the_other_one_opens() -> None:
    world = World()
    microphone = world.used()
    world.lease("Desk")
    assert microphone.closed and world.opened.qsize() == 1


def test_one_that_is_to_be_avoided_is_not_taken_over() -> None:
    world = World()
    microphone = world.used()
    world.lease(None, {"Desk"})
    assert microphone.closed and world.opened.qsize() == 1


def test_one_that_vanished_while_warm_is_not_used() -> None:
    world = World()
    microphone = world.used()
    microphone.lose()
    assert microphone.closed and world.losses == 0
    world.lease()
    assert world.opened.qsize() == 1


def test_one_that_vanishes_in_use_is_told_and_not_kept() -> None:
    world = World()
    source = world.lease()
    microphone = world.opened.get(block=False)
    microphone.lose()
    source.close()
    source.close()
    assert world.losses == 1 and microphone.closed and world.alarms == []


def test_one_that_vanishes_while_it_is_taken_over_is_told() -> None:
    world = World()
    microphone = world.used()
    source = world.warm.source(None, world.chunks.append, world.lost)
    taken = world.warm.taken

    def lost_meanwhile(*given: Any) -> object:
        stream = taken(*given)
        stream.leases = ()  # it was lost when this lease was not there yet
        microphone.lose()
        return stream

    world.warm.taken = lost_meanwhile  # type: ignore[method-assign, assignment]
    source.open()
    assert world.losses == 1


def test_two_at_once_hear_one_microphone_each_from_its_own_beginning() -> None:
    world = World()
    captions = world.lease()
    microphone = world.opened.get(block=False)
    microphone.say(0.02)
    mine: list[Chunk] = []
    dictation = world.warm.source(None, mine.append, world.lost)
    dictation.open()
    assert world.opened.empty() and dictation.rate_hz == captions.rate_hz
    assert dictation.device == captions.device
    microphone.say(0.02)
    assert [chunk.first for chunk in mine] == [0]
    assert [chunk.first for chunk in world.chunks] == [0, 320]


@pytest.mark.parametrize("warmth", Warmth)
@pytest.mark.parametrize("first", [0, 1])
def test_whichever_ends_first_the_other_goes_on(warmth: Warmth, first: int) -> None:
    world = World(warmth)
    sources = [world.lease(), world.lease()]
    microphone = world.opened.get(block=False)
    sources[first].close()
    sources[first].close()
    assert not microphone.closed and world.alarms == []
    world.alarms_and_let_go()
    microphone.say(0.02)
    assert len(world.chunks) == 1
    sources[1 - first].close()
    assert microphone.closed is (warmth is Warmth.OFF)


def test_two_wishes_are_two_microphones() -> None:
    world = World(Warmth.OFF)
    one, two = world.lease(), world.lease("Desk")
    first, second = world.opened.get(block=False), world.opened.get(block=False)
    one.close()
    assert first.closed and not second.closed
    two.close()
    assert second.closed


def test_of_two_only_the_newest_is_kept_warm() -> None:
    world = World()
    one, two = world.lease(), world.lease("Desk")
    first, second = world.opened.get(block=False), world.opened.get(block=False)
    one.close()
    assert not first.closed
    two.close()
    assert first.closed and not second.closed


def test_who_looks_for_another_microphone_does_not_get_the_one_in_use() -> None:
    world = World()
    world.lease()
    world.lease(None, {"Desk"})
    assert world.opened.qsize() == 2


def test_one_that_vanishes_is_told_to_both_and_closed_before_another_opens() -> None:
    world = World()
    one, two = world.lease(), world.lease()
    microphone = world.opened.get(block=False)
    microphone.lose()
    assert world.losses == 2
    one.close()
    assert microphone.closed
    world.lease()
    assert world.opened.qsize() == 1
    two.close()
    assert world.alarms == []


def test_letting_go_closes_it_at_once() -> None:
    world = World(Warmth.ALWAYS)
    microphone = world.used()
    world.warm.let_go()
    world.warm.let_go()
    assert microphone.closed


def test_one_that_cannot_be_opened_is_an_error_and_nothing_stays() -> None:
    world = World()
    world.microphones.refusal = MicrophoneError(
        "No microphone was found.", "Connect one."
    )
    source = world.warm.source(None, world.chunks.append, world.lost)
    with pytest.raises(MicrophoneError):
        source.open()
    source.close()
    assert world.alarms == [] and source.device is DESK


def test_what_is_open_is_always_told() -> None:
    world, told = World(), list[Opened]()
    world.warm.on_opened = told.append
    first, second = world.lease(), world.lease()
    assert told == [Opened.HEARD]
    first.close()
    assert told == [Opened.HEARD]  # the other one hears it still
    second.close()
    assert told == [Opened.HEARD, Opened.WARM]
    world.lease().close()
    assert told[2:] == [Opened.HEARD, Opened.WARM]
    world.alarms[-1][1]()
    assert told[4:] == [Opened.CLOSED]


def test_one_that_is_closed_at_once_or_let_go_is_told_as_closed() -> None:
    world, told = World(Warmth.OFF), list[Opened]()
    world.warm.on_opened = told.append
    world.lease().close()
    assert told == [Opened.HEARD, Opened.CLOSED]
    world.warm.warmth = Warmth.ALWAYS
    world.lease().close()
    world.warm.let_go()
    assert told[2:] == [Opened.HEARD, Opened.WARM, Opened.CLOSED]


def test_one_that_does_not_open_is_not_told_as_open() -> None:
    world, told = World(), list[Opened]()
    world.warm.on_opened = told.append
    world.microphones.refusal = MicrophoneError("No microphone was found.")
    with pytest.raises(MicrophoneError):
        world.lease()
    assert told == [Opened.HEARD, Opened.CLOSED]


def test_without_a_choice_it_stays_half_a_minute() -> None:
    assert Settings().warm_microphone is Warmth.SHORT


def test_its_own_timer_goes_off_and_can_be_cancelled() -> None:
    over, never = threading.Event(), threading.Event()
    later(60.0, never.set)()
    later(0.0, over.set)
    assert over.wait(LIMIT_S)
    assert not never.is_set()
