"""The insertion queue on a fake host, step by step."""

from mica.host.ports import Host
from mica.host.values import Target
from mica.insertion.options import InsertOptions
from mica.insertion.queue import InsertionQueue
from mica.insertion.request import InsertReport, InsertRequest
from support.fakes import FakeHost

EDITOR = Target(1, 100, "Editor")
OTHER = Target(2, 200, "Other")
PLAIN = InsertOptions()


class Steps:
    """An insertion queue on a host, ticked in steps of 10 ms."""

    def __init__(self, host: Host) -> None:
        self.insertion = InsertionQueue(host)
        self.now_s = 0.0

    def run(
        self, seconds: float = 1.0, *, speaking: bool = False
    ) -> list[InsertReport]:
        reports = []
        for _ in range(round(seconds * 100)):
            report = self.insertion.tick(self.now_s, speaking=speaking)
            reports += [report] if report else []
            self.now_s += 0.01
        return reports


class Harness(Steps):
    """An insertion queue on a fake host that records its calls."""

    def __init__(self) -> None:
        self.fake = FakeHost()
        super().__init__(self.fake.host())

    def insert(
        self, text: str, target: Target | None = EDITOR, options: InsertOptions = PLAIN
    ) -> None:
        self.insertion.add(InsertRequest(7, text, target, options))

    def pasted(self) -> list[str]:
        return [text for text, _ in self.fake.paster.pasted]
