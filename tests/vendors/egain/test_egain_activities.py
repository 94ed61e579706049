"""
The other activity operations, over the wire: reading, searching, pull, pick, transfer, complete, edit, cases, notes, attachments.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from runner.simulation.world import Attachment, Mail
from runner.vendors.egain.representation import from_xml
from runner.vendors.egain.simulator.organisation import AGENT, PULL, SUPERVISOR

Wired = Callable[..., None]
A = "/ws/v12/interaction/activity"
FIRST = 2801


def ids(answer: Any) -> list[int]:
    return [a["id"] for a in answer.json()["activity"]] if answer.body else []


async def dated(wire: Any, id: int = FIRST) -> dict[str, Any]:
    """What complete and edit want to know of an activity."""
    found = (await wire.ask("GET", f"{A}/{id}")).json()["activity"][0]
    return {"id": id, "lastModified": {"date": found["lastModified"]["date"]}}


async def more(wire: Any, count: int, **given: Any) -> list[int]:
    """More mails from customers, a second apart."""
    made = []
    for number in range(count):
        wire.world.clock.turn(1)
        mail = Mail(sender=f"c{number}@mail.example", to=["care@shop.example"], subject=f"Mail {number}", text="x", **given)
        made.append(wire.desk.arrive(mail).id)
    return made


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_summary_has_no_payload_and_all_has(wired: Wired) -> None:
    """A bare GET leaves out what is asked for by $attribute."""

    async def story(wire: Any) -> None:
        bare = (await wire.ask("GET", f"{A}/{FIRST}")).json()["activity"][0]
        whole = (await wire.ask("GET", f"{A}/{FIRST}?%24attribute=all")).json()["activity"][0]
        some = (await wire.ask("GET", f"{A}/{FIRST}?$attribute=payload,created")).json()["activity"][0]

        assert "payload" not in bare
        assert bare["link"] == {"rel": "self", "href": f"/system{A}/{FIRST}"}
        assert whole["payload"]["email"]["contents"]["content"] == [{"type": "text", "value": "Order 77"}]
        assert whole["contactPointData"] == "kim@mail.example"
        assert whole["customer"]["contactPersons"]["contactPerson"][0]["contactPoints"]["contactPoint"][0]["id"] == 1091
        assert ("created" in some, "contactPointData" in some) == (True, False)

    wired(story)


def test_xml_says_the_same_as_json(wired: Wired) -> None:
    """Both formats hold the same values, as texts in XML."""

    async def story(wire: Any) -> None:
        as_json = (await wire.ask("GET", f"{A}/{FIRST}?$attribute=all")).json()
        _, as_xml = from_xml((await wire.ask("GET", f"{A}/{FIRST}?$attribute=all", headers={"Accept": "application/xml"})).body)

        assert _texts(as_json) == as_xml

    wired(story)


def _texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _texts(v) for k, v in value.items()}
    return [_texts(v) for v in value] if isinstance(value, list) else str(value)


@pytest.mark.parametrize(
    ("path", "http", "code"),
    [
        (f"{A}/9999", 404, "404-100"),
        (f"{A}/{FIRST},9999", 404, "404-100"),
        (f"{A}/abc", 400, "400-108"),
        (f"{A}/{FIRST}?$attribute=colour", 400, "400-102"),
        (f"{A}/{FIRST}?$pagesize=2", 400, "400-101"),
        (f"{A}/" + ",".join(["1"] * 76), 400, "400-102"),
        (A, 400, "400-112"),
        (f"{A}?type=email", 400, "400-112"),
        (f"{A}?colour=red", 400, "400-101"),
        (f"{A}?status=asleep", 400, "400-102"),
        (f"{A}?status=open&status=open", 400, "400-102"),
        (f"{A}?case=abc", 400, "400-102"),
        (f"{A}?createdDate=2030", 400, "400-102"),
        (f"{A}?createdDate=[,]", 400, "400-102"),
        (f"{A}?status=open&$pagesize=76", 400, "400-102"),
        (f"{A}?status=open&$pagenum=0", 400, "400-105"),
        (f"{A}?status=open&$pagenum=1&$rangesize=5", 400, "400-102"),
        (f"{A}?status=open&$order=desc", 400, "400-112"),
        (f"{A}?status=open&$sort=colour", 400, "400-102"),
        (f"{A}/attributes", 400, "400-112"),
        (f"{A}/attributes?$attribute=x", 400, "400-102"),
        (f"{A}?status=completed", 204, ""),
        (f"{A}?status=open&$pagenum=9", 204, ""),
        (f"{A}?assignedUserName=nobody", 204, ""),
    ],
)
def test_what_reading_refuses(wired: Wired, error_of: Any, path: str, http: int, code: str) -> None:
    """Unknown ids, malformed ids and query parameters that are not listed have their codes; nothing found is 204."""

    async def story(wire: Any) -> None:
        answer = await wire.ask("GET", path)

        assert answer.http == http, answer.text
        assert (error_of(answer)["code"] if answer.body else "") == code

    wired(story)


def test_activities_of_other_departments_are_forbidden(wired: Wired) -> None:
    """Who works nowhere else sees only the home department, by id and by search."""

    async def story(wire: Any) -> None:
        other = wire.desk.arrive(Mail(sender="x@mail.example", to=["legal@shop.example"])).id

        assert (await wire.ask("GET", f"{A}/{other}")).http == 403
        assert ids(await wire.ask("GET", f"{A}?status=open")) == [FIRST]

    wired(story)


def test_search_filters_pages_and_order(wired: Wired) -> None:
    """Filters are and-ed; count is that of all matches, pages and ranges cut it."""

    async def story(wire: Any) -> None:
        made = await more(wire, 4)
        everything = [FIRST, *made]

        page = await wire.ask("GET", f"{A}?status=open&mode=inbound&$sort=createdDate&$order=desc&$pagesize=2&$pagenum=2")
        rest = await wire.ask("GET", f"{A}?status=open&$rangestart=4&$rangesize=10&$sort=id")
        since = await wire.ask("GET", f"{A}?createdDate=[2030-01-02T09:00:03.000Z,]")
        between = await wire.ask("GET", f"{A}?lastModifiedDate=%5B2030-01-02T09:00:01Z%2C2030-01-02T09:00:02Z%5D")
        queue = await wire.ask("GET", f"{A}?queue=2001&type=email&status=awaiting_assignment:new")

        assert ids(page) == [everything[2], everything[1]]
        assert page.json()["paginationInfo"] == {"count": 5, "pagenum": 2, "pagesize": 2}
        assert ids(rest) == everything[3:]
        assert ids(since) == made[2:]
        assert ids(between) == made[:2]
        assert ids(queue) == everything

    wired(story)


def test_attributes_need_no_right(wired: Wired) -> None:
    """Somebody without any right may ask what activities can have."""

    async def story(wire: Any) -> None:
        answer = await wire.ask("GET", f"{A}/attributes?$attribute=custom")

        assert [a["name"] for a in answer.json()["attribute"]] == ["custom.region", "custom.order_number"]
        assert (await wire.ask("GET", f"{A}?status=open")).http == 200

    wired(story, user="restricted1")


# ── taking, handing over, finishing ──────────────────────────────────────────────────────────────────────────────────────────────


def test_pull_takes_the_oldest_and_then_nothing(wired: Wired) -> None:
    """As many as the setting says; 204 when the queues are empty."""

    async def story(wire: Any) -> None:
        made = await more(wire, 2)

        first = await wire.ask("PUT", f"{A}/pull")
        second = await wire.ask("PUT", f"{A}/pull")
        third = await wire.ask("PUT", f"{A}/pull")

        assert ids(first) == [FIRST, made[0]]
        assert ids(second) == made[1:]
        assert (third.http, third.body) == (204, b"")
        assert (await wire.ask("PUT", f"{A}/pull?x=1")).http == 400

    wired(story, max_pull=2)


def test_pull_needs_action_and_queue(wired: Wired) -> None:
    """Without the action it is forbidden, without a queue there is nothing."""

    async def story(wire: Any) -> None:
        assert (await wire.ask("PUT", f"{A}/pull")).http == 403

    async def without_queue(wire: Any) -> None:
        assert (await wire.ask("PUT", f"{A}/pull")).http == 204

    wired(story, rights=set(AGENT - {PULL}))
    wired(without_queue, rights=set(AGENT - {"queue"}))


def body(*items: dict[str, Any]) -> dict[str, Any]:
    return {"activity": list(items)}


def test_pick_takes_from_queue_and_from_others_but_not_from_oneself(wired: Wired) -> None:
    """A mail already mine is refused; a pinned one wants unpin and the right to it."""

    async def story(wire: Any) -> None:
        picked = await wire.ask("PUT", f"{A}/pick", body({"id": FIRST}))
        again = await wire.ask("PUT", f"{A}/pick", body({"id": FIRST}))
        wire.desk.activities[FIRST].pinned = True
        await wire.login("agent2")
        pinned = await wire.ask("PUT", f"{A}/pick", body({"id": FIRST}))
        no_right = await wire.ask("PUT", f"{A}/pick?unpin=yes", body({"id": FIRST}))
        await wire.login("supervisor1")
        taken = await wire.ask("PUT", f"{A}/pick?unpin=yes", body({"id": FIRST}))

        assert [a.http for a in (picked, again, pinned, no_right, taken)] == [204, 400, 400, 403, 204]
        assert wire.desk.organisation.user(wire.desk.activities[FIRST].assigned).name == "supervisor1"

    wired(story)


def test_a_list_is_checked_whole_before_anything_changes(wired: Wired) -> None:
    """One wrong id, and no activity is taken."""

    async def story(wire: Any) -> None:
        answer = await wire.ask("PUT", f"{A}/pick", body({"id": FIRST}, {"id": 9999}))

        assert answer.http == 404
        assert wire.desk.activities[FIRST].status == "awaiting_assignment"

    wired(story)


@pytest.mark.parametrize(
    ("query", "http"),
    [
        ("?user=1011", 204),
        ("?queue=2002", 204),
        ("", 400),
        ("?user=1011&queue=2002", 400),
        ("?user=9999", 400),
        ("?queue=2003", 400),
        ("?queue=2011", 400),
        ("?queue=2001", 400),
        ("?queue=abc", 400),
        ("?user=restricted", 400),
    ],
)
def test_transfer(wired: Wired, query: str, http: int) -> None:
    """To one user or one queue, active, of the same department, and not where the mail is already."""

    async def story(wire: Any) -> None:
        assert (await wire.ask("PUT", f"{A}/transfer{query}", body({"id": FIRST}))).http == http

    wired(story)


def test_complete_closes_the_case_with_its_last_activity(wired: Wired) -> None:
    """The answer tells each activity's case; it closes when nothing in it is open."""

    async def story(wire: Any) -> None:
        await wire.ask("PUT", f"{A}/pull")

        answer = await wire.ask("PUT", f"{A}/complete", body(await dated(wire)))

        told = answer.json()["activity"][0]
        assert (answer.http, told["id"], told["case"]["status"]["value"]) == (200, FIRST, "closed")
        assert wire.desk.activities[FIRST].substatus == "done"

    wired(story)


