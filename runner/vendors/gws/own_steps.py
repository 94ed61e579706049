"""
What only GWS has: the library, workbins, states, raw operations; what is noted on a mail stands in :mod:`.noting_steps`.
"""

from __future__ import annotations

from typing import Any

from runner.plugins import vocabulary as v
from runner.plugins.contract import StepContext, StepType
from runner.plugins.vocabulary import AttachmentOutput, MailOutput, addresses
from runner.vendors.gws import parameters as p
from runner.vendors.gws.attachment_steps import link
from runner.vendors.gws.finishing import finished
from runner.vendors.gws.notifications import read_resource
from runner.vendors.gws.noting_steps import NOTING_STEPS
from runner.vendors.gws.refusals import channel_results
from runner.vendors.gws.session import GwsSession

__all__ = ["OWN_STEPS"]

Context = StepContext[GwsSession]

_READING = ("unauthenticated", "unavailable", "server_error", "forbidden")
_ON_MAIL = (*_READING, "not_found", "invalid", "conflict")


async def link_attachment(context: Context, parameters: p.LinkAttachment) -> AttachmentOutput:
    """LinkAttachment."""
    return await link(context, context.mail(parameters.mail), parameters.document)


async def place_in_workbin(context: Context, parameters: p.PlaceInWorkbin) -> MailOutput:
    """PlaceInWorkbin; in the later dialect AddEmail on the workbin."""
    session = context.session
    id = context.mail(parameters.mail)
    if session.dialect.collection == "interactions":
        return await finished(context, id, "PlaceInWorkbin", {"workbinName": parameters.workbin}, "completed", handed_on=True)
    path = f"/me/workbins/{parameters.workbin}"
    return await finished(context, id, "AddEmail", {"id": id}, "completed", handed_on=True, path=path)


async def do_not_disturb(context: Context, parameters: p.DoNotDisturb) -> v.Nothing:
    """DoNotDisturbOn, DoNotDisturbOff."""
    await context.session.set_state("DoNotDisturbOn" if parameters.is_ == "on" else "DoNotDisturbOff")
    return v.Nothing()


async def state(context: Context, parameters: p.SetState) -> p.ChannelsOutput:
    """Any state of a channel."""
    await context.session.set_state(parameters.state, parameters.channel)
    return await channels(context, p.NoParameters())


