"""
Looking and listening: the mail's status and attachments, and what the server pushed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from runner.plugins.contract import StepContext, StepType
from runner.plugins.vocabulary import (
    EXPECT_EVENT,
    LISTEN,
    VERIFY_ATTACHMENTS,
    VERIFY_STATUS,
    AttachmentsOutput,
    Event,
    ExpectEvent,
    Listen,
    MailOutput,
    Nothing,
    VerifyAttachments,
    VerifyStatus,
)
from runner.vendors.icws.mail import OFFERED
from runner.vendors.icws.session import IcwsSession

__all__ = ["STEPS"]

Context = StepContext[IcwsSession]


async def verify_status(context: Context, parameters: VerifyStatus) -> AsyncIterator[MailOutput]:
    """Look at the attributes again and again."""
    session, mail = context.session, context.mail(parameters.mail)
    while True:
        await session.look(mail)
        if session.known(mail).state in OFFERED:
            # whether it is this actor who is asked, the actor's own queue tells
            await session.look_at_queue(context.timeout)
        yield session.output(mail)
        await context.pause()


async def verify_attachments(context: Context, parameters: VerifyAttachments) -> AsyncIterator[AttachmentsOutput]:
    """Look at the contents, and at each attachment's bytes once; then again with each new contents message."""
    session, mail = context.session, context.mail(parameters.mail)
    await session.contents(mail, context.timeout)
    while True:
        yield AttachmentsOutput(mail, await session.files(mail))
        await context.pause()


async def listen(context: Context, parameters: Listen) -> Nothing:
    """Subscribe to the actor's own queue; alerts, contents and the rest come with their own subscriptions."""
    session = context.session
    await session.watch_queue(context.timeout)
    session.listen()
    return Nothing()


async def expect_event(context: Context, parameters: ExpectEvent) -> AsyncIterator[Event]:
    """
    The events after those that earlier steps went past, or all since ``listen``; then each new one as it comes.

    With `absent` it ends when the message queue has told all that came in the time.
    """
    session, ear = context.session, context.session.ear
    if not ear.open:
        await listen(context, Listen())
    at = 0 if parameters.any_order else ear.cursor
    heard_all = False
    while True:
        while at < len(ear.events):
            at += 1
            if not (parameters.any_order or parameters.absent):
                ear.cursor = at
            yield ear.events[at - 1]
        if heard_all:
            return
        if not parameters.absent:
            await session.inbox.news()
        elif context.timeout > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(context.timeout):
                    await session.inbox.news()
        else:
            await session.catch_up()
            heard_all = True


STEPS: tuple[StepType, ...] = (
    VERIFY_STATUS.step(verify_status),
    VERIFY_ATTACHMENTS.step(verify_attachments),
    LISTEN.step(listen),
    EXPECT_EVENT.step(expect_event),
)