def test_complete_in_xml(wired: Wired) -> None:
    """The published XML request works."""

    async def story(wire: Any) -> None:
        await wire.ask("PUT", f"{A}/pull")
        date = (await dated(wire))["lastModified"]["date"]
        document = (
            '<activities xmlns="http://bindings.egain.com/ws/model/v12/gen/interaction/activity">'
            f'<activity id="{FIRST}"><lastModified date="{date}"/></activity></activities>'
        )

        assert (await wire.ask("PUT", f"{A}/complete", body=document.encode(), kind="application/xml")).http == 200

    wired(story)


def test_what_complete_refuses(wired: Wired) -> None:
    """Not mine, a stale date, no date, a draft, or completed already."""

    async def story(wire: Any) -> None:
        not_mine = await wire.ask("PUT", f"{A}/complete", body(await dated(wire)))
        await wire.ask("PUT", f"{A}/pull")
        stale = await wire.ask("PUT", f"{A}/complete", body({"id": FIRST, "lastModified": {"date": "2030-01-01T00:00:00.000Z"}}))
        undated = await wire.ask("PUT", f"{A}/complete", body({"id": FIRST}))
        done = await wire.ask("PUT", f"{A}/complete", body(await dated(wire)))
        again = await wire.ask("PUT", f"{A}/complete", body(await dated(wire)))

        assert [a.http for a in (not_mine, stale, undated, done, again)] == [400, 409, 400, 200, 400]

    wired(story)


