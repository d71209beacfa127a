"""`mica listen`: live text in the terminal, from the microphone or a sound file.

`mica` without a display does the same: it listens to the microphone or, without one,
plays the demo recording in real time, so that any machine can show what Mica does. On a
Mac the microphone permission belongs to the terminal app, and the dialog would name
that app. If it is not granted, the running app listens instead and shows captions; the
text comes from the library.
"""

import json
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import click

from mica import paths
from mica.audio.devices import list_devices
from mica.audio.level import LevelMonitor
from mica.cli import strings
from mica.cli.batch_files import existing_file
from mica.cli.recognizer import Recognizer
from mica.cli.reporting import load_settings, report
from mica.cli.saved_text import SavedText
from mica.cli.shared_options import model_option, style_option
from mica.cli.sources import LiveSource, from_file, from_microphone, wait_for_enter
from mica.dictation import control
from mica.dictation.control import OFF, ON, ControlCommand
from mica.engine.client import Committed, EngineEvent, Hypothesis
from mica.errors import MicaError, MicrophoneError
from mica.events import Style, TranscribeOptions, Transcript
from mica.host.ports import Permissions
from mica.host.select import open_permissions
from mica.host.values import Grant, Permission
from mica.library.entries import IN_PROGRESS
from mica.library.store import INTERRUPTED, Library
from mica.text.keywords import Keywords

TEXT_S: Final = 60.0  # the last words may still be transcribed
_POLL_S: Final = 0.1
LIVE_COLUMNS = 100


def can_hand_over(permissions: Permissions | None, address: Path) -> bool:
    """Whether the running app should listen instead of this command.

    permissions   None: this system requires none
    address       the app's control socket
    """
    if permissions is None:
        return False
    if permissions.state(Permission.MICROPHONE) is Grant.GRANTED:
        return False
    return control.listens(address)


def text_from_app(address: Path, wait: Callable[[], None]) -> str:
    """The text of the app's captions, which are on until `wait` returns."""
    started_s = time.time()
    control.send_command(address, ControlCommand.CAPTIONS, ON)
    report(strings.APP_LISTENS)
    try:
        wait()
    finally:
        control.send_command(address, ControlCommand.CAPTIONS, OFF)
    return _text_since(started_s)


def _text_since(started_s: float) -> str:
    end_s = time.monotonic() + TEXT_S
    with closing(Library(paths.history_file(), sets_aside=False)) as library:
        while True:
            found = library.captions_since(started_s)
            in_progress = any(entry.status in IN_PROGRESS for entry in found)
            if not in_progress or time.monotonic() > end_s:
                return "\n".join(entry.text for entry in found if entry.text)
            time.sleep(_POLL_S)


@click.command()
@click.option("--file", metavar="FILE", help="Play a sound file instead of listening.")
@click.option(
    "--pace",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    help="Playback speed of --file: 1 is real time, 0 as fast as possible.",
)
@style_option
@model_option
@click.option("--json", "as_json", is_flag=True, help="Print events as JSON lines.")
def listen(
    file: str | None, pace: float, style: str | None, model: str | None, as_json: bool
) -> None:
    """Transcribe what you say until you press Return or Control-C."""
    out = JsonOutput() if as_json else TextOutput(file is None)
    transcribe_live(file, pace, style, model, out)


class JsonOutput:
    """Events as JSON lines on stdout."""

    def __init__(self) -> None:
        self._start_s = time.monotonic()

    def event(self, name: str, **values: Any) -> None:
        at_s = round(time.monotonic() - self._start_s, 3)
        click.echo(json.dumps({"event": name, "t": at_s, **values}))
        sys.stdout.flush()


class TextOutput:
    """Only the text on stdout; live text on stderr if that is a terminal.

    from_microphone   whether the user ends it, and is told how
    """

    def __init__(self, from_microphone: bool) -> None:
        self._start = strings.LISTENING if from_microphone else strings.PLAYING

    def event(self, name: str, **values: Any) -> None:
        live = sys.stderr.isatty()
        if name == "state" and values["state"] == "listening":
            report(self._start)
        elif name == "hypothesis" and live:
            text = values["text"][-LIVE_COLUMNS:]
            click.echo(f"\r\x1b[K{text}", err=True, nl=False)
        elif name == "final":
            if live:
                click.echo("\r\x1b[K", err=True, nl=False)
            click.echo(values["text"])


