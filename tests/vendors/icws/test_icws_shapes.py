"""
The members of representations, as the vendor's own library declares them (its data contracts refuse any other); asked for on the bare wire.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from runner.simulation.world import Attachment
from runner.transport.sse import EventStream
from tests.vendors.icws.conftest import DESK, URN

CONNECTION = "urn:inin.com:connection:"
SEATED = {"supportedMediaTypes": [3], "readyForInteractions": True}
INNER = b"""\
From: Bob <bob@example.net>
To: Ann <ann@example.net>
Subject: Inside
Date: Mon, 12 Feb 2024 11:15:00 +0100

Hello Ann
"""


# ── connection ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("version", "members"),
    [
        (1, ["version"]),
        (4, ["features", "serverTimeInfo", "version"]),
        (11, ["defaultWorkstationId", "effectiveStation", "features", "purecloudIntegration", "serverTimeInfo", "version"]),
    ],
)
def test_include_brings_what_the_server_s_version_knows(version: int, members: list[str], knock: Callable[..., None]) -> None:
    """Each word of `include` has the version of the connection feature from which it is answered; older servers pass it over."""

    async def story(door: Any) -> None:
        body = {"__type": CONNECTION + "icAuthConnectionRequestSettings", "applicationName": "x", "userID": "agent1"}
        body["password"] = door.world.people["agent1"].password
        words = "version,features,server-time,default-workstation,purecloud-integration,effective-station"
        told = (await door.call("POST", f"/icws/connection?include={words}", body, {"Accept-Language": "en"})).json()
        assert sorted(told.keys() & {*members, "features", "effectiveStation", "purecloudIntegration"}) == members
        assert told.get("purecloudIntegration", {"integrationEnabled": False}) == {"integrationEnabled": False}

    knock(story, features={"connection": version})


def test_server_info_names_languages(knock: Callable[..., None]) -> None:
    """With languageID, capital ID as in userID, and the language that was asked for."""

    async def story(door: Any) -> None:
        told = (await door.call("GET", "/icws/connection/server-info?displayLanguage=de")).json()
        assert (told["languages"][1], told["acceptLanguage"]) == ({"languageID": "de", "languageDisplayName": "Deutsch"}, "de")

    knock(story)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"__type": CONNECTION + "workstationSettings", "workstation": "desk-1"}, {"id": "Desk-1", "stationSetting": 1}),
        (
            {"__type": CONNECTION + "remoteWorkstationSettings", "workstation": "Desk-2", "remoteNumber": "555"},
            {"id": "Desk-2", "stationSetting": 2, "remoteNumber": "555"},
        ),
        (
            {"__type": CONNECTION + "remoteNumberSettings", "remoteNumber": "555", "persistentConnection": True},
            {"id": "555", "stationSetting": 3, "remoteNumber": "555"},
        ),
        ({"__type": CONNECTION + "stationlessSettings"}, {"id": "", "stationSetting": 0, "canBeDialed": False}),
    ],
)
def test_a_station_is_told_by_its_setting(settings: dict[str, Any], told: dict[str, Any], knock: Callable[..., None]) -> None:
    """0 none, 1 workstation, 2 remote workstation, 3 remote number; the media types come back as allowedMediaTypes."""

    async def story(door: Any) -> None:
        agent = await door.login()
        await agent.good("PUT", "connection/station", settings | SEATED)
        found = await agent.good("GET", "connection/station")
        expected = {"extension": "", "allowedMediaTypes": [3], "canBeDialed": True} | told
        assert found == expected

    knock(story)


def test_no_station_is_400_with_the_server_s_number(knock: Callable[..., None]) -> None:
    """Nobody sits there, or there is no such workstation: errorId is -2147221496 as text."""

    async def story(door: Any) -> None:
        agent = await door.login()
        absent = await agent.call("GET", "connection/station")
        unknown = await agent.call("PUT", "connection/station", {"__type": CONNECTION + "workstationSettings", "workstation": "Nowhere"})
        assert [(a.http, a.json()["errorId"], "errorCode" in a.json()) for a in (absent, unknown)] == [(400, "-2147221496", False)] * 2

    knock(story)


def test_station_watchers_hear_where_one_sits_and_sat(knock: Callable[..., None]) -> None:
    """newStationInfo always, previousStationInfo when there was one; sitting nowhere is a station without a name."""

    async def story(door: Any) -> None:
        agent = await door.login()
        await agent.good("PUT", "messaging/subscriptions/connection/station")
        await agent.good("PUT", "connection/station", {"__type": CONNECTION + "workstationSettings", "workstation": "Desk-1"})
        await agent.good("DELETE", "connection/station")
        first, then, last = await agent.messages("stationConnectionStateChangeMessage")
        assert (first["newStationInfo"]["stationSetting"], "previousStationInfo" in first) == (0, False)
        assert then["newStationInfo"]["id"] == "Desk-1"
        assert (last["previousStationInfo"]["id"], last["newStationInfo"]["id"]) == ("Desk-1", "")

    knock(story)


def test_the_effective_station_is_told_to_those_who_asked_at_login(knock: Callable[..., None]) -> None:
    """effectiveStationChangeMessage with the station's id, null after it was left; nobody else gets one."""

    async def story(door: Any) -> None:
        plain = await door.login()
        body = {"__type": CONNECTION + "icAuthConnectionRequestSettings", "applicationName": "x", "userID": "agent1"}
        body["password"] = door.world.people["agent1"].password
        answer = await door.call("POST", "/icws/connection?include=effective-station", body, {"Accept-Language": "en"})
        told = answer.json()
        headers = {"Cookie": answer.header("Set-Cookie").partition(";")[0], "ININ-ICWS-CSRF-Token": told["csrfToken"]}
        path = f"/icws/{told['sessionId']}"
        await door.call(
            "PUT", f"{path}/connection/station", {"__type": CONNECTION + "workstationSettings", "workstation": "Desk-1"}, headers
        )
        await door.call("DELETE", f"{path}/connection/station", None, headers)
        messages = (await door.call("GET", f"{path}/messaging/messages", None, headers)).json()
        stations = [m["effectiveStation"] for m in messages if m["__type"] == CONNECTION + "effectiveStationChangeMessage"]
        assert stations == [{"stationId": {"id": "Desk-1", "displayName": "Desk-1"}}, None]
        assert await plain.messages() == []

    knock(story)


