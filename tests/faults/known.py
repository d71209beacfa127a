"""What can go wrong, and at which stages of Mica's work.

The letters and numbers are those of the trial in which the fault was first seen: A2 is
an engine that dies while the user speaks, R2 the second rule that came of it.
"""

import errno
import os
import random
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from faults.engine import broken
from faults.session import MODEL, Session
from mica.dictation.control import ControlCommand
from mica.errors import InsertionError, MicrophoneError, ModelError
from mica.host.values import AwayReason


class Stage(Enum):
    """When a fault begins."""

    ARMING = "arming"  # just before the key goes down
    LISTENING = "listening"
    RELEASE = "release"  # just before the key goes up
    ENCODING = "encoding"  # the engine has all samples
    DECODING = "decoding"  # the engine has committed the last words
    SAVING = "saving"  # the text is about to arrive
    INSERTING = "inserting"  # the window has been sent the paste keys
    CAPTIONS = "captions"  # while captions are shown
    FILE = "file"  # `mica transcribe`
    START = "start"  # just before the app starts
    QUIT = "quit"  # just before it quits, in a dictation


Act = Callable[[Session], None]


def _nothing(session: Session) -> None:
    """It is over by itself."""


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong.

    where     where it was seen first, or the rule it breaks
    begin     makes it happen
    end       makes it go away; called at a random time, at most 40 s later
    not_at    the stages at which it cannot happen, and why
    is_deaf   no microphone records while it lasts, or not at once
    """

    name: str
    where: str
    begin: Act
    end: Act = _nothing
    not_at: Mapping[Stage, str] = field(default_factory=dict)
    is_deaf: bool = False


NO_ENGINE_YET: Final = "no engine runs before the app does"
NO_KEY: Final = "a command reads no keyboard and no window"
NO_MICROPHONE: Final = "a file is not heard by a microphone"
NO_LIBRARY: Final = "files have no row in the library"
NOT_OPENED: Final = "the microphone is open already"
NO_INSERTION: Final = "nothing is inserted then"
ENDED: Final = "the microphone is closed already"

_AFTER: Final = dict.fromkeys(
    (Stage.ENCODING, Stage.DECODING, Stage.SAVING, Stage.INSERTING), ENDED
)
_OPENS: Final = {
    **dict.fromkeys((Stage.LISTENING, Stage.RELEASE, Stage.CAPTIONS), NOT_OPENED),
    **_AFTER,
    Stage.QUIT: NOT_OPENED,
    Stage.FILE: NO_MICROPHONE,
}


def _set(part: str, name: str, value: object) -> Act:
    """Set one of the faults of a part of the session."""

    def act(session: Session) -> None:
        setattr(getattr(session, part).faults, name, value)

    return act


def _lasting(part: str, name: str, value: object, before: object) -> tuple[Act, Act]:
    """What sets a fault, and what sets it back."""
    return _set(part, name, value), _set(part, name, before)


def _engine_dies(times: int) -> Act:
    def act(session: Session) -> None:
        session.engines.faults.deaths = times - 1
        session.engines.kill()

    return act


def _spare_engine(session: Session) -> None:
    """The engine, or the next one, works."""
    session.engines.faults.deaths = 0
    session.engines.faults.failures.clear()


def _fails(times: int, detail: str) -> Act:
    def act(session: Session) -> None:
        session.engines.faults.failures = [broken(detail) for _ in range(times)]

    return act


def _break_model(session: Session) -> None:
    session.engines.faults.model = MODEL_BROKEN
    session.engines.kill()


def _repair_model(session: Session) -> None:
    """The model is installed again."""
    session.engines.faults.model = None
    config = session.home / "models" / MODEL / "config.json"
    os.utime(config, (1.0, 1.0))


def _stop_engine(session: Session) -> None:
    session.engines.faults.stopped = True


def _unplug(session: Session) -> None:
    why = MicrophoneError("No microphone was found.", "Connect one.")
    session.microphones.faults.refusal = why
    session.microphones.unplug()


def _plug_in(session: Session) -> None:
    session.microphones.faults.refusal = None


def _change_settings(session: Session) -> None:
    """Another program changes the file, and the app is told to read it."""
    text = 'sounds = false\nmodel = "fake"\nquiet_stop_s = 60.0\nstyle = "raw"\n'
    (session.home / "settings.toml").write_text(text, "utf-8")
    session.choose(ControlCommand.RELOAD)


def _break_settings(session: Session) -> None:
    (session.home / "settings.toml").write_bytes(b'model = "fake"\nhold_key = [\xff')


def _lose_keywords(session: Session) -> None:
    """The list of keywords becomes a folder."""
    (session.home / "keywords.txt").unlink(missing_ok=True)
    (session.home / "keywords.txt").mkdir(exist_ok=True)


def _host_raises(session: Session) -> None:
    def raises(*_: object, **__: object) -> None:
        raise RuntimeError("the host failed")

    session.fake.activity.keep_awake = raises  # type: ignore[method-assign]


def _host_works(session: Session) -> None:
    session.fake.activity.__dict__.pop("keep_awake", None)


def _go_away(session: Session) -> None:
    assert session.fake.presence.go is not None
    session.fake.presence.go(AwayReason.LOCK)


def _come_back(session: Session) -> None:
    if session.fake.presence.return_ is not None:
        session.fake.presence.return_()


def _copy_something(session: Session) -> None:
    """The user copies something else."""
    session.window.theirs = "what the user copied since"
    session.window.clipboard.copy(session.window.theirs)


MODEL_BROKEN: Final = ModelError("The model is damaged.", "Install it again.")
NO_DEVICE: Final = MicrophoneError("No microphone was found.", "Connect one.")
NO_KEYS: Final = InsertionError("No keys.", "Paste it.")

FAULTS: Final = (
    # The engine
    Fault(
        "engine dies",
        "A2",
        _engine_dies(1),
        _spare_engine,
        {Stage.START: NO_ENGINE_YET},
    ),
    Fault("engine dies four times", "A2", _engine_dies(4), _spare_engine),
    Fault(
        "engine fails", "A1, A2", _fails(1, "zip() argument 2 is longer"), _spare_engine
    ),
    Fault(
        "engine fails twice", "A1, A2", _fails(2, "Unable to allocate"), _spare_engine
    ),
    Fault("engine stopped", "A18", _stop_engine, _set("engines", "stopped", False)),
    Fault(
        "engine stuck",
        "A18",
        *_lasting("engines", "stuck", True, False),
    ),
    Fault(
        "engine mute",
        "A18",
        *_lasting("engines", "mute", True, False),
    ),
    Fault("engine nonsense", "R1", _set("engines", "nonsense", True)),
    Fault(
        "engine cannot start",
        "A4",
        lambda s: (
            _set("engines", "spawn", OSError(errno.ENOENT, "No such file"))(s),
            _engine_dies(1)(s),
        )[0],
        _set("engines", "spawn", None),
    ),
    Fault(
        "model broken",
        "A16",
        _break_model,
        _repair_model,
        is_deaf=True,
    ),
    # The disk and the library
    Fault(
        "disk full",
        "A5, A10",
        *_lasting("disk", "refuses", errno.ENOSPC, None),
    ),
    Fault(
        "disk read-only",
        "A4",
        *_lasting("disk", "refuses", errno.EROFS, None),
    ),
    Fault(
        "disk error",
        "R3",
        *_lasting("disk", "refuses", errno.EIO, None),
    ),
    Fault(
        "no descriptors",
        "A22",
        *_lasting("disk", "refuses", errno.EMFILE, None),
    ),
    Fault("disk slow", "R2", *_lasting("disk", "slow_s", 3.0, 0.0)),
    Fault(
        "library locked",
        "A6",
        *_lasting("disk", "locked", True, False),
        {Stage.FILE: NO_LIBRARY},
    ),
    Fault(
        "library full",
        "A8",
        *_lasting("disk", "database", sqlite3.SQLITE_FULL, None),
        {Stage.FILE: NO_LIBRARY},
    ),
    Fault(
        "library damaged",
        "A7",
        *_lasting("disk", "database", sqlite3.SQLITE_CORRUPT, None),
        {Stage.FILE: NO_LIBRARY},
    ),
    Fault(
        "library error",
        "A5",
        *_lasting("disk", "database", sqlite3.SQLITE_IOERR, None),
        {Stage.FILE: NO_LIBRARY},
    ),
    # The microphone
    Fault(
        "no microphone",
        "R3",
        *_lasting("microphones", "refusal", NO_DEVICE, None),
        _OPENS,
        is_deaf=True,
    ),
    Fault(
        "microphone raises",
        "R3",
        *_lasting("microphones", "refusal", RuntimeError("no"), None),
        _OPENS,
        is_deaf=True,
    ),
    Fault(
        "sound server hangs",
        "A17",
        *_lasting("microphones", "hung", True, False),
        _OPENS,
        is_deaf=True,
    ),
    Fault(
        "microphone lost",
        "R1",
        _unplug,
        _plug_in,
        {**_AFTER, Stage.FILE: NO_MICROPHONE},
        is_deaf=True,
    ),
    Fault(
        "microphone silent",
        "R1",
        *_lasting("microphones", "zeros", True, False),
        {**_AFTER, Stage.FILE: NO_MICROPHONE},
        is_deaf=True,
    ),
    # The window and the clipboard
    Fault(
        "window hangs",
        "B",
        *_lasting("window", "hung", True, False),
        {Stage.CAPTIONS: NO_INSERTION, Stage.FILE: NO_KEY},
    ),
    Fault(
        "window gone",
        "B",
        *_lasting("window", "gone", True, False),
        {Stage.CAPTIONS: NO_INSERTION, Stage.FILE: NO_KEY},
    ),
    Fault(
        "no keys",
        "B",
        *_lasting("window", "refusal", NO_KEYS, None),
        {Stage.CAPTIONS: NO_INSERTION, Stage.FILE: NO_KEY},
    ),
    Fault(
        "the user copies",
        "B",
        _copy_something,
        not_at={Stage.CAPTIONS: NO_INSERTION, Stage.FILE: NO_KEY},
    ),
    # The app itself
    Fault(
        "settings changed",
        "R1",
        _change_settings,
        not_at={Stage.START: "they are read only then", Stage.FILE: NO_KEY},
    ),
    Fault("settings broken", "A15", _break_settings, not_at={Stage.FILE: NO_LIBRARY}),
    Fault("keywords lost", "R2", _lose_keywords, not_at={Stage.FILE: NO_LIBRARY}),
    Fault(
        "the host raises",
        "R3",
        _host_raises,
        _host_works,
        {Stage.START: "the host is not open yet", Stage.FILE: NO_KEY},
    ),
    Fault(
        "the user goes away",
        "R1",
        _go_away,
        _come_back,
        {
            Stage.START: "the host is not open yet",
            Stage.FILE: NO_KEY,
            Stage.ARMING: "a locked screen takes no dictation",
        },
        is_deaf=True,
    ),
    Fault(
        "killed",
        "A3",
        Session.crash,
        not_at={
            Stage.START: "then nothing was said",
            Stage.QUIT: "then it is killed while speaking",
            Stage.FILE: "tests/cli/test_sound_files.py kills the command",
        },
    ),
)


def duration_s(rng: random.Random) -> float:
    """How long a fault lasts."""
    return rng.choice((0.5, 2.0, 5.0, 20.0)) * rng.uniform(0.8, 1.2)
