"""
What travels on Bayeux, on the client's side: requests as they go, messages as they come, advice, and events that come twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from runner.errors import Refused, WireError
from runner.transport.exchange import Exchange

__all__ = ["Advice", "Message", "Twins", "read", "refused", "refused_by_http"]

# Seconds; whatever a server advises beyond is cut to it, so that no wait is without an end.
_LONGEST = 600.0
_CODE = re.compile(r"\d{3}")
# leading digits of an error (`402::Unknown client`), or HTTP status → our word for the refusal
_REASONS = {
    400: "invalid",
    401: "unauthenticated",
    402: "gone",
    403: "forbidden",
    404: "not_found",
    410: "gone",
    413: "too_large",
    429: "unavailable",
    503: "unavailable",
}


class Message(msgspec.Struct, frozen=True, rename={"client_id": "clientId"}):
    """A reply (``channel`` begins with ``/meta/``) or an event; ``data`` are its bytes. Unknown fields are ignored."""

    channel: str = ""
    id: Any = None
    successful: bool | None = None
    client_id: str | None = None
    subscription: Any = None
    error: Any = None
    advice: Any = None
    ext: Any = None
    data: Raw | UnsetType = UNSET

    @property
    def is_event(self) -> bool:
        """Whether the server pushed it."""
        return self.successful is None and self.data is not UNSET and not self.channel.startswith("/meta/")

    @property
    def code(self) -> int:
        """The leading digits of the error, the only part of it that all generations of servers agree on; 0 without."""
        found = _CODE.match(str(self.error or ""))
        return int(found[0]) if found else 0

    @property
    def acknowledgement(self) -> object:
        """What the ack extension says: true on a handshake that agrees to it, a batch's number on a connect; None without."""
        return self.ext.get("ack") if isinstance(self.ext, dict) else None

    @property
    def body(self) -> object:
        """An event's data, decoded."""
        return None if isinstance(self.data, UnsetType) else msgspec.json.decode(self.data)


_list = msgspec.json.Decoder(list[Message]).decode
_one = msgspec.json.Decoder(Message).decode


def read(exchange: Exchange) -> list[Message]:
    """
    The messages of an answer; one object alone counts as a list of one.

    Raises: ``Refused`` – the status is not 200; ``WireError`` – the body is no list of messages.
    """
    if exchange.http != 200:
        raise refused_by_http(exchange)
    try:
        return [_one(exchange.body)] if exchange.body.lstrip()[:1] == b"{" else _list(exchange.body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
        raise WireError("the answer is no list of Bayeux messages", code="E704") from exc


def refused_by_http(exchange: Exchange) -> Refused:
    """A status other than 200 as our error."""
    reason = _REASONS.get(exchange.http, "server_error" if exchange.http >= 500 else "invalid")
    text = "" if exchange.body.lstrip()[:1] in {b"<", b"{", b"["} else exchange.text[:200].strip()
    return Refused(reason, http=exchange.http, text=text)


def refused(message: Message) -> Refused:
    """An unsuccessful reply as our error."""
    error = str(message.error or "no reason given")
    return Refused(_REASONS.get(message.code, "unavailable"), http=200, vendor_code=str(message.code or ""), text=error)


class Advice(msgspec.Struct, frozen=True):
    """How the server wants to be asked: ``reconnect`` (retry, handshake, none), ``interval`` and ``timeout`` in seconds."""

    reconnect: str = "retry"
    interval: float = 0.0
    timeout: float = 60.0

    def followed_by(self, given: object) -> Advice:
        """The newest advice in place of this one; only the timeout is kept when the new one does not name it."""
        if not isinstance(given, dict):
            return self
        reconnect = given.get("reconnect")
        return Advice(
            reconnect if reconnect in {"retry", "handshake", "none"} else "retry",
            _seconds(given.get("interval"), 0.0),
            _seconds(given.get("timeout"), self.timeout),
        )


def _seconds(milliseconds: object, default: float) -> float:
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float) or not milliseconds >= 0:
        return default
    return min(milliseconds / 1000, _LONGEST)


class Twins:
    """
    Finds events that a server sends twice because two subscriptions fit them (the Node server does, the Java server does not).

    Only for channels that two or more of our subscriptions fit is an event dropped that came with the same bytes in this response or the
    one before; without overlap nothing is ever dropped.
    """

    def __init__(self) -> None:
        self._before: set[tuple[str, bytes]] = set()
        self._now: set[tuple[str, bytes]] = set()

    def next_response(self) -> None:
        """Another response begins."""
        self._before, self._now = self._now, set()

    def is_second(self, message: Message, subscriptions: Iterable[str]) -> bool:
        """Whether *message* was already delivered."""
        if sum(1 for pattern in subscriptions if _fits(pattern, message.channel)) < 2 or isinstance(message.data, UnsetType):
            return False
        key = (message.channel, bytes(message.data))
        known = key in self._before or key in self._now
        self._now.add(key)
        return known


def _fits(pattern: str, channel: str) -> bool:
    if pattern.endswith("/**"):
        return channel.startswith(pattern[:-2])
    if pattern.endswith("/*"):
        return channel.startswith(pattern[:-1]) and "/" not in channel[len(pattern) - 1 :]
    return pattern == channel
