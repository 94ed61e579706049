"""A customer's mail as MIME."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

import pytest

from runner.errors import EnvironmentUnusable
from runner.transport.letter import Enclosed, Letter, mime


def travelled(letter: Letter) -> EmailMessage:
    """The letter after it was written out and read again."""
    return cast("EmailMessage", message_from_bytes(mime(letter).as_bytes(), policy=default))


def test_who_and_what() -> None:
    """Addresses with their names, and a subject beyond ASCII, arrive as they were."""
    got = travelled(
        Letter("Jörg <joerg@example.de>", ["help@shop.example", "太郎 <taro@example.jp>"], ["c@d.e"], "Größe 😀", "x", reply_to="r@s.t")
    )
    assert (got["From"], got["To"], got["Cc"]) == ("Jörg <joerg@example.de>", "help@shop.example, 太郎 <taro@example.jp>", "c@d.e")
    assert (got["Subject"], got["Reply-To"]) == ("Größe 😀", "r@s.t")
    assert got["Message-ID"].endswith("@example.de>")


@pytest.mark.parametrize(
    ("text", "html", "kinds"),
    [
        ("plain", "", ["text/plain"]),
        ("", "", ["text/plain"]),
        ("", "<p>rich</p>", ["text/html"]),
        ("plain", "<p>rich</p>", ["multipart/alternative", "text/plain", "text/html"]),
    ],
)
def test_text_and_html(text: str, html: str, kinds: list[str]) -> None:
    """One alone stands for itself, both stand side by side."""
    got = travelled(Letter("a@b.c", ["d@e.f"], text=text, html=html))
    assert [part.get_content_type() for part in got.walk()] == kinds


def test_files_are_byte_exact() -> None:
    """Every byte and the file's name come through, an empty file and strange names too."""
    files = [
        Enclosed("ä 😀.bin", bytes(range(256)) * 50),
        Enclosed("empty.txt", b"", "text/plain"),
        Enclosed('q"uote.png', b"\x89PNG", "image/png"),
    ]
    got = [
        (part.get_filename(), part.get_content_type(), part.get_payload(decode=True))
        for part in travelled(Letter("a@b.c", ["d@e.f"], attachments=files)).iter_attachments()
    ]
    assert got == [(file.name, file.type, file.content) for file in files]


def test_a_header_cannot_bring_another() -> None:
    """Line breaks in subject, names and files are spaces."""
    got = travelled(Letter("a@b.c", ["d@e.f"], subject="Hi\r\nBcc: x@y.z", attachments=[Enclosed("a\r\nX: y.txt", b"")]))
    assert (got["Subject"], got["Bcc"]) == ("Hi Bcc: x@y.z", None)


@pytest.mark.parametrize("address", ["nobody", "", "a@@b", "a b@c d"])
def test_what_is_no_address(address: str) -> None:
    """It is told as it was written."""
    with pytest.raises(EnvironmentUnusable, match="is not a mail address"):
        mime(Letter("a@b.c", [address]))
