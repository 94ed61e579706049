"""
What only ICWS has around one interaction: a library's file, the plain verbs, attributes, watching.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from runner.errors import Refused
from runner.plugins.contract import StepContext, StepType
from runner.plugins.vocabulary import AttachmentOutput, MailOutput, MailRef, Nothing
from runner.vendors.icws.agent_steps import queue_id
from runner.vendors.icws.answers import answered
from runner.vendors.icws.attachment_steps import insert
from runner.vendors.icws.client import decoded
from runner.vendors.icws.session import IcwsSession, segment

__all__ = ["STEPS"]

Context = StepContext[IcwsSession]

_ON_MAIL = ("unauthenticated", "gone", "server_error", "unavailable", "forbidden", "not_found", "invalid")


class _Record(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Unknown keys are mistakes."""


# ── the library ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────


class InsertFromLibrary(_Record, frozen=True):
    """Which file of the response-management libraries is attached."""

    item: Annotated[str, Meta(title="Item", description="The item's name, its file's name, or its id (a Guid).", examples=["Price list"])]
    inline: Annotated[bool, Meta(title="Inline", description="Whether it gets a Content-ID, for the HTML body.", examples=[True])] = False
    mail: MailRef = None


async def insert_from_library(context: Context, parameters: InsertFromLibrary) -> dict[str, Any]:
    """Insert, and wait until the contents show it."""
    return await insert(context, context.mail(parameters.mail), parameters.item, inline=parameters.inline)


# ── the plain verbs ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


class OnMail(_Record, frozen=True):
    """Which interaction."""

    mail: MailRef = None


class Hold(_Record, frozen=True):
    """Put aside, or take up again."""

    on: Annotated[bool, Meta(title="On", description="False takes it up again.", examples=[False])] = True
    mail: MailRef = None


class Park(_Record, frozen=True):
    """Where the interaction is parked."""

    queue: Annotated[
        str | None, Meta(title="Queue", description="A workgroup; default: the environment's.", examples=["Customer Service"])
    ] = None
    to: Annotated[str | None, Meta(title="To", description="A user or an actor instead.", examples=["agent_2"])] = None
    mail: MailRef = None


async def _verb(context: Context, mail: str, verb: str, body: object = None) -> dict[str, Any]:
    answer = await context.session.client.call("POST", f"interactions/{segment(mail)}/{verb}", body)
    return answered(await _seen(context, mail), answer)


async def _seen(context: Context, mail: str) -> MailOutput:
    """The mail after a verb that may have taken the right to look."""
    try:
        return await context.session.look(mail)
    except Refused as exc:
        if exc.reason not in {"forbidden", "not_found"}:
            raise
        return context.session.output(mail)


async def hold(context: Context, parameters: Hold) -> dict[str, Any]:
    """Hold or unhold."""
    return await _verb(context, context.mail(parameters.mail), "hold", {"on": parameters.on})


async def park(context: Context, parameters: Park) -> dict[str, Any]:
    """Park on a queue."""
    session = context.session
    user = context.user(parameters.to) if parameters.to else ""
    where = queue_id(session, user=user, queue=parameters.queue or ("" if user else session.defaults.workgroup))
    return await _verb(context, context.mail(parameters.mail), "park", where)


async def pickup(context: Context, parameters: OnMail) -> dict[str, Any]:
    """Pick up at once, offered or not."""
    mail = context.mail(parameters.mail)
    output = await _verb(context, mail, "pickup")
    context.session.known(mail).in_hand = True
    context.work_on(mail)
    return output


async def disconnect(context: Context, parameters: OnMail) -> dict[str, Any]:
    """Disconnect, whatever it is."""
    return await _verb(context, context.mail(parameters.mail), "disconnect")


# ── attributes ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────


class GetAttributes(_Record, frozen=True):
    """Which attributes are read."""

    names: Annotated[
        list[str], Meta(title="Names", description="Attribute names; case does not matter.", examples=[["Eic_State", "Order"]])
    ]
    mail: MailRef = None


class SetAttributes(_Record, frozen=True):
    """Which attributes are written."""

    values: Annotated[dict[str, str], Meta(title="Values", description="Name and text of each.", examples=[{"Order": "4711"}])]
    append: Annotated[
        Literal["replace", "append", "append_with_separator"],
        Meta(title="Append", description="Whether the text goes behind what is there.", examples=["append"]),
    ] = "replace"
    mail: MailRef = None


class AttributesOutput(Struct, frozen=True):
    """The attributes of an interaction, by the names that were asked for; one that is not set is empty text."""

    id: str
    attributes: dict[str, str] = {}


