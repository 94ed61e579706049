"""
What only ICWS has around an interaction: attributes, hold, park, the plain verbs, the library, resolve-address, stations, statuses.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from runner.errors import Refused
from runner.plugins.contract import StepContext, StepType
from runner.plugins.vocabulary import AttachmentOutput, MailOutput, MailRef, Nothing, Recipients, addresses
from runner.transport.exchange import Exchange
from runner.vendors.icws.agent_steps import queue_id, set_status, sit
from runner.vendors.icws.answers import answered
from runner.vendors.icws.attachment_steps import insert
from runner.vendors.icws.client import decoded
from runner.vendors.icws.session import IcwsSession, segment

__all__ = ["STEPS"]

Context = StepContext[IcwsSession]

_WIRE = ("unauthenticated", "gone", "server_error", "unavailable")
_ON_MAIL = (*_WIRE, "forbidden", "not_found", "invalid")


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


# ── addresses, plain mail ────────────────────────────────────────────────────────────────────────────────────────────────────────


class ResolveAddress(_Record, frozen=True):
    """Whom to look for in the mail directory."""

    name: Annotated[str, Meta(title="Name", description="A part of a name or an address.", examples=["Agent 1"])]
    at_most: Annotated[int | None, Meta(title="At most", description="How many to give; default: all.", examples=[5])] = None


class ResolvedOutput(Struct, frozen=True):
    """Who was found: ``name`` and ``address`` each."""

    addresses: list[dict[str, str]] = []


async def resolve_address(context: Context, parameters: ResolveAddress) -> ResolvedOutput:
    """Ask the directory."""
    body: dict[str, object] = {"name": parameters.name}
    if parameters.at_most is not None:
        body["maxResults"] = parameters.at_most
    answer = await context.session.client.call("POST", "interactions/email/resolve-address", body)
    found = decoded(answer).get("matchedAddresses") or []
    return ResolvedOutput([{"name": str(a.get("name") or ""), "address": str(a.get("address", ""))} for a in found])


class SendPlain(_Record, frozen=True):
    """A mail that is no interaction."""

    to: Recipients
    subject: Annotated[str, Meta(title="Subject", description="The subject line.", examples=["Nightly figures"])] = ""
    text: Annotated[str, Meta(title="Text", description="The body.", examples=["See the wallboard."])] = ""


async def send_plain(context: Context, parameters: SendPlain) -> Nothing:
    """Send by the server's own mail configuration."""
    body = {"recipients": addresses(parameters.to), "subject": parameters.subject, "body": parameters.text}
    await context.session.client.call("POST", "configuration/mail/send-email", body)
    return Nothing()


# ── stations, statuses, activations, licences ────────────────────────────────────────────────────────────────────────────────────


class StationParameters(_Record, frozen=True):
    """Where the actor sits."""

    workstation: Annotated[
        str, Meta(title="Workstation", description="A workstation's name; default: none (stationless).", examples=["Desk-1"])
    ] = ""
    ready: Annotated[bool, Meta(title="Ready", description="Whether routed e-mail may come.", examples=[True])] = True
    leave: Annotated[bool, Meta(title="Leave", description="Leave the station instead.", examples=[True])] = False


class StationOutput(Struct, frozen=True):
    """The station as the server tells it."""

    station: dict[str, Any] = {}


async def station(context: Context, parameters: StationParameters) -> dict[str, Any]:
    """Take a station or leave it, and read it back."""
    client = context.session.client
    if parameters.leave:
        answer = await client.call("DELETE", "connection/station")
    else:
        answer = await sit(context.session, ready=parameters.ready, workstation=parameters.workstation)
    return answered(StationOutput(decoded(await client.call("GET", "connection/station"))), answer)


class StatusParameters(_Record, frozen=True):
    """Which status the user gets."""

    status: Annotated[str | None, Meta(title="Status", description="A status id; none only reads it.", examples=["At Lunch"])] = None
    user: Annotated[str | None, Meta(title="User", description="Another user, or an actor; default: oneself.", examples=["agent_2"])] = None


class StatusOutput(Struct, frozen=True):
    """A user's status id."""

    user: str
    status: str


async def status(context: Context, parameters: StatusParameters) -> dict[str, Any]:
    """Set it and wait until it shows, or only read it."""
    client = context.session.client
    user = context.user(parameters.user) if parameters.user else client.connection.user
    answer: Exchange | None = None
    if parameters.status is not None:
        answer = await set_status(context, parameters.status, user)
    told = await client.call("GET", f"status/user-statuses/{segment(user)}")
    output = StatusOutput(user, str(decoded(told).get("statusId", "")))
    return answered(output, answer or told)


