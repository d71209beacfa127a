import queue
import resource
import threading
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import pytest

from fakes import LIMIT_S, RATE_HZ, Clock, FakeEngine, FakeHost, FakeMicrophone
from mica.audio.choice import Wanted
from mica.audio.tones import Tone
from mica.engine.client import Failed, Finished, Ready, Restarted
from mica.errors import EngineError, MicrophoneError
from mica.events import Chunk, Language, Style, Transcript
from mica.history.store import History, Status
from mica.host.hotkey_rules import LOCK_S, UNDO_S, Input
from mica.host.ports import Grant, Permission, Target
from mica.session import dictation as said
from mica.session import pending
from mica.session.dictation import Dictation
from mica.session.state import LEGAL, Latch, Shown, State
from mica.settings import App, Settings


class Bench:
    """A dictation on fakes, with a real journal and a real history."""

    def __init__(self, home: Path, settings: Settings | None = None) -> None:
        self.fake, self.engine, self.clock = FakeHost(), FakeEngine(), Clock()
        self.history = History(home / "history.sqlite")
        self.opened: queue.Queue[FakeMicrophone] = queue.Queue()
        self.refusal: MicrophoneError | None = None
        self.states: list[State] = []
        self.latches: list[Latch] = []
        self.languages: list[Language | None] = []
        self.levels: list[float] = []
        self.texts: list[str] = []
        self.messages: list[str] = []
        self.states_when_told: list[State] = []
        self.tones: list[Tone] = []
        self.dictation = Dictation(
            host=self.fake.host(),
            client=self.engine,
            history=self.history,
            settings=settings or Settings(),
            keywords=lambda: ["Jon"],
            on_state=self.on_state,
            on_level=self.levels.append,
            on_text=self.texts.append,
            on_message=self.on_message,
            microphone=self.microphone,
            play=self.tones.append,
            clock=self.clock,
        )

    def microphone(
        self,
        wanted: Wanted,
        on_chunk: Callable[[Chunk], None],
        on_lost: Callable[[], None],
        avoid: Collection[str] = (),
    ) -> FakeMicrophone:
        return FakeMicrophone(wanted, on_chunk, on_lost, self.opened, self.refusal)

    def on_message(self, text: str, trouble: bool) -> None:
        self.messages.append(text)
        self.states_when_told.append(self.states[-1] if self.states else State.IDLE)

    def on_state(self, shown: Shown) -> None:
        self.states.append(shown.state)
        self.latches.append(shown.latch)
        self.languages.append(shown.to)

    def press(self) -> None:
        self.fake.hotkeys.down = True
        self.dictation.key(Input.PRESS, self.clock.now_s)

    def release(self, held_s: float = 1.0) -> None:
        self.clock.now_s += held_s
        self.fake.hotkeys.down = False
        self.dictation.key(Input.RELEASE, self.clock.now_s)

    def escape(self) -> None:
        self.dictation.key(Input.ESCAPE, self.clock.now_s)

    def pressed(self) -> FakeMicrophone:
        self.press()
        return self.opened.get(timeout=LIMIT_S)

    def tapped(self) -> FakeMicrophone:
        microphone = self.pressed()
        self.release(held_s=0.1)
        return microphone

    def until(self, condition: Callable[[], bool]) -> None:
        """Tick until the condition holds; 10 ms pass with each tick."""
        pause = threading.Event()
        for _ in range(round(LIMIT_S / 0.002)):
            self.dictation.tick()
            if condition():
                return
            self.clock.now_s += 0.01
            pause.wait(0.002)
        raise AssertionError("it never happened")

    def lose(self, microphone: FakeMicrophone) -> tuple[int, int]:
        """It vanishes and there is no other; what the engine had at the end."""
        self.refusal = MicrophoneError("No microphone was found.", "Connect one.")
        microphone.lose()
        pause = threading.Event()
        while self.engine.ended.empty():
            self.clock.now_s += 0.01
            pause.wait(0.002)
        return self.engine.ended.get()

    def spoken(self, seconds: float = 0.5) -> int:
        """Press, speak, release; the utterance's number once the engine has it."""
        microphone = self.pressed()
        microphone.say(seconds)
        self.release()
        microphone.say(0.3)
        return self.engine.ended.get(timeout=LIMIT_S)[0]

    def answer(self, utterance: int, text: str) -> None:
        self.dictation.on_engine(Finished(utterance, Transcript(text, "m", 1.0)))

    def status(self, utterance: int) -> Status:
        entry = self.history.get(utterance)
        assert entry is not None
        return entry.status


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setenv("MICA_HOME", str(tmp_path))
    bench = Bench(tmp_path)
    yield bench
    bench.dictation.close()
    bench.history.close()


