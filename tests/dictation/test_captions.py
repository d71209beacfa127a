"""Live captions on fakes, with a real journal, a real history and a real dictation."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import rows
from dictation.captions_harness import Bench
from fakes import LIMIT_S, RATE_HZ
from mica.audio.device_selection import Device
from mica.audio.journal import KEPT
from mica.dictation import captions as said
from mica.dictation import utterances
from mica.dictation.captions import Phase
from mica.dictation.heard import LONGEST_S, ROLL_S
from mica.dictation.retry import FAILED
from mica.engine.client import (
    Committed,
    Failed,
    Hypothesis,
    Ready,
    Restarted,
)
from mica.errors import EngineError, MicrophoneError, ModelError
from mica.events import Style
from mica.host.hold_key import Input
from mica.host.ports import Grant, Permission
from mica.library.store import Status
from mica.settings import Warmth

NONE = MicrophoneError("No microphone was found.", "Connect one.")
LAMP = Device(4, "Lamp", RATE_HZ, False)
DEAD = EngineError("The engine died.", "Try again.")


@pytest.fixture
def bench(home: Path, request: pytest.FixtureRequest) -> Iterator[Bench]:
    """One; where a warmth is asked for, both get their microphones as in the app."""
    with closing(Bench(home, getattr(request, "param", None))) as bench:
        yield bench


def test_what_is_heard_is_shown_and_kept_and_goes_nowhere(bench: Bench) -> None:
    microphone = bench.heard()
    assert bench.phases == [Phase.ARMING, Phase.LISTENING]
    bench.on(Hypothesis(1, "hello"))
    bench.on(Committed(1, 0.0, 1.0, "Hello there."))
    bench.captions.toggle()
    assert bench.phases[-1] is Phase.OFF
    microphone.say(0.3)
    entry = bench.written(bench.ended(), "Hello there.")
    assert bench.words == [("", "hello"), ("Hello there.", "")]
    assert (entry.status, entry.text) == (Status.WRITTEN, "Hello there.")
    assert entry.journal is not None and entry.journal.exists()
    assert bench.captions.is_quiet and bench.dictation.is_quiet
    assert bench.fake.paster.pasted == [] and bench.messages == []
    assert bench.history.last() is None  # to paste: no dictation yet
    begun = ("begin", 1, RATE_HZ, Style.RAW, ["Jon"])
    assert bench.engine.calls[0] == begun


def test_silence_does_not_end_them(bench: Bench) -> None:
    microphone = bench.heard()
    bench.lasts(700.0)
    microphone.say(2.0, level=1e-5)
    bench.until(lambda: bench.captions._open.recording.quiet_s >= 1.5)
    assert bench.captions.is_on and bench.order() == [("begin", 1)]


def test_a_dictation_comes_first_and_captions_go_on_after_it(bench: Bench) -> None:
    microphone = bench.heard()
    dictated = bench.press()
    assert bench.phases[-1] is Phase.ASIDE
    dictated.say(0.5)
    microphone.say(0.3)  # the tail of the captions
    assert bench.ended() == 1
    dictated.say(0.1)
    bench.until(lambda: ("begin", 2) in bench.order())
    assert bench.written(1, "A meeting").status is Status.WRITTEN
    bench.release()
    assert bench.opened.empty() and bench.captions.is_on
    dictated.say(0.3)
    assert bench.ended() == 2
    bench.until(lambda: not bench.opened.empty())
    assert bench.phases[-1] is Phase.ARMING
    bench.opened.get().say(0.5)
    bench.until(lambda: ("begin", 3) in bench.order())
    assert bench.written(2, "A letter.").text == "A letter."
    bench.until(lambda: bench.dictation.is_quiet)
    assert [text for text, _ in bench.fake.paster.pasted] == ["A letter."]
    assert bench.order() == [
        ("begin", 1), ("end", 1), ("begin", 2), ("end", 2), ("begin", 3)
    ]  # fmt: skip
    bench.until(lambda: bench.phases[-1] is Phase.LISTENING)


def test_a_shortcut_with_the_key_costs_captions_no_words(bench: Bench) -> None:
    microphone = bench.heard()
    bench.press()
    bench.dictation.key(Input.OTHER, bench.clock.now_s)
    bench.release()
    pause = threading.Event()
    for _ in range(20):  # the first is still in its tail: nobody overtakes it
        bench.captions.tick()
        pause.wait(0.002)
    assert bench.opened.empty() and bench.order() == [("begin", 1)]
    microphone.say(0.3)
    bench.until(lambda: not bench.opened.empty())
    bench.opened.get().say(0.1)
    bench.until(lambda: ("begin", 3) in bench.order())
    assert bench.order() == [("begin", 1), ("end", 1), ("begin", 3)]


@pytest.mark.parametrize("bench", [Warmth.OFF, Warmth.SHORT], indirect=True)
def test_a_dictation_hears_the_microphone_that_captions_opened(bench: Bench) -> None:
    microphone = bench.heard()
    recording = bench.dictating()
    microphone.say(0.5)  # the first of it is the captions' tail too
    assert bench.ended() == 1
    bench.until(lambda: recording.heard == RATE_HZ // 2)
    assert bench.opened.empty() and not microphone.closed
    bench.release()
    microphone.say(0.3)
    assert bench.ended() == 2


@pytest.mark.parametrize("bench", [Warmth.OFF, Warmth.SHORT], indirect=True)
def test_captions_that_end_leave_a_dictation_its_microphone(bench: Bench) -> None:
    microphone = bench.heard()
    recording = bench.dictating()
    bench.captions.toggle()
    microphone.say(0.5)
    assert bench.ended() == 1
    bench.until(lambda: bench.captions._heard[1].recording.over.is_set())
    microphone.say(0.5)
    bench.until(lambda: recording.heard == RATE_HZ)


def test_captions_begun_during_a_dictation_wait_for_its_end(bench: Bench) -> None:
    dictated = bench.press()
    bench.captions.toggle()
    assert bench.phases == [Phase.ASIDE] and bench.opened.empty()
    bench.release()
    dictated.say(0.3)
    bench.until(lambda: not bench.opened.empty())
    assert bench.phases == [Phase.ASIDE, Phase.ARMING]


def test_a_long_utterance_gives_way_to_the_next_at_a_pause(bench: Bench) -> None:
    microphone = bench.heard()
    bench.lasts(ROLL_S)
    bench.on(Committed(1, 0.0, 600.0, "Very long."))
    bench.captions.tick()
    assert bench.captions._open.recording.utterance == 1
    microphone.say(1.2, level=1e-5)
    bench.until(lambda: not bench.opened.empty())
    assert bench.ended() == 1
    bench.opened.get().say(0.1)
    bench.until(lambda: ("begin", 2) in bench.order())
    assert bench.phases == [Phase.ARMING, Phase.LISTENING]  # nobody sees it
    bench.written(1, "Very long.")
    bench.on(Committed(2, 0.0, 1.0, "And on."))
    assert bench.words[-1] == ("And on.", "")


def test_an_utterance_without_a_pause_ends_after_an_hour(bench: Bench) -> None:
    microphone = bench.heard()
    bench.lasts(LONGEST_S)
    bench.captions.tick()
    microphone.say(0.3)
    assert bench.ended() == 1
    bench.until(lambda: not bench.opened.empty())


def test_a_lost_microphone_ends_them_and_keeps_what_was_said(bench: Bench) -> None:
    microphone = bench.heard()
    bench.microphones.refusal = NONE
    microphone.lose()
    bench.until(lambda: bench.phases[-1] is Phase.OFF)
    assert bench.messages == [utterances.LOST]
    assert bench.written(bench.ended(), "Kept.").text == "Kept."


def test_another_microphone_that_is_chosen_goes_on_with_them(bench: Bench) -> None:
    bench.captions.change_microphone("Lamp")  # they are off
    assert bench.microphones.made == []
    first = bench.heard()
    bench.microphones.device = LAMP
    bench.captions.change_microphone("Lamp")
    second = bench.opened.get(timeout=LIMIT_S)
    assert first.closed and second.wanted == "Lamp"
    second.say(0.5)
    bench.captions.toggle()
    second.say(0.3)
    number = bench.ended()
    bench.written(number, "Both halves.")
    [note] = rows.transcript(bench.history, number).notes
    assert "the microphone changed from “Desk” to “Lamp”" in note


def test_a_seam_behind_which_nothing_was_heard_is_said_at_the_end(bench: Bench) -> None:
    first = bench.heard()
    bench.microphones.refusal = NONE
    first.lose()
    bench.until(lambda: bench.phases[-1] is Phase.ARMING)
    bench.microphones.refusal = None
    bench.until(lambda: not bench.opened.empty())
    second = bench.opened.get()
    recording = bench.captions._open.recording
    bench.until(lambda: len(recording.seams) == 1)
    bench.captions.toggle()
    second.say(0.3, level=0.0)
    bench.written(bench.ended(), "One half.")
    assert bench.messages == recording.seams


def test_no_microphone_at_all_is_said(bench: Bench) -> None:
    bench.microphones.refusal = NONE
    bench.captions.toggle()
    bench.until(lambda: bench.phases[-1] is Phase.OFF)
    assert bench.messages == [NONE.line()]
    assert bench.row(1).status is Status.FAILED and bench.captions.is_quiet


def test_without_the_permission_they_end_and_say_so(bench: Bench) -> None:
    bench.fake.permissions.grants[Permission.MICROPHONE] = Grant.DENIED
    bench.started().say(1.2, level=0.0)
    bench.until(lambda: bench.phases[-1] is Phase.OFF)
    assert bench.messages == [utterances.DENIED]


def test_the_permission_is_asked_for(bench: Bench) -> None:
    bench.fake.permissions.grants[Permission.MICROPHONE] = Grant.UNDETERMINED
    bench.started()
    assert bench.fake.permissions.requested == [Permission.MICROPHONE]


def test_a_muted_microphone_is_named_and_they_go_on(bench: Bench) -> None:
    bench.started().say(1.2, level=0.0)
    bench.until(lambda: bool(bench.messages))
    assert "gives only silence" in bench.messages[0] and bench.captions.is_on


def test_a_restarted_engine_goes_on(bench: Bench) -> None:
    bench.heard()
    bench.on(Restarted(1))
    bench.on(Ready("m", 1.0))
    bench.on(Committed(1, 0.0, 1.0, "Still here."))
    assert bench.captions.is_on and bench.words == [("Still here.", "")]


def test_an_engine_that_fails_ends_them_and_its_words_are_kept(bench: Bench) -> None:
    bench.heard()
    bench.on(Committed(1, 0.0, 1.0, "So far."))
    bench.on(Hypothesis(1, "and"))
    bench.on(Failed(1, DEAD))
    entry = bench.row(1)
    assert (entry.status, entry.text) == (Status.FAILED, "So far. and")
    assert bench.phases[-1] is Phase.OFF and len(bench.messages) == 1
    assert bench.messages[0].startswith(FAILED)
    assert entry.error == DEAD.line()


def test_words_shown_are_in_the_history_at_once(bench: Bench) -> None:
    bench.heard()
    for text in ("So far.", "And on."):
        bench.on(Committed(1, 0.0, 1.0, text))
    assert bench.row(1).text == "So far. And on."
    assert bench.row(1).status is Status.SPEAKING and bench.history.last() is None


def test_without_a_model_they_do_not_begin(bench: Bench) -> None:
    bench.captions.refusal = lambda: ModelError("No model.", "Get one.")
    bench.captions.toggle()
    assert not bench.captions.is_on and bench.opened.empty()
    assert bench.messages == ["No model. Get one."]


def test_an_older_utterance_that_fails_ends_nothing(bench: Bench) -> None:
    microphone = bench.heard()
    dictated = bench.press()
    microphone.say(0.3)
    assert bench.ended() == 1
    bench.on(Failed(1, DEAD))
    bench.release()
    dictated.say(0.3)
    bench.until(lambda: not bench.opened.empty())
    assert bench.captions.is_on and bench.row(1).status is Status.FAILED


def test_who_leaves_finds_them_ended_and_kept(bench: Bench) -> None:
    microphone = bench.heard()
    bench.captions.leave()
    assert bench.phases[-1] is Phase.OFF
    microphone.say(0.3)
    bench.written(bench.ended(), "Before you left.")
    bench.captions.toggle()  # at a locked screen
    assert not bench.captions.is_on
    bench.captions.come_back()
    assert bench.messages == [said.LEFT]
    bench.captions.leave()  # without captions
    bench.captions.come_back()
    assert bench.messages == [said.LEFT]
    bench.started()


def test_words_of_captions_before_are_not_shown_in_the_next(bench: Bench) -> None:
    microphone = bench.heard()
    bench.captions.toggle()
    bench.captions.toggle()
    microphone.say(0.3)
    bench.until(lambda: not bench.opened.empty())
    bench.on(Committed(1, 0.0, 1.0, "Old."))
    bench.written(1, "Old.")
    bench.on(Hypothesis(2, "new"))
    assert bench.words == [("", "new")]


def test_their_text_has_a_line_for_each_utterance(bench: Bench) -> None:
    microphone = bench.heard()
    bench.on(Hypothesis(1, "before"))
    assert bench.captions.text == "before"
    dictated = bench.press()
    microphone.say(0.3)
    bench.written(bench.ended(), "Before it.")
    bench.release()
    dictated.say(0.3)
    bench.written(bench.ended(), "No caption.")
    bench.until(lambda: not bench.opened.empty())
    bench.on(Committed(3, 0.0, 1.0, "Behind it,"))
    bench.on(Hypothesis(3, "so far"))
    assert bench.captions.text == "Before it.\nBehind it, so far"
    bench.on(Failed(3, DEAD))
    assert bench.captions.text == "Before it.\nBehind it, so far"
    bench.started()
    assert bench.captions.text == ""


def test_older_recordings_make_room(bench: Bench, home: Path) -> None:
    folder = home / "journal"
    for number in range(100, 100 + KEPT + 2):
        (folder / f"{number:08d}.wav").touch()
    bench.captions.toggle()
    assert not (folder / "00000101.wav").exists()
    assert (folder / "00000102.wav").exists()


def test_a_quit_keeps_the_words_and_the_recording(bench: Bench) -> None:
    bench.heard()
    bench.on(Committed(1, 0.0, 1.0, "So far."))
    bench.on(Hypothesis(1, "and so on"))
    bench.captions.close()
    entry, transcript = bench.row(1), rows.transcript(bench.history, 1)
    assert (entry.status, entry.text) == (Status.WRITTEN, "So far. and so on")
    assert transcript.notes == (said.CUT,)
    assert bench.order()[-1] == ("cancel", 1)


def test_what_belongs_to_a_dictation_is_not_theirs(bench: Bench) -> None:
    dictated = bench.press()
    dictated.say(0.5)
    for event in (Hypothesis(1, "a"), Committed(1, 0.0, 1.0, "A."), Failed(None, DEAD)):
        assert not bench.captions.on_engine(event)
    assert bench.words == []