# ── people ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_status_has_what_was_said_beside_it(knock: Callable[..., None]) -> None:
    """Notes, number and end come back, in the answer and in the message, with stations and servers of whoever is logged in."""

    async def story(door: Any) -> None:
        agent = await door.login()
        await agent.good("PUT", "connection/station", {"__type": CONNECTION + "workstationSettings", "workstation": "Desk-1"})
        await agent.good("PUT", "messaging/subscriptions/status/user-statuses", {"userIds": ["AGENT1"]})
        until = {"untilDateTime": "2030-01-02T10:00:00Z", "hasDate": True, "hasTime": False}
        given = {"statusId": "at lunch", "notes": "Back soon", "forwardNumber": "555", "until": until}
        answer = await agent.call("PUT", "status/user-statuses/agent1", given)
        assert (answer.http, list(answer.json())) == (202, ["requestId"])
        told = await agent.good("GET", "status/user-statuses/agent1")
        assert told | given == told | {"statusId": "at lunch"}
        assert (told["statusId"], told["stations"], told["icServers"], told["onPhone"]) == ("At Lunch", ["Desk-1"], ["IC-A"], False)
        assert (await agent.messages("userStatusMessage"))[-1]["userStatusList"] == [told]

    knock(story)


def test_the_statuses_that_there_are_can_be_listed(knock: Callable[..., None]) -> None:
    """status-messages with their fourteen members, and the ids that a user may take."""

    async def story(door: Any) -> None:
        agent = await door.login()
        told = (await agent.good("GET", "status/status-messages"))["statusMessageList"]
        assert {len(one) for one in told} == {14}
        ids = [one["statusId"] for one in told]
        assert await agent.good("GET", "status/status-messages-user-access/agent1") == {"userId": "agent1", "statusMessages": ids}

    knock(story)


@pytest.mark.parametrize(
    ("method", "path", "body", "http"),
    [
        ("PUT", "messaging/subscriptions/status/user-statuses", {"userIds": ["nobody"]}, 404),
        ("GET", "status/user-statuses/nobody", None, 404),
        ("PUT", "status/user-statuses/nobody", {"statusId": "Available"}, 400),
        ("PUT", "activations/users/nobody", {"activations": {}}, 400),
    ],
)
def test_a_user_who_is_not_there(method: str, path: str, body: object, http: int, knock: Callable[..., None]) -> None:
    """404 where the vendor lists one; the two PUTs know none, so there it is 400."""

    async def story(door: Any) -> None:
        chief = await door.login("supervisor1")
        assert (await chief.call(method, path, body)).http == http

    knock(story)