async def get_attributes(context: Context, parameters: GetAttributes) -> AttributesOutput:
    """Read."""
    mail = context.mail(parameters.mail)
    return AttributesOutput(mail, await _attributes(context, mail, parameters.names))


async def _attributes(context: Context, mail: str, names: list[str]) -> dict[str, str]:
    answer = await context.session.client.call("GET", f"interactions/{segment(mail)}?select={','.join(map(segment, names))}")
    return {str(k): str(v) for k, v in (decoded(answer).get("attributes") or {}).items()}


_APPEND = {"append": 1, "append_with_separator": 2}


async def set_attributes(context: Context, parameters: SetAttributes) -> dict[str, Any]:
    """Write, and read back."""
    mail = context.mail(parameters.mail)
    body: dict[str, object] = {"attributes": parameters.values}
    if parameters.append in _APPEND:
        body["appendMode"] = _APPEND[parameters.append]
    answer = await context.session.client.call("POST", f"interactions/{segment(mail)}", body)
    return answered(AttributesOutput(mail, await _attributes(context, mail, list(parameters.values))), answer)


# ── watching ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


class Watch(_Record, frozen=True):
    """What of an interaction is pushed from now on."""

    names: Annotated[list[str], Meta(title="Names", description="Attributes whose changes are pushed.", examples=[["Eic_State"]])] = field(
        default_factory=lambda: ["Eic_State"]
    )
    mail: MailRef = None


async def watch(context: Context, parameters: Watch) -> Nothing:
    """Subscribe; the changes come to ``expect_event`` as interactionChangedMessage."""
    session, mail = context.session, context.mail(parameters.mail)
    await session.subscribe(f"interactions/{segment(mail)}", {"attributeNames": parameters.names})
    return Nothing()


STEPS: tuple[StepType, ...] = (
    StepType(
        name="icws.insert_from_library",
        title="Insert a library file",
        description="Attaches a file of a response-management library to the draft; an inline one gets a Content-ID.",
        example="- icws.insert_from_library: {item: Price list}",
        parameters=InsertFromLibrary,
        output=AttachmentOutput,
        short="item",
        refusals=_ON_MAIL,
        run=insert_from_library,
    ),
    StepType(
        name="icws.hold",
        title="Hold",
        description="Puts the interaction on hold, or takes it up again.",
        example="- icws.hold: {on: true}",
        parameters=Hold,
        output=MailOutput,
        short="on",
        refusals=_ON_MAIL,
        run=hold,
    ),
    StepType(
        name="icws.park",
        title="Park",
        description="Parks the customer's mail on a queue.",
        example="- icws.park: {queue: Customer Service}",
        parameters=Park,
        output=MailOutput,
        short="queue",
        actors=("to",),
        refusals=_ON_MAIL,
        run=park,
    ),
    StepType(
        name="icws.pickup",
        title="Pick up",
        description="Picks an interaction up at once, whether it is offered to the actor or not.",
        example="- icws.pickup",
        parameters=OnMail,
        output=MailOutput,
        short="mail",
        refusals=_ON_MAIL,
        run=pickup,
    ),
    StepType(
        name="icws.disconnect",
        title="Disconnect",
        description="Disconnects an interaction, be it a draft or a customer's mail.",
        example="- icws.disconnect",
        parameters=OnMail,
        output=MailOutput,
        short="mail",
        refusals=_ON_MAIL,
        run=disconnect,
    ),
    StepType(
        name="icws.get_attributes",
        title="Read attributes",
        description="Reads interaction attributes.",
        example="- icws.get_attributes: {names: [Eic_State, Eic_EmailSubject]}",
        parameters=GetAttributes,
        output=AttributesOutput,
        short="names",
        safe=True,
        refusals=_ON_MAIL,
        run=get_attributes,
    ),
    StepType(
        name="icws.set_attributes",
        title="Write attributes",
        description="Writes interaction attributes and reads them back.",
        example='- icws.set_attributes: {values: {Order: "4711"}}',
        parameters=SetAttributes,
        output=AttributesOutput,
        short="values",
        refusals=_ON_MAIL,
        run=set_attributes,
    ),
    StepType(
        name="icws.watch",
        title="Watch an interaction",
        description="From now on changes of the interaction's attributes are pushed, for `expect_event`.",
        example="- icws.watch: {names: [Eic_State]}",
        parameters=Watch,
        output=Nothing,
        short="names",
        safe=True,
        refusals=_ON_MAIL,
        run=watch,
    ),
)