def test_hold_speak_release_and_the_words_stand_in_the_window(bench: Bench) -> None:
    microphone = bench.pressed()
    assert bench.states == [State.ARMING]
    microphone.say(0.5)
    bench.until(lambda: bench.states[-1] is State.LISTENING)
    assert bench.levels[-1] > 0
    bench.release()
    assert bench.states[-1] is State.WORKING
    microphone.say(0.3)
    utterance, last = bench.engine.ended.get(timeout=LIMIT_S)
    assert last == RATE_HZ // 2
    bench.answer(utterance, "Hello there.")
    assert bench.texts == ["Hello there."]
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.fake.paster.pasted == [("Hello there.", Target(1, 100, "Editor"))]
    assert bench.states[-1] is State.IDLE
    assert bench.status(utterance) is Status.INSERTED
    assert bench.messages == []


def test_the_text_is_in_the_history_before_it_is_inserted(bench: Bench) -> None:
    utterance = bench.spoken()
    bench.answer(utterance, "Hello.")
    entry = bench.history.last()
    assert entry is not None
    assert (entry.text, entry.status) == ("Hello.", Status.WRITTEN)
    assert bench.fake.paster.pasted == []


def test_every_sample_is_in_the_journal_and_the_row_names_it(bench: Bench) -> None:
    utterance = bench.spoken(1.0)
    bench.until(lambda: bench.history.get(utterance).journal is not None)
    journal = bench.history.get(utterance).journal
    samples = (journal.stat().st_size - 58) // 4
    assert samples == bench.engine.samples[utterance] >= RATE_HZ


def test_the_tail_after_the_key_up_is_at_most_250_ms(bench: Bench) -> None:
    microphone = bench.pressed()
    microphone.say(0.5)
    bench.release()
    microphone.say(1.0)
    utterance, last = bench.engine.ended.get(timeout=LIMIT_S)
    assert last == RATE_HZ // 2
    assert 0.75 * RATE_HZ <= bench.engine.samples[utterance] <= 0.78 * RATE_HZ
    assert microphone.closed


def test_after_silence_the_key_up_ends_it_at_once(bench: Bench) -> None:
    microphone = bench.pressed()
    microphone.say(0.5)
    microphone.say(0.3, level=1e-5)
    bench.release()
    utterance, last = bench.engine.ended.get(timeout=LIMIT_S)
    assert last == bench.engine.samples[utterance] == round(0.8 * RATE_HZ)


def test_the_engine_gets_style_rate_and_keywords(bench: Bench) -> None:
    utterance = bench.spoken()
    style = Settings().style
    assert bench.engine.calls[0] == ("begin", utterance, RATE_HZ, style, ["Jon"])


def test_the_key_that_translates_says_into_what(bench: Bench) -> None:
    bench.dictation.settings = Settings(translate_to=Language.GERMAN)
    bench.dictation.key(Input.TRANSLATE_PRESS, bench.clock.now_s)
    microphone = bench.opened.get(timeout=LIMIT_S)
    microphone.say(0.5)
    bench.until(lambda: State.LISTENING in bench.states)
    bench.clock.now_s += 1.0
    bench.dictation.key(Input.TRANSLATE_RELEASE, bench.clock.now_s)
    assert bench.languages == [Language.GERMAN, Language.GERMAN, None]
    microphone.say(0.3)
    translated, _ = bench.engine.ended.get(timeout=LIMIT_S)
    spoken = bench.spoken()
    assert bench.engine.to == {translated: Language.GERMAN, spoken: None}