def test_edit_of_an_assigned_and_of_a_completed_activity(wired: Wired) -> None:
    """Each state has its own elements; a completed one needs the right."""

    async def story(wire: Any) -> None:
        await wire.ask("PUT", f"{A}/pull")
        given = {"priority": "5", "dueDate": "2031-05-04T09:30:00.000Z", "language": {"value": "de-DE"}}
        edited = await wire.ask("PUT", A, body(await dated(wire) | given))
        contents = {"payload": {"email": {"contents": {"content": [{"type": "text", "value": "new"}]}}}}
        too_early = await wire.ask("PUT", A, body(await dated(wire) | contents))
        nothing = await wire.ask("PUT", A, body(await dated(wire)))
        await wire.ask("PUT", f"{A}/complete", body(await dated(wire)))
        completed = await wire.ask("PUT", A, body(await dated(wire) | contents))
        wrong = await wire.ask("PUT", A, body(await dated(wire) | {"priority": "1"}))

        activity = wire.desk.activities[FIRST]
        assert [a.http for a in (edited, too_early, nothing, completed, wrong)] == [204, 400, 400, 204, 400]
        assert (activity.priority, activity.language, activity.contents) == (5, "de-DE", {"text": "new"})

    wired(story, rights=set(SUPERVISOR))


