"""Fakes of the app's parts; each records the calls it gets."""

import queue
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mica.audio.device_selection import Device, WantedDevice
from mica.errors import InsertionError, MicaError
from mica.events import Chunk, TranscribeOptions
from mica.host.key_names import Hotkey, bound
from mica.host.ports import Callback, Caret, Host, OnHotkey, OnInput, WindowProbe
from mica.host.unsupported import (
    UnsupportedLogin,
    ignore_held_content,
    no_fn_key_action,
    unanswered_query,
)
from mica.host.values import (
    AwayReason,
    EditKey,
    Grant,
    Keystroke,
    Permission,
    Piece,
    Snapshot,
    SurroundingQuery,
    Target,
)
from mica.insertion.hung_windows import cannot_probe

LIMIT_S = 20.0
RATE_HZ = 16_000
DESK = Device(0, "Desk", RATE_HZ, True)


class NullCaret:
    """A host without access to the caret."""

    def text_before(self, text: str) -> str | None:
        return None

    def select_back(self, count: int) -> None:
        raise InsertionError(
            "Mica cannot move the cursor here.", "Use the program's own undo."
        )

    def selected_text(self) -> str | None:
        return None

    def copy(self) -> None:
        self.select_back(0)

    def delete(self) -> None:
        self.select_back(0)

    def collapse_selection(self) -> None:
        self.select_back(0)


class FakeMicrophone:
    """A microphone that a test speaks into; puts itself in `opened` when opened."""

    opened: queue.Queue["FakeMicrophone"]

    def __init__(
        self,
        wanted: WantedDevice,
        on_chunk: Callable[[Chunk], None],
        on_lost: Callable[[], None],
        opened: "queue.Queue[FakeMicrophone]",
        refusal: MicaError | None = None,
        device: Device = DESK,
    ) -> None:
        self.wanted, self.lose = wanted, on_lost
        self.device = device
        self.rate_hz = 0
        self.closed = self.discarded = self.has_worked = False
        self.requested: list[WantedDevice] = []  # the arguments of matches()
        self._on_chunk, self._opened, self._refusal = on_chunk, opened, refusal
        self._samples = 0

    def open(self) -> None:
        if self._refusal is not None:
            raise self._refusal
        self.rate_hz = self.device.rate_hz
        self._opened.put(self)

    def matches(self, wanted: WantedDevice) -> bool:
        self.requested.append(wanted)
        return wanted == self.device.name

    def close(self) -> None:
        self.closed = True

    def discard(self) -> None:
        self.discarded = True
        self.close()

    def speak(self, seconds: float, level: float = 0.1) -> None:
        """Deliver loud noise in chunks of 20 ms; level 0 gives zeros."""
        random = np.random.default_rng(1)
        size = self.device.rate_hz // 50
        for _ in range(round(seconds / 0.02)):
            self.give((random.standard_normal(size) * level).astype("<f4"))

    def give(self, samples: NDArray[np.float32]) -> None:
        """Deliver one chunk."""
        self._on_chunk(Chunk(self._samples, samples.tobytes()))
        self._samples += len(samples)


class FakeMicrophones:
    """A factory of fake microphones for recordings.

    made      all microphones, in order
    opened    those that were opened, in order
    refusal   the error that the next microphones raise in open()
    """

    kind: type[FakeMicrophone] = FakeMicrophone

    def __init__(self, device: Device = DESK) -> None:
        self.device = device
        self.refusal: MicaError | None = None
        self.made: list[FakeMicrophone] = []
        self.opened: queue.Queue[FakeMicrophone] = queue.Queue()

    def __call__(
        self,
        wanted: WantedDevice,
        on_chunk: Callable[[Chunk], None],
        on_lost: Callable[[], None],
        excluded: Collection[str] = (),
    ) -> FakeMicrophone:
        given = wanted, on_chunk, on_lost, self.opened, self.refusal, self.device
        self.made.append(self.kind(*given))
        return self.made[-1]


