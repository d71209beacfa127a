from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mica.engine import messages as m
from mica.errors import EngineError, HomeError, MicaError, ModelError
from mica.events import (
    Commit,
    Language,
    ResumePoint,
    SegmentText,
    Style,
    Timing,
    TranscribeOptions,
    Transcript,
    UtteranceStats,
    Word,
)

TRANSCRIPT = Transcript(
    "Hello.",
    "pebble",
    1.5,
    segments=(SegmentText(0.0, 1.5, "Hello.", None, (Word("Hello.", 0.1, 1.2, 0.9),)),),
    notes=("a note",),
    timing=Timing(audio_s=1.5, llm_passes=3),
)
REQUESTS = [
    m.Load(Path("/models/a")),
    m.Begin(1, 48_000, TranscribeOptions(Style.RAW, ("Łódź", "a, b"), 12)),
    m.Begin(2, 48_000, TranscribeOptions(), ResumePoint(TRANSCRIPT.segments, 7.5, 3)),
    m.Begin(3, 48_000, TranscribeOptions(target_language=Language.GERMAN, live=False)),
    m.Samples(1, 480),
    m.End(1, 960),
    m.Cancel(1),
    m.Quit(),
]
REPLIES = [
    m.Ready("a", 0.5),
    m.Ready("a", 0.5, translates=True),
    m.Heartbeat(0.1),
    m.Hypothesis(1, "hel"),
    m.Committed(1, 0.0, 1.5, "Hello.", (Word("Hello.", 0.1, 1.2),), 1.3),
    m.Finished(1, TRANSCRIPT),
]


def packed(header: bytes, pcm: bytes = b"", length: int | None = None) -> bytes:
    body = len(header).to_bytes(4, "little") + header + pcm
    return (length or len(body)).to_bytes(4, "little") + body


@pytest.mark.parametrize("message", REQUESTS)
def test_request_round_trips(message: m.Request) -> None:
    [(header, pcm)] = m.Unpacker().push(m.pack(message, b"\0\0\x80?"))
    assert m.request(header) == message
    assert pcm == b"\0\0\x80?"


@pytest.mark.parametrize("message", REPLIES)
def test_reply_round_trips(message: m.Reply) -> None:
    [(header, pcm)] = m.Unpacker().push(m.pack(message))
    assert m.reply(header) == message
    assert pcm == b""


@pytest.mark.parametrize("utterance", [None, 7])
@pytest.mark.parametrize("kind", [MicaError, ModelError, EngineError, HomeError])
def test_an_error_arrives_as_its_own_class(
    kind: type[MicaError], utterance: int | None
) -> None:
    [(header, _)] = m.Unpacker().push(m.pack(m.Failed(utterance, kind("No.", "Do."))))
    failed = m.reply(header)
    assert isinstance(failed, m.Failed) and failed.utterance == utterance
    assert (type(failed.error), failed.error.line()) == (kind, "No. Do.")


def test_an_error_of_an_unknown_class_is_an_engine_error_with_a_remedy() -> None:
    class Nonsense(MicaError):
        """An error class that is not in errors.py."""

    [(header, _)] = m.Unpacker().push(m.pack(m.Failed(1, Nonsense("It failed."))))
    failed = m.reply(header)
    assert isinstance(failed, m.Failed) and type(failed.error) is EngineError
    assert failed.error.line() == "It failed. Try again."


@pytest.mark.parametrize(
    "error", [["ModelError", "No."], "No.", 3, ["ModelError", "No.", 3]]
)
def test_an_error_without_its_fields_is_an_engine_error(error: object) -> None:
    failed = {"type": "Failed", "utterance": 1, "error": error}
    header = msgspec.msgpack.encode([m.VERSION, failed])
    with pytest.raises(EngineError, match="The engine sent an invalid message"):
        m.reply(header)


def test_segment_survives_a_commit_message() -> None:
    segment = SegmentText(0.5, 1.5, "Hello.", words=(Word("Hello.", 0.6, 1.2),))
    stats = UtteranceStats(notes=("A note.",))
    sent = m.committed(1, Commit(segment, 1.3), stats)
    assert (sent.segment, sent.until_s, sent.stats) == (segment, 1.3, stats)


@given(st.lists(st.integers(1, 300), min_size=1))
def test_messages_do_not_depend_on_how_bytes_are_cut(sizes: list[int]) -> None:
    data = b"".join(m.pack(message, b"1234" * 50) for message in REQUESTS)
    unpacker, found, at = m.Unpacker(), [], 0
    for size in [*sizes, len(data)]:
        found += unpacker.push(data[at : at + size])
        at += size
    assert [m.request(header) for header, _ in found] == REQUESTS
    assert {pcm for _, pcm in found} == {b"1234" * 50}


@pytest.mark.parametrize(
    "data",
    [
        b"\xff" * 100,  # a length beyond the limit
        b"\0\0\0\0",  # shorter than a header's length
        b"\x08\0\0\0" + b"\xff\0\0\0" + b"abcd",  # a header longer than the message
    ],
)
def test_bytes_that_are_no_message_are_an_engine_error(data: bytes) -> None:
    with pytest.raises(EngineError):
        m.Unpacker().push(data)


@pytest.mark.parametrize("header", [b"", b"garbage", b"\x92\x01\x81\xa4type\xa3foo"])
def test_a_header_that_is_no_message_is_an_engine_error(header: bytes) -> None:
    [(unpacked, _)] = m.Unpacker().push(packed(header))
    with pytest.raises(EngineError):
        m.request(unpacked)
    with pytest.raises(EngineError):
        m.reply(unpacked)


def test_another_version_is_an_engine_error_that_names_both() -> None:
    data = m.pack(m.Quit())
    header = m.Unpacker().push(data)[0][0]
    assert header[1] == m.VERSION
    newer = header[:1] + bytes([m.VERSION + 1]) + header[2:]
    with pytest.raises(EngineError, match=r"version 2.*version 1"):
        m.request(newer)


def test_a_message_too_long_to_send_is_an_engine_error() -> None:
    with pytest.raises(EngineError):
        m.pack(m.Samples(1, 0), bytes(m.MAX_MESSAGE_BYTES))


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_an_engine_error(data: bytes) -> None:
    try:
        for header, _ in m.Unpacker().push(data):
            m.request(header)
    except EngineError as why:
        assert why.remedy
