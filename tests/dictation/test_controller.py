"""From the key press to the window, on fakes, with a real journal and history."""

import resource
from collections.abc import Iterator

import pytest

from dictation.harness import Bench
from fakes import LIMIT_S, RATE_HZ
from mica.dictation import controller as said
from mica.dictation.retry import FAILED, SAFE
from mica.dictation.state import LEGAL, State
from mica.engine.client import Failed, Ready, Restarted
from mica.errors import EngineError, JournalError, ModelError
from mica.events import Language, Style
from mica.host.hold_key import Input
from mica.host.ports import Target
from mica.library.store import Status
from mica.settings import App, OverlayStyle, Settings


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


def test_the_text_is_in_the_history_before_it_is_inserted(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    paste, kept = bench.fake.paster.chord, list[tuple[str, Status]]()

    def pastes(target: Target) -> None:
        entry = bench.history.last()
        assert entry is not None
        kept.append((entry.text, entry.status))
        paste(target)

    monkeypatch.setattr(bench.fake.paster, "chord", pastes)
    bench.answer(bench.spoken(), "Hello.")
    assert kept == [("Hello.", Status.WRITTEN)]  # and it waited for no tick


def test_every_sample_is_in_the_journal_and_the_row_names_it(bench: Bench) -> None:
    utterance = bench.spoken(1.0)
    bench.until(lambda: bench.row(utterance).journal is not None)
    journal = bench.row(utterance).journal
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


@pytest.mark.parametrize("style", OverlayStyle)
def test_words_come_while_one_speaks_only_where_the_overlay_shows_them(
    bench: Bench, style: OverlayStyle
) -> None:
    bench.chosen = Settings(overlay=style)
    assert bench.engine.live[bench.spoken()] == (style is OverlayStyle.LIVE)


def test_the_key_that_translates_says_into_what(bench: Bench) -> None:
    bench.chosen = Settings(translate_to=Language.GERMAN)
    bench.dictation.key(Input.TRANSLATE_PRESS, bench.clock.now_s)
    microphone = bench.microphones.opened.get(timeout=LIMIT_S)
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


def test_an_application_has_style_keywords_and_keys_of_its_own(bench: Bench) -> None:
    own = App(style=Style.RAW, keywords=("kubectl", "Jon"), auto_submit=True)
    bench.chosen = Settings(apps={"EDITOR": own})
    first = bench.spoken()
    assert bench.engine.calls[0][3:] == (Style.RAW, ["kubectl", "Jon"])
    assert bench.row(first).style is Style.RAW
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


def test_a_success_is_shown_for_a_moment(bench: Bench) -> None:
    bench.answer(bench.spoken(), "Hello.")
    bench.until(lambda: bench.states[-1] is State.DONE)
    done_s = bench.clock.now_s
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.states[-1] is State.IDLE
    assert bench.clock.now_s - done_s >= said.DONE_S - 0.02


def test_a_dead_engine_is_said_and_the_utterance_is_failed(bench: Bench) -> None:
    utterance = bench.spoken()
    bench.dictation.on_engine(Restarted(utterance))
    assert bench.messages == [f"{said.RESTARTED} {said.WHOLE}"]
    bench.fails(utterance)
    assert bench.messages[-1] == f"{FAILED} {SAFE}"
    assert bench.states[-1] is State.TROUBLE
    assert bench.status(utterance) is Status.FAILED


def test_nothing_is_called_whole_where_the_disk_refused_a_part(bench: Bench) -> None:
    utterance = bench.spoken()
    pending = bench.dictation._utterances.find(utterance)
    pending.recording.trouble = JournalError("The disk is full.", "Free some.")
    bench.dictation.on_engine(Restarted(utterance))
    assert bench.messages == [said.RESTARTED]


def test_a_model_that_cannot_be_loaded_is_trouble_until_it_can(bench: Bench) -> None:
    bench.dictation.on_engine(Failed(None, EngineError("No model.", "Get one.")))
    assert bench.states == [State.TROUBLE] and bench.reasons == ["No model. Get one."]
    bench.dictation.on_engine(Ready("pebble", 0.1))
    assert bench.states == [State.TROUBLE, State.IDLE]


def test_what_was_said_at_the_start_is_not_said_again(bench: Bench) -> None:
    missing = ModelError("Mica can't find the model.", "Connect the disk.")
    bench.dictation.refusal = lambda translated: missing
    bench.dictation.report(f"Settings were damaged.\n{missing.line()}")
    bench.dictation.on_engine(Failed(None, ModelError("No config.json.", "Get one.")))
    assert bench.messages == [] and "damaged" in bench.reasons[-1]


def test_trouble_and_its_reason_stay_until_a_success(bench: Bench) -> None:
    bench.fails(bench.spoken())
    reason = bench.messages[-1]
    bench.dictation.on_engine(Ready("pebble", 0.1))  # another engine mends nothing
    microphone = bench.pressed()
    bench.escape()
    bench.release()
    microphone.say(0.3)
    bench.clock.now_s += 10.0
    bench.until(lambda: bench.dictation.is_quiet)
    assert (bench.states[-1], bench.reasons[-1]) == (State.TROUBLE, reason)
    bench.answer(bench.spoken(), "Hello.")
    bench.until(lambda: bench.dictation.is_quiet)
    assert (bench.states[-1], bench.reasons[-1]) == (State.IDLE, "")


def test_trouble_goes_when_the_user_dismisses_it(bench: Bench) -> None:
    bench.dictation.report("The settings were damaged.")
    assert bench.reasons == ["The settings were damaged."]
    bench.dictation.dismiss()
    assert bench.states == [State.TROUBLE, State.IDLE]


@pytest.mark.parametrize("begin", [Input.PRESS, Input.TOGGLE, Input.TRANSLATE_PRESS])
def test_what_cannot_become_text_is_refused_before_it_is_spoken(
    bench: Bench, begin: Input
) -> None:
    asked: list[bool] = []

    def refuses(translated: bool) -> ModelError:
        asked.append(translated)
        return ModelError("No model.", "Get one.")

    bench.dictation.refusal = refuses
    bench.dictation.key(begin, bench.clock.now_s)
    assert bench.messages == ["No model. Get one."] == bench.troubles
    assert asked == [begin is Input.TRANSLATE_PRESS]
    assert bench.states == [State.TROUBLE] and bench.microphones.made == []
    assert bench.history.newest() is None  # no row either
    for up in (Input.RELEASE, Input.TRANSLATE_RELEASE):
        bench.dictation.key(up, bench.clock.now_s + 0.1)
    assert bench.states == [State.TROUBLE]
    bench.fake.hotkeys.down = False
    bench.dictation.refusal = lambda translated: None
    bench.answer(bench.spoken(), "Hello.")
    assert bench.texts == ["Hello."]


def test_a_window_changed_meanwhile_leaves_the_text_on_the_clipboard(
    bench: Bench,
) -> None:
    utterance = bench.spoken()
    bench.fake.focus.target = Target(9, 900, "Other")
    bench.answer(utterance, "Hello.")
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.fake.clipboard.copied == ["Hello."]
    assert bench.status(utterance) is Status.COPIED
    assert "You switched windows" in bench.messages[-1]


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
    assert "could not be saved" in bench.messages[0]
    journal = bench.row(utterance).journal
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


def test_an_old_recording_of_the_same_number_is_not_overwritten(bench: Bench) -> None:
    from mica import paths

    old = paths.journal_folder() / "00000001.wav"
    old.write_bytes(b"old")
    utterance = bench.spoken()
    bench.until(lambda: bench.row(utterance).journal is not None)
    assert bench.row(utterance).journal != old
    assert old.read_bytes() == b"old"


def test_every_state_can_be_left() -> None:
    assert set(LEGAL) == set(State)
    assert all(LEGAL[state] for state in State)
