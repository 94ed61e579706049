"""
What only ICWS has beside interactions: the directory, plain mail, stations, statuses, activations, licences, the server's version.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from runner.plugins.contract import StepContext, StepType
from runner.plugins.vocabulary import Nothing, Recipients, SessionOutput, addresses
from runner.transport.exchange import Exchange
from runner.vendors.icws.agent_steps import set_status, sit
from runner.vendors.icws.answers import answered
from runner.vendors.icws.client import decoded
from runner.vendors.icws.session import IcwsSession, segment

__all__ = ["STEPS"]

Context = StepContext[IcwsSession]

_WIRE = ("unauthenticated", "gone", "server_error", "unavailable")


class _Record(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Unknown keys are mistakes."""


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
    """The station as the server tells it; empty after it was left."""

    station: dict[str, Any] = {}


async def station(context: Context, parameters: StationParameters) -> dict[str, Any]:
    """Take a station or leave it, and read it back."""
    client = context.session.client
    if parameters.leave:
        answer = await client.call("DELETE", "connection/station")
        context.session.station = {}
        return answered(StationOutput(), answer)
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


class LoginWithToken(_Record, frozen=True):
    """What becomes of the session that the actor has."""

    end_first: Annotated[bool, Meta(title="End first", description="Whether the server ends the first session.", examples=[False])] = True


async def login_with_token(context: Context, parameters: LoginWithToken) -> dict[str, Any]:
    """Ask for the token, open the second session, put the station and the subscriptions there."""
    connection, answer = await context.session.login_with_token(end_first=parameters.end_first)
    return answered(SessionOutput(connection.user, connection.id), answer)


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


STEPS: tuple[StepType, ...] = (
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
        name="icws.login_with_token",
        title="Log in with a one-time token",
        description="Asks the open session for a one-time token and opens another session with it, which takes the place of the first.",
        example="- icws.login_with_token",
        parameters=LoginWithToken,
        output=SessionOutput,
        refusals=(*_WIRE, "invalid"),
        run=login_with_token,
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