def test_change_case_to_a_new_and_to_an_old_one(wired: Wired) -> None:
    """A new case is 201 with its place and empties the old one, which closes; back is 204 and reopens it."""

    async def story(wire: Any) -> None:
        new = await wire.ask("PUT", f"{A}/{FIRST}/changecase?relateCase=yes", {"subject": "Refund"})
        closed = wire.desk.cases[1301].status
        back = await wire.ask("PUT", f"{A}/{FIRST}/changecase", {"id": 1301})
        same = await wire.ask("PUT", f"{A}/{FIRST}/changecase", {"id": 1301})
        unknown = await wire.ask("PUT", f"{A}/{FIRST}/changecase", {"id": 9})
        empty = await wire.ask("PUT", f"{A}/{FIRST}/changecase", body=b"<case/>", kind="application/xml")

        assert [a.http for a in (new, back, same, unknown, empty)] == [201, 204, 400, 400, 201]
        assert new.header("Location").startswith("/system/ws/v12/interaction/case/")
        assert (closed, wire.desk.cases[1302].related) == ("closed", [1301])

    wired(story)


def test_notes(wired: Wired) -> None:
    """A note has 1 to 1500 characters; without any the list is 204."""

    async def story(wire: Any) -> None:
        none = await wire.ask("GET", f"{A}/{FIRST}/note")
        made = await wire.ask("POST", f"{A}/{FIRST}/note", {"content": "Called back."})
        listed = await wire.ask("GET", f"{A}/{FIRST}/note")
        refused = [await wire.ask("POST", f"{A}/{FIRST}/note", {"content": text}) for text in ("", "x" * 1501)]

        assert [a.http for a in (none, made, listed, *refused)] == [204, 201, 200, 400, 400]
        assert [n["content"] for n in listed.json()["note"]] == ["Called back."]

    wired(story)


