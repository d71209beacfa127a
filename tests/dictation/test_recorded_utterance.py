"""The notices that the events of a recording cause."""

from dataclasses import replace

import pytest

from mica.dictation.recorded_utterance import (
    CaptionUtterance,
    Notice,
    RecordedUtterance,
)
from mica.dictation.recording import ActiveRecordings, Recording
from mica.dictation.recording_events import (
    DeviceChanged,
    Flowing,
    Level,
    Paused,
    RecordingEvent,
    Silent,
)
from mica.dictation.strings import (
    MICROPHONE_DENIED,
    MICROPHONE_SILENT,
    VOICE_ABSENT,
    VOICE_SOFT,
)
from mica.engine.voice_level import VoiceLevel
from mica.host.values import Grant, Permission
from support.fakes import Clock, FakeEngine, FakePermissions

ZEROS = Silent(1, "Desk")
MUTED = Notice(MICROPHONE_SILENT.format("The microphone “Desk”"))


class Harness:
    """An utterance that is being recorded."""

    def __init__(self) -> None:
        self.permissions = FakePermissions()
        recording = Recording(1, FakeEngine(), ActiveRecordings(), print, Clock())
        self.utterance = RecordedUtterance(recording)

    def on(self, event: RecordingEvent, listens: bool = True) -> list[Notice]:
        return self.utterance.on_recording(event, self.permissions, listens=listens)

    def grant(self, grant: Grant) -> None:
        self.permissions.grants[Permission.MICROPHONE] = grant


@pytest.fixture
def harness() -> Harness:
    return Harness()


def level(seconds: float) -> Level:
    return Level(1, 0.0, seconds, 0.0)


def test_zeros_in_the_middle_are_reported_until_there_is_sound(
    harness: Harness,
) -> None:
    notice = replace(MUTED, is_trouble=False)
    assert harness.on(Flowing(1)) == []
    assert harness.utterance.voice_notices(Paused(1, "Desk")) == [notice]
    assert harness.on(level(7.0)) == []
    assert harness.on(Flowing(1)) == [replace(notice, is_over=True)]


def test_captions_report_no_zeros(harness: Harness) -> None:
    recording = harness.utterance.recording
    harness.utterance = CaptionUtterance(recording, session=1)
    assert harness.on(Flowing(1)) == harness.on(Paused(1, "Desk")) == []


def test_permission_denied_after_the_first_zeros_is_reported(harness: Harness) -> None:
    """macOS asks while the first dictation records zeros."""
    harness.grant(Grant.UNDETERMINED)
    assert harness.on(ZEROS) == [MUTED]
    assert harness.on(level(1.1)) == []
    harness.grant(Grant.DENIED)
    harness.permissions.app = "Terminal"  # the program responsible for the permission
    [notice] = harness.on(level(1.2))
    assert (
        notice.text == MICROPHONE_DENIED.format("Terminal")
        and "Allow Terminal" in notice.text
    )
    assert harness.on(level(1.3)) == [] and harness.utterance.is_denied


def test_each_silent_microphone_is_reported_once(
    harness: Harness,
) -> None:
    assert harness.on(ZEROS) == [MUTED] and harness.on(ZEROS) == []
    assert harness.on(Silent(1, "")) == [
        Notice(MICROPHONE_SILENT.format("The microphone"))
    ]


def test_silence_after_the_key_up_is_not_reported(harness: Harness) -> None:
    assert harness.on(ZEROS, listens=False) == []


def test_microphone_change_is_reported_when_the_next_one_delivers_sound(
    harness: Harness,
) -> None:
    change = DeviceChanged(1, "It changed.", user_requested=True)
    assert harness.on(change) == [] and harness.utterance.is_flowing is False
    assert harness.on(Flowing(1)) == [Notice("It changed.", is_trouble=False)]
    assert harness.on(change) == [] and harness.on(Flowing(1), listens=False) == []
    assert len(harness.utterance.late_notices()) == 1
    assert harness.utterance.late_notices() == []


def test_replaced_silent_microphone_is_reported_only_if_there_is_sound_now(
    harness: Harness,
) -> None:
    """Only then is the earlier notice that it is silent out of date."""
    harness.on(ZEROS)
    reopened = DeviceChanged(1, "It was opened again.", False, was_silent=True)
    other = DeviceChanged(1, "Another was used.", False, was_silent=True)
    assert harness.on(reopened) == [] and harness.on(other) == []
    assert harness.utterance.late_notices() == []
    over = replace(MUTED, is_over=True)
    assert harness.on(Flowing(1)) == [over, Notice("Another was used.")]
    assert harness.on(Flowing(1)) == [] and harness.utterance.late_notices() == []
    assert harness.utterance.device_changes == [reopened.line, other.line]


def voice_report(voice_level: VoiceLevel) -> Level:
    return Level(1, 0.0, 6.0, 0.0, voice_level=voice_level)


def test_missing_or_soft_voice_is_reported_once_and_withdrawn(harness: Harness) -> None:
    harness.on(Flowing(1))
    voice = harness.utterance.voice_notices
    absent, soft = Notice(VOICE_ABSENT, False), Notice(VOICE_SOFT, False)
    assert voice(voice_report(VoiceLevel.UNKNOWN)) == voice(Flowing(1)) == []
    assert voice(voice_report(VoiceLevel.ABSENT)) == [absent]
    assert voice(voice_report(VoiceLevel.ABSENT)) == []
    assert voice(voice_report(VoiceLevel.SOFT)) == [replace(absent, is_over=True), soft]
    assert voice(voice_report(VoiceLevel.GOOD)) == [replace(soft, is_over=True)]
    assert voice(voice_report(VoiceLevel.GOOD)) == []


def test_silent_microphone_is_not_a_missing_voice(harness: Harness) -> None:
    harness.on(ZEROS)
    assert harness.utterance.voice_notices(voice_report(VoiceLevel.ABSENT)) == []
