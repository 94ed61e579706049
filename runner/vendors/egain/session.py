"""
One actor's session with eGain: the client, the drafts that are not sent yet, what was taken in hand, and the watch.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from runner.clock import Clock
from runner.errors import Refused, WireError
from runner.plugins.contract import SessionContext
from runner.plugins.vocabulary import Event
from runner.vendors.egain.client import EgainClient
from runner.vendors.egain.draft import Draft
from runner.vendors.egain.multipart import FilePart
from runner.vendors.egain.place import Defaults, defaults_of, options_of
from runner.vendors.egain.reading import id_of, owner_of, status_of, text
from runner.vendors.egain.representation import Tree
from runner.vendors.egain.watch import Watch

__all__ = ["EgainSession", "open_session", "stamp"]

_AT_ONCE = 75
_DRAFT = "draft-"
_HTTP_DATE = "%a, %d %b %Y %H:%M:%S GMT"


def stamp(moment: datetime) -> str:
    """A moment as eGain writes it: ``2031-05-04T09:30:00.000Z``."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


async def open_session(context: SessionContext) -> EgainSession:
    """A session that is not logged in yet."""
    return EgainSession(context)


class EgainSession:
    """
    What one actor has open.

    ``taken`` are the activities this actor took in hand, ``completed`` those they finished, ``seen`` all they had to do with; ids as texts.
    ``began`` is the second of the login, by the server's time.
    """

    def __init__(self, context: SessionContext) -> None:
        self.options = options_of(context.target)
        self.defaults: Defaults = defaults_of(context.target)
        self.client = EgainClient(
            context.client(),
            self.options,
            clock=context.clock,
            learn=context.learn,
            log=context.log,
            may_log_in_again=context.may_log_in_again,
        )
        self.user = context.actor.user if context.actor is not None else ""
        self.began = datetime.max.replace(tzinfo=UTC)
        self.drafts: dict[str, Draft] = {}
        self.taken: set[str] = set()
        self.completed: set[str] = set()
        self.seen: set[str] = set()
        self.watch: Watch | None = None
        self.smtp = context.smtp
        self._clock: Clock = context.clock
        self._users: dict[str, str] = {}
        # user name → number, of those who were logged in here
        self._numbers: dict[str, str] = {}

    async def close(self) -> None:
        """Log out if still logged in, let go of the connection. A session that is gone already is as good."""
        try:
            if self.client.session_id:
                await self.client.logout()
        except Refused as exc:
            if exc.reason != "unauthenticated":
                raise
        finally:
            await self.client.http.close()

    # ── drafts ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def begin(self, **fields: object) -> Draft:
        """
        A new draft of this session.

        Raises: ``Refused`` – nobody is logged in.
        """
        self.logged_in()
        draft = Draft(id=f"{_DRAFT}{self.user}-{len(self.drafts) + 1}", department=self.defaults.department, **fields)  # type: ignore[arg-type]  # the fields of Draft
        self.drafts[draft.id] = draft
        return draft

    def logged_in(self) -> None:
        """Raise ``Refused`` when nobody is logged in; for what happens in the session alone."""
        if not self.client.session_id:
            raise Refused("unauthenticated", http=0, text="nobody is logged in to eGain here")

    def draft(self, mail: str) -> Draft:
        """
        The draft that *mail* names.

        Raises: ``Refused`` – conflict: it is sent or cancelled, or no draft at all; not_found: it is somebody else's.
        """
        draft = self.drafts.get(mail)
        if draft is None and mail.startswith(_DRAFT):
            raise self._not_mine(mail)
        if draft is None:
            raise Refused(
                "conflict", http=0, text=f"activity {mail} is no draft; eGain changes and sends only mails that are being written"
            )
        if draft.status == "sending":
            raise Refused("conflict", http=0, text=f"{mail} may have been sent already: the answer was lost; `verify_status` looks for it")
        if draft.status != "draft":
            raise Refused("conflict", http=0, text=f"{mail} is {draft.status} already")
        return draft

    def activity_id(self, mail: str) -> str:
        """
        The id that eGain knows *mail* by, which may be the id of a draft that was sent.

        Raises: ``Refused`` – conflict: the draft is not sent; not_found: it is somebody else's.
        """
        draft = self.drafts.get(mail)
        if draft is None:
            if mail.startswith(_DRAFT):
                raise self._not_mine(mail)
            return mail
        if not draft.activity:
            raise Refused("conflict", http=0, text=f"{mail} is {draft.status}; eGain knows nothing of it until it is sent")
        return draft.activity

    def _not_mine(self, mail: str) -> Refused:
        owner = mail.removeprefix(_DRAFT).rpartition("-")[0]
        return Refused("not_found", http=0, text=f"{mail} is a draft of {owner}; only they see it, save the output of `send` instead")

    @property
    def sent_ids(self) -> set[str]:
        """The activities that this session sent."""
        return {d.activity for d in self.drafts.values() if d.activity}

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def activity(self, mail: str) -> Tree:
        """
        One activity with all its attributes.

        Raises: ``Refused`` – not_found, forbidden …
        """
        wanted = self.activity_id(mail)
        found = (await self.client.get(f"/interaction/activity/{wanted}", {"$attribute": "all"})).one("activity", wanted)
        self.seen.add(wanted)
        return found

    async def attachments(self, mail: str) -> list[Tree]:
        """The attachments of an activity, as eGain lists them."""
        return (await self.client.get(f"/interaction/activity/{mail}/attachment")).listed("attachment")

    async def file(self, mail: str, attachment: Tree) -> tuple[Tree, FilePart]:
        """
        One of them with its bytes, fetched from the place that eGain makes for this once.

        Raises: ``Refused`` – not_found …; ``WireError`` – eGain tells no place.
        """
        path = f"/interaction/activity/{mail}/attachment/{text(attachment, 'id')}"
        found = (await self.client.get(path, {"$attribute": "contentUrl"})).listed("attachment")
        place = text(found[0], "contentUrl") if found else ""
        if not place:
            raise WireError(f"eGain tells no contentUrl for {text(attachment, 'fileName')}", code="E714")
        exchange = await self.client.fetch(place)
        kind = text(found[0], "contentType") or "application/octet-stream"
        return found[0], FilePart(text(found[0], "fileName"), kind, exchange.body)

    async def files(self, mail: str) -> list[tuple[Tree, FilePart]]:
        """All of them with their bytes."""
        return [await self.file(mail, a) for a in await self.attachments(mail)]

    def status(self, activity: Tree) -> str:
        """The neutral status of an activity, as this actor sees it."""
        return status_of(activity, taken=self.taken, completed=self.completed)

    async def is_mine(self, activity: Tree) -> bool:
        """Whether the activity is assigned to this user; asked by search as long as their number, which it tells, is not known."""
        owner = owner_of(activity)
        if owner and self._numbers.get(self.user) is not None:
            return text(activity, "status", "value") == "assigned" and owner == self._numbers[self.user]
        query = {"assignedUserName": self.user, "case": text(activity, "case", "id")}
        found = (await self.client.get("/interaction/activity", query)).listed("activity")
        mine = id_of(activity) in {id_of(a) for a in found}
        if mine and owner:
            self._numbers[self.user] = owner
        return mine

    async def user_id(self, name: str) -> str:
        """
        The number of a user of the department.

        Raises: ``Refused`` – not_found.
        """
        if name.lower() not in self._users:
            users = await self.client.users(self.defaults.department)
            self._users = {text(u, "name").lower(): text(u, "id") for u in users}
        try:
            return self._users[name.lower()]
        except KeyError:
            raise Refused("not_found", http=0, text=f"no user {name} in department {self.defaults.department}") from None

    def queue_id(self, name: str) -> str:
        """
        The number of a queue, which no published call tells.

        Raises: ``Refused`` – invalid: the environment's `queues` does not have it, so eGain cannot be asked.
        """
        if name.isdigit():
            return name
        known = self.defaults.queues
        if name not in known:
            told = ", ".join(known) or "none"
            raise Refused("invalid", http=0, text=f"no queue {name} in the environment's `queues` of egain (known: {told})")
        return str(known[name])

    # ── listening ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def listen(self, known: str | None) -> None:
        """From here on changes are events; what stands now is not."""
        self.logged_in()
        standing = await self._changed(known, since=None)
        self.watch = Watch(self.server_now(), standing)

    async def look(self, known: str | None) -> list[Event]:
        """Look once, and give the events that are new. Only after :meth:`listen`."""
        if self.watch is None:
            return []
        return self.watch.see(await self._changed(known, since=self.watch.since), self.status)

    def tell(self, draft: Draft) -> None:
        """A draft is another one than before; eGain does not know of it, whoever listens here does."""
        if self.watch is not None:
            name = "draft_created" if draft.status == "draft" else "draft_changed"
            self.watch.add(Event(name=name, mail=draft.id, status=draft.status, subject=draft.subject, channel="session"))

    async def _changed(self, known: str | None, *, since: datetime | None) -> Iterable[Tree]:
        """What is assigned to this user, and what this session or scenario has to do with."""
        query = {
            "assignedUserName": self.user,
            "$attribute": "all",
            "$pagesize": str(_AT_ONCE),
            "$sort": "lastModifiedDate",
            "$order": "desc",
        }
        if since is not None:
            query["lastModifiedDate"] = f"[{stamp(since)},]"
        found = {id_of(a): a for a in (await self.client.get("/interaction/activity", query)).listed("activity")}
        ids = sorted(self._concerned(known) - set(found))
        for start in range(0, len(ids), _AT_ONCE):
            path = f"/interaction/activity/{','.join(ids[start : start + _AT_ONCE])}"
            found |= {id_of(a): a for a in (await self.client.get(path, {"$attribute": "all"})).listed("activity")}
        return found.values()

    def _concerned(self, known: str | None) -> set[str]:
        ids = set(self.seen)
        if known and known in self.drafts:
            known = self.drafts[known].activity
        return ids | {known} if known and not known.startswith(_DRAFT) else ids

    def server_now(self) -> datetime:
        """The server's time, to the second it began with; our own when it tells none."""
        try:
            return datetime.strptime(self.client.server_date, _HTTP_DATE).replace(tzinfo=UTC)
        except ValueError:
            return self._clock.now().replace(microsecond=0)
