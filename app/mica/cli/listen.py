"""`mica listen`: live text in the terminal, from the microphone or a paced file."""

import json
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
from numpy.typing import NDArray

from mica import paths, settings
from mica.audio import files
from mica.audio.capture import Microphone
from mica.audio.health import Health
from mica.audio.queue import ChunkQueue
from mica.cli.main import say
from mica.cli.recognise import Recogniser
from mica.engine.client import Committed, EngineEvent, Hypothesis
from mica.engine.tail import Tail
from mica.errors import MicaError, MicrophoneError
from mica.events import Style
from mica.text.vocabulary import Keywords
from mica.units import SAMPLE_RATE_HZ

PIECE_S: Final = 0.02
Floats = NDArray[np.float32]


@dataclass(slots=True)
class Source:
    """Where samples come from.

    pieces        float32 (n,) at rate_hz, as they become available
    released_s    when the key came up (monotonic); None: at the last sample
    """

    rate_hz: int
    pieces: Iterator[Floats]
    released_s: float | None = None


@click.command()
@click.option(
    "--file", type=click.Path(path_type=Path), help="Hear a sound file instead."
)
@click.option("--pace", type=click.FloatRange(min=0), default=1.0, show_default=True)
@click.option("--style", type=click.Choice([style.value for style in Style]))
@click.option("--model", help="A model's name or folder.")
@click.option("--json", "as_json", is_flag=True, help="Events as JSON lines.")
def listen(
    file: Path | None, pace: float, style: str | None, model: str | None, as_json: bool
) -> None:
    """Write what is said. The microphone listens until Enter or Ctrl-C.

    --pace 1 plays a file as fast as speech, 0 as fast as it is taken.
    """
    out = Lines() if as_json else Screen()
    hear(file, pace, style, model, out)


class Lines:
    """Events as JSON lines on stdout."""

    def __init__(self) -> None:
        self._start_s = time.monotonic()

    def event(self, name: str, **values: Any) -> None:
        at_s = round(time.monotonic() - self._start_s, 3)
        click.echo(json.dumps({"event": name, "t": at_s, **values}))
        sys.stdout.flush()


class Screen:
    """The text alone on stdout; live text on stderr where that is a terminal."""

    def event(self, name: str, **values: Any) -> None:
        live = sys.stderr.isatty()
        if name == "state" and values["state"] == "listening":
            say("listening")
        elif name == "hypothesis" and live:
            click.echo(f"\r\x1b[K{values['text'][-100:]}", err=True, nl=False)
        elif name == "final":
            if live:
                click.echo("\r\x1b[K", err=True, nl=False)
            click.echo(values["text"])


Out = Lines | Screen


def hear(
    file: Path | None, pace: float, style: str | None, model: str | None, out: Out
) -> None:
    """One utterance from its first sample to its text."""
    chosen, _ = settings.load()
    written = Style(style) if style else chosen.style
    words = Keywords(paths.keywords_file()).all()
    out.event("state", state="arming")
    try:
        with Recogniser(model, _teller(out)) as recogniser:
            source = _paced(file, pace) if file else _microphone(chosen.microphone)
            _run(recogniser, source, written, words, out, keep=file is None)
    except MicaError as why:
        out.event("error", what=why.what, remedy=why.remedy)
        raise


def _run(
    recogniser: Recogniser,
    source: Source,
    style: Style,
    words: list[str],
    out: Out,
    keep: bool,
) -> None:
    folder = paths.journal_folder() if keep else None
    recogniser.begin(source.rate_hz, style, words, folder)
    health = Health(source.rate_hz)
    for piece in source.pieces:
        was_flowing, was_silent = health.flowing, health.silent
        health.push(piece.tobytes())
        recogniser.push(piece)
        recogniser.poll()
        if health.flowing and not was_flowing:
            out.event("state", state="listening")
        if health.silent and not was_silent:
            say("The microphone gives only silence. Check that it is not muted.")
    last_s = time.monotonic()
    out.event("state", state="working")
    transcript = recogniser.finish()
    done_s = time.monotonic()
    for note in transcript.notes:
        say(note)
    out.event(
        "final",
        text=transcript.text,
        release_to_text_ms=round((done_s - last_s) * 1000, 1),
        key_up_to_text_ms=round((done_s - (source.released_s or last_s)) * 1000, 1),
        llm_passes=transcript.timing.llm_passes,
    )


def _teller(out: Out) -> Callable[[EngineEvent], None]:
    def tell(event: EngineEvent) -> None:
        if isinstance(event, Hypothesis):
            out.event("hypothesis", text=event.text)
        elif isinstance(event, Committed):
            place = {"start_s": event.start_s, "end_s": event.end_s}
            out.event("commit", text=event.text, **place)

    return tell


def _paced(file: Path, pace: float) -> Source:
    return Source(SAMPLE_RATE_HZ, _pieces(file, pace))


def _pieces(file: Path, pace: float) -> Iterator[Floats]:
    size = round(SAMPLE_RATE_HZ * PIECE_S)
    start_s, given = time.monotonic(), 0
    for samples in files.read(file):
        for at in range(0, len(samples), size):
            piece = samples[at : at + size]
            given += len(piece)
            if pace > 0:
                due_s = start_s + given / SAMPLE_RATE_HZ / pace
                time.sleep(max(0.0, due_s - time.monotonic()))
            yield piece


def _microphone(name: str | None) -> Source:
    lost = threading.Event()
    chunks = ChunkQueue()
    microphone = Microphone(name, chunks.put, lost.set)
    microphone.open()
    source = Source(microphone.rate_hz, iter(()))
    source.pieces = _spoken(source, microphone, chunks, lost)
    return source


def _spoken(
    source: Source,
    microphone: Microphone,
    chunks: ChunkQueue,
    lost: threading.Event,
) -> Iterator[Floats]:
    """Until Enter and the tail after it, Ctrl-C, or the device's loss."""
    entered = threading.Event()
    threading.Thread(target=_wait_for_enter, args=(entered,), daemon=True).start()
    tail, heard = Tail(source.rate_hz), 0
    try:
        while tail.end is None or heard < tail.end:
            if lost.is_set():
                say("The microphone was lost. What was said is written.")
                return
            try:
                chunk = chunks.get(0.1)
            except queue.Empty:
                continue
            if chunk is None:
                return
            samples = np.frombuffer(chunk.pcm, "<f4")
            heard += len(samples)
            tail.push(samples)
            yield samples
            if entered.is_set() and source.released_s is None:
                source.released_s = time.monotonic()
                tail.release(heard)
    except KeyboardInterrupt:
        source.released_s = time.monotonic()
    finally:
        microphone.close()
        if heard == 0:
            raise MicrophoneError("The microphone gave no sound.", "Try another one.")


def _wait_for_enter(entered: threading.Event) -> None:
    sys.stdin.readline()
    entered.set()