def test_two_dictations_back_to_back_are_worked_on_and_inserted_in_order(
    bench: Bench,
) -> None:
    first = bench.spoken()
    second = bench.spoken()
    calls = [call[:2] for call in bench.engine.calls]
    assert calls == [
        ("begin", first),
        ("end", first),
        ("begin", second),
        ("end", second),
    ]
    bench.answer(first, "One.")
    bench.answer(second, "Two.")
    bench.until(lambda: bench.dictation.is_quiet)
    assert [text for text, _ in bench.fake.paster.pasted] == ["One.", " Two."]


def test_an_application_has_style_keywords_and_keys_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MICA_HOME", str(tmp_path))
    own = App(style=Style.RAW, keywords=("kubectl", "Jon"), auto_submit=True)
    bench = Bench(tmp_path, Settings(apps={"EDITOR": own}))
    first = bench.spoken()
    assert bench.engine.calls[0][3:] == (Style.RAW, ["kubectl", "Jon"])
    assert bench.history.get(first).style is Style.RAW
    bench.answer(first, "get pods")
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.fake.paster.submitted == [Target(1, 100, "Editor")]
    bench.fake.focus.target = Target(2, 200, "Other")
    second = bench.spoken()
    begun = [call for call in bench.engine.calls if call[:2] == ("begin", second)]
    assert begun[0][3:] == (Style.PUNCTUATED, ["Jon"])
    bench.answer(second, "Hello.")
    bench.until(lambda: bench.dictation.is_quiet)
    assert len(bench.fake.paster.submitted) == 1
    bench.dictation.close()
    bench.history.close()


def test_a_press_while_the_tail_runs_waits_its_turn_and_loses_nothing(
    bench: Bench,
) -> None:
    one = bench.pressed()
    one.say(0.5)
    bench.release()
    two = bench.pressed()
    two.say(0.5)
    one.say(0.3)
    first, _ = bench.engine.ended.get(timeout=LIMIT_S)
    two.say(0.1)
    bench.release()
    two.say(0.3)
    second, last = bench.engine.ended.get(timeout=LIMIT_S)
    assert second == first + 1
    assert last == round(0.6 * RATE_HZ)
    assert bench.engine.samples[second] >= last
    ends = [call for call in bench.engine.calls if call[0] == "end"]
    begins = [call for call in bench.engine.calls if call[0] == "begin"]
    assert bench.engine.calls.index(ends[0]) < bench.engine.calls.index(begins[1])


def test_escape_is_final_after_five_seconds_and_keeps_the_recording(
    bench: Bench,
) -> None:
    microphone = bench.pressed()
    microphone.say(0.3)
    bench.until(lambda: State.LISTENING in bench.states)
    bench.escape()
    assert bench.states[-1] is State.CANCELLED
    assert bench.status(1) is Status.CANCELLED
    bench.release()
    microphone.say(0.3)
    bench.answer(bench.engine.ended.get(timeout=LIMIT_S)[0], "Not this.")
    assert bench.texts == [] and bench.history.get(1).text == ""
    bench.clock.now_s += UNDO_S
    bench.until(lambda: bench.dictation.is_quiet)
    bench.dictation.undo()
    assert bench.states[-1] is State.IDLE
    assert ("cancel", 1) in bench.engine.calls
    assert bench.status(1) is Status.CANCELLED
    assert bench.fake.paster.pasted == []
    assert bench.history.get(1).journal.exists()


@pytest.mark.parametrize("answered_first", [True, False])
def test_an_escape_taken_back_is_as_if_released(
    bench: Bench, answered_first: bool
) -> None:
    microphone = bench.pressed()
    microphone.say(0.5)
    bench.escape()
    microphone.say(0.3)
    utterance, last = bench.engine.ended.get(timeout=LIMIT_S)
    assert last == RATE_HZ // 2
    bench.release()
    if answered_first:
        bench.answer(utterance, "Said after all.")
    bench.dictation.undo()
    assert bench.states[-1] is State.WORKING
    if not answered_first:
        bench.answer(utterance, "Said after all.")
    bench.until(lambda: bench.dictation.is_quiet)
    assert [text for text, _ in bench.fake.paster.pasted] == ["Said after all."]
    assert bench.status(utterance) is Status.INSERTED


