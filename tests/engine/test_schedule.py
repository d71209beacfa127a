"""Which utterance is served next, as random ones are opened, released and closed."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from mica.engine.schedule import Scheduler
from mica.events import Priority


def opened(*priorities: Priority) -> Scheduler:
    """A scheduler with utterances 1, 2, ... of these priorities."""
    scheduler = Scheduler()
    for utterance, priority in enumerate(priorities, 1):
        scheduler.open(utterance, priority)
    return scheduler


def served(scheduler: Scheduler, ready: list[int], times: int) -> list[int | None]:
    return [scheduler.choose(ready) for _ in range(times)]


def test_a_dictation_is_served_before_captions_and_captions_before_a_file() -> None:
    scheduler = opened(Priority.FILE, Priority.LIVE, Priority.DICTATION)
    assert served(scheduler, [1, 2, 3], 2) == [3, 3]
    assert served(scheduler, [1, 2], 2) == [2, 2]
    assert served(scheduler, [1], 1) == [1]
    assert scheduler.choose([]) is None


def test_two_channels_of_one_priority_take_turns() -> None:
    scheduler = opened(Priority.LIVE, Priority.LIVE)
    assert served(scheduler, [1, 2], 4) == [1, 2, 1, 2]
    assert served(scheduler, [1], 3) == [1, 1, 1]
    assert served(scheduler, [1, 2], 3) == [2, 1, 2]


def test_released_utterances_are_served_in_the_order_of_their_release() -> None:
    scheduler = opened(*[Priority.DICTATION] * 3)
    scheduler.release(3)
    scheduler.release(1)
    assert served(scheduler, [1, 2, 3], 2) == [3, 3]
    scheduler.close(3)
    assert served(scheduler, [1, 2], 2) == [1, 1]
    assert served(scheduler, [2], 1) == [2]


def test_a_release_does_not_pass_a_higher_priority() -> None:
    scheduler = opened(Priority.FILE, Priority.DICTATION)
    scheduler.release(1)
    assert served(scheduler, [1, 2], 2) == [2, 2]


def test_unopened_utterance_is_neither_released_nor_closed() -> None:
    scheduler = opened(Priority.LIVE)
    scheduler.release(7)
    scheduler.close(7)
    assert served(scheduler, [1], 1) == [1]


class SchedulerMachine(RuleBasedStateMachine):
    """passed   by utterance, those with the same priority that were served while it
    was ready, since it was last served"""

    def __init__(self) -> None:
        super().__init__()
        self.scheduler = Scheduler()
        self.priorities: dict[int, Priority] = {}
        self.released: list[int] = []
        self.passed: dict[int, set[int]] = {}
        self.last = 0

    @rule(priority=st.sampled_from(Priority))
    def begin(self, priority: Priority) -> None:
        self.last += 1
        self.scheduler.open(self.last, priority)
        self.priorities[self.last] = priority

    @precondition(lambda self: self.priorities)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        utterance = data.draw(st.sampled_from(sorted(self.priorities)))
        self.scheduler.release(utterance)
        if utterance not in self.released:
            self.released.append(utterance)

    @precondition(lambda self: self.priorities)
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        utterance = data.draw(st.sampled_from(sorted(self.priorities)))
        self.scheduler.close(utterance)
        del self.priorities[utterance]
        self.passed.pop(utterance, None)
        self.released = [one for one in self.released if one != utterance]

    @precondition(lambda self: self.priorities)
    @rule(data=st.data())
    def serve(self, data: st.DataObject) -> None:
        ready = data.draw(
            st.lists(st.sampled_from(sorted(self.priorities)), min_size=1, unique=True)
        )
        chosen = self.scheduler.choose(ready)
        assert chosen in ready
        assert self.priorities[chosen] == min(self.priorities[one] for one in ready)
        peers = [x for x in ready if self.priorities[x] == self.priorities[chosen]]
        waiting = [one for one in self.released if one in peers]
        if waiting:
            assert chosen == waiting[0]
            return
        self._count(chosen, peers)

    def _count(self, chosen: int, peers: list[int]) -> None:
        """Assert that none is served twice while another of its priority waits."""
        self.passed[chosen] = set()
        for one in peers:
            if one != chosen:
                passed = self.passed.setdefault(one, set())
                assert chosen not in passed
                passed.add(chosen)


TestScheduler = SchedulerMachine.TestCase
TestScheduler.settings = settings(max_examples=60, stateful_step_count=40)
