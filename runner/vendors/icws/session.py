"""
One actor's session: the client, the messages that come in, and what is known of each mail. The steps act through it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any, TypeVar
from urllib.parse import quote

from runner.errors import Refused, StepTimedOut, WireError
from runner.plugins.contract import SessionContext
from runner.plugins.vocabulary import AttachmentOutput, MailOutput
from runner.transport.exchange import Exchange
from runner.vendors.icws.client import Connection, IcwsClient, decoded
from runner.vendors.icws.ear import Ear
from runner.vendors.icws.inbox import Inbox, Message
from runner.vendors.icws.mail import ATTRIBUTES, ENDED, KnownMail, Wording, attachments, mail_output
from runner.vendors.icws.records import IcwsDefaults, IcwsOptions
from runner.vendors.icws.refusals import pushed_refusal
from runner.vendors.icws.sign_in import SignIn

__all__ = ["IcwsSession", "segment"]

T = TypeVar("T")

_MY_QUEUE = "my-queue"
# the subscriptions that are put only to hear whether the message queue still tells
_PROOF = "caught-up-"
_USER_QUEUE = 1
# How often the server is asked while messages contradict it.
_LOOKS = 3
# states of a subscription
_SUSPENDED, _FAULTED = 2, 3


class IcwsSession:
    """
    What the steps of one actor share.

    ``mails`` maps an interaction id → what is known of it; ``completed`` the id of an asynchronous request → its completion message;
    ``libraries`` the id of a response-management library → its summary.
    """

    def __init__(self, context: SessionContext, defaults: IcwsDefaults, options: IcwsOptions) -> None:
        self._context = context
        self.defaults = defaults
        self.smtp = context.smtp
        self._ask_again = options.ask_again_seconds
        self.client = IcwsClient(context, options, language=defaults.language)
        self.client.renewed = self._put_back
        self.inbox = Inbox(self.client, options, context.clock, self._take, self._follow, context.log)
        self.wording = Wording(defaults.sent_states, defaults.dropped_states)
        # the subject of a mail that was sent in and whose id nobody knows, "" when there is none
        self.awaited = ""
        self._forget()

    def _forget(self) -> None:
        self.mails: dict[str, KnownMail] = {}
        self.completed: dict[str, Message] = {}
        self.libraries: dict[str, dict[str, Any]] = {}
        self.ear = Ear()
        self._files: dict[str, AttachmentOutput] = {}
        self._watched: set[str] = set()
        # what hangs on the connection: the station that was taken, and the subscriptions with their bodies
        self.station: dict[str, Any] = {}
        self._subscribed: dict[str, object] = {}
        # those of mails that go on under another id, yet to be put
        self._anew: dict[str, object] = {}
        # why the actor's own queue cannot be watched, if the server said so
        self._queue_fault: Refused | None = None
        self.client.moved.clear()
        self._queue_told = 0
        # when the whole queue was last told, by the clock
        self._queue_told_at = 0.0
        self._libraries_told = 0
        # how many proofs were asked for, and the newest that came
        self._proofs = 0
        self._proven = ""
        self.inbox.missing = ""

    # ── beginning and end ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def login(self, sign_in: SignIn) -> tuple[Connection, Exchange]:
        """Log in; an earlier login of this session is ended first."""
        if self.client.connected:
            await self.logout()
        return await self.client.login(sign_in)

    async def login_with_token(self, *, end_first: bool) -> tuple[Connection, Exchange]:
        """Another session in place of the open one, with its station and subscriptions."""
        await self.inbox.stop()
        opened = await self.client.login_with_token(end_first=end_first)
        await self._put_back()
        return opened

    async def logout(self) -> Exchange:
        """Log out; nothing is known any more."""
        self.client.renewed = None  # what hung on a connection that has expired is not put back for its last request
        try:
            return await self.client.logout()
        finally:
            self.client.renewed = self._put_back
            await self.inbox.stop()
            self._forget()

    async def close(self) -> None:
        """Log out if still logged in, read no more, let go of the connection. A session that is gone already is as good."""
        try:
            if self.client.connected:
                await self.client.logout()
        except Refused as exc:
            if exc.reason != "unauthenticated":
                raise
        finally:
            await self.inbox.stop()
            await self.client.close()

    # ── messages ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def known(self, mail_id: str) -> KnownMail:
        """What is known of a mail; an empty record when it is new."""
        return self.mails.setdefault(mail_id, KnownMail(mail_id))

    def _take(self, message: Message) -> None:
        kind = str(message.get("__type", "")).rpartition(":")[2]
        self._context.notified(kind, message)
        if str(message.get("subscriptionId", "")).startswith(_PROOF):
            self._proven = str(message["subscriptionId"])
            return
        match kind:
            case "queueContentsMessage":
                self._take_queue(message)
            case "interactionChangedMessage":
                self.known(str(message.get("interactionID", ""))).attributes.update(message.get("attributes") or {})
            case "emailContentsMessage":
                self.known(str(message.get("interactionId", ""))).see(message)
            case "responseManagementMessage":
                self._take_libraries(message)
            case "interactionMorphedMessage":
                self._take_morphed(str(message.get("interactionID", "")), str(message.get("newInteractionID", "")))
            case "queueSubscriptionStateMessage":
                self._take_state(message)
        if message.get("requestId") is not None:
            self.completed[str(message["requestId"])] = message
        self.ear.hear(kind, message, self._status_of)

    def _take_queue(self, message: Message) -> None:
        mine = message.get("subscriptionId") == _MY_QUEUE
        if mine and not message.get("isDelta"):
            self._queue_told += 1
            self._queue_told_at = self._context.clock.monotonic()
            for known in self.mails.values():
                known.offered = False
        for entry in (*message.get("interactionsAdded", ()), *message.get("interactionsChanged", ())):
            known = self.known(str(entry.get("interactionId", "")))
            known.attributes.update(entry.get("attributes") or {})
            known.offered = known.offered or mine
        for id in message.get("interactionsRemoved", ()):
            known = self.known(str(id))
            known.offered = known.offered and not mine

    def _take_morphed(self, old: str, new: str) -> None:
        """A mail goes on under another id: what is known of it stands under both, and requests for the old one go to the new one."""
        if not old or not new:
            return
        known = self.known(old)
        known.id = new
        self.mails[new] = known
        self.client.moved.pop(new, None)  # ids are used again in time
        self.client.moved[old] = new
        self._watched.discard(old)
        for what in (f"interactions/{segment(old)}", f"interactions/{segment(old)}/email"):
            if what in self._subscribed:
                self._anew[what.replace(segment(old), segment(new), 1)] = self._subscribed.pop(what)
        self._context.log(f"mail {old} goes on as {new}")

    def _take_state(self, message: Message) -> None:
        """A queue subscription is normal (1), suspended (2) or faulted (3): it will tell nothing, and why."""
        id, state, error = str(message.get("subscriptionId", "")), message.get("state"), message.get("error") or {}
        if state == _SUSPENDED:
            self._context.log(f"the subscription {id} is suspended; it tells nothing until the server says otherwise")
            self.inbox.missing = f"the subscription {id} was suspended"
        if id != _MY_QUEUE:
            return
        self._queue_fault = pushed_refusal(error) if state == _FAULTED else None

    def _take_libraries(self, message: Message) -> None:
        if not message.get("isDelta"):
            self.libraries.clear()
        for library in (*message.get("librariesAdded", ()), *message.get("librariesChanged", ())):
            self.libraries[str(library.get("id", ""))] = library
        for id in message.get("librariesRemoved", ()):
            self.libraries.pop(str(id), None)
        self._libraries_told += 1

    def _status_of(self, mail_id: str) -> tuple[str, str]:
        """The neutral status and the subject of a mail, for events."""
        known = self.known(mail_id)
        return known.status(self.wording), known.attributes.get("Eic_EmailSubject", "")

    # ── waiting for messages ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def told(self, ask: Callable[[], Any], look: Callable[[], T | None], seconds: float, what: str) -> T:
        """
        What *look* finds in the messages; *ask* (a subscription) is put again when nothing comes, for a message may be lost.

        Raises: ``StepTimedOut`` – it did not come within *seconds*.
        """
        until = self._context.clock.monotonic() + seconds
        while (left := until - self._context.clock.monotonic()) > 0:
            found = await self.inbox.until(look, min(left, self._ask_again))
            if found is not None:
                return found
            await ask()
        raise StepTimedOut(f"{what} did not come within {seconds:g} s")

    async def _follow(self) -> None:
        """Watch the mails that go on under another id as they were watched before."""
        while self._anew:
            what, body = self._anew.popitem()
            try:
                await self.subscribe(what, body)
            except Refused as exc:
                self._context.log(f"the subscription to {what} could not be put: {exc.text}")

    async def watch_queue(self, seconds: float) -> None:
        """Be told of everything in the actor's own queue; comes back when its contents are known."""
        if _MY_QUEUE not in self._watched:
            await self._subscribe_queue()
            self._watched.add(_MY_QUEUE)
        await self.told(self._subscribe_queue, self._queue_contents, seconds, "the contents of the actor's queue")

    async def look_at_queue(self, seconds: float) -> None:
        """The same for who goes by what the queue holds now: told long ago, it is asked for anew, for a change may be lost."""
        await self.watch_queue(seconds)
        if self._context.clock.monotonic() - self._queue_told_at < self._ask_again:
            return
        before = self._queue_told
        await self._subscribe_queue()
        await self.told(
            self._subscribe_queue,
            lambda: told if (told := self._queue_contents() or 0) > before else None,
            seconds,
            "the contents of the actor's queue",
        )

    def _queue_contents(self) -> int | None:
        """How often they were told; raises what the server said instead."""
        if self._queue_fault is not None:
            raise self._queue_fault
        return self._queue_told or None

    async def _subscribe_queue(self) -> None:
        await self.subscribe(f"queues/{_MY_QUEUE}", self._own_queue(ATTRIBUTES))

    def _own_queue(self, attributes: Sequence[str]) -> dict[str, object]:
        return {
            "queueIds": [{"queueType": _USER_QUEUE, "queueName": self.client.connection.user}],
            "attributeNames": list(attributes),
        }

    def listen(self) -> None:
        """From here on events count."""
        self.ear.listen()
        self.inbox.missing = ""

    async def catch_up(self) -> None:
        """
        Come back when every message has been taken in that the server queued before now, since :meth:`listen`.

        An open stream tells nothing when nothing happens and when nobody is there; a poll may hang. So one more subscription is put: its
        first message ("isDelta": false, icws.md §3) stands in the queue behind all that came before.

        Raises: ``WireError`` – nobody can say so, as something may have been missed; or the server could not be asked.
        """
        self._proofs += 1
        proof = f"{_PROOF}{self._proofs}"
        self.inbox.start()
        await self.client.call("PUT", f"messaging/subscriptions/queues/{proof}", self._own_queue(ATTRIBUTES[:1]))
        while self._proven != proof:
            await self.inbox.news()
        await self.client.call("DELETE", f"messaging/subscriptions/queues/{proof}")
        if self.inbox.missing:
            raise WireError(f"messages may be missing since the last `listen`: {self.inbox.missing}")

    async def subscribe(self, what: str, body: object = None) -> Exchange:
        """Put a subscription, and read what it brings."""
        answer = await self.client.call("PUT", f"messaging/subscriptions/{what}", body)
        self._subscribed[what] = body
        self.inbox.start()
        return answer

    async def sit(self, station: dict[str, Any]) -> Exchange:
        """Take a station; it is the connection's, so it is taken again when that is opened anew."""
        answer = await self.client.call("PUT", "connection/station", station)
        self.station = station
        return answer

    async def _put_back(self) -> None:
        """The connection is a new one: the station is taken and the subscriptions are put again; messages of the moment may be missing."""
        self.completed.clear()
        self.inbox.missing = "the session had expired"
        if self.station:
            await self.client.call("PUT", "connection/station", self.station)
        for what, body in list(self._subscribed.items()):
            try:
                await self.client.call("PUT", f"messaging/subscriptions/{what}", body)
            except Refused as exc:
                if exc.reason == "unauthenticated":
                    raise
                del self._subscribed[what]
                self._context.log(f"the subscription to {what} could not be put again: {exc.text}")
        if self._subscribed:
            self.inbox.start()

    async def rewatch_queue(self) -> None:
        """Ask for the contents of the actor's queue once more."""
        await self._subscribe_queue()

    async def contents(
        self, mail_id: str, seconds: float, look: Callable[[dict[str, Any]], bool] = bool, *, newer_than: int = 0
    ) -> dict[str, Any]:
        """
        The mail's ``emailContentsMessage``, once it satisfies *look* and is newer than the version that was known.

        Raises: ``Refused`` – forbidden, not found, not an e-mail; ``StepTimedOut``.
        """

        def found() -> dict[str, Any] | None:
            known = self.known(mail_id)
            fresh = known.contents is not None and known.version > newer_than and look(known.contents)
            return known.contents if fresh else None

        async def ask() -> None:
            await self.subscribe(f"interactions/{segment(mail_id)}/email")

        if mail_id not in self._watched:
            await ask()
            self._watched.add(mail_id)
        return await self.told(ask, found, seconds, f"the contents of mail {mail_id}")

    async def completion(self, request_id: str, seconds: float, what: str) -> Message | None:
        """The completion message of an asynchronous request; None when it did not come in time (it may be lost)."""
        self.inbox.start()
        return await self.inbox.until(lambda: self.completed.pop(request_id, None), seconds)

    async def all_libraries(self, seconds: float) -> list[dict[str, Any]]:
        """The response-management libraries, each whole."""

        async def ask() -> None:
            await self.subscribe("response-management")

        if "response-management" not in self._watched:
            await ask()
            self._watched.add("response-management")
        await self.told(ask, lambda: self._libraries_told or None, seconds, "the list of libraries")
        return [decoded(await self.client.transfer("GET", str(library["url"]))) for library in self.libraries.values()]

    # ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def look(self, mail_id: str) -> MailOutput:
        """
        The mail as the server's attributes tell it now. One that has ended and been forgotten by the server keeps its last status.

        A message that came meanwhile and says otherwise may be older than the answer, or newer: then the server is asked once more.

        Raises: ``Refused``.
        """
        for _ in range(_LOOKS):
            before = self.known(mail_id).state
            looked = await self._attributes(mail_id)
            known = self.known(mail_id)
            contradicted = known.state not in {before, looked["Eic_State"]} if "Eic_State" in looked else False
            known.attributes.update(looked)
            if not contradicted:
                break
        return self.output(mail_id)

    async def _attributes(self, mail_id: str) -> dict[str, str]:
        try:
            answer = await self.client.call("GET", f"interactions/{segment(mail_id)}?select={','.join(ATTRIBUTES)}")
        except Refused as exc:
            known = self.known(mail_id)
            if exc.reason != "not_found" or not (known.did or known.state in ENDED):
                raise
            return {"Eic_State": "I"}
        return decoded(answer).get("attributes") or {}

    def output(self, mail_id: str) -> MailOutput:
        """The mail as far as it is known, without asking."""
        return mail_output(self.known(mail_id), self.wording)

    async def files(self, mail_id: str) -> list[AttachmentOutput]:
        """The mail's attachments with size, type and hash; each is fetched once. The contents must be known."""
        told = attachments(self.known(mail_id).contents)
        return [await self._file(a) for a in told]

    async def _file(self, told: dict[str, Any]) -> AttachmentOutput:
        uri = str(told.get("downloadUri", ""))
        if uri not in self._files:
            answer = await self.client.transfer("GET", uri)
            content_id = str(told.get("contentId") or "")
            self._files[uri] = AttachmentOutput(
                name=str(told.get("name", "")),
                id=uri,
                size=len(answer.body),
                type=answer.header("Content-Type").partition(";")[0].strip(),
                sha256=sha256(answer.body).hexdigest(),
                inline=bool(content_id),
                content_id=content_id,
            )
        return self._files[uri]


def segment(text: str) -> str:
    """*text* as one segment of a path."""
    return quote(text, safe="")