Output = JsonOutput | TextOutput


def transcribe_live(
    file: str | None, pace: float, style: str | None, model: str | None, out: Output
) -> None:
    """One utterance from its first sample to its text."""
    settings = load_settings()
    options = TranscribeOptions(
        Style(style) if style else settings.style,
        tuple(Keywords(paths.keywords_file(), report).all()),
        settings.keyword_token_budget,
    )
    out.event("state", state="arming")
    try:
        path = None if file is None else existing_file(file)
        address = paths.control_socket()
        if path is None and can_hand_over(open_permissions(), address):
            out.event("final", text=text_from_app(address, wait_for_enter))
            return
        is_saved = path is None and not settings.private_dictation
        saved = SavedText() if is_saved else None
        with Recognizer(model, _event_handler(out, saved)) as recognizer:
            source = (
                from_file(path, pace) if path else from_microphone(settings.microphone)
            )
            if saved is None:
                recognizer.begin(source.rate_hz, options, None)
                _run(recognizer, source, out, is_microphone=path is None)
            else:
                _run_saved(recognizer, source, out, options, saved)
    except MicaError as error:
        out.event("error", what=error.what, remedy=error.remedy)
        raise


def _run(
    recognizer: Recognizer, source: LiveSource, out: Output, *, is_microphone: bool
) -> Transcript:
    monitor = LevelMonitor(source.rate_hz)
    for piece in source.pieces:
        was_flowing, was_silent = monitor.flowing, monitor.silent
        had_room = recognizer.disk_error is None
        monitor.push(piece.tobytes())
        recognizer.push(piece)
        recognizer.poll()
        if had_room and recognizer.disk_error is not None:
            report(recognizer.disk_error.line())
        if monitor.flowing and not was_flowing:
            out.event("state", state="listening")
        if is_microphone and monitor.silent and not was_silent:  # a file may be silent
            report(strings.SILENT)
    last_s = time.monotonic()
    out.event("state", state="working")
    transcript = recognizer.finish()
    done_s = time.monotonic()
    for note in transcript.notes:
        report(note)
    out.event(
        "final",
        text=transcript.text,
        release_to_text_ms=round((done_s - last_s) * 1000, 1),
        key_up_to_text_ms=round((done_s - (source.released_s or last_s)) * 1000, 1),
        llm_passes=transcript.timing.llm_passes,
        release_passes=transcript.timing.release_passes,
    )
    return transcript


def _run_saved(
    recognizer: Recognizer,
    source: LiveSource,
    out: Output,
    options: TranscribeOptions,
    saved: SavedText,
) -> None:
    """The same, with the recording and the text in the library."""
    number = saved.begin(options.style)
    folder = paths.journal_folder()
    saved.set_recording(recognizer.begin(source.rate_hz, options, folder, number))
    try:
        saved.finish(_run(recognizer, source, out, is_microphone=True))
    except MicaError as error:
        saved.fail(error.line())
        raise
    except BaseException:
        saved.fail(INTERRUPTED)
        raise


def _event_handler(
    out: Output, saved: SavedText | None
) -> Callable[[EngineEvent], None]:
    def on_event(event: EngineEvent) -> None:
        if saved is not None:
            saved.on_event(event)
        if isinstance(event, Hypothesis):
            out.event("hypothesis", text=event.text)
        elif isinstance(event, Committed):
            times = {"start_s": event.start_s, "end_s": event.end_s}
            out.event("commit", text=event.text, **times)

    return on_event


def dictate_in_terminal() -> None:
    """`mica` without a display: one dictation, or the demo without a microphone."""
    try:
        has_microphone = bool(list_devices())
    except MicrophoneError:
        has_microphone = False
    if has_microphone:
        report(strings.NO_DISPLAY)
        transcribe_live(None, 1.0, None, None, TextOutput(True))
        return
    report(strings.DEMO)
    demo = str(paths.resource("demo.wav"))
    transcribe_live(demo, 1.0, None, None, TextOutput(False))