def test_a_new_dictation_makes_an_escape_final(bench: Bench) -> None:
    microphone = bench.pressed()
    microphone.say(0.5)
    bench.escape()
    microphone.say(0.3)
    bench.engine.ended.get(timeout=LIMIT_S)
    bench.release()
    second = bench.spoken()
    bench.dictation.undo()
    bench.answer(second, "Two.")
    bench.until(lambda: bench.dictation.is_quiet)
    assert [text for text, _ in bench.fake.paster.pasted] == ["Two."]
    assert ("cancel", 1) in bench.engine.calls


def test_a_cancelled_one_that_fails_cannot_be_taken_back(bench: Bench) -> None:
    utterance = 1
    bench.pressed().say(0.5)
    bench.escape()
    bench.release()
    bench.dictation.on_engine(Failed(utterance, EngineError("It died.", "Again.")))
    bench.dictation.undo()
    assert bench.status(utterance) is Status.FAILED
    assert bench.states[-1] is State.TROUBLE


def test_a_chord_is_forgotten_at_once(bench: Bench) -> None:
    microphone = bench.pressed()
    microphone.say(0.3)
    bench.dictation.key(Input.OTHER, bench.clock.now_s + 0.3)
    assert bench.states == [State.ARMING, State.IDLE]
    bench.until(lambda: microphone.closed)
    bench.release()
    bench.dictation.undo()
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.engine.ended.empty() and bench.messages == []
    assert bench.status(1) is Status.CANCELLED


def test_a_tap_listens_until_the_next_tap(bench: Bench) -> None:
    microphone = bench.tapped()
    assert bench.latches[-1] is Latch.LATCHED
    microphone.say(0.5)
    bench.until(lambda: bench.states[-1] is State.LISTENING)
    asked = bench.fake.hotkeys.asked
    began_s = bench.clock.now_s
    bench.until(lambda: bench.clock.now_s > began_s + 2.0)
    assert bench.fake.hotkeys.asked == asked  # no key is held: nothing to ask
    assert bench.fake.hotkeys.escape_wanted
    bench.press()
    bench.release(held_s=0.1)
    microphone.say(0.3)
    bench.answer(bench.engine.ended.get(timeout=LIMIT_S)[0], "Hands free.")
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.fake.paster.pasted[0][0] == "Hands free."
    assert bench.latches[-1] is Latch.OFF
    assert not bench.fake.hotkeys.escape_wanted


def test_two_taps_lock_and_a_tap_ends_it(bench: Bench) -> None:
    bench.dictation.settings = Settings(max_dictation_s=100.0)
    microphone = bench.tapped()
    bench.clock.now_s += LOCK_S / 2
    bench.press()
    bench.release(held_s=0.1)
    assert bench.latches[-1] is Latch.LOCKED
    bench.clock.now_s += 1000.0
    microphone.say(0.5)
    bench.until(lambda: bench.states[-1] is State.LISTENING)
    assert bench.messages == []
    bench.press()
    bench.release(held_s=0.1)
    microphone.say(0.3)
    assert bench.engine.ended.get(timeout=LIMIT_S)[0] == 1


def test_a_lost_key_up_ends_it_within_a_second(bench: Bench) -> None:
    microphone = bench.pressed()
    microphone.say(0.5)
    began_s = bench.clock.now_s
    bench.until(lambda: bench.clock.now_s > began_s + 2.0)
    assert bench.states[-1] is State.LISTENING
    bench.fake.hotkeys.down = False
    lost_s = bench.clock.now_s
    bench.until(lambda: bench.states[-1] is State.WORKING)
    assert bench.clock.now_s - lost_s < 1.0
    microphone.say(0.3)
    assert bench.engine.ended.get(timeout=LIMIT_S)[0] == 1


def test_a_success_is_shown_for_a_moment(bench: Bench) -> None:
    bench.answer(bench.spoken(), "Hello.")
    bench.until(lambda: bench.states[-1] is State.DONE)
    done_s = bench.clock.now_s
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.states[-1] is State.IDLE
    assert bench.clock.now_s - done_s >= said.DONE_S - 0.02


def test_toggle_begins_and_ends(bench: Bench) -> None:
    bench.dictation.toggle()
    microphone = bench.opened.get(timeout=LIMIT_S)
    microphone.say(0.5)
    bench.dictation.toggle()
    microphone.say(0.3)
    assert bench.engine.ended.get(timeout=LIMIT_S)[0] == 1