async def states(context: Context, parameters: p.NoParameters) -> p.StatesOutput:
    """``GET /settings/agent-states``."""
    told = await context.session.client.get("/settings/agent-states")
    listed = told.get("settings", [])
    return p.StatesOutput(states=[each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else [])


async def channels(context: Context, parameters: p.NoParameters) -> p.ChannelsOutput:
    """``GET /me/channels``."""
    return p.ChannelsOutput(channels=_channels(await context.session.client.get("/me/channels")))


async def start_channels(context: Context, parameters: p.StartChannels) -> p.ChannelsOutput:
    """StartContactCenterSession for more channels; that some could not be started is told, not refused."""
    fields: dict[str, object] = {"operationName": "StartContactCenterSession", "channels": parameters.channels}
    told = await context.session.client.post("/me", fields, partial=True)
    code = told.get("statusCode", 0)
    failed = {name: result for name, result in channel_results(told).items() if result.get("statusCode")}
    now = _channels(await context.session.client.get("/me/channels"))
    return p.ChannelsOutput(
        channels=[*now, *({"channel": n, "state": "", "code": c.get("statusCode")} for n, c in failed.items())], code=code
    )


def _channels(told: dict[str, Any]) -> list[dict[str, Any]]:
    listed = []
    user = told.get("user")
    for channel in told.get("channels") or (user.get("channels") if isinstance(user, dict) else None) or []:
        user_state = channel.get("userState") or {}
        listed.append(
            {
                "channel": channel.get("channel", ""),
                "state": user_state.get("state", ""),
                "reason": user_state.get("reason", ""),
                "shown": user_state.get("displayName", ""),
                "do_not_disturb": str(channel.get("dndState")).casefold() in {"on", "true"},
            }
        )
    return listed


async def interactions(context: Context, parameters: p.ListInteractions) -> p.InteractionsOutput:
    """``GET /me/interactions`` or ``GET /interactions``."""
    session = context.session
    if parameters.whose == "mine":
        await session.look()
        told = await session.client.mine()
    else:
        told = await session.client.everybodys()
    listed = []
    for each in told:
        news = read_resource(each)
        listed.append(
            MailOutput(
                id=news.mail,
                status=news.status,
                subject=news.subject or "",
                from_=news.sender or "",
                to=news.to or [],
                cc=news.cc or [],
                text=news.text or "",
                parent=news.parent,
                queue=news.queue,
                attachments=news.attachments or [],
                native=each,
            )
        )
    return p.InteractionsOutput(interactions=listed, count=len(listed))


async def settings(context: Context, parameters: p.NoParameters) -> p.SettingsOutput:
    """``GET /me?subresources=settings``."""
    told = await context.session.client.get("/me?subresources=settings")
    user = told.get("user", told)
    found = user.get("settings", {}) if isinstance(user, dict) else {}
    return p.SettingsOutput(settings=found if isinstance(found, dict) else {})


async def operation(context: Context, parameters: p.Operation) -> p.RawOutput:
    """Any operation, as it is written."""
    session = context.session
    id = context.mail(parameters.mail)
    context.guard(_recipients(parameters.fields))
    body = await session.client.operate(id, parameters.operation, **parameters.fields)
    # an end that another operation leads to is not this one's
    session.ledger.known(id).leads_to = ""
    return p.RawOutput(body=body)


def _recipients(fields: dict[str, Any]) -> list[str]:
    """Whom an operation's contents name, in either dialect; none of them may get mail that the environment does not allow."""
    contents = [part for name in ("email_object", "email") if isinstance(part := fields.get(name), dict)]
    told = [part.get(name) for part in contents for name in ("toAddress", "ccAddress", "bccAddress", "to", "cc", "bcc")]
    return [address for value in told if isinstance(value, str | list) for address in addresses(value)]


OWN_STEPS = (
    *NOTING_STEPS,
    StepType(
        name="gws.link_attachment",
        title="Link an attachment",
        description="Attaches a document that exists at the server already.",
        example="- gws.link_attachment: Price list",
        parameters=p.LinkAttachment,
        output=AttachmentOutput,
        short="document",
        refusals=_ON_MAIL,
        run=link_attachment,
    ),
    StepType(
        name="gws.place_in_workbin",
        title="Place in a workbin",
        description="Parks the mail in one of the agent's workbins; it leaves the agent's list.",
        example="- gws.place_in_workbin: Drafts",
        parameters=p.PlaceInWorkbin,
        output=MailOutput,
        short="workbin",
        refusals=_ON_MAIL,
        run=place_in_workbin,
    ),
    StepType(
        name="gws.do_not_disturb",
        title="Do not disturb",
        description="While it is on, nothing is offered on the e-mail channel.",
        example="- gws.do_not_disturb: on",
        parameters=p.DoNotDisturb,
        output=v.Nothing,
        short="is",
        safe=True,
        refusals=(*_READING, "invalid"),
        run=do_not_disturb,
    ),
    StepType(
        name="gws.state",
        title="Set a state",
        description="Puts a channel into any state of the contact centre, such as a NotReady with a reason.",
        example="- gws.state: OutToLunch",
        parameters=p.SetState,
        output=p.ChannelsOutput,
        short="state",
        safe=True,
        refusals=(*_READING, "not_found", "invalid"),
        run=state,
    ),
    StepType(
        name="gws.states",
        title="List the states",
        description="The states that an agent can take in this contact centre.",
        example="- gws.states",
        parameters=p.NoParameters,
        output=p.StatesOutput,
        safe=True,
        refusals=_READING,
        run=states,
    ),
    StepType(
        name="gws.channels",
        title="List the channels",
        description="The agent's channels and their states.",
        example="- gws.channels",
        parameters=p.NoParameters,
        output=p.ChannelsOutput,
        safe=True,
        refusals=_READING,
        run=channels,
    ),
    StepType(
        name="gws.start_channels",
        title="Start channels",
        description="Starts more channels of the agent; `code` is 7 when only some could be started.",
        example="- gws.start_channels: {channels: [email, chat]}",
        parameters=p.StartChannels,
        output=p.ChannelsOutput,
        short="channels",
        safe=True,
        refusals=(*_READING, "invalid"),
        run=start_channels,
    ),
    StepType(
        name="gws.interactions",
        title="List interactions",
        description="What the agent handles now, or all active interactions of the contact centre.",
        example="- gws.interactions: mine",
        parameters=p.ListInteractions,
        output=p.InteractionsOutput,
        short="whose",
        safe=True,
        refusals=_READING,
        run=interactions,
    ),
    StepType(
        name="gws.settings",
        title="Read the user's settings",
        description="The settings of the logged-in user, by section.",
        example="- gws.settings",
        parameters=p.NoParameters,
        output=p.SettingsOutput,
        safe=True,
        refusals=_READING,
        run=settings,
    ),
    StepType(
        name="gws.operation",
        title="Any operation",
        description="Sends an operation with its fields as they are written; for refusals and for what has no word of its own.",
        example='- gws.operation: {operation: Complete, mail: "{{ question }}"}',
        parameters=p.Operation,
        output=p.RawOutput,
        short="operation",
        # it may be a Send
        sends=True,
        refusals=_ON_MAIL,
        run=operation,
    ),
)
