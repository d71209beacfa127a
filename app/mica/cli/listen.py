"""`mica listen`: live text in the terminal, from the microphone or a paced file.

`mica` without a display: the same pipeline, in the terminal.

The microphone where there is one; without, the demonstration recording at the pace of
speech, so that a machine with neither screen nor microphone shows what Mica does.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import click

from mica import paths
from mica.audio.devices import list_devices
from mica.audio.level import LevelMonitor
from mica.cli.messages import chosen_settings, say
from mica.cli.recognise import Recogniser
from mica.cli.results import named
from mica.cli.sources import LiveSource, from_file, from_microphone
from mica.engine.client import Committed, EngineEvent, Hypothesis
from mica.errors import MicaError, MicrophoneError
from mica.events import Style, TranscribeOptions
from mica.text.keywords import Keywords


@click.command()
@click.option("--file", metavar="FILE", help="Hear a sound file instead.")
@click.option("--pace", type=click.FloatRange(min=0), default=1.0, show_default=True)
@click.option("--style", type=click.Choice([style.value for style in Style]))
@click.option("--model", help="A model's name or folder.")
@click.option("--json", "as_json", is_flag=True, help="Events as JSON lines.")
def listen(
    file: str | None, pace: float, style: str | None, model: str | None, as_json: bool
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
    file: str | None, pace: float, style: str | None, model: str | None, out: Out
) -> None:
    """One utterance from its first sample to its text."""
    chosen = chosen_settings()
    options = TranscribeOptions(
        Style(style) if style else chosen.style,
        tuple(Keywords(paths.keywords_file(), say).all()),
        chosen.keyword_token_budget,
    )
    out.event("state", state="arming")
    try:
        path = None if file is None else named(file)
        with Recogniser(model, _teller(out)) as recogniser:
            source = (
                from_file(path, pace) if path else from_microphone(chosen.microphone)
            )
            _run(recogniser, source, options, out, keep=path is None)
    except MicaError as why:
        out.event("error", what=why.what, remedy=why.remedy)
        raise


def _run(
    recogniser: Recogniser,
    source: LiveSource,
    options: TranscribeOptions,
    out: Out,
    keep: bool,
) -> None:
    folder = paths.journal_folder() if keep else None
    recogniser.begin(source.rate_hz, options, folder)
    health = LevelMonitor(source.rate_hz)
    for piece in source.pieces:
        was_flowing, was_silent = health.flowing, health.silent
        had_room = recogniser.refused is None
        health.push(piece.tobytes())
        recogniser.push(piece)
        recogniser.poll()
        if had_room and recogniser.refused is not None:
            say(recogniser.refused.line())
        if health.flowing and not was_flowing:
            out.event("state", state="listening")
        if keep and health.silent and not was_silent:  # a file may begin with silence
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
        release_passes=transcript.timing.release_passes,
    )


def _teller(out: Out) -> Callable[[EngineEvent], None]:
    def tell(event: EngineEvent) -> None:
        if isinstance(event, Hypothesis):
            out.event("hypothesis", text=event.text)
        elif isinstance(event, Committed):
            place = {"start_s": event.start_s, "end_s": event.end_s}
            out.event("commit", text=event.text, **place)

    return tell


def dictate() -> None:
    try:
        found = bool(list_devices())
    except MicrophoneError:
        found = False
    if found:
        say("No display: dictating in the terminal. Speak, then press Enter.")
        hear(None, 1.0, None, None, Screen())
        return
    say("No display and no microphone: playing the demonstration recording.")
    hear(str(paths.resource("demo.wav")), 1.0, None, None, Screen())