def test_no_microphone_is_said_and_the_next_press_may_work(bench: Bench) -> None:
    bench.refusal = MicrophoneError("There is no microphone.", "Connect one.")
    bench.press()
    bench.until(lambda: bench.states[-1] is State.TROUBLE)
    assert bench.messages == ["There is no microphone. Connect one."]
    assert bench.status(1) is Status.FAILED
    bench.refusal = None
    bench.release()
    assert bench.spoken() == 2


def test_a_microphone_that_gives_only_zeros_is_said_and_never_shown_as_listening(
    bench: Bench,
) -> None:
    microphone = bench.pressed()
    microphone.say(1.2, level=0.0)
    bench.until(lambda: bool(bench.messages))
    assert bench.messages == [pending.SILENT.format("The microphone “Desk”")]
    assert State.LISTENING not in bench.states


def test_zeros_of_a_microphone_that_is_not_allowed_are_said_as_that(
    bench: Bench,
) -> None:
    bench.fake.permissions.grants[Permission.MICROPHONE] = Grant.DENIED
    bench.pressed().say(1.2, level=0.0)
    bench.until(lambda: bool(bench.messages))
    assert bench.messages == [pending.DENIED]
    assert bench.fake.permissions.requested == []


def test_the_microphone_is_asked_for_where_nobody_has_decided(bench: Bench) -> None:
    bench.fake.permissions.grants[Permission.MICROPHONE] = Grant.UNDETERMINED
    bench.pressed()
    assert bench.fake.permissions.requested == [Permission.MICROPHONE]


def test_a_microphone_lost_while_listening_ends_it_and_is_said(bench: Bench) -> None:
    microphone = bench.pressed()
    microphone.say(0.5)
    bench.until(lambda: State.LISTENING in bench.states)
    utterance, last = bench.lose(microphone)
    assert last == RATE_HZ // 2
    bench.until(lambda: pending.LOST in bench.messages)
    bench.answer(utterance, "What was said.")
    bench.release()
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.fake.paster.pasted[0][0] == "What was said."


def test_another_microphone_goes_on_and_the_place_is_marked(bench: Bench) -> None:
    first = bench.pressed()
    first.say(0.5)
    bench.until(lambda: bench.states[-1] is State.LISTENING)
    bench.refusal = MicrophoneError("No microphone was found.", "Connect one.")
    first.lose()
    bench.until(lambda: bench.states[-1] is State.ARMING)  # nobody listens
    bench.refusal = None
    bench.until(lambda: not bench.opened.empty())
    second = bench.opened.get()
    second.say(0.5)
    bench.until(lambda: bool(bench.messages))
    bench.release()
    second.say(0.3)
    utterance, last = bench.engine.ended.get(timeout=LIMIT_S)
    assert last > RATE_HZ  # both halves and the silence between them
    [line] = bench.messages
    assert "At 0:00 the microphone “Desk” was away" in line
    assert bench.states_when_told == [State.LISTENING]  # nothing replaces it
    bench.answer(utterance, "Both halves.")
    transcript = bench.history.transcript(utterance)
    assert transcript is not None and transcript.notes == (line,)
    journal = bench.history.get(utterance).journal
    assert b"Desk" in journal.read_bytes()
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.messages == [line]