def test_a_content_url_works_once(wired: Wired) -> None:
    """The place of the bytes is host-relative, needs no session, and is gone after one download."""

    async def story(wire: Any) -> None:
        mail = Mail(sender="x@mail.example", to=["care@shop.example"], attachments=[Attachment("ä b.pdf", b"\x00pdf", "application/pdf")])
        id = wire.desk.arrive(mail).id
        none = await wire.ask("GET", f"{A}/{FIRST}/attachment")
        listed = (await wire.ask("GET", f"{A}/{id}/attachment")).json()["attachment"][0]
        bare = (await wire.ask("GET", f"{A}/{id}/attachment/{listed['id']}")).json()["attachment"][0]
        place = (await wire.ask("GET", f"{A}/{id}/attachment/{listed['id']}?$attribute=contentUrl")).json()["attachment"][0]["contentUrl"]
        path = place.removeprefix("/system")

        first = await wire.ask("GET", path, session="", headers={"Accept": "image/png"})
        second = await wire.ask("GET", path)

        assert none.http == 204
        assert (listed["fileName"], listed["size"], listed["isBlocked"], "contentUrl" in bare) == ("ä b.pdf", "4", "false", False)
        assert (first.http, first.body, first.header("Content-Type")) == (200, b"\x00pdf", "application/pdf")
        assert second.http == 404
        assert (await wire.ask("GET", f"{A}/{id}/attachment/9")).http == 404

    wired(story)


# ── drafts and inbound mail through the API ──────────────────────────────────────────────────────────────────────────────────────


def test_compose_and_save_keeps_macros_unless_asked(wired: Wired, document: Any) -> None:
    """A saved draft is not sent; its macros stay as they are without expandMacros."""

    async def story(wire: Any) -> None:
        plain = await wire.ask("POST", A, document({"subject": "Ref ``activity_id"}))
        expanded = await wire.ask("POST", f"{A}?expandMacros=yes", document({"subject": "Ref ``activity_id"}))

        subjects = [wire.desk.activities[int(a.header("Location").rpartition("/")[2])].subject for a in (plain, expanded)]
        assert (plain.http, expanded.http, wire.world.outbox) == (201, 201, [])
        assert subjects == ["Ref ``activity_id", f"Ref {expanded.header('Location').rpartition('/')[2]}"]
        refused = await wire.ask("PUT", f"{A}/complete", body(await dated(wire, int(plain.header("Location").rpartition("/")[2]))))
        assert refused.http == 400

    wired(story)


GENERAL: dict[str, Any] = {
    "department": {"name": "Service"},
    "type": {"value": "email", "subtype": {"value": "general"}},
    "isSecure": "false",
    "subject": "Where is my order?",
    "payload": {
        "email": {
            "date": {"date": "2029-05-01T07:00:00.000Z"},
            "contents": {"content": [{"type": "text", "value": "Order 77 is late."}]},
            "emailAddresses": {"from": "new@mail.example", "receiver": "care@shop.example"},
        }
    },
}


def test_an_administrator_may_put_in_a_customers_mail(wired: Wired) -> None:
    """The published example makes an inbound activity in the alias' queue; agents may not do it."""

    async def story(wire: Any) -> None:
        made = await wire.ask("POST", A, GENERAL)
        await wire.login("agent1")
        refused = await wire.ask("POST", A, GENERAL)

        activity = wire.desk.activities[int(made.header("Location").rpartition("/")[2])]
        assert (made.http, refused.http) == (201, 403)
        assert (activity.mode, activity.status, activity.queue, activity.from_) == (
            "inbound",
            "awaiting_assignment",
            2001,
            "new@mail.example",
        )
        assert activity.sent is not None
        assert activity.sent.year == 2029

    wired(story, user="supervisor1")


