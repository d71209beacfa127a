"""A child process that speaks the engine's protocol and misbehaves on request.

Run as `python fake_engine.py MARKER BEHAVIOR...`. The nth process follows the nth
behavior; after the last one, the last one again. MARKER is a file that counts the
processes. The transcript consists of the number of samples received and their sum, so
that it shows whether a replay was complete. Its segments are those that were reported
to it as committed, and those it committed itself.
"""

import math
import os
import signal
import struct
import sys
import threading
import time
from pathlib import Path

from mica.engine import messages as m
from mica.errors import MicaError, ModelError
from mica.events import Commit, SegmentText, Transcript, UtteranceStats

ONE, TWO = SegmentText(0.0, 10.4, "one"), SegmentText(10.4, 20.0, "two")


class Nonsense(MicaError):
    """An error class that the app does not know."""


class FakeEngine:
    def __init__(self, behavior: str) -> None:
        self.behavior = behavior
        self.writing = threading.Lock()
        self.got: dict[int, bytearray] = {}
        self.open: dict[int, m.Begin] = {}

    def send(self, reply: m.Reply) -> None:
        with self.writing:
            os.write(1, m.pack(reply))

    def run(self) -> None:
        if self.behavior == "mute":
            time.sleep(60)
        threading.Thread(target=self.beat, daemon=True).start()
        unpacker = m.Unpacker()
        while data := os.read(0, 1 << 16):
            for header, pcm in unpacker.push(data):
                self.handle(m.request(header), pcm)

    def beat(self) -> None:
        age_s = 0.0
        while True:
            self.send(m.Heartbeat(age_s))
            if "quiet" in self.behavior:
                return
            age_s += 0.02 if self.behavior == "stuck" and self.got else 0
            time.sleep(0.02)

    def handle(self, request: m.Request, pcm: bytes) -> None:
        match request:
            case m.Load():
                self.load(request)
            case m.Begin():
                self.got[request.utterance] = bytearray()
                self.open[request.utterance] = request
            case m.Samples():
                self.samples(request, pcm)
            case m.Cancel():
                self.got.pop(request.utterance, None)
            case m.End(utterance=utterance):
                self.end(utterance)
            case m.Quit():
                sys.exit()

    def load(self, request: m.Load) -> None:
        if self.behavior == "no-start":
            os._exit(1)
        if self.behavior == "no-model":
            self.send(m.Failed(None, ModelError("No model.", "Get one.")))
        else:
            self.send(m.Ready(str(request.model_folder), 0.0))
        if self.behavior == "crash-at-rest":
            os._exit(1)

    def samples(self, request: m.Samples, pcm: bytes) -> None:
        self.send(m.Working(request.utterance))
        had, begun = self.got[request.utterance], self.open[request.utterance]
        first = begun.resume_from.start_s * begun.rate
        assert request.first == first + len(had) // 4, (request, len(had) // 4)
        had += pcm
        self.send(m.Consumed(request.utterance, request.first + len(pcm) // 4))
        if self.behavior == "crash" and len(had) >= 400:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.behavior == "crash-at-2" and request.utterance == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.behavior == "crash-after-commit" and len(had) >= 4 * 20 * begun.rate:
            stats = UtteranceStats(notes=("As the first engine said.",))
            self.send(m.committed(request.utterance, Commit(ONE, 17.2), stats))
            os.kill(os.getpid(), signal.SIGKILL)
        if self.behavior == "garbage":
            os.write(1, b"\xff" * 100)
        if self.behavior == "nan":
            self.send(m.Committed(request.utterance, 0.0, 1.0, "x", until_s=math.nan))
        if self.behavior == "far":
            self.send(m.Committed(request.utterance, 0.0, 1.0, "x", until_s=1e9))
        if self.behavior == "early":
            self.send(m.Finished(request.utterance, Transcript("x", "fake", 0.0)))
        if self.behavior == "hungry":
            self.send(m.Consumed(request.utterance, 1 << 40))
        if self.behavior == "nested":
            deep = b"\x92\x01" + b"\x91" * 100_000 + b"\xc0"
            os.write(1, struct.pack("<II", 4 + len(deep), len(deep)) + deep)

    def end(self, utterance: int) -> None:
        if self.behavior in ("silent", "quiet silent", "stuck"):
            return
        if self.behavior == "no-model":
            self.send(m.Failed(utterance, ModelError("No model.", "Get one.")))
            return
        if self.behavior == "baffled":
            self.send(m.Failed(utterance, Nonsense("It failed.")))
            return
        if self.behavior == "crash-at-end":
            os.kill(os.getpid(), signal.SIGKILL)
        pcm, begun = self.got.pop(utterance), self.open.pop(utterance)
        values = struct.unpack(f"<{len(pcm) // 4}f", pcm)
        text = f"{len(values)} samples, sum {sum(values):g}"
        segments, notes = begun.resume_from.segments, begun.resume_from.stats.notes
        until_s = begun.resume_from.start_s + len(values) / begun.rate
        for segment in (ONE, TWO)[len(segments) :]:
            commit = Commit(segment, min(segment.end_s, until_s))
            self.send(m.committed(utterance, commit, UtteranceStats()))
            segments += (segment,)
        transcript = Transcript(text, "fake", 0.0, segments, notes=notes)
        self.send(m.Finished(utterance, transcript))


if __name__ == "__main__":
    lives = Path(sys.argv[1])
    life = int(lives.read_text()) if lives.exists() else 0
    lives.write_text(str(life + 1))
    behaviors = sys.argv[2:]
    FakeEngine(behaviors[min(life, len(behaviors) - 1)]).run()
