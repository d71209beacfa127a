"""Fuzzes keyword lists: imported ones, contacts, and the file that people edit."""

from contextlib import suppress
from pathlib import Path

from hypothesis import strategies as st

from fuzz.mutations import damaged
from mica import textfile
from mica.errors import TextFileError
from mica.text.keywords import Keywords, clean_keyword

SAMPLES = (
    b"# names\nDvo\xc5\x99\xc3\xa1k\n- Kubernetes\n- kubectl\n\n1. one\n2. two\n",
    b'Name;Phone\n"Smith; John";1\n"a ""b"" c";2\n',
    b'sep=\t\nterm\tweight\nalpha\t3\n"two\nlines"\t4\n',
    b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:"
    b"M=C3=BC=\r\nller;Anna;;;\r\nitem1.ORG:A\\;B;C\r\nEND:VCARD\r\n",
    b"BEGIN:VCARD\nVERSION:4.0\nFN:Ann\n  Other\nEND:VCARD\n" * 3,
    "caf\u00e9, na\u00efve\n\u6771\u4eac\n".encode("utf-16"),
    b"caf\xe9\r\nna\xefve\r\n",
    b"<|audio|> a,b;c \xe2\x80\xae x\xcc\x81\n" + b"a" * 200,
    b'"' * 40 + b"\n" + b"," * 40 + b"\n" + b"=" * 40,
)


def inputs() -> st.SearchStrategy[bytes]:
    return damaged(SAMPLES, most=10)


def check(data: bytes, folder: Path) -> None:
    given, own, new = (folder / name for name in ("given", "own", "new"))
    given.write_bytes(data)
    own.write_bytes(data)
    new.unlink(missing_ok=True)
    with suppress(TextFileError):
        _check_import(textfile.read(given), Keywords(new))
    with suppress(TextFileError):
        _check_own(Keywords(own, on_problem=lambda line: None))
    for copy in folder.glob("own.*"):
        copy.unlink()


def _check_import(read: textfile.UserText, keywords: Keywords) -> None:
    added = keywords.import_text(read)
    assert added.line().isprintable(), added.line()
    words = keywords.read()
    assert words == list(added.words)
    assert [clean_keyword(word) for word in words] == words
    assert not keywords.import_text(keywords.export()).words


def _check_own(keywords: Keywords) -> None:
    listed = keywords.read()
    assert keywords.all() == listed
    added = keywords.add(["Zyzzyva"]).words
    assert [*listed, *added] == keywords.read()
    keywords.remove(["Zyzzyva"])
    keywords.rename(listed[0] if listed else "none", "Qoph")
