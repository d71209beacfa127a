"""Private dictations and captions: no file has their words or their sound."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dictation.captions_harness import Harness as CaptionsHarness
from dictation.harness import Harness
from mica import paths
from mica.audio import journal
from mica.dictation import strings
from mica.engine.client import Committed, Hypothesis
from mica.library.entries import EntryStatus
from mica.library.store import Library
from mica.settings import Settings
from support.fakes import LIMIT_S

SAID = "A quixotic secret."
WORD = b"quixotic"


@pytest.fixture
def harness(home: Path) -> Iterator[Harness]:
    with closing(Harness(home)) as harness:
        harness.chosen = Settings(private_dictation=True)
        yield harness


def files(home: Path) -> dict[str, bytes]:
    """Every file in MICA_HOME and its content."""
    found = (file for file in home.rglob("*") if file.is_file())
    return {str(file.relative_to(home)): file.read_bytes() for file in found}


def assert_nothing_saved(home: Path) -> None:
    held = files(home)
    assert not [name for name, data in held.items() if WORD in data]
    assert not [name for name in held if name.endswith(".wav")]
    assert max(len(data) for data in held.values()) < 100_000, "it may be sound"
    with closing(Library(home / "history.sqlite")) as library:
        assert library.kept() == []


def recordings() -> list[str]:
    """The open files without a name."""
    files = [f"/dev/fd/{number}" for number in os.listdir("/dev/fd")]  # noqa: PTH208
    links = [os.readlink(file) for file in files if os.path.lexists(file)]  # noqa: PTH115
    folder = str(paths.scratch_folder().resolve())  # other tests have theirs
    return [link for link in links if link.startswith(folder)]


def test_a_private_dictation_is_inserted_and_is_in_no_file(
    harness: Harness, home: Path
) -> None:
    utterance = harness.spoken()
    assert_nothing_saved(home)
    harness.on(Committed(utterance, 0.0, 0.5, SAID))
    harness.deliver_text(utterance, SAID)
    assert_nothing_saved(home)
    harness.until(lambda: harness.dictation.is_quiet)
    assert [text for text, _ in harness.fake.paster.pasted] == [SAID]
    assert harness.status(utterance) is EntryStatus.INSERTED
    assert_nothing_saved(home)
    assert harness.row(utterance).journal is None
    harness.until(lambda: recordings() == [])


def test_a_private_dictation_is_the_last_one_until_mica_quits(
    harness: Harness, home: Path
) -> None:
    harness.deliver_text(harness.spoken(), SAID)
    harness.until(lambda: harness.dictation.is_quiet)
    harness.dictation.texts.copy_last()
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.fake.clipboard.copied == [SAID]
    with closing(Library(home / "history.sqlite")) as after_restart:
        assert after_restart.newest() is None


def test_a_private_dictation_is_replayed_after_an_engine_failure(
    harness: Harness, home: Path
) -> None:
    utterance = harness.spoken()
    path = harness.engine.journals[utterance]
    assert (
        path is not None
        and journal.extent(path)[1] == harness.engine.samples[utterance]
    )
    harness.fails(utterance)
    assert_nothing_saved(home)
    assert harness.dictation.retry.possible
    harness.dictation.retry_failed()
    assert harness.engine.ended.get(timeout=LIMIT_S)[0] == utterance
    harness.deliver_text(utterance, SAID)
    assert harness.messages[-1] == strings.TRANSCRIBED
    assert harness.row(utterance).text == SAID
    assert harness.row(utterance).journal is None
    assert_nothing_saved(home)


@pytest.mark.parametrize("way", ["cancel", "shortcut", "quit"])
def test_private_recording_is_removed_however_its_dictation_ends(
    harness: Harness, home: Path, way: str
) -> None:
    microphone = harness.pressed()
    microphone.speak(0.5)
    harness.recorded(0.5)
    recording = harness.speaking.recording
    assert recording.journal is not None and recordings() != []
    assert_nothing_saved(home)
    if way == "cancel":
        harness.escape()
        harness.release()
        microphone.speak(0.3)
        harness.until(lambda: harness.dictation.is_quiet)
        harness.until(lambda: recordings() == [])
    elif way == "shortcut":
        harness.dictation._utterances.discard()
        harness.until(lambda: recordings() == [])
    else:
        harness.dictation.close()
    assert recording.over.wait(LIMIT_S)
    assert_nothing_saved(home)


def test_private_mode_holds_for_the_dictation_it_began_with(
    harness: Harness, home: Path
) -> None:
    microphone = harness.pressed()
    microphone.speak(0.5)
    harness.chosen = Settings(private_dictation=False)
    harness.release()
    microphone.speak(0.3)
    harness.deliver_text(harness.engine.ended.get(timeout=LIMIT_S)[0], SAID)
    assert_nothing_saved(home)
    number = harness.spoken()
    harness.deliver_text(number, "Open again.")
    with closing(Library(home / "history.sqlite")) as library:
        assert [entry.text for entry in library.kept()] == ["Open again."]
        assert [entry.id for entry in library.kept()] == [number]


def test_a_private_text_on_the_clipboard_is_not_backed_up_by_the_next_paste(
    harness: Harness, home: Path
) -> None:
    harness.deliver_text(harness.spoken(), SAID)
    harness.until(lambda: harness.dictation.is_quiet)
    harness.dictation.texts.copy_last()
    harness.until(lambda: harness.dictation.is_quiet)
    seen: list[dict[str, bytes]] = []
    paste = harness.fake.paster.press_paste_keys

    def press(target: object) -> None:
        seen.append(files(home))
        paste(target)  # type: ignore[arg-type]

    harness.fake.paster.press_paste_keys = press  # type: ignore[method-assign]
    harness.chosen = Settings(private_dictation=False)
    harness.deliver_text(harness.spoken(), "Open again.")
    harness.until(lambda: harness.dictation.is_quiet)
    assert seen and not [n for held in seen for n, data in held.items() if WORD in data]


def test_private_captions_are_shown_and_are_in_no_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(CaptionsHarness(home)) as harness:
        harness.settings = Settings(private_dictation=True)
        microphone = harness.recording()
        harness.on(Committed(1, 0.0, 1.0, SAID))
        harness.on(Hypothesis(1, "quixotic"))
        assert_nothing_saved(home)
        assert harness.captions.text == f"{SAID} quixotic"
        harness.captions.toggle()
        microphone.speak(0.3)
        assert harness.written(harness.ended(), SAID).journal is None
        assert harness.captions.text == SAID
        assert_nothing_saved(home)


KILLED = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from dictation.harness import Harness
from mica.settings import Settings
harness = Harness(Path(os.environ["MICA_HOME"]))
harness.chosen = Settings(private_dictation=True)
microphone = harness.pressed()
microphone.speak(2.0)
harness.recorded(2.0)
print("recorded", flush=True)
os.kill(os.getpid(), 9)
"""


def test_a_killed_mica_leaves_nothing_of_a_private_dictation(home: Path) -> None:
    tests = str(Path(__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", KILLED, tests], capture_output=True, text=True
    )
    assert done.stdout == "recorded\n", done.stderr
    assert_nothing_saved(home)
