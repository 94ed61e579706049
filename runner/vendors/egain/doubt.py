"""
Whether a mail left whose answer was lost. eGain knows no name that a client may give a mail, so it is known again by what it says, and by
everything that rules out another one: who sent it, when, that it left, and that nothing else of this session could be meant.

One mail that can be meant settles the doubt. None, or more than one, leaves it: a mail is never called sent because of another one.
"""

from __future__ import annotations

from runner.errors import Refused, WireError
from runner.vendors.egain.draft import Draft, alike, bare, macro_pattern
from runner.vendors.egain.reading import addresses_in, id_of, inner, status_of, text
from runner.vendors.egain.representation import Tree
from runner.vendors.egain.session import EgainSession, stamp

__all__ = ["begin_sending", "settle"]

_PATH = "/interaction/activity"
_AT_ONCE = 75
_LEFT = frozenset({"sending", "sent", "completed"})


async def begin_sending(session: EgainSession, draft: Draft) -> None:
    """
    Note what a lost answer will have to be told apart from; nothing was sent yet.

    An actor belongs to one run at a time, so whatever its user sent after the login is this session's. The server tells the time of the
    login to the second: in that second, what stands there already is asked for. When that cannot be told, no look settles the doubt.
    """
    now = session.server_now()
    draft.since, draft.before = stamp(now), frozenset()
    if now <= session.began:
        try:
            draft.before = frozenset(id_of(activity) for activity in await _own(session, draft.since))
        except (Refused, WireError):
            draft.before = None


async def settle(session: EgainSession, draft: Draft) -> None:
    """Look whether a mail whose answer was lost exists after all, and bind the draft to it if no other can be meant."""
    if draft.before is None or not draft.to:
        return
    left = await _own(session, draft.since)
    # only now: while the answer came, another mail may have been begun, or have got its own
    meant = [a for a in left if id_of(a) not in session.seen | draft.before and _says(a, draft)]
    if len(meant) == 1 and not any(_rivals(draft, other) for other in session.drafts.values()):
        draft.activity, draft.status = id_of(meant[0]), "sent"
        session.seen.add(draft.activity)


async def _own(session: EgainSession, since: str) -> list[Tree]:
    """The outgoing mails of this session's user since then, with all attributes."""
    query = {
        "assignedUserName": session.user,
        "mode": "outbound",
        "createdDate": f"[{since},]",
        "$attribute": "all",
        "$pagesize": str(_AT_ONCE),
        "$sort": "createdDate",
        "$order": "asc",
    }
    found: list[Tree] = []
    while True:
        page = (await session.client.get(_PATH, query)).listed("activity")
        found += page
        if len(page) < _AT_ONCE:
            return found
        query = query | {"$pagenum": str(len(found) // _AT_ONCE + 1)}


def _says(activity: Tree, draft: Draft) -> bool:
    """Whether it is a composed mail that has left, to the draft's recipient and with its subject."""
    told = addresses_in(inner(activity, "payload", "email", "emailAddresses", "to")) or [text(activity, "contactPointData")]
    return (
        text(activity, "type", "subtype", "value") == "compose"
        and status_of(activity) in _LEFT
        and bare(draft.to[0]).casefold() in {address.casefold() for address in told}
        and macro_pattern(draft.subject).fullmatch(text(activity, "subject")) is not None
    )


def _rivals(draft: Draft, other: Draft) -> bool:
    """Whether another mail of this session, of which nobody knows either whether it left, may be the one that was found."""
    return other is not draft and other.status == "sending" and alike(draft, other)