class Activate(_Record, frozen=True):
    """In which workgroup the user is active."""

    workgroup: Annotated[str, Meta(title="Workgroup", description="The workgroup.", examples=["Returns"])]
    on: Annotated[bool, Meta(title="On", description="False deactivates.", examples=[False])] = True
    user: Annotated[str | None, Meta(title="User", description="Another user, or an actor; default: oneself.", examples=["agent_2"])] = None


class ActivationsOutput(Struct, frozen=True):
    """Workgroup → whether the user is active in it."""

    activations: dict[str, bool] = {}


async def activate(context: Context, parameters: Activate) -> dict[str, Any]:
    """Set, and read back."""
    client = context.session.client
    resource = f"activations/users/{segment(context.user(parameters.user) if parameters.user else client.connection.user)}"
    answer = await client.call("PUT", resource, {"activations": {parameters.workgroup: parameters.on}})
    return answered(ActivationsOutput(decoded(await client.call("GET", resource)).get("activations") or {}), answer)


class AcquireLicences(_Record, frozen=True):
    """Which licences the session needs."""

    names: Annotated[list[str], Meta(title="Names", description="Licence names.", examples=[["I3_ACCESS_CLIENT"]])]


class LicencesOutput(Struct, frozen=True):
    """What came of each licence, as the server tells it."""

    licences: list[dict[str, Any]] = []


async def acquire_licences(context: Context, parameters: AcquireLicences) -> LicencesOutput:
    """Acquire."""
    answer = await context.session.client.call("POST", "licenses", {"licenseList": parameters.names})
    return LicencesOutput(decoded(answer).get("licenseOperationResultList") or [])


class ServerParameters(_Record, frozen=True):
    """Nothing to say."""


class ServerOutput(Struct, frozen=True):
    """The server's version and feature versions, as it tells them to anybody."""

    version: dict[str, Any] = {}
    features: dict[str, int] = {}


async def server(context: Context, parameters: ServerParameters) -> ServerOutput:
    """Ask without a session."""
    client = context.session.client
    version = decoded(await client.open_call("connection/version"))
    features = decoded(await client.open_call("connection/features")).get("featureInfoList") or []
    return ServerOutput(version, {str(f["featureId"]): int(f["version"]) for f in features})


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
    StepType(
        name="icws.resolve_address",
        title="Resolve an address",
        description="Looks a name up in the server's mail directory.",
        example="- icws.resolve_address: {name: Agent 1, at_most: 5}",
        parameters=ResolveAddress,
        output=ResolvedOutput,
        short="name",
        safe=True,
        refusals=(*_WIRE, "invalid"),
        run=resolve_address,
    ),
    StepType(
        name="icws.send_plain_mail",
        title="Send a mail that is no interaction",
        description="Sends a mail by the server's mail configuration; no interaction is created.",
        example="- icws.send_plain_mail: {to: joe@example.com, subject: Figures, text: See the wallboard.}",
        parameters=SendPlain,
        output=Nothing,
        sends=True,
        recipients=("to",),
        refusals=(*_WIRE, "forbidden", "invalid"),
        run=send_plain,
    ),
    StepType(
        name="icws.station",
        title="Take a station",
        description="Takes a workstation, or none, or leaves it.",
        example="- icws.station: {workstation: Desk-1}",
        parameters=StationParameters,
        output=StationOutput,
        short="workstation",
        safe=True,
        refusals=(*_WIRE, "forbidden", "invalid"),
        run=station,
    ),
    StepType(
        name="icws.status",
        title="User status",
        description="Sets a user's status, or reads it.",
        example="- icws.status: {status: At Lunch}",
        parameters=StatusParameters,
        output=StatusOutput,
        short="status",
        safe=True,
        actors=("user",),
        refusals=(*_WIRE, "forbidden", "not_found", "invalid"),
        run=status,
    ),
    StepType(
        name="icws.activate",
        title="Activate in a workgroup",
        description="Activates a user in a workgroup, or deactivates.",
        example="- icws.activate: {workgroup: Returns, on: true}",
        parameters=Activate,
        output=ActivationsOutput,
        short="workgroup",
        safe=True,
        actors=("user",),
        refusals=(*_WIRE, "forbidden", "not_found", "invalid"),
        run=activate,
    ),
    StepType(
        name="icws.acquire_licences",
        title="Acquire licences",
        description="Acquires licences for the session.",
        example="- icws.acquire_licences: {names: [I3_ACCESS_CLIENT]}",
        parameters=AcquireLicences,
        output=LicencesOutput,
        short="names",
        safe=True,
        refusals=(*_WIRE, "invalid"),
        run=acquire_licences,
    ),
    StepType(
        name="icws.server",
        title="Server version",
        description="Reads the server's version and feature versions; nobody needs to be logged in.",
        example="- icws.server",
        parameters=ServerParameters,
        output=ServerOutput,
        safe=True,
        opens=False,
        anonymous=True,
        refusals=("server_error", "unavailable"),
        run=server,
    ),
)
