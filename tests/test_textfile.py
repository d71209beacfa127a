"""Users' text files: any encoding is read, and other files are refused."""

import io
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mica import textfile
from mica.errors import TextFileError

NAMES = "Katherine\nMüller\nDvořák €5\n"
WITH_BOM = {
    "utf-8": "utf-8-sig",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "utf-32-le": "utf-32-le",
    "utf-32-be": "utf-32-be",
}


def written(file: Path, data: bytes) -> Path:
    file.write_bytes(data)
    return file


@pytest.mark.parametrize("encoding", WITH_BOM)
@pytest.mark.parametrize("bom", ["\ufeff", ""])
def test_unicode_is_read_with_and_without_a_byte_order_mark(encoding, bom):
    read = textfile.decode((bom + NAMES).encode(encoding), "list")
    assert read == textfile.UserText(NAMES)


def test_windows_1252_is_read_and_marked_as_a_guess():
    read = textfile.decode("José\r\nMüller – “Kö”\r\n".encode("cp1252"), "list")
    assert read == textfile.UserText("José\nMüller – “Kö”\n", guessed=True)


@pytest.mark.parametrize("order", ["le", "be"])
@pytest.mark.parametrize("text", ["Мария\nИван\n", "東京\n大阪 北\n", "Ελένη\nשלום\n"])
def test_utf_16_without_a_mark_is_read_in_any_script(order, text):
    assert textfile.decode(text.encode(f"utf-16-{order}"), "x").text == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("\ufeffa\n\ufeffb\r\n\ufeff# c".encode(), "a\nb\n# c"),
        ("\ufeffa\n\ufeffb".encode("utf-16-le"), "a\nb"),
        ("Łódź\r".encode() + "José\r".encode("cp1252"), "Łódź\nJosé\n"),
        (b"Jon\x07\nAnn\n", "Jon\x07\nAnn\n"),
    ],
)
def test_joined_files_with_mixed_encodings_are_read(data, text):
    assert textfile.decode(data, "x").text == text


def test_line_in_another_encoding_loses_no_other_line():
    read = textfile.decode("Dvořák\n".encode() + "Müller\n".encode("cp1252"), "list")
    assert read.text == "Dvořák\nMüller\n"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_any_system_are_read(end):
    assert textfile.decode(f"a{end}b{end}".encode(), "list").text == "a\nb\n"


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 40,
        b"Katherine\0",
        b"\xff\xfeK\0a",  # truncated
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        bytes(range(1, 128)),
        b"caf\x81\n",  # undefined in Windows-1252
        bytes(2048),
        b"\xff\xfe\0\0\xff\xff\xff\xff",
    ],
)
def test_a_binary_file_is_refused_by_name(data, tmp_path):
    file = written(tmp_path / "list.csv", data)
    with pytest.raises(TextFileError) as refused:
        textfile.read(file)
    assert refused.value.line() == (
        f"{file} isn’t a text file. Save it as plain text in UTF-8, "
        "or choose another file."
    )


@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_refused(data):
    try:
        text = textfile.decode(data, "list").text
    except TextFileError:
        return
    assert "\0" not in text and "\r" not in text and not text.startswith("\ufeff\ufeff")


@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"])))
def test_utf_8_is_read_unchanged(text):
    assert textfile.decode(text.encode(), "list").text == text


def test_a_file_that_is_too_large_is_refused_unread(tmp_path):
    file = tmp_path / "list.txt"
    with file.open("wb") as out:
        out.truncate(300 << 20)
    with pytest.raises(TextFileError, match="too large"):
        textfile.read(file)
    with pytest.raises(TextFileError, match="too large"):
        textfile.read_stream(io.BytesIO(b"a" * (textfile.MAX_BYTES + 1)), "The input")


def test_a_folder_and_a_device_are_refused(tmp_path):
    with pytest.raises(TextFileError, match="is a folder"):
        textfile.read(tmp_path)
    with pytest.raises(TextFileError, match="isn’t a file"):
        textfile.read(Path("/dev/zero"))
    with pytest.raises(TextFileError, match=r"too large|not a text"):
        textfile.read(Path("/dev/zero"), pipe=True)


def test_the_systems_reason_is_in_the_error(tmp_path):
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(TextFileError, match=r"can’t be read \(.*links\)"):
        textfile.read(loop)
    with pytest.raises(TextFileError, match="can’t be read"):
        textfile.read(Path("a\0b"))
    with pytest.raises(FileNotFoundError):
        textfile.read(tmp_path / "none")


@pytest.mark.timeout(20)
def test_a_pipe_without_data_times_out(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(TextFileError, match="isn’t a file"):
        textfile.read(pipe)
    with pytest.raises(TextFileError, match=r"No data came from .* 3 seconds"):
        textfile.read(pipe, pipe=True)
    writer = os.open(pipe, os.O_RDWR)  # a writer that never writes
    with pytest.raises(TextFileError, match=r"No data came from .* 0.05 seconds"):
        textfile.read(pipe, pipe=True, timeout_s=0.05)
    os.close(writer)


@pytest.mark.timeout(20)
def test_a_pipe_is_read_to_its_end(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    many = NAMES * 20_000  # more than fits into a pipe
    writer = threading.Thread(target=lambda: pipe.write_text(many, "utf-8"))
    writer.start()
    assert textfile.read(pipe, pipe=True).text == many
    writer.join()


@pytest.mark.timeout(30)
def test_a_process_substitution_is_read(tmp_path):
    code = (
        "import sys; from pathlib import Path; from mica import textfile;"
        "sys.stdout.write(textfile.read(Path(sys.argv[1]), pipe=True).text)"
    )
    command = f"'{sys.executable}' -c '{code}' <(printf 'Jon\\nAnn\\n')"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("Jon\nAnn\n", "")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (r"{\rtf1\ansi Katherine\par Ann}", "an RTF document"),
        ("%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n", "a PDF document"),
        ('\n<?xml version="1.0"?><plist><string>Ann</string></plist>', "an XML doc"),
        ("<!DOCTYPE HTML>\n<ul><li>Ann</li></ul>", "a web page"),
        ("<HTML lang=en><body>Ann</body></HTML>", "a web page"),
        ('[\n  "Katherine",\n  "Ann"\n]\n', "a JSON file"),
        ('{"words": ["Katherine"]}', "a JSON file"),
    ],
)
def test_documents_with_markup_are_refused_by_kind(text, kind, encoding):
    with pytest.raises(TextFileError, match=f"^list is {kind}.*, not plain text"):
        textfile.decode(text.encode(encoding), "list")


@pytest.mark.parametrize(
    "text", ["[sic]\nAnn\n", "{x}", "<b>\n", "[apps.Mail]\n", "[]"]
)
def test_words_in_brackets_are_plain_text(text):
    assert textfile.decode(text.encode(), "list").text == text


def test_brackets_without_end_are_plain_text():
    text = "[" * 100_000
    assert textfile.decode(text.encode(), "list").text == text
