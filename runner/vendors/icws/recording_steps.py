"""
Recordings: sent as e-mail, one or several; exported; tags, attributes and media details (given page "recordings/send-as-email").
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from runner.errors import BadScenario, Diagnostic
from runner.plugins.contract import StepContext, StepType
from runner.plugins.vocabulary import Recipients, addresses
from runner.transport.exchange import Exchange
from runner.vendors.icws.answers import answered
from runner.vendors.icws.client import IcwsClient, decoded
from runner.vendors.icws.mail import address
from runner.vendors.icws.session import IcwsSession, segment

__all__ = ["STEPS"]

Context = StepContext[IcwsSession]

_WIRE = ("unauthenticated", "gone", "server_error", "unavailable")
_REFUSALS = (*_WIRE, "forbidden", "invalid")
_PRIORITIES = {"normal": 1, "low": 2, "high": 4}

Which = Annotated[
    str | None,
    Meta(title="Recording", description="The recording's id; default: the environment's.", examples=["b7d2e0c1-1"]),
]


class _Record(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Unknown keys are mistakes."""


class SendRecording(_Record, frozen=True):
    """Which recording goes to whom."""

    to: Recipients
    recording: Which = None
    recordings: Annotated[
        list[str], Meta(title="Recordings", description="Several recordings in one mail.", examples=[["b7d2e0c1-1", "b7d2e0c1-2"]])
    ] = []
    cc: Recipients = None
    reply_to: Annotated[
        str | None, Meta(title="Reply to", description="Where answers go; default: the environment's `from`.", examples=["qa@shop.example"])
    ] = None
    subject: Annotated[str, Meta(title="Subject", description="The subject line.", examples=["Call for review"])] = "Recording"
    text: Annotated[str, Meta(title="Text", description="The body.", examples=["See the attachment."])] = ""
    priority: Annotated[
        Literal["normal", "low", "high"] | int,
        Meta(title="Priority", description="normal, low, high; or a number as it goes out (others than 1, 2, 4 count as normal)."),
    ] = "normal"


class SentRecordingOutput(Struct, frozen=True):
    """Which recordings went out, with which priority."""

    recordings: list[str]
    priority: int


async def send_recording(context: Context, parameters: SendRecording) -> dict[str, Any]:
    """Send one by its own resource, several by the common one."""
    p, client = parameters, context.session.client
    priority = p.priority if isinstance(p.priority, int) else _PRIORITIES[p.priority]
    email = {
        "toParticipants": {"emailAddresses": [address(a) for a in addresses(p.to)]},
        "ccParticipants": {"emailAddresses": [address(a) for a in addresses(p.cc)]},
        "replyToAddress": address(p.reply_to or context.session.defaults.from_)["address"],
        "emailSubject": p.subject,
        "emailBody": p.text,
        "priority": priority,
    }
    if p.recordings:
        body = {"recordings": {"recordingIds": p.recordings}, "parameters": email}
        answer = await client.call("PUT", "recordings/send-as-email", body)
        return answered(SentRecordingOutput(p.recordings, priority), answer)
    recording = _recording(context, p.recording)
    answer = await client.call("PUT", f"recordings/{segment(recording)}/send-as-email", email)
    return answered(SentRecordingOutput([recording], priority), answer)


def _recording(context: Context, named: str | None) -> str:
    found = named or context.session.defaults.recording
    if not found:
        hint = "name it with `recording`, or set `recording` in the icws defaults"
        raise BadScenario([Diagnostic("E203", "no recording is named, and the environment has none", hint=hint)])
    return found


class OneRecording(_Record, frozen=True):
    """Which recording."""

    recording: Which = None


class ExportRecording(_Record, frozen=True):
    """Which recording, and which attachment of a recorded mail."""

    recording: Which = None
    attachment: Annotated[
        int | None, Meta(title="Attachment", description="The number of a recorded mail's attachment, from 1.", examples=[1])
    ] = None


class ExportOutput(Struct, frozen=True):
    """Where the recording can be fetched."""

    recording: str
    uri: str


async def export_recording(context: Context, parameters: ExportRecording) -> ExportOutput:
    """Ask for the address."""
    recording = _recording(context, parameters.recording)
    query = f"?attachmentId={parameters.attachment}" if parameters.attachment is not None else ""
    answer = await context.session.client.call("GET", f"recordings/{segment(recording)}/export-uri{query}")
    return ExportOutput(recording, str(decoded(answer).get("uri", "")))


class RecordingTags(_Record, frozen=True):
    """Which tags the recording gets."""

    recording: Which = None
    set: Annotated[
        list[str] | None, Meta(title="Set", description="The tags it has from now on; none only reads them.", examples=[["training"]])
    ] = None


class RecordingAttributes(_Record, frozen=True):
    """Which attributes the recording gets."""

    recording: Which = None
    set: Annotated[
        dict[str, str] | None, Meta(title="Set", description="Attributes to write; none only reads them.", examples=[{"Case": "4711"}])
    ] = None