def test_activating_answers_with_the_activations(knock: Callable[..., None]) -> None:
    """Whose they are, and each workgroup."""

    async def story(door: Any) -> None:
        agent = await door.login()
        told = await agent.good("PUT", "activations/users/agent1", {"activations": {"returns": False}})
        assert told == {"userId": "agent1", "activations": {"Customer Service": True, "Returns": False}}

    knock(story)


def test_licences_are_told_with_their_status(knock: Callable[..., None]) -> None:
    """2 is available, 9 unknown; PUT gives back what was taken before."""

    async def story(door: Any) -> None:
        agent = await door.login()
        told = (await agent.good("POST", "licenses", {"licenseList": ["i3_access_client", "None"]}))["licenseOperationResultList"]
        seen = [(one["licenseName"], one["isAvailable"], one["licenseStatus"]) for one in told]
        assert seen == [("i3_access_client", True, 2), ("None", False, 9)]
        await agent.good("PUT", "licenses", {"licenseList": ["I3_ACCESS_ACD_MEDIA_3_PLUS"]})
        (session,) = door.office.sessions
        assert session.licences == {"I3_ACCESS_ACD_MEDIA_3_PLUS"}
        assert (await agent.call("DELETE", "licenses")).http == 204

    knock(story)


# ── mail ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_alert_names_the_kind_as_text(knock: Callable[..., None]) -> None:
    """interactionType is a string, unlike the enumerations beside it."""

    async def story(door: Any) -> None:
        agent = await door.login()
        await agent.ready()
        await agent.call("PUT", "messaging/subscriptions/interaction-alerting", {"attributeNames": []})
        await door.arrives()
        ((detail,),) = [m["alertingInteractionDetails"] for m in await agent.messages("interactionAlertingMessage")]
        assert (detail["interactionType"], detail["alertAction"], detail["monitoredQueue"]) == (
            "EMAIL",
            1,
            {"queueType": 1, "queueName": "agent1"},
        )

    knock(story)


def test_an_attached_mail_is_downloaded_as_a_message(knock: Callable[..., None]) -> None:
    """It stands among messageAttachments, comes as emailMessageContentsResponse, and goes along when all attachments do."""

    async def story(door: Any) -> None:
        agent = await door.login()
        mail = await door.arrives(attachments=[Attachment("inner.eml", INNER, "message/rfc822")])
        await agent.good("POST", f"interactions/{mail}/pickup")
        await agent.good("PUT", f"messaging/subscriptions/interactions/{mail}/email")
        (told,) = await agent.messages("emailContentsMessage")
        ((attached),) = told["emailContent"]["messageAttachments"]
        assert (attached["__type"], attached["subject"]) == (URN + "emailMessageAttachment", "Inside")
        assert told["emailContent"]["fileAttachments"] == []
        path = f"interactions/{mail}/email/attachments/message/download"
        request = (await agent.good("POST", path, {"messageId": attached["messageId"]}))["requestId"]
        (message,) = await agent.messages("emailMessageAttachmentMessage")
        content = message["emailContent"]
        assert (message["requestId"], message["error"], content["__type"]) == (request, None, URN + "emailMessageContentsResponse")
        assert (content["sender"]["address"], content["receivedTimestamp"]) == ("bob@example.net", "20240212T101500Z")
        assert content["bodies"] == [{"body": "Hello Ann\n", "bodyType": 0}]
        forward = {"__type": URN + "emailResponseContent", "attachmentsFromParent": 2, "sender": DESK}
        forward["toRecipients"] = [DESK]
        body = {"__type": URN + "createEmailResponseParameters", "responseType": 2, "parentInteractionId": mail, "emailContent": forward}
        draft = (await agent.good("POST", "interactions", body))["interactionId"]
        await agent.good("POST", f"interactions/{draft}/email/send")
        assert [(a.name, a.type) for a in door.world.outbox[-1].attachments] == [("Inside.eml", "message/rfc822")]

    knock(story)


