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

    ``advice`` is the newest that came. ``acknowledging``: the server numbers what it sends, hears with the next connect what came, and
    sends again what did not (CometD's ack extension). ``missed`` says why an answer did not arrive that may have held events; "" when none
    is missing. Events go to *on_event*, each once, though several of the *subscriptions* fit it.
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
        self.acknowledging = False
        # the number of the last batch of events that came; -1 before the first
        self._batch = -1
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

    def connect_message(self, *, short: bool) -> dict[str, object]:
        """A connect, which confirms what came before it; *short*: not to be held."""
        advice = {"advice": {"timeout": 0}} if short else {}
        confirmed = {"ext": {"ack": self._batch}} if self.acknowledging else {}
        return self.message("/meta/connect", connectionType="long-polling", **advice, **confirmed)

    def begin(self, handshake: Message) -> None:
        """From now on the session is the one that this reply to a handshake opened."""
        self.client_id = handshake.client_id or ""
        self.acknowledging = handshake.acknowledgement is True
        self._batch = -1

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
            if _may_have_held_events(exc) and not self.acknowledging:
                self.missed = self.missed or exc.message
            raise
        self._twins.next_response()
        for message in received:
            if not message.is_event:
                self.advice = self.advice.followed_by(message.advice)
                self._note_batch(message)
            elif not self._twins.is_second(message, self._subscriptions):
                self._on_event(message.channel, message.body)
        return received

    def _note_batch(self, message: Message) -> None:
        number = message.acknowledgement
        if self.acknowledging and message.channel == "/meta/connect" and isinstance(number, int) and not isinstance(number, bool):
            self._batch = number


def _may_have_held_events(error: WireError | Refused) -> bool:
    """Whether the server may have answered, with events that it will not send again when they are not confirmed."""
    return error.http >= 500 if isinstance(error, Refused) else error.maybe_sent
