"""Server-sent events, by the rules of the WHATWG standard."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from runner.errors import WireError
from runner.transport.sse import EventStream, ServerEvent


class Lines:
    """A stream of what a test wrote down."""

    http = 200
    headers: Mapping[str, str] = {}

    def __init__(self, text: bytes) -> None:
        self._lines = iter(text.splitlines(keepends=True) if b"\n" in text else [text])

    async def readline(self) -> bytes:
        return next(self._lines, b"")


def events(text: bytes) -> tuple[list[ServerEvent], EventStream]:
    stream = EventStream(Lines(text))

    async def all_of_them() -> list[ServerEvent]:
        return [event async for event in stream]

    return asyncio.run(all_of_them()), stream


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"data: one\n\n", [ServerEvent("one")]),
        (b"data:one\n\n", [ServerEvent("one")]),
        (b"data:  one\n\n", [ServerEvent(" one")]),
        (b"data: a\ndata: b\n\n", [ServerEvent("a\nb")]),
        (b"data\n\n", [ServerEvent("")]),
        (b"data: 1\r\n\r\ndata: 2\r\n\r\n", [ServerEvent("1"), ServerEvent("2")]),
        (b"data: 1\r\rdata: 2\r\r\n", [ServerEvent("1"), ServerEvent("2")]),
        (b"\xef\xbb\xbfdata: bom\n\n", [ServerEvent("bom")]),
        (b"event: queue\ndata: 1\n\ndata: 2\n\n", [ServerEvent("1", "queue"), ServerEvent("2")]),
        (b"event: nothing\n\n", []),
        (b":ping\n\n", []),
        (b"unknown: x\ndata: 1\n\n", [ServerEvent("1")]),
        (b"data: gr\xc3\xb6\xc3\x9fe \xff\n\n", [ServerEvent("größe \ufffd")]),
        (b"data: whole\n\ndata: cut off", [ServerEvent("whole")]),
        (b"data: no blank line\n", []),
    ],
)
def test_how_lines_become_events(text: bytes, expected: list[ServerEvent]) -> None:
    """Each line end, field and comment is read as the standard says."""
    assert events(text)[0] == expected


def test_ids_last_until_the_next() -> None:
    """An event without an id carries the last one; one with a NUL in it is ignored; an empty one resets it."""
    found, stream = events(b"id: 7\ndata: a\n\ndata: b\n\nid: x\0y\ndata: c\n\nid\ndata: d\n\n")
    assert [event.id for event in found] == ["7", "7", "7", ""]
    assert stream.last_id == ""


def test_the_pause_that_the_server_wishes() -> None:
    """``retry`` is in milliseconds, and only digits count."""
    assert events(b"retry: 1500\nretry: soon\n\n")[1].retry == 1.5


def test_keep_alive_lines_are_counted() -> None:
    """Comments are no events, yet show that the far end lives."""
    assert events(b":ping\n:ping\n\n")[1].comments == 2


def test_an_event_is_bounded() -> None:
    """One event without an end is refused."""
    with pytest.raises(WireError, match="larger than 16 MiB"):
        events(b"data: " + b"x" * 9_000_000 + b"\ndata: " + b"x" * 9_000_000 + b"\n\n")
