"""Dictation from key press to window, on fakes, with a real journal and library."""

import queue
import resource
from collections.abc import Iterator

import pytest

from dictation.harness import Harness
from mica.dictation.recording_events import DiskProblem
from mica.dictation.state import LEGAL, State
from mica.dictation.state_reporter import DONE_S
from mica.dictation.strings import (
    ENGINE_RESTARTED,
    NO_SPEECH,
    NOTHING_LOST,
    RECORDING_SAFE,
    TRANSCRIPTION_FAILED,
)
from mica.engine.client import Failed, Ready, Restarted
from mica.errors import EngineError, JournalError, ModelError
from mica.events import Language, Style
from mica.host.hold_key import Input
from mica.host.values import Target
from mica.library.store import EntryStatus
from mica.settings import App, OverlayStyle, Settings
from support.fakes import LIMIT_S, RATE_HZ


def test_a_held_dictation_is_inserted_into_the_window(harness: Harness) -> None:
    microphone = harness.pressed()
    assert harness.states == [State.ARMING]
    microphone.speak(0.5)
    harness.until(lambda: harness.states[-1] is State.LISTENING)
    assert harness.levels[-1] > 0
    harness.release()
    assert harness.states[-1] is State.WORKING
    microphone.speak(0.3)
    utterance, last = harness.engine.ended.get(timeout=LIMIT_S)
    assert last == RATE_HZ // 2
    harness.deliver_text(utterance, "Hello there.")
    assert harness.texts == ["Hello there."]
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.fake.paster.pasted == [("Hello there.", Target(1, 100, "Editor"))]
    assert harness.states[-1] is State.IDLE
    assert harness.status(utterance) is EntryStatus.INSERTED
    assert harness.messages == []