PAGE = '<p>See <img src="cid:shot"></p>'


def test_a_customers_mail_may_hold_inline_files(wired: Wired, document: Any) -> None:
    """As parts of a form with a Content-ID; the HTML gets their bytes when that is asked for, for one activity."""

    async def story(wire: Any) -> None:
        tree = GENERAL | {"payload": {"email": GENERAL["payload"]["email"] | {"contents": {"content": [{"type": "html", "value": PAGE}]}}}}
        parts = [
            b'Content-Disposition: form-data; name="data-type"\r\n\r\napplication/json',
            b'Content-Disposition: form-data; name="data"\r\n\r\n' + json.dumps(tree).encode(),
            b'Content-Disposition: inline; fileName="a.png"\r\nContent-Type: image/png\r\nContent-ID: <shot>\r\n\r\npng',
        ]
        form = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"
        made = await wire.ask("POST", A, body=form, kind="multipart/form-data; boundary=b")
        path = made.header("Location").removeprefix("/system")

        plain = await wire.ask("GET", f"{path}?$attribute=payload")
        embedded = await wire.ask("GET", f"{path}?$attribute=payload&embedInlineAttachment=yes")
        several = await wire.ask("GET", f"{path},{FIRST}?embedInlineAttachment=yes")

        told = [a.json()["activity"][0]["payload"]["email"]["contents"]["content"][0]["value"] for a in (plain, embedded)]
        assert told == [PAGE, '<p>See <img src="data:image/png;base64,cG5n"></p>']
        assert (made.http, several.http) == (201, 400)

    wired(story, user="supervisor1")


@pytest.mark.parametrize("date", [None, "yesterday", {"date": "2030-13-01T00:00:00Z"}])
def test_a_change_without_a_date_of_change_is_400(wired: Wired, date: Any) -> None:
    """Of activities, cases and customers alike; a stale one is another thing."""

    async def story(wire: Any) -> None:
        await wire.ask("PUT", f"{A}/pull")
        modified = {} if date is None else {"lastModified": date if isinstance(date, dict) else {"date": date}}

        answers = [
            await wire.ask("PUT", A, {"activity": [{"id": FIRST, "priority": "3"} | modified]}),
            await wire.ask("PUT", CASE, {"case": [{"id": 1301, "subject": "x"} | modified]}),
            await wire.ask("PUT", CUSTOMER, {"customer": [{"id": 1041, "pin": "1"} | modified]}),
        ]

        assert [a.http for a in answers] == [400, 400, 400]

    wired(story)


# ── cases, customers, users ──────────────────────────────────────────────────────────────────────────────────────────────────────

CASE = "/ws/v12/interaction/case"
CUSTOMER = "/ws/v12/interaction/customer"


def test_cases_are_read_searched_and_changed(wired: Wired, error_of: Any) -> None:
    """By id, by customer and by address; a change wants the date that the server has."""

    async def story(wire: Any) -> None:
        case = (await wire.ask("GET", f"{CASE}/1301")).json()["case"][0]
        dated = {"id": 1301, "lastModified": case["lastModified"]}
        edited = await wire.ask("PUT", CASE, {"case": [dated | {"severity": {"value": "high"}, "solution": "Refunded."}]})
        stale = await wire.ask("PUT", CASE, {"case": [dated | {"subject": "x"}]})
        found = [await wire.ask("GET", f"{CASE}?{q}") for q in ("customer=1041", "email=KIM@mail.example", "email=x@y.example", "")]
        after = (await wire.ask("GET", f"{CASE}/1301?$attribute=all")).json()["case"][0]

        assert (case["status"]["value"], case["activities"]["link"]["href"]) == ("open", "/system/ws/v12/interaction/activity?case=1301")
        assert (edited.http, stale.http, error_of(stale)["code"]) == (204, 409, "409-100")
        assert [f.http for f in found] == [200, 200, 204, 400]
        assert (after["severity"]["value"], after["solution"]) == ("high", "Refunded.")
        assert (await wire.ask("GET", f"{CASE}/9")).http == 404
        assert (await wire.ask("POST", f"{CASE}/1301/note", {"content": "x"})).http == 201
        assert (await wire.ask("POST", "/ws/v20/interaction/case/lookup", {"email": "kim@mail.example"})).json()["case"][0]["id"] == 1301

    wired(story)


