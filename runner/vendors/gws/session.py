"""
One actor's session with GWS: the client, the notifications, the ledger of its mails and the drafts that are not sent yet.
"""

from __future__ import annotations

import asyncio
from typing import Any

from runner.errors import AnswerLost, EnvironmentUnusable, Refused, RunnerError, WireError
from runner.plugins.contract import SessionContext
from runner.plugins.vocabulary import Event, MailOutput
from runner.transport.bayeux import BayeuxClient, Gap
from runner.vendors.gws.client import GwsClient
from runner.vendors.gws.dialect import Draft, dialect_of
from runner.vendors.gws.ledger import ENDS, Known, Ledger
from runner.vendors.gws.notifications import News, news_of, read_resource
from runner.vendors.gws.place import base_url, defaults_of, options_of
from runner.vendors.gws.refusals import PARTIAL, channel_results, reason_of_code

__all__ = ["GwsSession", "open_session"]

_EMAIL = "/me/channels/email"
# Seconds that a session which was not logged out may take to end.
_GOODBYE = 5.0
# And how many of them NotReady may take before.
_COURTESY = 2.0


async def open_session(context: SessionContext) -> GwsSession:
    """A session that is not logged in yet."""
    return GwsSession(context)


class GwsSession:
    """
    What one actor has open.

    ``changed`` is set by each notification. ``cursor`` is the place in the ledger's log after the last notification that a step found,
    ``listening_since`` where ``listen`` began.
    """

    def __init__(self, context: SessionContext) -> None:
        self._context = context
        self.options = options_of(context.target)
        self.defaults = defaults_of(context.target)
        self.dialect = dialect_of(self.options.dialect)
        self.client = GwsClient(
            context.client(base_url(context.target)),
            self.dialect.collection,
            clock=context.clock,
            learn=context.learn,
            log=context.log,
            may_log_in_again=self._may_log_in_again,
        )
        self.ledger = Ledger()
        self.drafts: dict[str, Draft] = {}
        self.user: dict[str, Any] = {}
        self.cursor = 0
        self.listening_since = 0
        self.smtp = context.smtp
        self.clock = context.clock
        self._notifications: BayeuxClient | None = None
        self.changed = asyncio.Event()
        self._channel_state = ""
        # why notifications may be missing since somebody began to listen; "" when all came
        self._unheard = ""

    # ── in and out ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def login(self, user: str, password: str) -> None:
        """
        Sign in, listen, start the contact-centre session, and read what is there already.

        The order is the vendor's: the cookie opens CometD, and the agent's session begins only when the subscriptions stand.

        Raises: ``Refused`` – unauthenticated, forbidden (no agent), unavailable (the e-mail channel could not be started).
        """
        if self.client.signed_in:
            await self.logout()
        self.user = await self.client.sign_in(user, password)
        self.client.renewed = self._after_renewal
        try:
            try:
                await self._begin()
            except Refused as exc:
                # CometD's own requests know nothing of logging in again
                if exc.reason != "unauthenticated" or not self._may_log_in_again():
                    raise
                await self._stop_listening()
                self.user = await self.client.sign_in(user, password)
                await self._begin()
        except RunnerError:
            await self._give_up()
            raise
        for known in self.ledger.mails.values():
            known.claimed = True

    async def _give_up(self) -> None:
        """The cookie is there, and the agent's session may be: what the login opened is ended, as far as the server takes it."""
        self.client.signed_in = False  # nobody logs in again only to end that
        try:
            async with asyncio.timeout(_GOODBYE):
                await self._end()
        except (RunnerError, TimeoutError):
            self._context.log("the login did not come to its end, and could not be taken back")
        finally:
            await self._leave()

    async def _begin(self) -> None:
        await self._listen()
        await self._start_work()
        await self.look()

    async def logout(self) -> None:
        """
        Take no more work, stop listening, end the contact-centre session: in this order, for the last call ends the cookie too.

        A NotReady that is refused keeps nobody in: the end of the session is what takes an agent off work, as at an agent's desktop. When
        the end itself is refused, the session is still ours: :meth:`close` tries again.

        Raises: ``Refused`` – nobody is logged in; the session could not be ended. ``WireError`` – whether it was ended is not known.
        """
        self.client.renewed = None
        if self._channel_state == "Ready":
            await self._take_no_more_work()
        try:
            await self._end()
        except Refused as exc:
            if exc.reason == "unauthenticated":
                await self._leave()
            raise
        await self._leave()

    async def _take_no_more_work(self) -> None:
        """NotReady, as a courtesy to who waits for mail until the session has ended."""
        try:
            async with asyncio.timeout(_COURTESY):
                await self.set_state("NotReady")
        except (Refused, WireError) as exc:
            self._context.log(f"the e-mail channel is not NotReady before the logout: {exc.message}")
        except TimeoutError:
            self._context.log(f"the e-mail channel is not NotReady before the logout: no answer within {_COURTESY:g} s")

    async def _end(self) -> None:
        self.client.renewed = None
        await self._stop_listening()
        await self.client.post("/me", {"operationName": "EndContactCenterSession"})

    async def close(self) -> None:
        """Log out if still logged in, in bounded time, and let go of everything. A session that is gone already is as good."""
        try:
            if self.client.signed_in:
                async with asyncio.timeout(_GOODBYE):
                    await self.logout()
        except Refused as exc:
            if exc.reason != "unauthenticated":
                raise
        except TimeoutError:
            raise AnswerLost(f"the server did not answer within {_GOODBYE:g} s") from None
        finally:
            await self._leave()
            await self.client.http.close()

    async def set_state(self, operation: str, channel: str = "email") -> None:
        """Ready, NotReady, or any state of the channel; raises ``Refused``."""
        await self.client.post(f"/me/channels/{channel}", {"operationName": operation})
        if channel == "email" and not operation.startswith("DoNotDisturb"):
            self._channel_state = operation

    # ── the mails ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def told(self, id: str) -> MailOutput:
        """A mail as it is known now; of a draft, what is written in it here, until the server tells what left."""
        known = self.ledger.known(id)
        draft = self.drafts.get(id)
        source: Known | Draft = draft if draft is not None and not known.sent_told else known
        # the first dialect tells no blind copies
        bcc = source.bcc or (draft.bcc if draft is not None else [])
        return MailOutput(
            id=id,
            status=known.status,
            subject=source.subject,
            from_=source.sender,
            to=list(source.to),
            cc=list(source.cc),
            bcc=list(bcc),
            text=source.text,
            html=source.html,
            parent=known.parent,
            queue=known.queue,
            attachments=list(known.files.values()),
            native=known.native,
        )

    def draft(self, id: str) -> Draft:
        """
        The contents of an outgoing mail, to be changed here and sent later.

        Raises: ``Refused`` – conflict: it is no draft any more, or never was one; not_found: nobody here has ever heard of it.
        """
        known = self.ledger.known(id)
        if id in self.drafts:
            if known.status not in {"draft", ""}:
                raise Refused("conflict", http=0, text=f"{id} is {known.status}, and only a draft can be changed")
            return self.drafts[id]
        if not known.status:
            raise Refused("not_found", http=0, text=f"{id} is unknown here; a draft is written by who began it")
        if known.status != "draft":
            raise Refused("conflict", http=0, text=f"{id} is {known.status}, and only a draft can be changed")
        return self.drafts.setdefault(id, self.contents(id))

    def contents(self, id: str) -> Draft:
        """What is known of a mail's contents, as a draft."""
        known = self.ledger.known(id)
        sender = known.sender or self.defaults.from_ or ""
        return Draft(sender, list(known.to), list(known.cc), list(known.bcc), known.subject, known.text, known.html)

    def queue(self, named: str | None = None) -> str:
        """
        The queue that sent mail goes through: *named*, the environment's, or the user's own setting.

        Raises: ``EnvironmentUnusable`` – there is none.
        """
        settings = self.user.get("settings")
        own = settings.get("interaction-workspace") if isinstance(settings, dict) else None
        found = named or self.defaults.queue or (own.get("email.outbound-queue") if isinstance(own, dict) else None)
        if not found:
            raise EnvironmentUnusable(
                "gws needs a queue for outgoing mail, and neither the environment nor the user's settings name one",
                hint="put `defaults: {queue: NAME}` under gws in the environment file",
            )
        return str(found)

    def draft_queue(self, named: str | None = None) -> str:
        """The queue that holds a draft; raises as :meth:`queue`."""
        return named or self.defaults.draft_queue or self.queue()

    # ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────

    async def look(self, *, renew: bool = True) -> None:
        """Read what the agent handles now; what changed while the answer was under way is left alone. *renew* as in the client."""
        before = {known.id: known.status for known in self.ledger.mails.values()}
        doubt, self.ledger.doubt = self.ledger.doubt, False
        try:
            found = [read_resource(told) for told in await self.client.mine(renew=renew)]
        except BaseException:
            self.ledger.doubt |= doubt
            raise
        for news in found:
            self.ledger.looked(news, was=before.get(news.mail, ""))
        for known in self.ledger.missing({news.mail for news in found}, before):
            await self._missing(known, renew=renew)

    async def _missing(self, known: Known, *, renew: bool) -> None:
        """A mail is no longer among the agent's. Whether it ended, the contact centre's own list tells, where that makes a difference."""
        was = known.status
        active = (known.in_doubt or bool(known.leads_to)) and not known.handed_on and await self._is_active(known, renew=renew)
        if known.status != was:
            return  # told meanwhile
        if self.ledger.gone(known, active=active):
            taken = f"taken as {known.status}" if known.status else "whether it was sent is not known"
            self._context.log(f"{known.id} is no longer with the agent; {taken}")

    async def _is_active(self, known: Known, *, renew: bool) -> bool:
        """Whether the contact centre still works on a mail that its agent has no more; an end that it tells of it counts at once."""
        was = known.status
        try:
            news = read_resource(await self.client.one(known.id, renew=renew))
        except Refused as exc:
            if exc.reason == "not_found":
                return False
            if exc.reason != "forbidden":
                raise
            self._context.log(f"whether anybody works on {known.id} is not known: {exc.text}")
            return True
        if news.status in ENDS:
            self.ledger.looked(news, was=was)
        return True

    async def look_at(self, id: str) -> None:
        """
        Read one interaction, wherever it is.

        Raises: ``Refused`` – not_found: there is none, or it is finished.
        """
        before = self.ledger.known(id).status
        news = read_resource(await self.client.one(id))
        self.ledger.looked(news, was=before)

    def event(self, news: News) -> Event:
        """A notification as every vendor tells it."""
        subject = news.subject or self.ledger.known(news.mail).subject if news.mail else ""
        return Event(name=news.name, mail=news.mail, status=news.status, subject=subject, channel=news.channel, body=news.body)

    # ── notifications ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def listen(self) -> None:
        """From here on notifications count."""
        self.listening_since = self.cursor = len(self.ledger.log)
        self._unheard = ""

    async def catch_up(self) -> None:
        """
        Come back when everything is in the ledger that the server told before now, since :meth:`listen`.

        Raises: ``WireError`` – nobody can say so, as something may have been missed; or the server could not be asked.
        """
        if self._notifications is None:
            raise WireError("nobody listens to GWS here")
        try:
            await self._notifications.catch_up()
        except Refused as exc:
            raise WireError(f"notifications could not be asked for: {exc.message}") from exc
        if self._unheard:
            raise WireError(f"notifications may be missing since the last `listen`: {self._unheard}")

    async def _listen(self) -> None:
        self._notifications = listening = BayeuxClient(
            self.client.http,
            self.options.notifications,
            clock=self.clock,
            on_event=self._heard,
            headers=self.client.token,
            on_gap=self._missed,
            on_end=lambda error: self._context.log(f"the server ended the notifications: {error.message}"),
            log=self._context.log,
        )
        await listening.start()
        self._context.learn("CometD client", listening.client_id)
        for topic in self.options.topics:
            try:
                await listening.subscribe(topic)
            except Refused as exc:
                if topic == self.options.topics[0]:
                    raise
                self._context.log(f"no notifications from {topic}: {exc.text}")

    async def _stop_listening(self) -> None:
        if self._notifications is not None:
            listening, self._notifications = self._notifications, None
            await listening.close()

    def _heard(self, channel: str, data: object) -> None:
        news = news_of(channel, data)
        self._context.notified(news.name, data)
        self.ledger.notified(news)
        self.changed.set()

    async def _missed(self, gap: Gap) -> None:
        """
        After a new handshake: what was missed is read, the user first (page "Recovering Existing State"); a mail that is gone counts as
        taken away.

        Not through a new login, which would end the notifications whose task this is: the next step that asks for something does that.
        """
        self._unheard = gap.reason
        if self._notifications is not None:
            self._context.learn("CometD client", self._notifications.client_id)
        try:
            self.user = await self.client.me(renew=False)
            await self.look(renew=False)
        except RunnerError:
            self.ledger.doubt = True
            raise
        finally:
            self.changed.set()

    # ── sessions ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _start_work(self) -> None:
        fields: dict[str, object] = {"operationName": "StartContactCenterSession", "channels": self.options.channels}
        if self.options.place:
            fields["place"] = self.options.place
        told = await self.client.post("/me", fields, partial=True)
        if told.get("statusCode") == PARTIAL:
            self._check_channels(told)

    def _check_channels(self, told: dict[str, Any]) -> None:
        """Some channels could not be started: for e-mail that is a refusal, for the others a line in the record."""
        results = channel_results(told)
        if "email" not in results:
            text = "some channels could not be started, and e-mail may be one of them"
            raise Refused("unavailable", http=200, vendor_code=str(PARTIAL), text=text)
        for name, channel in results.items():
            code = channel.get("statusCode")
            if code and name == "email":
                text = str(channel.get("statusMessage", "the e-mail channel could not be started"))
                raise Refused(reason_of_code(code), http=200, vendor_code=str(code), text=text)
            if code:
                self._context.log(f"channel {name} could not be started: {channel.get('statusMessage', code)}")

    def _may_log_in_again(self) -> bool:
        return self.options.login_again and self._context.may_log_in_again()

    async def _after_renewal(self) -> None:
        """The cookie is new, so CometD begins anew; the contact-centre session may have outlived it, and starting it again does no harm."""
        self._unheard = "the session had expired"
        await self._stop_listening()
        await self._listen()
        await self._start_work()
        if self._channel_state:
            await self.set_state(self._channel_state)
        self.ledger.doubt = True

    async def _leave(self) -> None:
        await self._stop_listening()
        self.client.forget()
        self._channel_state = ""
