"""
``/icws/{session}/recordings`` and the quality search (icws.md §6; given page "recordings/{recordingId}/send-as-email").
"""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from runner.simulation.world import Mail
from runner.vendors.icws.simulator.bodies import Body
from runner.vendors.icws.simulator.calls import Call, Route
from runner.vendors.icws.simulator.errors import bad_request, empty, invalid, not_found, reply
from runner.vendors.icws.simulator.interactions import compact
from runner.vendors.icws.simulator.recorder import HIGH, LOW, NORMAL, Kept, SentRecording
from runner.vendors.icws.simulator.settings import IcwsSettings

__all__ = ["ROUTES"]

_COMPLETE = 3
_PRIORITIES = {NORMAL, LOW, HIGH}
_SEARCH_DONE = "urn:inin.com:qualityManagement:createSearchCompletedMessage"
_NOT_ALLOWED = "The user is not authorized to use recordings management."


def _allowed(call: Call) -> None:
    call.needs(call.office.settings.recordings_right, _NOT_ALLOWED)


def _allowed_in_turn(call: Call) -> None:
    call.needs_in_turn(call.office.settings.recordings_right, _NOT_ALLOWED)


def _recording(call: Call, id: str | None = None) -> Kept:
    """The recording; an unknown one is 400, for the page lists no 404."""
    wanted = call.parameters["recording"] if id is None else id
    found = call.office.recorder.find(wanted)
    if found is None:
        why = f"The recording '{wanted}' does not exist."
        raise not_found(why) if call.office.settings.unknown_recording_status == 404 else bad_request(why)
    return found


# ── send-as-email ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _send_one(call: Call) -> web.StreamResponse:
    _allowed_in_turn(call)
    mail, priority = _email(call, call.body())
    call.settle()
    return _deliver(call, [_recording(call)], mail, priority)


async def _send_many(call: Call) -> web.StreamResponse:
    _allowed_in_turn(call)
    body = call.body()
    ids = body.inner("recordings").texts("recordingIds", filled=True)
    mail, priority = _email(call, body.inner("parameters"))
    call.settle()
    return _deliver(call, [_recording(call, id) for id in ids], mail, priority)


def _email(call: Call, body: Body) -> tuple[Mail, int]:
    """``emailParameters``: every member is required; a priority that is none counts as normal."""
    to, cc = _participants(body, call.office.settings)
    reply_to = body.text("replyToAddress")
    subject, text = body.text("emailSubject"), body.text("emailBody")
    priority = body.number("priority")
    mail = Mail(call.office.settings.mailbox, to, subject, text, cc=cc, reply_to=reply_to)
    return mail, priority if priority in _PRIORITIES else NORMAL


def _participants(body: Body, settings: IcwsSettings) -> tuple[list[str], list[str]]:
    """The nested form that servers take; also the flat one that the page's table reads like: one ``displayName`` and ``address``."""
    if settings.flat_participant and "toParticipants" not in body and ("address" in body or "displayName" in body):
        return [_participant(body)], []
    to = [_participant(p) for p in body.inner("toParticipants").objects("emailAddresses")]
    if not to and settings.recording_recipients_required:
        raise invalid("emailAddresses", "at least one recipient is expected.")
    return to, [_participant(p) for p in body.inner("ccParticipants").objects("emailAddresses")]


def _participant(body: Body) -> str:
    body.text("displayName")
    address = body.text("address")
    if "@" not in address:
        raise invalid("address", f"'{address}' is not an e-mail address.")
    return address


def _deliver(call: Call, recordings: Sequence[Kept], mail: Mail, priority: int) -> web.StreamResponse:
    mail.attachments = [a for kept in recordings for a in kept.media()]
    mail.id = call.office.world.guid()
    call.office.world.deliver(mail)
    call.office.recorder.sent.append(SentRecording(tuple(k.recording.id for k in recordings), mail, priority))
    return empty(204)


# ── what is known of a recording ─────────────────────────────────────────────────────────────────────────────────────────────────


async def _export(call: Call) -> web.StreamResponse:
    _allowed(call)
    kept = _recording(call)
    number = call.request.query.get("attachmentId")
    if number is not None and not (number.isascii() and number.isdigit() and 1 <= int(number[:9]) <= len(kept.recording.attachments)):
        raise bad_request(f"The recording has no attachment '{number}'.")
    suffix = f"/{number}" if number else ""
    return reply({"uri": f"https://recorder.example/exports/{kept.recording.id}{suffix}"})


async def _tags(call: Call) -> web.StreamResponse:
    _allowed(call)
    return reply({"tags": _recording(call).tags})


async def _set_tags(call: Call) -> web.StreamResponse:
    """What the request names is added; a tag goes by DELETE alone."""
    _allowed(call)
    tags = call.body().texts("tags")
    kept = _recording(call)
    kept.tags = list(dict.fromkeys([*kept.tags, *tags]))
    return call.done("recording-write")


