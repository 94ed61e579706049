"""429 and Retry-After, by a clock that is turned by hand."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from runner.clock import ManualClock
from runner.transport.exchange import Exchange
from runner.transport.patience import Patience, seconds_asked

NOW = datetime(2030, 1, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3", 3.0),
        (" 0 ", 0.0),
        ("1.5", 1.5),
        ("Wed, 02 Jan 2030 09:00:07 GMT", 7.0),
        ("Wednesday, 02-Jan-30 09:00:08 GMT", 8.0),
        ("Wed Jan  2 09:00:09 2030", 9.0),
        ("Tue, 01 Jan 2030 09:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("٣", None),
        ("1.2.3", None),
        ("Wed, 99 Foo 2030 09:00:07 GMT", None),
    ],
)
def test_forms_of_retry_after(header: str, seconds: float | None) -> None:
    """A number of seconds, or a date in one of HTTP's three forms; a date that is past is no time; anything else says nothing."""
    assert seconds_asked(header, NOW) == seconds


class Server:
    """Says 429 with these headers, one after the other, then 200."""

    def __init__(self, *retry_after: str, method: str = "GET") -> None:
        self.clock = ManualClock()
        self.log: list[str] = []
        self.sent_at: list[float] = []
        self._method = method
        self._left = list(retry_after)

    async def send(self) -> Exchange:
        self.sent_at.append(self.clock.monotonic())
        headers = {"retry-after": self._left.pop(0)} if self._left else None
        return Exchange(self._method, "http://x/", {}, b"", http=200 if headers is None else 429, headers=headers or {})

    def asked(self) -> int:
        """Ask with patience; gives the last status."""

        async def go() -> int:
            return (await Patience(self.clock, self.log.append).again(await self.send(), self.send)).http

        return asyncio.run(go())


def test_it_waits_as_long_as_it_is_asked_to() -> None:
    """Each time it says so, and asks again when the time is over."""
    server = Server("3", "Wed, 02 Jan 2030 09:00:10 GMT")
    assert server.asked() == 200
    assert server.sent_at == [0.0, 3.0, 10.0]
    assert server.log == [
        "GET: the server takes no more requests now (429); asking again in 3s",
        "GET: the server takes no more requests now (429); asking again in 7s",
    ]


def test_it_does_not_ask_for_ever() -> None:
    """After three waits in a row the 429 stands."""
    server = Server(*["1"] * 9)
    assert server.asked() == 429
    assert server.sent_at == [0.0, 1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("method", "header", "told"),
    [
        ("POST", "3", "POST: the server takes no more requests now (429), for 3s; what changes something is not sent again by itself"),
        ("DELETE", "0", "DELETE: the server takes no more requests now (429), for 0ms; what changes something is not sent again by itself"),
        ("GET", "3600", "GET: the server takes no more requests now (429), for 60 min; that is too long to wait"),
        ("GET", "", "GET: the server takes no more requests now (429) and does not say for how long"),
        ("GET", "soon", "GET: the server takes no more requests now (429) and does not say for how long (Retry-After: 'soon')"),
    ],
)
def test_what_is_not_asked_again(method: str, header: str, told: str) -> None:
    """A request that changes something, and a wait that is too long or not told: the refusal stands at once, and the record says why."""
    server = Server(header, method=method)
    assert server.asked() == 429
    assert (server.sent_at, server.log) == ([0.0], [told])