def test_text_is_in_the_library_before_it_is_inserted(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    paste, saved = harness.fake.paster.press_paste_keys, list[tuple[str, EntryStatus]]()

    def pastes(target: Target) -> None:
        entry = harness.history.last()
        assert entry is not None
        saved.append((entry.text, entry.status))
        paste(target)

    monkeypatch.setattr(harness.fake.paster, "press_paste_keys", pastes)
    harness.deliver_text(harness.spoken(), "Hello.")
    assert saved == [("Hello.", EntryStatus.WRITTEN)]  # without waiting for a tick


def test_every_sample_is_in_the_journal_and_the_row_names_it(harness: Harness) -> None:
    utterance = harness.spoken(1.0)
    harness.until(lambda: harness.row(utterance).journal is not None)
    journal = harness.row(utterance).journal
    samples = (journal.stat().st_size - 58) // 4
    assert samples == harness.engine.samples[utterance] >= RATE_HZ


def test_endpoint_is_at_most_250_ms_after_the_key_up(harness: Harness) -> None:
    microphone = harness.pressed()
    microphone.speak(0.5)
    harness.release()
    microphone.speak(1.0)
    utterance, last = harness.engine.ended.get(timeout=LIMIT_S)
    assert last == RATE_HZ // 2
    assert 0.75 * RATE_HZ <= harness.engine.samples[utterance] <= 0.78 * RATE_HZ
    assert microphone.closed


def test_key_up_after_silence_ends_the_dictation_at_once(harness: Harness) -> None:
    microphone = harness.pressed()
    microphone.speak(0.5)
    microphone.speak(0.3, level=1e-5)
    harness.release()
    utterance, last = harness.engine.ended.get(timeout=LIMIT_S)
    assert last == harness.engine.samples[utterance] == round(0.8 * RATE_HZ)


def test_the_engine_gets_style_rate_and_keywords(harness: Harness) -> None:
    utterance = harness.spoken()
    style = Settings().style
    assert harness.engine.calls[0] == ("begin", utterance, RATE_HZ, style, ["Jon"])


def test_a_changed_keyword_budget_holds_from_the_next_utterance(
    harness: Harness,
) -> None:
    first = harness.spoken()
    harness.chosen = Settings(keyword_token_budget=7)
    second = harness.spoken()
    options = harness.engine.options
    assert options[first].keyword_budget == Settings().keyword_token_budget
    assert options[second].keyword_budget == 7


@pytest.mark.parametrize("style", OverlayStyle)
def test_live_text_is_requested_only_if_the_overlay_shows_it(
    harness: Harness, style: OverlayStyle
) -> None:
    harness.chosen = Settings(overlay=style)
    options = harness.engine.options[harness.spoken()]
    assert options.live == (style is OverlayStyle.LIVE)


def test_the_translation_key_shows_the_target_language(harness: Harness) -> None:
    harness.chosen = Settings(translate_to=Language.GERMAN)
    harness.dictation.key(Input.TRANSLATE_PRESS, harness.clock.now_s)
    microphone = harness.microphones.opened.get(timeout=LIMIT_S)
    microphone.speak(0.5)
    harness.until(lambda: State.LISTENING in harness.states)
    harness.clock.now_s += 1.0
    harness.dictation.key(Input.TRANSLATE_RELEASE, harness.clock.now_s)
    assert harness.languages == [Language.GERMAN, Language.GERMAN, None]
    microphone.speak(0.3)
    translated, _ = harness.engine.ended.get(timeout=LIMIT_S)
    spoken = harness.spoken()
    options = harness.engine.options
    assert options[translated].target_language is Language.GERMAN
    assert options[spoken].target_language is None


def test_two_dictations_in_quick_succession_are_inserted_in_order(
    harness: Harness,
) -> None:
    first = harness.spoken()
    second = harness.spoken()
    calls = [call[:2] for call in harness.engine.calls]
    assert calls == [
        ("begin", first),
        ("end", first),
        ("begin", second),
        ("end", second),
    ]
    harness.deliver_text(first, "One.")
    harness.deliver_text(second, "Two.")
    harness.until(lambda: harness.dictation.is_quiet)
    assert [text for text, _ in harness.fake.paster.pasted] == ["One.", " Two."]


def test_an_application_has_style_keywords_and_keys_of_its_own(
    harness: Harness,
) -> None:
    own = App(style=Style.RAW, keywords=("kubectl", "Jon"), auto_submit=True)
    harness.chosen = Settings(apps={"EDITOR": own})
    first = harness.spoken()
    assert harness.engine.calls[0][3:] == (Style.RAW, ["kubectl", "Jon"])
    assert harness.row(first).style is Style.RAW
    harness.deliver_text(first, "get pods")
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.fake.paster.submitted == [Target(1, 100, "Editor")]
    harness.fake.focus.target = Target(2, 200, "Other")
    second = harness.spoken()
    begin_calls = [
        call for call in harness.engine.calls if call[:2] == ("begin", second)
    ]
    assert begin_calls[0][3:] == (Style.PUNCTUATED, ["Jon"])
    harness.deliver_text(second, "Hello.")
    harness.until(lambda: harness.dictation.is_quiet)
    assert len(harness.fake.paster.submitted) == 1


def test_press_before_the_endpoint_loses_nothing(harness: Harness) -> None:
    one = harness.pressed()
    one.speak(0.5)
    harness.release()
    two = harness.pressed()
    two.speak(0.5)
    one.speak(0.3)
    first, _ = harness.engine.ended.get(timeout=LIMIT_S)
    two.speak(0.1)
    harness.release()
    two.speak(0.3)
    second, last = harness.engine.ended.get(timeout=LIMIT_S)
    assert second == first + 1
    assert last == round(0.6 * RATE_HZ)
    assert harness.engine.samples[second] >= last
    assert harness.engine.samples[first] >= round(0.5 * RATE_HZ)


def test_a_success_is_shown_for_a_moment(harness: Harness) -> None:
    harness.deliver_text(harness.spoken(), "Hello.")
    harness.until(lambda: harness.states[-1] is State.DONE)
    done_s = harness.clock.now_s
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.states[-1] is State.IDLE
    assert harness.clock.now_s - done_s >= DONE_S - 0.02


def test_engine_crash_is_reported_and_the_utterance_fails(harness: Harness) -> None:
    utterance = harness.spoken()
    harness.on(Restarted(utterance))
    assert harness.messages == [f"{ENGINE_RESTARTED} {NOTHING_LOST}"]
    harness.fails(utterance)
    assert harness.messages[-1] == f"{TRANSCRIPTION_FAILED} {RECORDING_SAFE}"
    assert harness.states[-1] is State.TROUBLE
    assert harness.status(utterance) is EntryStatus.FAILED


def test_recording_with_a_missing_part_is_not_called_complete(
    harness: Harness,
) -> None:
    utterance = harness.spoken()
    full = JournalError("The disk is full.", "Free some.")
    harness.dictation.on_recording(DiskProblem(utterance, full))
    harness.on(Restarted(utterance))
    assert harness.messages == [full.line(), ENGINE_RESTARTED]


def test_model_that_cannot_be_loaded_is_trouble_until_it_loads(
    harness: Harness,
) -> None:
    harness.on(Failed(None, EngineError("No model.", "Get one.")))
    assert harness.states == [State.TROUBLE] and harness.reasons == [
        "No model. Get one."
    ]
    harness.on(Ready("pebble", 0.1))
    assert harness.states == [State.TROUBLE, State.IDLE]


def test_trouble_reported_at_the_start_is_not_repeated(harness: Harness) -> None:
    missing = ModelError("Mica can’t find the model.", "Connect the disk.")
    harness.dictation.refusal = lambda translated: missing
    harness.dictation.report(f"Settings were damaged.\n{missing.line()}")
    harness.on(Failed(None, ModelError("No config.json.", "Get one.")))
    assert harness.messages == [] and "damaged" in harness.reasons[-1]


def test_trouble_and_its_reason_stay_until_a_success(harness: Harness) -> None:
    harness.fails(harness.spoken())
    reason = harness.messages[-1]
    harness.on(Ready("pebble", 0.1))  # a restarted engine does not help
    microphone = harness.pressed()
    harness.escape()
    harness.release()
    microphone.speak(0.3)
    harness.engine.ended.get(timeout=LIMIT_S)  # the cancelled one's
    harness.clock.now_s += 10.0
    harness.until(lambda: harness.dictation.is_quiet)
    assert (harness.states[-1], harness.reasons[-1]) == (State.TROUBLE, reason)
    harness.deliver_text(harness.spoken(), "Hello.")
    harness.until(lambda: harness.dictation.is_quiet)
    assert (harness.states[-1], harness.reasons[-1]) == (State.IDLE, "")


def test_trouble_is_cleared_when_the_user_dismisses_it(harness: Harness) -> None:
    harness.dictation.report("The settings were damaged.")
    assert harness.reasons == ["The settings were damaged."]
    harness.dictation.dismiss()
    assert harness.states == [State.TROUBLE, State.IDLE]


@pytest.mark.parametrize("begin", [Input.PRESS, Input.TOGGLE, Input.TRANSLATE_PRESS])
def test_a_dictation_without_a_usable_model_is_refused_at_the_press(
    harness: Harness, begin: Input
) -> None:
    checks: list[bool] = []

    def refuses(translated: bool) -> ModelError:
        checks.append(translated)
        return ModelError("No model.", "Get one.")

    harness.dictation.refusal = refuses
    harness.dictation.key(begin, harness.clock.now_s)
    assert harness.messages == ["No model. Get one."] == harness.troubles
    assert checks == [begin is Input.TRANSLATE_PRESS]
    assert harness.states == [State.TROUBLE]
    harness.until(lambda: harness.active.none)
    assert all(one.closed for one in harness.microphones.made)
    harness.microphones.opened = queue.Queue()
    assert harness.history.newest() is None and harness.engine.calls == []
    assert harness.history.newest() is None  # and no row
    for up in (Input.RELEASE, Input.TRANSLATE_RELEASE):
        harness.dictation.key(up, harness.clock.now_s + 0.1)
    assert harness.states == [State.TROUBLE]
    harness.fake.hotkeys.down = False
    harness.dictation.refusal = lambda translated: None
    harness.deliver_text(harness.spoken(), "Hello.")
    assert harness.texts == ["Hello."]


def test_a_window_changed_meanwhile_leaves_the_text_on_the_clipboard(
    harness: Harness,
) -> None:
    utterance = harness.spoken()
    harness.fake.focus.target = Target(9, 900, "Other")
    harness.deliver_text(utterance, "Hello.")
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.fake.clipboard.copied == ["Hello."]
    assert harness.status(utterance) is EntryStatus.COPIED
    assert "You switched windows" in harness.messages[-1]


def test_dictation_without_speech_is_reported_and_not_inserted(
    harness: Harness,
) -> None:
    harness.deliver_text(harness.spoken(), "")
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.messages == [NO_SPEECH]
    assert harness.fake.clipboard.published == []


@pytest.fixture
def full_disk() -> Iterator[None]:
    """Limit this process's files to 200 kB: 3 s of recording."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_full_disk_is_reported_and_the_engine_still_gets_every_sample(
    harness: Harness, full_disk: None
) -> None:
    utterance = harness.spoken(5.0)
    assert harness.engine.samples[utterance] >= 5 * RATE_HZ
    harness.until(lambda: bool(harness.messages))
    assert "couldn’t be saved" in harness.messages[0]
    journal = harness.row(utterance).journal
    assert 190_000 < journal.stat().st_size <= 200_000
    harness.deliver_text(utterance, "Still here.")
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.fake.paster.pasted[0][0] == "Still here."


def test_failing_library_does_not_stop_an_insertion(harness: Harness) -> None:
    harness.history.close()
    harness.deliver_text(harness.spoken(), "Still here.")
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.fake.paster.pasted[0][0] == "Still here."
    assert any("history" in message for message in harness.messages)


def test_an_old_recording_of_the_same_number_is_not_overwritten(
    harness: Harness,
) -> None:
    from mica import paths

    old = paths.journal_folder() / "00000001.wav"
    old.write_bytes(b"old")
    utterance = harness.spoken()
    harness.until(lambda: harness.row(utterance).journal is not None)
    assert harness.row(utterance).journal != old
    assert old.read_bytes() == b"old"


def test_every_state_can_be_left() -> None:
    assert set(LEGAL) == set(State)
    assert all(LEGAL[state] for state in State)
