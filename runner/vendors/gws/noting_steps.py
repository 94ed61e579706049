"""
What an agent notes on a mail at the server: properties, a comment, the disposition, the focus.

GWS does these afterwards: its yes means that it took the request over. A step ends when the change is told, not before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from runner.errors import Refused
from runner.plugins.contract import StepContext, StepType
from runner.plugins.vocabulary import MailOutput, addresses
from runner.vendors.gws import parameters as p
from runner.vendors.gws.notifications import News, read_resource
from runner.vendors.gws.session import GwsSession
from runner.vendors.gws.waiting import until

__all__ = ["NOTING_STEPS"]

Context = StepContext[GwsSession]
Fields = dict[str, object]
# the mail as the server tells it now → whether the change is in it
Shown = Callable[[dict[str, Any]], bool]

_REFUSALS = ("unauthenticated", "unavailable", "server_error", "forbidden", "not_found", "invalid", "conflict")


async def update_properties(context: Context, parameters: p.UpdateProperties) -> MailOutput:
    """UpdateProperties; the later dialect has UpdateUserData, DeleteUserData and Save for it."""
    session = context.session
    id = context.mail(parameters.mail)
    given: dict[str, Any] = {
        "sender": parameters.from_,
        "to": None if parameters.to is None else addresses(parameters.to),
        "cc": None if parameters.cc is None else addresses(parameters.cc),
        "bcc": None if parameters.bcc is None else addresses(parameters.bcc),
        "subject": parameters.subject,
        "text": parameters.text,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    await _changed(context, id, session.dialect.update(parameters.data, changes, parameters.remove), _all_shown(parameters, changes))
    draft = session.drafts.get(id)
    for name, value in changes.items() if draft is not None else ():
        setattr(draft, name, value)
    return session.told(id)


async def add_comment(context: Context, parameters: p.AddComment) -> MailOutput:
    """AddComment."""
    id = context.mail(parameters.mail)
    context.session.dialect.check_later("AddComment")
    fields: Fields = {"comment": parameters.comment}
    await _changed(context, id, [("AddComment", fields)], lambda told: told.get("comment") == parameters.comment)
    return context.session.told(id)


async def set_disposition(context: Context, parameters: p.SetDisposition) -> MailOutput:
    """SetDisposition, which the server keeps in the user data, under a key of its own unless one is given."""
    id = context.mail(parameters.mail)
    context.session.dialect.check_later("SetDisposition")
    wanted = parameters.disposition

    def shown(told: dict[str, Any]) -> bool:
        data = _user_data(told)
        return data.get(parameters.key) == wanted if parameters.key is not None else wanted in data.values()

    await _changed(context, id, [("SetDisposition", {"disposition": wanted, "dispositionKey": parameters.key})], shown)
    return context.session.told(id)


async def set_in_focus(context: Context, parameters: p.SetInFocus) -> MailOutput:
    """SetInFocus, which changes nothing that an agent could see: the server's yes is all there is."""
    id = context.mail(parameters.mail)
    context.session.dialect.check_later("SetInFocus")
    await context.session.client.operate(id, "SetInFocus")
    return context.session.told(id)


async def _changed(context: Context, id: str, operations: Sequence[tuple[str, Fields]], shown: Shown) -> None:
    """
    Operations that change a mail, until everything is *shown* by notifications or by a look.

    Raises: ``Refused`` – at once, or server_error when the server tells later that it failed.
    """
    session = context.session
    known = session.ledger.known(id)
    known.error = ""
    for operation, fields in operations:
        await session.client.operate(id, operation, **fields)

    def found() -> bool | None:
        if known.error:
            raise Refused("server_error", http=200, text=known.error)
        return True if shown(known.native or {}) else None

    await until(session, context, found, waiting_for=f"the notification of what changed in {id}")


def _all_shown(parameters: p.UpdateProperties, changes: Fields) -> Shown:
    def shown(told: dict[str, Any]) -> bool:
        data, news = _user_data(told), read_resource(told)
        return (
            all(name in data and _plain(data[name]) == _plain(value) for name, value in parameters.data.items())
            and not any(name in data for name in parameters.remove)
            and all(_tells(news, name, value) for name, value in changes.items())
        )

    return shown


def _tells(news: News, name: str, value: object) -> bool:
    """Whether a mail has this content, as far as servers keep it; blind copies are told by the later dialect only."""
    told = getattr(news, name)
    if told is None:
        return name == "bcc"
    if isinstance(value, list):
        return [_bare(each) for each in told] == [_bare(each) for each in value]
    return _bare(told) == _bare(str(value)) if name == "sender" else told.split() == str(value).split()


def _bare(address: str) -> str:
    return address.rpartition("<")[2].rstrip("> ").strip().casefold()


def _plain(value: object) -> str:
    """User data is text to some servers, whatever was given."""
    return str(value).casefold()


def _user_data(told: dict[str, Any]) -> dict[str, Any]:
    found = told.get("userData")
    return found if isinstance(found, dict) else {}


NOTING_STEPS = (
    StepType(
        name="gws.update_properties",
        title="Update properties",
        description="Changes user data or contents of an interaction at the server, at once; a draft's contents here follow.",
        example='- gws.update_properties: {data: {Product: Lamp}, subject: "Your lamp"}',
        parameters=p.UpdateProperties,
        output=MailOutput,
        recipients=("to", "cc", "bcc"),
        refusals=_REFUSALS,
        run=update_properties,
    ),
    StepType(
        name="gws.comment",
        title="Add a comment",
        description="Notes something on a mail, for whoever works on it; the `emails` dialect only.",
        example="- gws.comment: Called back",
        parameters=p.AddComment,
        output=MailOutput,
        short="comment",
        refusals=_REFUSALS,
        run=add_comment,
    ),
    StepType(
        name="gws.disposition",
        title="Set the disposition",
        description="Says what came of a mail, by a code of the contact centre; the `emails` dialect only.",
        example="- gws.disposition: IssueResolved",
        parameters=p.SetDisposition,
        output=MailOutput,
        short="disposition",
        refusals=_REFUSALS,
        run=set_disposition,
    ),
    StepType(
        name="gws.focus",
        title="Set in focus",
        description="Says which mail the agent is looking at; nothing shows it but the server's yes. The `emails` dialect only.",
        example="- gws.focus",
        parameters=p.SetInFocus,
        output=MailOutput,
        refusals=_REFUSALS,
        run=set_in_focus,
    ),
)