def test_a_key_up_while_none_listens_ends_it_with_what_was_said(bench: Bench) -> None:
    microphone = bench.pressed()
    microphone.say(0.5)
    bench.until(lambda: bench.states[-1] is State.LISTENING)
    bench.refusal = MicrophoneError("No microphone was found.", "Connect one.")
    microphone.lose()
    bench.until(lambda: bench.states[-1] is State.ARMING)
    bench.release()
    assert bench.engine.ended.get(timeout=LIMIT_S) == (1, RATE_HZ // 2)


def test_it_sounds_when_it_listens_and_when_it_has_heard_all(bench: Bench) -> None:
    microphone = bench.pressed()
    microphone.say(0.1, level=0.0)
    for _ in range(20):
        bench.dictation.tick()
    assert bench.tones == []
    microphone.say(0.3)
    bench.until(lambda: bench.tones == [Tone.START])
    bench.release()
    bench.until(lambda: bench.engine.ended.empty())
    assert bench.tones == [Tone.START]  # its own sound must not be in the recording
    microphone.say(0.3)
    bench.until(lambda: bench.tones == [Tone.START, Tone.STOP])


def test_a_chord_makes_no_second_sound_and_a_choice_makes_none(bench: Bench) -> None:
    microphone = bench.pressed()
    microphone.say(0.3)
    bench.until(lambda: bench.tones == [Tone.START])
    bench.dictation.key(Input.OTHER, bench.clock.now_s)
    bench.release()
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.tones == [Tone.START]
    bench.dictation.settings = Settings(sounds=False)
    bench.spoken()
    bench.until(lambda: bench.states[-1] is State.WORKING)
    assert bench.tones == [Tone.START]


def test_the_level_is_told_thirty_times_a_second(bench: Bench) -> None:
    microphone = bench.pressed()
    microphone.say(0.5)
    bench.until(lambda: bench.states[-1] is State.LISTENING)
    bench.levels.clear()
    began_s = bench.clock.now_s
    bench.until(lambda: bench.clock.now_s > began_s + 3.0)
    assert 60 <= len(bench.levels) <= 91
    bench.release()
    microphone.say(0.3)
    bench.answer(bench.engine.ended.get(timeout=LIMIT_S)[0], "")
    bench.until(lambda: bench.dictation.is_quiet)
    bench.levels.clear()
    bench.dictation.tick()
    assert bench.levels == []


def test_an_answer_before_the_next_tick_does_not_hide_the_loss(bench: Bench) -> None:
    microphone = bench.pressed()
    microphone.say(0.5)
    bench.until(lambda: State.LISTENING in bench.states)
    utterance, _ = bench.lose(microphone)
    bench.answer(utterance, "What was said.")
    assert pending.LOST in bench.messages
    assert bench.states[-1] is State.WORKING
    bench.release()
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.status(utterance) is Status.INSERTED


def test_words_of_a_lost_microphone_wait_until_the_key_is_up(bench: Bench) -> None:
    microphone = bench.pressed()
    microphone.say(0.5)
    bench.until(lambda: State.LISTENING in bench.states)
    bench.fake.paster.is_ready = False  # the hold key is a modifier
    utterance, _ = bench.lose(microphone)
    bench.answer(utterance, "What was said.")
    began_s = bench.clock.now_s
    bench.until(lambda: bench.clock.now_s > began_s + 5.0)
    assert not bench.fake.clipboard.copied and not bench.fake.paster.pasted
    bench.release()
    bench.fake.paster.is_ready = True
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.status(utterance) is Status.INSERTED


def test_a_dead_engine_is_said_and_the_utterance_is_failed(bench: Bench) -> None:
    utterance = bench.spoken()
    bench.dictation.on_engine(Restarted(utterance))
    assert bench.messages == [said.RESTARTED]
    bench.dictation.on_engine(Failed(utterance, EngineError("It died.", "Try again.")))
    assert bench.messages[-1] == "It died. Try again."
    assert bench.states[-1] is State.TROUBLE
    assert bench.status(utterance) is Status.FAILED


def test_a_model_that_cannot_be_loaded_is_trouble_until_it_can(bench: Bench) -> None:
    bench.dictation.on_engine(Failed(None, EngineError("No model.", "Get one.")))
    assert bench.states == [State.TROUBLE]
    bench.dictation.on_engine(Ready("pebble", 0.1))
    assert bench.states == [State.TROUBLE, State.IDLE]


def test_a_window_changed_meanwhile_leaves_the_text_on_the_clipboard(
    bench: Bench,
) -> None:
    utterance = bench.spoken()
    bench.fake.focus.target = Target(9, 900, "Other")
    bench.answer(utterance, "Hello.")
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.fake.clipboard.copied == ["Hello."]
    assert bench.status(utterance) is Status.COPIED
    assert "Another window" in bench.messages[-1]


def test_nothing_heard_is_said_and_nothing_inserted(bench: Bench) -> None:
    bench.answer(bench.spoken(), "")
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.messages == [said.NOTHING]
    assert bench.fake.clipboard.published == []


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file of this process may grow over 200 kB: 3 s of recording."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_said_and_the_engine_still_gets_every_sample(
    bench: Bench, full_disk: None
) -> None:
    utterance = bench.spoken(5.0)
    assert bench.engine.samples[utterance] >= 5 * RATE_HZ
    bench.until(lambda: bool(bench.messages))
    assert "cannot be written" in bench.messages[0]
    journal = bench.history.get(utterance).journal
    assert 190_000 < journal.stat().st_size <= 200_000
    bench.answer(utterance, "Still here.")
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.fake.paster.pasted[0][0] == "Still here."


