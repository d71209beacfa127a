"""When a voice is missing or soft."""

import numpy as np
import pytest

from mica.audio.vad import SpeechDetector
from mica.engine.voice_level import ABSENT_S, SOFT_DB, VoiceLevel, VoiceMonitor
from support.sounds import RATE_HZ, silence, words


def level(*parts: tuple[float, bool, float]) -> VoiceLevel:
    """What is known behind stretches of (seconds, speech, level in dBFS)."""
    monitor = VoiceMonitor()
    for seconds, speech, level_db in parts:
        for _ in range(round(seconds * 100)):
            monitor.push(speech, level_db)
    return monitor.level


def test_no_voice_is_known_after_five_seconds() -> None:
    assert level((ABSENT_S - 0.1, False, -60)) is VoiceLevel.UNKNOWN
    assert level((ABSENT_S, False, -60)) is VoiceLevel.ABSENT
    assert level((ABSENT_S, False, -60), (0.1, True, -20)) is VoiceLevel.ABSENT
    assert level((ABSENT_S, False, -60), (0.3, True, -20)) is VoiceLevel.UNKNOWN


def test_a_voice_is_judged_by_its_loud_part() -> None:
    soft, loud = SOFT_DB - 5, SOFT_DB + 5
    assert level((0.5, True, soft)) is VoiceLevel.UNKNOWN
    assert level((2, True, soft)) is VoiceLevel.SOFT
    assert level((2, True, soft), (0.4, True, loud)) is VoiceLevel.GOOD
    assert level((2, True, loud), (60, False, -90)) is VoiceLevel.GOOD


def test_another_microphone_is_judged_separately() -> None:
    monitor = VoiceMonitor()
    for _ in range(200):
        monitor.push(True, SOFT_DB - 5)
    monitor.restart()
    assert monitor.level is VoiceLevel.UNKNOWN


@pytest.mark.parametrize(
    ("peak_db", "expected"),
    [(-55, VoiceLevel.SOFT), (-45, VoiceLevel.GOOD), (-10, VoiceLevel.GOOD)],
)
def test_words_that_peak_under_50_dbfs_are_soft(
    peak_db: float, expected: VoiceLevel
) -> None:
    samples = words(4.0)
    samples *= np.float32(10 ** (peak_db / 20) / np.abs(samples).max())
    monitor = VoiceMonitor()
    for speech, level_db in SpeechDetector(RATE_HZ).push(samples + silence(4.0, 1e-5)):
        monitor.push(speech, level_db)
    assert monitor.level is expected