class TagsOutput(Struct, frozen=True):
    """The tags of a recording; none is an empty list."""

    recording: str
    tags: list[str]


class RecordingAttributesOutput(Struct, frozen=True):
    """The attributes of a recording by their names."""

    recording: str
    attributes: dict[str, str]


class DetailsOutput(Struct, frozen=True):
    """What the recorder knows of a recording, as the server names it."""

    recording: str
    details: dict[str, Any]


async def recording_tags(context: Context, parameters: RecordingTags) -> dict[str, Any]:
    """The server adds tags and removes them by name: what is too many goes, what is missing comes; then they are read."""
    recording = _recording(context, parameters.recording)
    resource = f"recordings/{segment(recording)}/tags"
    written = None if parameters.set is None else await _replace_tags(context.session.client, resource, parameters.set)
    read = await context.session.client.call("GET", resource)
    return answered(TagsOutput(recording, _tags(read)), written or read)


async def _replace_tags(client: IcwsClient, resource: str, wanted: list[str]) -> Exchange | None:
    """The last request that changed something."""
    written, there = None, _tags(await client.call("GET", resource))
    for tag in there:
        if tag not in wanted:
            written = await client.call("DELETE", f"{resource}?tag={segment(tag)}")
    missing = [tag for tag in wanted if tag not in there]
    return await client.call("PUT", resource, {"tags": missing}) if missing else written


def _tags(read: Exchange) -> list[str]:
    return decoded(read).get("tags") or []


async def recording_attributes(context: Context, parameters: RecordingAttributes) -> dict[str, Any]:
    """Write when there is something to write (an empty mapping removes all), then read."""
    recording = _recording(context, parameters.recording)
    resource = f"recordings/{segment(recording)}/attributes"
    written = None if parameters.set is None else await _write_attributes(context.session.client, resource, parameters.set)
    read = await context.session.client.call("GET", resource)
    return answered(RecordingAttributesOutput(recording, _attributes(read)), written or read)


async def _write_attributes(client: IcwsClient, resource: str, given: dict[str, str]) -> Exchange | None:
    """The last request that changed something; attributes are removed by name."""
    written: Exchange | None = None
    if given:
        values = [{"attributeName": name, "attributeValue": value} for name, value in given.items()]
        return await client.call("PUT", resource, {"attributesValues": values})
    for name in _attributes(await client.call("GET", resource)):
        written = await client.call("DELETE", f"{resource}?attributeName={segment(name)}")
    return written


def _attributes(read: Exchange) -> dict[str, str]:
    return {str(v["attributeName"]): str(v["attributeValue"]) for v in decoded(read).get("attributesValues") or []}


async def recording_details(context: Context, parameters: OneRecording) -> DetailsOutput:
    """Read."""
    recording = _recording(context, parameters.recording)
    answer = await context.session.client.call("GET", f"recordings/{segment(recording)}/media-details")
    return DetailsOutput(recording, decoded(answer))


STEPS: tuple[StepType, ...] = (
    StepType(
        name="icws.send_recording",
        title="Send a recording by e-mail",
        description="The server exports the recording and sends it as a mail with attachments.",
        example="- icws.send_recording: {to: qa@example.com, subject: Call for review, text: See the attachment., priority: high}",
        parameters=SendRecording,
        output=SentRecordingOutput,
        sends=True,
        recipients=("to", "cc"),
        refusals=_REFUSALS,
        run=send_recording,
    ),
    StepType(
        name="icws.export_recording",
        title="Export a recording",
        description="Asks for the address under which the recording can be fetched.",
        example="- icws.export_recording",
        parameters=ExportRecording,
        output=ExportOutput,
        short="recording",
        safe=True,
        refusals=_REFUSALS,
        run=export_recording,
    ),
    StepType(
        name="icws.recording_tags",
        title="Tags of a recording",
        description="Sets a recording's tags, or reads them.",
        example="- icws.recording_tags: {set: [training]}",
        parameters=RecordingTags,
        output=TagsOutput,
        safe=True,
        refusals=_REFUSALS,
        run=recording_tags,
    ),
    StepType(
        name="icws.recording_attributes",
        title="Attributes of a recording",
        description="Writes attributes on a recording, or reads them.",
        example='- icws.recording_attributes: {set: {Case: "4711"}}',
        parameters=RecordingAttributes,
        output=RecordingAttributesOutput,
        safe=True,
        refusals=_REFUSALS,
        run=recording_attributes,
    ),
    StepType(
        name="icws.recording_details",
        title="Media details of a recording",
        description="Reads what the recorder knows of a recording's media.",
        example="- icws.recording_details",
        parameters=OneRecording,
        output=DetailsOutput,
        short="recording",
        safe=True,
        refusals=_REFUSALS,
        run=recording_details,
    ),
)