def test_a_history_that_fails_does_not_stop_the_words(bench: Bench) -> None:
    bench.history.close()
    bench.answer(bench.spoken(), "Still here.")
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.fake.paster.pasted[0][0] == "Still here."
    assert any("history" in message for message in bench.messages)


def test_the_longest_dictation_is_announced_and_ends_by_itself(bench: Bench) -> None:
    bench.dictation.settings = Settings(max_dictation_s=100.0)
    microphone = bench.tapped()
    microphone.say(0.5)
    bench.until(lambda: bench.states[-1] is State.LISTENING)
    bench.clock.now_s += 50.0
    bench.until(lambda: said.NEARLY in bench.messages)
    assert bench.states[-1] is State.LISTENING
    bench.clock.now_s += 59.0
    bench.until(lambda: said.LONG in bench.messages)
    microphone.say(0.4)
    assert bench.engine.ended.get(timeout=LIMIT_S)[0] == 1
    assert bench.messages == [said.NEARLY, said.LONG]


def test_an_old_recording_of_the_same_number_is_not_overwritten(bench: Bench) -> None:
    from mica import paths

    old = paths.journal_folder() / "00000001.wav"
    old.write_bytes(b"old")
    utterance = bench.spoken()
    bench.until(lambda: bench.history.get(utterance).journal is not None)
    assert bench.history.get(utterance).journal != old
    assert old.read_bytes() == b"old"


def test_the_last_text_is_pasted_again_where_the_keyboard_is_now(
    bench: Bench,
) -> None:
    bench.dictation.paste_last()
    assert bench.messages == [said.NO_TEXT]
    first = bench.spoken()
    bench.answer(first, "Hello.")
    bench.until(lambda: bench.dictation.is_quiet)
    elsewhere = Target(2, 200, "Other")
    bench.fake.focus.target = elsewhere
    bench.dictation.paste_last()
    assert bench.states[-1] is State.WORKING
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.fake.paster.pasted[1:] == [("Hello.", elsewhere)]
    assert bench.status(first) is Status.INSERTED
    assert bench.states[-1] is State.IDLE


def test_pasting_again_a_text_that_is_on_its_way_pastes_it_once(
    bench: Bench,
) -> None:
    first = bench.spoken()
    bench.answer(first, "Hello.")
    bench.dictation.paste_last()
    bench.until(lambda: bench.dictation.is_quiet)
    assert len(bench.fake.paster.pasted) == 1


def test_what_could_not_be_taken_back_is_said_and_stays_inserted(
    bench: Bench,
) -> None:
    first = bench.spoken()
    bench.answer(first, "Hello.")
    bench.until(lambda: bench.dictation.is_quiet)
    for undo in (bench.dictation.undo_insertion, bench.dictation.restore_raw):
        undo()
        assert bench.states[-1] is State.WORKING
        bench.until(lambda: bench.dictation.is_quiet)
        assert "Nothing was changed." in bench.messages[-1]
        assert bench.states[-1] is State.IDLE
    assert bench.status(first) is Status.INSERTED


def test_the_last_text_is_pasted_again_without_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MICA_HOME", str(tmp_path))
    bench = Bench(tmp_path, Settings(auto_submit=True))
    bench.answer(bench.spoken(), "Hello.")
    bench.until(lambda: bench.dictation.is_quiet)
    bench.dictation.paste_last()
    bench.until(lambda: bench.dictation.is_quiet)
    assert len(bench.fake.paster.pasted) == 2
    assert len(bench.fake.paster.submitted) == 1
    bench.dictation.close()
    bench.history.close()


def test_every_state_can_be_left() -> None:
    assert set(LEGAL) == set(State)
    assert all(LEGAL[state] for state in State)