async def _clear_tags(call: Call) -> web.StreamResponse:
    _allowed(call)
    kept, named = _recording(call), call.request.query.getall("tag", [])
    kept.tags = [tag for tag in kept.tags if named and tag not in named]
    return call.done("recording-write")


async def _attributes(call: Call) -> web.StreamResponse:
    _allowed(call)
    values = [{"attributeName": k, "attributeValue": v} for k, v in _recording(call).attributes.items()]
    return reply({"attributesValues": values})


async def _set_attributes(call: Call) -> web.StreamResponse:
    _allowed(call)
    given = {p.text("attributeName"): p.text("attributeValue") for p in call.body().objects("attributesValues")}
    _recording(call).attributes |= given
    return call.done("recording-write")


async def _clear_attributes(call: Call) -> web.StreamResponse:
    _allowed(call)
    kept, named = _recording(call), call.request.query.getall("attributeName", [])
    kept.attributes = {name: value for name, value in kept.attributes.items() if named and name not in named}
    return call.done("recording-write")


async def _details(call: Call) -> web.StreamResponse:
    _allowed(call)
    recording = _recording(call).recording
    return reply(
        {
            "recordingId": recording.id,
            "recordingDate": compact(call.office.world.clock.now()),
            "interactionId": recording.interaction,
            "mediaType": 4 if recording.attachments else 1,
        }
    )


# ── quality search ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _search(call: Call) -> web.StreamResponse:
    _allowed(call)
    body = call.body()
    _filters(body.inner("filters"))
    most = body.number("maxResults") if "maxResults" in body else len(call.office.recorder.all())
    session = call.session
    request_id = session.request_id()
    found = _results(call)
    own = {} if call.office.settings.search_ids == "request" else {"searchId": call.office.world.guid()}
    call.office.searches[session.id, own.get("searchId", request_id)] = found
    call.office.hub.done(session, request_id, _SEARCH_DONE, results=found[: max(0, most)], moreResults=len(found) > most, **own)
    return reply({"requestId": request_id}, http=202)


def _filters(given: Body) -> None:
    """Every filter is optional and must be of its type; which scorecards there are, they do not change."""
    for name in ("scoredUsers", "questionnaireIds", "workgroups"):
        if name in given:
            given.texts(name)
    for name in ("recordingTimeStart", "recordingTimeEnd", "scoringTimeStart", "scoringTimeEnd"):
        if name in given:
            given.moment(name)
    if "signoffStates" in given and any(state not in (0, 1, 2) for state in given.values("signoffStates")):
        raise invalid("signoffStates", "numbers from 0 to 2 are expected.")


def _results(call: Call) -> list[dict[str, object]]:
    """Every recording has one completed scorecard."""
    now = compact(call.office.world.clock.now())
    return [
        {
            "recordingId": kept.recording.id,
            "interactionId": kept.recording.interaction,
            "recordingTime": now,
            "recordingVersion": 1,
            "mediaType": 4 if kept.recording.attachments else 1,
            "scorecard": {
                "scorecardId": f"scorecard-{kept.recording.id}",
                "questionnaireId": "questionnaire-1",
                "scoringTime": now,
                "scoringState": _COMPLETE,
                "scorePct": 90,
                "signoffState": 0,
                "calibration": 0,
            },
        }
        for kept in call.office.recorder.all()
    ]


async def _search_results(call: Call) -> web.StreamResponse:
    _allowed(call)
    found = call.office.searches.get((call.session.id, call.parameters["search"]))
    if found is None:
        raise not_found("The search does not exist.")
    return reply({"numRemaining": 0, "results": found})


async def _forget_search(call: Call) -> web.StreamResponse:
    _allowed(call)
    if call.office.searches.pop((call.session.id, call.parameters["search"]), None) is None:
        raise not_found("The search does not exist.")
    return call.done("search-forget")


_ONE = "/{session}/recordings/{recording}"
_FEATURE = ("recordings", 2)
_SEARCH = ("quality-management", 3)

ROUTES = (
    Route("PUT", f"{_ONE}/send-as-email", _send_one, _FEATURE),
    Route("PUT", "/{session}/recordings/send-as-email", _send_many, _FEATURE),
    Route("GET", f"{_ONE}/export-uri", _export, _FEATURE),
    Route("GET", f"{_ONE}/tags", _tags, _FEATURE),
    Route("PUT", f"{_ONE}/tags", _set_tags, _FEATURE),
    Route("DELETE", f"{_ONE}/tags", _clear_tags, _FEATURE),
    Route("GET", f"{_ONE}/attributes", _attributes, _FEATURE),
    Route("PUT", f"{_ONE}/attributes", _set_attributes, _FEATURE),
    Route("DELETE", f"{_ONE}/attributes", _clear_attributes, _FEATURE),
    Route("GET", f"{_ONE}/media-details", _details, ("recordings", 6)),
    Route("POST", "/{session}/agent-quality/search", _search, _SEARCH),
    Route("GET", "/{session}/agent-quality/search/{search}", _search_results, _SEARCH),
    Route("DELETE", "/{session}/agent-quality/search/{search}", _forget_search, _SEARCH),
)
