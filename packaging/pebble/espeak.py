"""Speech from libespeak-ng: samples, and the start of each phoneme and word."""

import ctypes
import re

import numpy as np
import soxr

RATE_HZ = 16_000


class _Event(ctypes.Structure):
    """espeak_EVENT of speak_lib.h."""

    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("string", ctypes.c_char * 8),
    ]


_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)
_SYNCHRONOUS, _PHONEME_EVENTS, _UTF8 = 2, 1, 1
_EVENT_END, _EVENT_WORD, _EVENT_PHONEME = 0, 1, 7
_RATE, _PITCH, _RANGE = 1, 3, 4


class Voice:
    """A voice of libespeak-ng. The library has only one voice at a time per process."""

    _library: ctypes.CDLL | None = None
    _rate_hz = 0

    def __init__(self, name: str) -> None:
        if Voice._library is None:
            Voice._library = ctypes.CDLL("libespeak-ng.so.1")
            Voice._rate_hz = Voice._library.espeak_Initialize(
                _SYNCHRONOUS, 0, None, _PHONEME_EVENTS
            )
        self._espeak = Voice._library
        self._espeak.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self._callback = _CALLBACK(self._collect)
        self._espeak.espeak_SetSynthCallback(self._callback)
        if self._espeak.espeak_SetVoiceByName(name.encode()) != 0:
            raise ValueError(f"espeak-ng has no voice {name}")
        self._pieces: list[np.ndarray] = []
        self.phoneme_times: list[tuple[float, str]] = []
        self.word_starts: list[tuple[int, float]] = []  # index in the text

    def phonemes(self, text: str) -> bytes:
        """The phonemes of a text, without stress marks."""
        pointer = ctypes.c_char_p(text.encode())
        found = self._espeak.espeak_TextToPhonemes(ctypes.byref(pointer), _UTF8, 0)
        return found.translate(None, b"',%=|_ ")

    def synthesize(
        self, text: str, words_per_minute: int, pitch: int, spread: int
    ) -> np.ndarray:
        """float32 samples at 16 kHz; fills phoneme_times and word_starts."""
        self._pieces, self.phoneme_times, self.word_starts = [], [], []
        for parameter, value in (
            (_RATE, words_per_minute),
            (_PITCH, pitch),
            (_RANGE, spread),
        ):
            self._espeak.espeak_SetParameter(parameter, value, 0)
        data = text.encode()
        self._espeak.espeak_Synth(data, len(data) + 1, 0, 1, 0, _UTF8, None, None)
        spoken = np.concatenate(self._pieces).astype(np.float32) / 32768
        return soxr.resample(spoken, Voice._rate_hz, RATE_HZ, quality="MQ")

    def word_ends_s(self, text: str) -> list[float]:
        """The end of each word of the last utterance: the next pause or the next word.

        Short words that the voice runs together have the same end.
        """
        pauses = [at for at, phoneme in self.phoneme_times if phoneme.startswith("_")]
        last = self.phoneme_times[-1][0] if self.phoneme_times else 0.0
        ends = []
        for word in re.finditer(r"\S+", text):
            started = [at for place, at in self.word_starts if place < word.end()]
            later = [at for place, at in self.word_starts if place >= word.end()]
            stop = min(later, default=last)
            start = max(started, default=0.0)
            ends.append(min((p for p in pauses if start < p <= stop), default=stop))
        return ends

    def _collect(self, samples, count, events) -> int:  # C callback
        if samples and count:
            self._pieces.append(np.ctypeslib.as_array(samples, (count,)).copy())
        index = 0
        while events[index].type != _EVENT_END:
            event = events[index]
            at_s = event.audio_position / 1000
            if event.type == _EVENT_PHONEME:
                self.phoneme_times.append(
                    (at_s, event.string.decode("utf-8", "replace"))
                )
            elif event.type == _EVENT_WORD:
                self.word_starts.append((event.text_position - 1, at_s))
            index += 1
        return 0
