"""
``listen``, ``expect_event`` and ``receive``: what happens without the actor's doing. eGain pushes nothing about e-mail, so one looks.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec

from runner.errors import EnvironmentUnusable
from runner.plugins.contract import StepContext, StepType
from runner.plugins.vocabulary import (
    EXPECT_EVENT,
    LISTEN,
    RECEIVE,
    AttachmentOutput,
    Event,
    ExpectEvent,
    Listen,
    MailOutput,
    Nothing,
    Receive,
    addresses,
)
from runner.vendors.egain.session import EgainSession

__all__ = ["STEPS"]

Context = StepContext[EgainSession]


async def listen(context: Context, p: Listen) -> Nothing:
    """Remember what stands now; what is another way later is an event."""
    await context.session.listen(context.known_mail())
    return Nothing()


async def expect_event(context: Context, p: ExpectEvent) -> AsyncIterator[Event]:
    """
    The events in order, each once for all ``expect_event`` steps but those that take any order.

    A mail may be named by its draft's id; the event then bears that id, so that it is found. With `absent` it ends after a look that began
    when the time was over.
    """
    session = context.session
    if session.watch is None:
        context.log("nobody listened before; listening from here on")
        await session.listen(context.known_mail())
    watch = session.watch
    assert watch is not None  # noqa: S101 - made above
    at = 0 if p.any_order else watch.read
    named = context.mail(p.mail) if p.mail is not None else ""
    while True:
        is_last = p.absent and context.timeout <= 0
        await session.look(context.known_mail())
        while at < len(watch.events):
            event = watch.events[at]
            at += 1
            if not p.absent and not p.any_order:
                watch.read = at
            yield _renamed(event, named, session)
        if is_last:
            return
        await context.pause()


def _renamed(event: Event, named: str, session: EgainSession) -> Event:
    draft = session.drafts.get(named)
    return msgspec.structs.replace(event, mail=named) if draft is not None and draft.activity == event.mail else event


async def receive(context: Context, p: Receive) -> MailOutput:
    """
    A customer's mail arrives: in a simulator through its control API, else over SMTP, where only eGain knows the activity's id.

    Raises: ``EnvironmentUnusable`` – nobody knows where customers write to, or there is no way in.
    """
    from runner.transport.delivery import Enclosed, Letter, deliver

    session = context.session
    to = addresses(p.to) or addresses(session.defaults.from_)
    if not to:
        raise EnvironmentUnusable(
            "egain does not know where customers write to", hint="put `defaults: {from: ADDRESS}` under egain in the environment file"
        )
    files = [context.file(path) for path in p.files]
    letter = Letter(
        sender=p.from_,
        to=to,
        cc=addresses(p.cc),
        subject=p.subject or "",
        text=p.text or "",
        html=p.html or "",
        attachments=[Enclosed(f.name, f.content, f.type) for f in files],
    )
    id = await deliver(letter, http=session.client.http, control=context.target.control, smtp=session.smtp)
    if id:
        context.arrived(id)
    return MailOutput(
        id=id,
        status="received",
        subject=letter.subject,
        from_=p.from_,
        to=to,
        cc=addresses(p.cc),
        text=letter.text,
        html=letter.html,
        attachments=[AttachmentOutput(name=f.name, size=len(f.content), type=f.type, sha256=f.sha256) for f in files],
    )


STEPS: tuple[StepType, ...] = (
    RECEIVE.step(receive),
    LISTEN.step(listen),
    EXPECT_EVENT.step(expect_event, example="- expect_event: {event: activity_created, within: 10s}"),
)