def test_customers_are_made_found_and_changed(wired: Wired) -> None:
    """An address belongs to one customer; a case and an activity can go over to another."""

    async def story(wire: Any) -> None:
        point = {"type": {"value": "email", "email": {"emailAddress": "nora@mail.example"}}, "priority": {"value": "1"}}
        person = {"firstName": "Nora", "contactPoints": {"contactPoint": [point]}}
        document = {"type": {"value": "individual"}, "contactPersons": {"contactPerson": [person]}, "level": "Gold"}
        made = await wire.ask("POST", CUSTOMER, document)
        twice = await wire.ask("POST", CUSTOMER, document)
        id = int(made.header("Location").rpartition("/")[2])
        found = (await wire.ask("GET", f"{CUSTOMER}?email=nora@mail.example")).json()["customer"][0]
        dated = {"id": id, "lastModified": found["lastModified"]}
        edited = await wire.ask("PUT", CUSTOMER, {"customer": [dated | {"pin": "4711"}]})
        given = {"contactPersons": {"contactPerson": [{"contactPoints": {"contactPoint": [{"id": 1092}]}}]}}
        moved = await wire.ask("PUT", f"{A}/changecustomer", body({"id": FIRST, "customer": given}))
        whole = await wire.ask("PUT", f"{CASE}/1301/changecustomer", {"customer": {"id": id}})

        assert [a.http for a in (made, twice, edited, moved, whole)] == [201, 409, 204, 204, 204]
        assert (found["id"], found["level"]) == (id, "Gold")
        assert wire.desk.activities[FIRST].customer == wire.desk.cases[1301].customer == id
        assert (await wire.ask("GET", f"{CUSTOMER}/{id}")).json()["customer"][0]["pin"] == "4711"
        assert (await wire.ask("GET", f"{CUSTOMER}?email=x@y.example")).http == 204
        assert (await wire.ask("GET", CUSTOMER)).http == 400

    wired(story)


def test_customers_by_what_they_were_sent(wired: Wired, document: Any) -> None:
    """Sent mails carry a sent date, by which their customers are found."""

    async def story(wire: Any) -> None:
        filter = '?activity={"mode":"outbound","sentDate":"[2030-01-01T00:00:00Z,]"}'
        before = await wire.ask("GET", CUSTOMER + filter)
        await wire.send(document())
        after = await wire.ask("GET", CUSTOMER + filter)

        assert (before.http, after.http) == (204, 200)
        assert (await wire.ask("GET", CUSTOMER + "?activity=x")).http == 400

    wired(story)


def test_users_are_listed_by_department(wired: Wired) -> None:
    """Page by page, by name or number of the department."""

    async def story(wire: Any) -> None:
        by_name = await wire.ask("GET", "/ws/v12/administration/user?department=Service&$pagesize=2")
        by_number = await wire.ask("GET", "/ws/v12/administration/user?department=999&$pagesize=75")
        one = await wire.ask("GET", "/ws/v12/administration/user/1010")

        assert [u["name"] for u in by_name.json()["user"]] == ["agent1", "agent2"]
        assert by_name.json()["paginationInfo"]["count"] == len(by_number.json()["user"]) == 11
        assert one.json()["user"][0]["firstName"] == "Agent"
        assert (await wire.ask("GET", "/ws/v12/administration/user/9")).http == 404

    wired(story)
