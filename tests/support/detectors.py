"""Detectors of speech that do as they are told."""

import numpy as np

from support.sounds import Floats

LOUD = 0.01  # RMS as the classifier hears it: up to 30 dB above what was pushed


class LoudIsSpeech:
    """Takes every sound for speech, noise too, so that tests can say when there is
    some with support.sounds.voice()."""

    def reset(self) -> None:
        """It remembers nothing."""

    def probability(self, window: Floats) -> float:
        return float(np.sqrt(np.mean(np.square(window))) > LOUD)


class Scripted:
    """Answers with these probabilities, one for each window, then with the last."""

    def __init__(self, *probabilities: float) -> None:
        self._probabilities = list(probabilities)
        self.resets = 0

    def reset(self) -> None:
        self.resets += 1

    def probability(self, window: Floats) -> float:
        return (
            self._probabilities.pop(0)
            if len(self._probabilities) > 1
            else self._probabilities[0]
        )
