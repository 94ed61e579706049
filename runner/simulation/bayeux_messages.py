"""
What travels on Bayeux, on the server's side: settings, messages as they come, replies as they go, channel patterns.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Raw, Struct

__all__ = ["BadMessages", "BayeuxSettings", "Incoming", "Reply", "is_pattern", "read", "refusal", "reply_to"]

Reply = dict[str, Any]


class BayeuxSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """CometD's own settings with their defaults, and what stays assumption; times in milliseconds."""

    timeout: Annotated[int, Meta(description="How long a connect is held; CometD's default.")] = 30_000
    interval: Annotated[int, Meta(description="How long a client waits between two connects; CometD's default.")] = 0
    max_interval: Annotated[
        int, Meta(description="A session whose client stays away for `interval` and this long is swept; CometD's default.")
    ] = 10_000
    max_sessions_per_browser: Annotated[
        int, Meta(description="Connects held at once for one browser cookie, -1 for any number; CometD's default.")
    ] = 1
    multi_session_interval: Annotated[
        int, Meta(description="The interval advised to a client above that limit, 0 to turn it away; CometD's default.")
    ] = 2_000
    browser_cookie: Annotated[str, Meta(description="The cookie that binds a session to its browser.")] = "BAYEUX_BROWSER"
    trust_client_session: Annotated[
        bool, Meta(description="Whether the clientId alone names a session, without the cookie; CometD's default since 3.0.9.")
    ] = False
    duplicate_connect_status: Annotated[
        int, Meta(description="The HTTP status of a held connect when a newer one comes; 408 in CometD 2.9.")
    ] = 500
    empty_array_status: Annotated[int, Meta(description="The HTTP status for an empty array; 400 in CometD's server for Node.")] = 500
    hold_first_connect: Annotated[
        bool, Meta(description="Whether the first connect after a handshake is held as any other; so in CometD's server for Node.")
    ] = False
    acknowledge: Annotated[
        bool,
        Meta(description="Whether a client that offers the ack extension gets it, and what it does not confirm is sent again; off."),
    ] = False
    max_queue: Annotated[int, Meta(description="Events that may wait for one session; one more and it is forgotten.")] = 10_000


class BadMessages(ValueError):
    """The body is no list of Bayeux messages."""


class Incoming(Struct, frozen=True, rename={"client_id": "clientId"}):
    """A message of a client; ``id`` is kept as its bytes, to be echoed exactly."""

    channel: str = ""
    client_id: str = ""
    id: Raw = Raw()
    subscription: Any = UNSET
    advice: Any = UNSET
    ext: Any = UNSET

    @property
    def offers_acknowledgement(self) -> bool:
        """Whether a handshake offers the ack extension."""
        return isinstance(self.ext, dict) and self.ext.get("ack") is True

    @property
    def acknowledged(self) -> int | None:
        """The number of the last batch of events that the client got, if a connect says."""
        batch = self.ext.get("ack") if isinstance(self.ext, dict) else None
        return batch if isinstance(batch, int) and not isinstance(batch, bool) else None

    @property
    def subscriptions(self) -> list[str] | None:
        """The channels that are asked for; [] when the field is missing, None when it is neither text nor a list of texts."""
        asked = self.subscription
        if asked is UNSET or asked is None or asked in ([], ""):
            return []
        channels = asked if isinstance(asked, list) else [asked]
        return channels if all(isinstance(channel, str) for channel in channels) else None

    @property
    def has_advice(self) -> bool:
        """Whether the client gave advice, and so wants to hear ours."""
        return isinstance(self.advice, dict)

    @property
    def advised_timeout(self) -> float | None:
        """For how many milliseconds the client wants to be held, if it says."""
        timeout = self.advice.get("timeout") if isinstance(self.advice, dict) else None
        return max(0, timeout) if isinstance(timeout, int | float) and not isinstance(timeout, bool) else None


_list = msgspec.json.Decoder(list[Incoming]).decode
_one = msgspec.json.Decoder(Incoming).decode


def read(body: bytes) -> list[Incoming]:
    """
    A request's body as messages; one object alone counts as a list of one.

    Raises: ``BadMessages`` – not JSON, or not messages.
    """
    try:
        return [_one(body)] if body.lstrip()[:1] == b"{" else _list(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
        raise BadMessages(f"the body is not a list of Bayeux messages: {exc}") from exc


def reply_to(message: Incoming, *, successful: bool = True, **fields: object) -> Reply:
    """The reply to *message*: its id and channel, and *fields*; those that are None or were missing in the request are left out."""
    reply: Reply = {"id": message.id} if bytes(message.id) else {}
    given = {name: value for name, value in fields.items() if value is not None and value is not UNSET}
    return reply | {"channel": message.channel, "successful": successful} | given


def refusal(message: Incoming, error: str, **fields: object) -> Reply:
    """An unsuccessful reply."""
    return reply_to(message, successful=False, error=error, **fields)


def is_pattern(channel: str) -> bool:
    """Whether *channel* is a channel's name, or one whose last segment is ``*`` (one segment) or ``**`` (any depth)."""
    if not channel.startswith("/"):
        return False
    *front, last = channel[1:].split("/")
    return all(part and "*" not in part for part in front) and bool(last) and ("*" not in last or last in {"*", "**"})