def test_leaving_ends_a_recording_and_its_words_are_kept(bench: Bench) -> None:
    microphone = bench.pressed()
    microphone.say(0.5)
    bench.until(lambda: bench.states[-1] is State.LISTENING)
    bench.dictation.leave()
    assert bench.states[-1] is State.WORKING
    microphone.say(0.3)
    utterance, _ = bench.engine.ended.get(timeout=LIMIT_S)
    bench.answer(utterance, "Not for the lock screen.")
    bench.fake.hotkeys.down = False
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.fake.paster.pasted == [] and bench.fake.clipboard.copied == []
    assert bench.status(utterance) is Status.WRITTEN
    assert bench.texts == ["Not for the lock screen."]
    assert bench.messages == []
    bench.dictation.come_back()
    assert bench.messages == [said.KEPT]


def test_words_that_come_after_the_return_are_kept_as_well(bench: Bench) -> None:
    utterance = bench.spoken()
    bench.dictation.leave()
    bench.dictation.come_back()
    bench.answer(utterance, "Late.")
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.fake.paster.pasted == []
    assert bench.status(utterance) is Status.WRITTEN


def test_words_on_their_way_in_are_not_pasted_into_a_lock_screen(bench: Bench) -> None:
    utterance = bench.spoken()
    bench.fake.paster.is_ready = False
    bench.answer(utterance, "Waiting.")
    bench.dictation.tick()
    bench.dictation.leave()
    bench.fake.paster.is_ready = True
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.fake.paster.pasted == []
    bench.dictation.come_back()
    assert bench.messages == [said.KEPT]


def test_nothing_begins_while_the_user_is_away(bench: Bench) -> None:
    bench.dictation.leave()
    bench.press()
    bench.release(held_s=0.1)
    bench.dictation.key(Input.TRANSLATE_PRESS, bench.clock.now_s)
    bench.dictation.key(Input.TRANSLATE_RELEASE, bench.clock.now_s)
    bench.dictation.toggle()
    bench.dictation.paste_last()
    assert bench.states == [] and bench.messages == [] and bench.opened.empty()
    bench.dictation.come_back()
    assert bench.messages == []
    bench.pressed()
    assert bench.states == [State.ARMING]


def test_a_tapped_dictation_ends_when_nobody_speaks(bench: Bench) -> None:
    bench.dictation.settings = Settings(quiet_stop_s=2.0)
    microphone = bench.tapped()
    microphone.say(1.0)
    microphone.say(1.8, level=1e-5)
    bench.until(lambda: bench.states[-1] is State.LISTENING)
    microphone.say(0.5, level=1e-5)
    bench.until(lambda: bench.states[-1] is State.WORKING)
    assert bench.engine.ended.get(timeout=LIMIT_S)


@pytest.mark.parametrize("quiet_stop_s", [0.0, 2.0])
def test_a_hold_or_a_user_who_wants_none_has_no_such_end(
    bench: Bench, quiet_stop_s: float
) -> None:
    bench.dictation.settings = Settings(quiet_stop_s=quiet_stop_s)
    microphone = bench.tapped() if quiet_stop_s == 0 else bench.pressed()
    microphone.say(0.2)
    microphone.say(4.0, level=1e-5)
    bench.until(lambda: bench.states[-1] is State.LISTENING)
    before = bench.clock.now_s
    bench.until(lambda: bench.clock.now_s > before + 1)
    assert bench.states[-1] is State.LISTENING


def test_a_chord_in_between_lets_nobody_overtake_the_one_before(bench: Bench) -> None:
    first = bench.pressed()
    first.say(0.5)
    bench.release()  # its tail is still to come
    bench.pressed()
    bench.dictation.key(Input.OTHER, bench.clock.now_s)
    bench.release(held_s=0.1)
    third = bench.pressed()
    third.say(0.5)
    recording = bench.dictation._speaking.recording
    bench.until(lambda: recording.heard >= RATE_HZ // 2)
    assert [call[:2] for call in bench.engine.calls] == [("begin", 1)]
    first.say(0.3)
    bench.release()
    third.say(0.3)
    bench.until(recording.over.is_set)
    told = [call[:2] for call in bench.engine.calls]
    assert told == [("begin", 1), ("end", 1), ("begin", 3), ("end", 3)]
