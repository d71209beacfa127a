"""`Mica --self-test`: one dictation of the bundled recording, through both child
processes.

It tests whether Mica still works after it was built, moved or signed: one child process
decodes the recording, and it is sent in real time to the engine, in another. `mica
doctor` does the same. It needs no microphone and no screen.
"""

import re
import time
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

import click

from mica import paths
from mica.audio import files
from mica.cli import strings
from mica.cli.recognizer import Recognizer
from mica.cli.reporting import keep_log_off_stderr, report, report_error
from mica.cli.sources import paced
from mica.events import TranscribeOptions
from mica.store import catalog
from mica.units import SAMPLE_RATE_HZ

RECORDING: Final = "demo.wav"
SAID: Final = (
    "Hello Frances, are you free on Friday first thing? "
    "We need more salt, olives and bananas. "
    "When the gardener comes, please translate the key."
)
ENOUGH: Final = 0.5  # of the words; models differ in spelling


@dataclass(frozen=True, slots=True)
class SelfTest:
    """The result of the test dictation.

    mlx          version and build of MLX, as the engine reports it
    latency_ms   from the last sample to the text
    """

    text: str
    model: str
    mlx: str
    latency_ms: float

    @property
    def is_understood(self) -> bool:
        """Whether the text is what was said."""
        matcher = SequenceMatcher(None, _words(SAID), _words(self.text), False)
        same = sum(block.size for block in matcher.get_matching_blocks())
        return same >= ENOUGH * len(_words(SAID))


def dictate_recording(model: str = catalog.EMBEDDED, pace: float = 1.0) -> SelfTest:
    """Dictate the recording. Raises MicaError if something it needs fails.

    pace   1 is real time, about 12 s; 0 as fast as possible, but then the latency is
           that of a file
    """
    with Recognizer(model, lambda event: None) as recognizer:
        recognizer.begin(SAMPLE_RATE_HZ, TranscribeOptions(), None)
        for piece in paced(files.read(paths.resource(RECORDING)), pace):
            recognizer.push(piece)
            recognizer.poll()
        spoken_s = time.monotonic()
        transcript = recognizer.finish()
        latency_ms = (time.monotonic() - spoken_s) * 1000
        return SelfTest(transcript.text, model, recognizer.mlx, latency_ms)


def main() -> int:
    """Print the result; returns the exit code: 0, or 1 if it failed."""
    keep_log_off_stderr()
    try:
        result = dictate_recording()
    except Exception as error:  # noqa: BLE001 as on the command line
        report_error(error)
        return 1
    click.echo(f"text: {result.text}")
    click.echo(f"model: {result.model}")
    click.echo(f"MLX: {result.mlx}")
    click.echo(f"latency: {result.latency_ms:.0f} ms")
    if not result.is_understood:
        report(strings.MISUNDERSTOOD)
        return 1
    return 0


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())