def test_a_scored_recording_has_its_scorecard(knock: Callable[..., None]) -> None:
    """The quality search gives a version and a scorecard with each recording; its filters must be dates and lists."""

    async def story(door: Any) -> None:
        agent = await door.login()
        filters = {"recordingTimeStart": "20240212T101500Z", "scoredUsers": ["agent1"], "signoffStates": [0, 2]}
        search = (await agent.good("POST", "agent-quality/search", {"filters": filters}))["requestId"]
        first = (await agent.good("GET", f"agent-quality/search/{search}"))["results"][0]
        assert (first["recordingVersion"], first["scorecard"]["scoringState"]) == (1, 3)
        for wrong in ({"scoringTimeEnd": "yesterday"}, {"workgroups": "all"}, {"signoffStates": [7]}):
            assert (await agent.call("POST", "agent-quality/search", {"filters": wrong})).json()["propertyName"] == next(iter(wrong))

    knock(story)


@pytest.mark.parametrize(
    ("time", "http"), [("20240212T101500Z", 200), ("2024-02-12T10:15:00Z", 200), ("2024-02-12T10:15Z", 200), ("noon", 400)]
)
def test_dates_come_in_both_forms(time: str, http: int, knock: Callable[..., None]) -> None:
    """Compact or extended ISO, seconds optional."""

    async def story(door: Any) -> None:
        agent = await door.login()
        body = {"code": "done", "segmentId": 1, "time": time, "user": "agent1", "sourceInteractionId": "1"}
        assert (await agent.call("POST", f"interactions/{await agent.draft()}/wrap-up-assignments", body)).http == http

    knock(story)


# ── streams ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_stream_may_be_read_by_a_page_of_another_origin(knock: Callable[..., None]) -> None:
    """An event stream has the headers that every answer has: a browser's EventSource with cookies is refused without them."""

    async def story(door: Any) -> None:
        agent = await door.login()
        headers = {"Cookie": agent.cookie, "Accept": "text/event-stream", "Origin": "https://app.example"}
        async with door.http.stream("GET", f"/icws/{agent.id}/messaging/messages", headers=headers) as stream:
            found = {k.lower(): v for k, v in stream.headers.items()}
        assert (found["access-control-allow-origin"], found["access-control-allow-credentials"]) == ("https://app.example", "true")
        assert (found["cache-control"], found["server"]) == ("no-cache, no-store, must-revalidate", "HttpPluginHost")

    knock(story)


def test_a_silent_stream_pings(knock: Callable[..., None]) -> None:
    """A comment keeps it alive, as often as the setting says."""

    async def story(door: Any) -> None:
        agent = await door.login()
        headers = {"Cookie": agent.cookie, "Accept": "text/event-stream"}
        async with asyncio.timeout(5), door.http.stream("GET", f"/icws/{agent.id}/messaging/messages", headers=headers) as stream:
            heard = [await stream.readline() for _ in range(6)]
        assert heard == [b":ping\n", b"\n"] * 3

    knock(story, ping_seconds=0.01)


@pytest.mark.parametrize(("survives", "waiting"), [(True, 1), (False, 0)])
def test_what_a_broken_stream_could_not_tell(survives: bool, waiting: int, knock: Callable[..., None]) -> None:
    """It waits for the next reader, unless the setting says that it is lost."""

    async def story(door: Any) -> None:
        agent = await door.login()
        headers = {"Cookie": agent.cookie, "Accept": "text/event-stream"}
        async with door.http.stream("GET", f"/icws/{agent.id}/messaging/messages", headers=headers) as stream:
            assert stream.http == 200
        for _ in range(50):  # until the server has seen the client go
            await asyncio.sleep(0)
        (session,) = door.office.sessions
        session.messages.put({"__type": "urn:inin.com:messaging:message", "isDelta": False})
        for _ in range(50):  # until it has tried to tell it
            await asyncio.sleep(0)
        assert session.streams == 0
        assert len(await agent.messages()) == waiting

    knock(story, messages_survive_break=survives)


def test_events_are_single_messages(knock: Callable[..., None]) -> None:
    """An event is one object, not a list, of the default type."""

    async def story(door: Any) -> None:
        agent = await door.login()
        await agent.good("PUT", "messaging/subscriptions/connection/station")
        await agent.good("PUT", "messaging/subscriptions/status/user-statuses", {"userIds": ["agent1"]})
        headers = {"Cookie": agent.cookie, "Accept": "text/event-stream"}
        async with asyncio.timeout(5), door.http.stream("GET", f"/icws/{agent.id}/messaging/messages", headers=headers) as stream:
            events = EventStream(stream)
            told = [await anext(aiter(events)), await anext(aiter(events))]
        assert [event.data[0] for event in told] == ["{", "{"]

    knock(story)