class FakeEngine:
    """An engine client that records calls and never answers."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []
        self.samples: dict[int, int] = {}
        self.options: dict[int, TranscribeOptions] = {}
        self.journals: dict[int, Path | None] = {}
        self.ended: queue.Queue[tuple[int, int]] = queue.Queue()
        self.in_no_journal: list[int] = []

    def unsaved(self, utterance: int) -> None:
        self.in_no_journal.append(utterance)

    def begin(
        self,
        utterance: int,
        rate_hz: int,
        options: TranscribeOptions,
        journal: Path | None,
    ) -> None:
        style, keywords = options.style, list(options.keywords)
        self.calls.append(("begin", utterance, rate_hz, style, keywords))
        self.options[utterance] = options
        self.journals[utterance] = journal

    def push(self, utterance: int, first: int, pcm: bytes) -> None:
        self.samples[utterance] = first + len(pcm) // 4

    def end(self, utterance: int, last: int) -> None:
        self.calls.append(("end", utterance, last))
        self.ended.put((utterance, last))

    def cancel(self, utterance: int) -> None:
        self.calls.append(("cancel", utterance))


class FakeHotkeys:
    """A keyboard; the test sets whether the key is down."""

    def __init__(self) -> None:
        self.down = self.escape_wanted = False
        self.is_down_calls = 0
        self.last_hotkey: Hotkey | None = None
        self.bound: dict[Hotkey, str] = {}
        self.refuses: MicaError | None = None
        self.learns: Callable[[str], None] | None = None
        self.others: int | None = 0

    def bind(self, chosen: Mapping[Hotkey, str]) -> None:
        bound(chosen)
        if self.refuses is not None:
            raise self.refuses
        self.bound = dict(chosen)

    def start(self, on_input: OnInput, on_hotkey: OnHotkey) -> None:
        """Does nothing: the test calls the handlers itself."""

    def record_shortcut(self, on_key: Callable[[str], None] | None) -> None:
        self.learns = on_key

    def is_down(self, hotkey: Hotkey) -> bool:
        self.is_down_calls += 1
        self.last_hotkey = hotkey
        return self.down

    def enable_escape(self, enabled: bool) -> None:
        self.escape_wanted = enabled

    def press_count(self) -> int | None:
        return self.others

    def stop(self) -> None:
        """Nothing to stop."""


class FakeClipboard:
    """A clipboard; the test sets how often its published text was read."""

    def __init__(self, text: str) -> None:
        self.held = Snapshot((Piece(0, "text/plain", text.encode()),))
        self.published: list[str] = []
        self.copied: list[str] = []
        self.changes = self.reads = 0

    def snapshot(self) -> Snapshot:
        return self.held

    def publish(self, text: str) -> None:
        self.published.append(text)
        self.changes += 1
        self.reads = 0

    def copy(self, text: str) -> None:
        self.copied.append(text)
        self.restore(Snapshot((Piece(0, "text/plain", text.encode()),)))

    def restore(self, snapshot: Snapshot) -> None:
        self.held = snapshot
        self.changes += 1

    def change_count(self) -> int:
        return self.changes

    def read_count(self) -> int:
        return self.reads

    def foreign_reads(self, target: Target) -> int | None:
        return 0

    def is_owned_by(self, target: Target) -> bool | None:
        return None


class FakePaster:
    """Paste keys; if `is_read`, the target reads the clipboard at once."""

    def __init__(self, clipboard: FakeClipboard) -> None:
        self.clipboard = clipboard
        self.is_ready = self.is_read = self.has_keys = True
        self.refuses: MicaError | None = None
        self.pasted: list[tuple[str, Target]] = []
        self.submitted: list[Target] = []

    def ready(self) -> bool:
        return self.is_ready

    def can_paste(self, target: Target) -> bool:
        return self.has_keys

    def press_paste_keys(self, target: Target) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.pasted.append((self.clipboard.published[-1], target))
        self.clipboard.reads += self.is_read

    def press_return(self, target: Target) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.submitted.append(target)


class FakeTypist:
    """A typist that must prepare again after `at_once` characters."""

    def __init__(self) -> None:
        self.typed: list[str] = []
        self.at_once, self.ready, self.finished = 1000, 0, 0
        self.refuses: MicaError | None = None
        self.has_layout_changed = False

    def prepare(self, text: str, target: Target) -> int:
        self.ready = min(len(text), self.at_once)
        return self.ready

    def type(self, text: str) -> None:
        if self.refuses is not None:
            raise self.refuses
        assert len(text) <= self.ready
        self.ready -= len(text)
        self.typed.append(text)

    def layout_changed(self) -> bool:
        return self.has_layout_changed

    def finish(self) -> None:
        self.finished += 1


class FakeFocus:
    def __init__(self, target: Target | None) -> None:
        self.target = target
        self.secure_input: str | None = None
        self.point: tuple[int, int] | None = None

    def current(self) -> Target | None:
        return self.target

    def secure_input_owner(self) -> str | None:
        return self.secure_input

    def focused_screen_point(self) -> tuple[int, int] | None:
        return self.point


class FakePermissions:
    """Permissions; the test sets the grants, and requests are recorded."""

    def __init__(self) -> None:
        self.grants = dict.fromkeys(Permission, Grant.GRANTED)
        self.requested: list[Permission] = []
        self.app = "Mica"

    def state(self, what: Permission) -> Grant:
        return self.grants[what]

    def holder(self) -> str:
        return self.app

    def request(self, what: Permission) -> None:
        self.requested.append(what)


class FakePresence:
    """A user who goes away and comes back when the test calls go() and return_()."""

    def __init__(self) -> None:
        self.go: Callable[[AwayReason], None] | None = None
        self.return_: Callback | None = None

    def watch(self, on_away: Callable[[AwayReason], None], on_back: Callback) -> None:
        self.go, self.return_ = on_away, on_back

    def stop(self) -> None:
        self.go = self.return_ = None


class FakeActivity:
    """Records whether the machine and its screen are kept awake."""

    held = lit = False

    def keep_awake(self, wanted: bool, *, screen: bool = False) -> None:
        self.held, self.lit = wanted, screen


class FakeHost:
    """A host made of fakes, which tests can access by their own types."""

    def __init__(self) -> None:
        self.hotkeys = FakeHotkeys()
        self.clipboard = FakeClipboard("before")
        self.paster = FakePaster(self.clipboard)
        self.typist = FakeTypist()
        self.caret: Caret = NullCaret()
        self.focus = FakeFocus(Target(1, 100, "Editor"))
        self.permissions = FakePermissions()
        self.presence = FakePresence()
        self.activity = FakeActivity()
        self.lifted: list[int] = []
        self.probe_window: Callable[[Target], WindowProbe] = cannot_probe
        self.strokes: list[Keystroke] = [EditKey.UNKNOWN]  # the latest keystrokes
        self.composes = False
        self.query_surrounding: Callable[[Target], SurroundingQuery] = unanswered_query
        self.still = False  # whether the system prefers reduced motion
        self.forward: list[str] = []  # calls of activate_app and restore_front
        self.reopened: list[Callable[[], None]] = []  # handlers for reopening the app

    def restore_front(self) -> None:
        self.forward.append("back")

    def host(self) -> Host:
        return Host(
            hotkeys=self.hotkeys,
            clipboard=self.clipboard,
            clipboard_for=lambda target: self.clipboard,
            paster=self.paster,
            typist=self.typist,
            caret=self.caret,
            focus=self.focus,
            permissions=self.permissions,
            presence=self.presence,
            activity=self.activity,
            login=UnsupportedLogin(),
            probe_window=lambda target: self.probe_window(target),
            keystrokes_since=lambda count, target: self.strokes,
            is_composing=lambda target: self.composes,
            query_surrounding=lambda target: self.query_surrounding(target),
            watch_held_content=ignore_held_content,
            raise_overlay=self.lifted.append,
            activate_app=lambda: self.forward.append("forward"),
            restore_front=self.restore_front,
            watch_reopening=self.reopened.append,
            prefers_reduced_motion=lambda: self.still,
            fn_key_action=no_fn_key_action,
            function_keys_need_fn=lambda: False,
        )


class FakeLoop:
    """A main loop that runs posted calls when the test calls run()."""

    def __init__(self) -> None:
        self._posted: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.post = self._posted.put

    def run(self) -> None:
        while not self._posted.empty():
            self._posted.get()()


class Clock:
    """A clock that only the test advances."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s
