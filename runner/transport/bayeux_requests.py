"""
The requests of a Bayeux client: messages out, messages in, and what every answer brings whatever was asked — events and advice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from runner.errors import Refused, WireError
from runner.transport.base import HttpClient
from runner.transport.bayeux_messages import Advice, Message, Twins, read

__all__ = ["BayeuxRequests"]

# Seconds that a request other than connect may take (as CometD's own client has it).
_REQUEST = 10.0


class BayeuxRequests:
    """
    What a client asks in one session after the other; ``client_id`` names the present one.

    ``advice`` is the newest that came. ``missed`` says why an answer did not arrive that may have held events; "" when none is missing.
    Events go to *on_event*, each once, though several of the *subscriptions* fit it.
    """

    def __init__(
        self,
        http: HttpClient,
        path: str,
        *,
        headers: Callable[[], Mapping[str, str]],
        on_event: Callable[[str, object], None],
        subscriptions: Collection[str],
    ) -> None:
        self.client_id = ""
        self.advice = Advice()
        self.missed = ""
        self._http = http
        self._path = path
        self._headers = headers
        self._on_event = on_event
        self._subscriptions = subscriptions
        self._twins = Twins()
        self._sent = 0
        self._second_connection = asyncio.Lock()

    def message(self, channel: str, **fields: object) -> dict[str, object]:
        """A message of the session, with an id of its own."""
        self._sent += 1
        return {"id": str(self._sent), "channel": channel, "clientId": self.client_id, **fields}

    async def ask(self, channel: str, subscriptions: Sequence[str]) -> list[Message]:
        """One message for each subscription, in one request; gives their replies in the same order."""
        if not subscriptions:
            return []
        messages = [self.message(channel, subscription=subscription) for subscription in subscriptions]
        replies = {str(reply.id): reply for reply in await self.second(messages) if not reply.is_event}
        nothing = Message(channel, successful=False, error="400::no reply")
        return [replies.get(str(message["id"]), nothing) for message in messages]

    async def second(self, messages: list[dict[str, object]]) -> list[Message]:
        """Send on the second connection, one request after the other; raises as :meth:`post`."""
        async with self._second_connection:
            for message in messages:
                if "clientId" in message:
                    message["clientId"] = self.client_id
            return await self.post(messages, timeout=_REQUEST)

    async def post(self, messages: list[dict[str, object]], *, timeout: float, observed: bool = True) -> list[Message]:
        """
        Send messages, hand out the events of the answer, take its advice; gives all that came.

        Raises: ``Refused`` – the status is not 200; ``WireError`` – no answer within *timeout* seconds, or none that can be read.
        """
        headers = {"Content-Type": "application/json;charset=UTF-8", **self._headers()}
        body = msgspec.json.encode(messages)
        try:
            received = read(await self._http.request("POST", self._path, headers=headers, body=body, timeout=timeout, observed=observed))
        except (WireError, Refused) as exc:
            if _may_have_held_events(exc):
                self.missed = self.missed or exc.message
            raise
        self._twins.next_response()
        for message in received:
            if not message.is_event:
                self.advice = self.advice.followed_by(message.advice)
            elif not self._twins.is_second(message, self._subscriptions):
                self._on_event(message.channel, message.body)
        return received


def _may_have_held_events(error: WireError | Refused) -> bool:
    """Whether the server may have answered, with events that it will not send again (there is no acknowledgement)."""
    return error.http >= 500 if isinstance(error, Refused) else error.maybe_sent
