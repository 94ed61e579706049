"""
The agent: in and out, ready and not, and the mails that are offered.
"""

from __future__ import annotations

from runner.environment.secrets import plain
from runner.errors import EnvironmentUnusable, StepTimedOut
from runner.plugins import vocabulary as v
from runner.plugins.contract import StepContext
from runner.plugins.vocabulary import MailOutput
from runner.vendors.gws.finishing import reached
from runner.vendors.gws.session import GwsSession
from runner.vendors.gws.waiting import until

__all__ = ["accept", "login", "logout", "not_ready", "ready", "reject"]

Context = StepContext[GwsSession]


async def login(context: Context, parameters: v.Login) -> v.SessionOutput:
    """Sign in, listen, start the contact-centre session."""
    actor = context.actor
    credentials = actor.credentials if actor is not None else {}
    user = parameters.user or plain(credentials.get("user", ""))
    password = plain(credentials.get("password", "")) if parameters.password is None else parameters.password
    if not user:
        raise EnvironmentUnusable(
            "this actor has no user for gws", hint="give the actor `gws: {user: …, password: …}` in the environment file"
        )
    await context.session.login(user, password)
    return v.SessionOutput(user=user, session=str(context.session.user.get("id", "")))


async def logout(context: Context, parameters: v.Logout) -> v.Nothing:
    """End the contact-centre session, which ends the cookie too."""
    await context.session.logout()
    return v.Nothing()


async def ready(context: Context, parameters: v.Ready) -> v.Nothing:
    """The e-mail channel takes invitations."""
    await context.session.set_state("Ready")
    return v.Nothing()


async def not_ready(context: Context, parameters: v.NotReady) -> v.Nothing:
    """NotReady, or the contact centre's own state for the reason."""
    await context.session.set_state(parameters.reason or "NotReady")
    return v.Nothing()


async def accept(context: Context, parameters: v.Accept) -> MailOutput:
    """Wait for the invitation, take it, wait until the mail is the agent's."""
    session = context.session
    id = await _offered(context, parameters)
    known = session.ledger.known(id)
    known.error = ""
    await session.client.operate(id, "Accept")
    known.claimed = True
    context.work_on(id)
    await until(session, context, reached(known, "accepted", "draft"), waiting_for=f"the notification that {id} was accepted")
    if not known.to:
        # a notification may tell the state alone
        await session.look()
    return session.told(id)


async def reject(context: Context, parameters: v.Reject) -> MailOutput:
    """Wait for the invitation, turn it down, wait until it was taken back."""
    session = context.session
    id = await _offered(context, parameters)
    known = session.ledger.known(id)
    known.error = ""
    await session.client.operate(id, "Reject")
    session.ledger.answered(id, leads_to="revoked", handed_on=True)
    await until(session, context, reached(known, "revoked"), waiting_for=f"the notification that {id} was revoked")
    return session.told(id)


async def _offered(context: Context, parameters: v.Accept | v.Reject) -> str:
    """
    The mail to take: the one that is named, or the one that arrived in this scenario; when that is in hand already, any that is offered.

    A mail that is known here and not offered is not waited for: the server says what it thinks of the operation.
    """
    session = context.session
    mails = session.ledger.mails
    named = context.mail(parameters.mail) if parameters.mail is not None else context.new_mail() or context.known_mail()
    status = mails[named].status if named in mails else ""
    if parameters.mail is not None and named is not None and status not in {"", "queued", "revoked", "completed"}:
        return named
    wanted = named if parameters.mail is not None or status in {"", "queued", "invited", "revoked", "completed"} else None

    def found() -> str | None:
        offered = [known.id for known in mails.values() if known.status == "invited"]
        if wanted is not None:
            return wanted if wanted in offered else None
        return offered[0] if offered else None

    within = parameters.within.total_seconds() if parameters.within is not None else None
    try:
        return await until(session, context, found, within=within, waiting_for="an offer")
    except StepTimedOut as exc:
        raise _no_offer(session, wanted, exc) from exc


def _no_offer(session: GwsSession, wanted: str | None, exc: StepTimedOut) -> StepTimedOut:
    others = [f"{k.id} ({k.subject!r})" for k in session.ledger.mails.values() if k.status == "invited"]
    what = f"mail {wanted} was not offered" if wanted else "no mail was offered"
    told = f"; offered were {', '.join(others)}" if others else ""
    hint = "name the offered mail with `mail`" if others else "check that the agent is ready and that the mail goes to their queue"
    return StepTimedOut(f"{what}: {exc.message}{told}", hint=hint)
