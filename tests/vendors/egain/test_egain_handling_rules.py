"""
Each rule of the operations on what exists — activities, cases, customers — broken by itself: the status, and the words for this rule alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runner.simulation.world import Mail
from runner.vendors.egain.simulator.organisation import (
    ADD_NOTES,
    COMPLETE,
    CREATE_CUSTOMER,
    EDIT_CASE,
    EDIT_CUSTOMER,
    MANAGE_COMPLETED,
    PICK,
    PULL,
    SUPERVISOR,
    TRANSFER,
    VIEW_CONSOLE,
    VIEW_NOTES,
)
from runner.vendors.egain.simulator.records import written

Wired = Callable[..., None]
A = "/ws/v12/interaction/activity"
CASE = "/ws/v12/interaction/case"
CUSTOMER = "/ws/v12/interaction/customer"
FIRST = 2801
ME, COLLEAGUE, RESTRICTED, SPECIAL = 1010, 1011, 1018, 1020
# The verb, the path, the document.
Asked = tuple[str, str, Any]


def ids(*given: object) -> dict[str, Any]:
    return {"activity": [{"id": id} for id in given]}


def another(wire: Any, *, to: str = "care@shop.example", sender: str = "kim@mail.example") -> int:
    return int(wire.desk.arrive(Mail(sender=sender, to=[to])).id)


def changed(wire: Any, id: int = FIRST, **fields: Any) -> int:
    """The activity as somebody has left it."""
    for name, value in fields.items():
        setattr(wire.desk.activities[id], name, value)
    return id


def dated(wire: Any, id: int = FIRST) -> dict[str, Any]:
    return {"id": id, "lastModified": {"date": written(wire.desk.activities[id].last_modified)}}


def mine(wire: Any, **fields: Any) -> dict[str, Any]:
    return dated(wire, changed(wire, **{"status": "assigned", "assigned": ME} | fields))


def of_case(wire: Any, **change: Any) -> Asked:
    known = {"id": 1301, "lastModified": {"date": written(wire.desk.cases[1301].last_modified)}}
    return "PUT", CASE, {"case": [known | change]}


def of_customer(wire: Any, **change: Any) -> Asked:
    known = {"id": 1041, "lastModified": {"date": written(wire.desk.customers[1041].last_modified)}}
    return "PUT", CUSTOMER, {"customer": [known | change]}


def pointed(*points: int) -> dict[str, Any]:
    given = {"contactPersons": {"contactPerson": [{"contactPoints": {"contactPoint": [{"id": p} for p in points]}}]}}
    return {"activity": [{"id": FIRST, "customer": given}]}


def phone(wire: Any) -> int:
    return int(wire.desk.add_point(wire.desk.customers[1041], "phone", "5551234").id)


def custom(name: str, value: str) -> dict[str, Any]:
    return {"customAttribute": [{"attribName": name, "attribValues": {"attribValue": [{"value": value}]}}]}


RULES: list[tuple[str, Callable[[Any], Asked], int, str]] = [
    ("pick 76", lambda w: ("PUT", f"{A}/pick", ids(*[FIRST] * 76)), 400, "at most 75"),
    ("pick nothing", lambda w: ("PUT", f"{A}/pick", {"activity": []}), 400, "at least one"),
    ("pick without an id", lambda w: ("PUT", f"{A}/pick", {"activity": [{}]}), 400, "activity.id: is required"),
    ("pick what is completed", lambda w: ("PUT", f"{A}/pick", ids(changed(w, status="completed"))), 400, "must be in a queue or assigned"),
    ("pick in a foreign department", lambda w: ("PUT", f"{A}/pick", ids(another(w, to="legal@shop.example"))), 403, "may not see"),
    ("transfer 76", lambda w: ("PUT", f"{A}/transfer?queue=2002", ids(*[FIRST] * 76)), 400, "at most 75"),
    ("transfer what is completed", lambda w: ("PUT", f"{A}/transfer?queue=2002", ids(changed(w, status="completed"))), 400, "must be in"),
    ("transfer what is pinned", lambda w: ("PUT", f"{A}/transfer?queue=2002", ids(changed(w, pinned=True))), 400, "unpin=yes"),
    (
        "unpin without the right",
        lambda w: ("PUT", f"{A}/transfer?queue=2002&unpin=yes", ids(changed(w, pinned=True))),
        403,
        "Unpin activity",
    ),
    ("transfer to nobody", lambda w: ("PUT", f"{A}/transfer?user=9", ids(FIRST)), 400, "user 9 does not exist"),
    ("transfer to who has no licence", lambda w: ("PUT", f"{A}/transfer?user={RESTRICTED}", ids(FIRST)), 400, "no licence for e-mail"),
    (
        "transfer to who has it",
        lambda w: ("PUT", f"{A}/transfer?user={COLLEAGUE}", ids(changed(w, status="assigned", assigned=COLLEAGUE))),
        400,
        "assigned to agent2 already",
    ),
    ("transfer to a closed queue", lambda w: ("PUT", f"{A}/transfer?queue=2003", ids(FIRST)), 400, "not active"),
    ("transfer to another department", lambda w: ("PUT", f"{A}/transfer?queue=2011", ids(FIRST)), 400, "belongs to department 'Sales'"),
    ("transfer where it is", lambda w: ("PUT", f"{A}/transfer?queue=2001", ids(FIRST)), 400, "already"),
    ("complete 76", lambda w: ("PUT", f"{A}/complete", {"activity": [mine(w)] * 76}), 400, "at most 75"),
    ("complete a colleague's", lambda w: ("PUT", f"{A}/complete", {"activity": [mine(w, assigned=COLLEAGUE)]}), 400, "not assigned to you"),
    ("complete what is supervised", lambda w: ("PUT", f"{A}/complete", {"activity": [mine(w, supervised=True)]}), 400, "under supervision"),
    ("edit two", lambda w: ("PUT", A, {"activity": [mine(w) | {"priority": "1"}] * 2}), 400, "only one activity"),
    (
        "edit a colleague's",
        lambda w: ("PUT", A, {"activity": [mine(w, assigned=COLLEAGUE) | {"priority": "1"}]}),
        400,
        "not assigned to you",
    ),
    ("edit a priority of 8", lambda w: ("PUT", A, {"activity": [mine(w) | {"priority": "8"}]}), 400, "from 1 to 7"),
    ("edit a date that is over", lambda w: ("PUT", A, {"activity": [mine(w) | {"dueDate": "2001-01-01T00:00:00Z"}]}), 400, "in the future"),
    ("edit to no language", lambda w: ("PUT", A, {"activity": [mine(w) | {"language": {"value": "xx"}}]}), 400, "not one of the languages"),
    ("edit a wrong region", lambda w: ("PUT", A, {"activity": [mine(w) | {"customAttributes": custom("region", "East")}]}), 400, "region"),
    ("edit the subject", lambda w: ("PUT", A, {"activity": [mine(w) | {"subject": "x"}]}), 400, "not supported"),
    (
        "edit what is completed",
        lambda w: (
            "PUT",
            A,
            {"activity": [mine(w) | {"id": changed(w, status="completed"), "customAttributes": custom("region", "North")}]},
        ),
        403,
        "Manage completed activity",
    ),
    ("move mails of two cases", lambda w: ("PUT", f"{A}/{FIRST},{another(w)}/changecase", {}), 400, "of one case and one customer"),
    (
        "move mails of two customers",
        lambda w: ("PUT", f"{A}/{FIRST},{changed(w, another(w, sender='x@y.example'), case=1301)}/changecase", {}),
        400,
        "of one case and one customer",
    ),
    ("move what is completed", lambda w: ("PUT", f"{A}/{changed(w, status='completed')}/changecase", {}), 400, "must be in a queue or"),
    ("move to where it is", lambda w: ("PUT", f"{A}/{FIRST}/changecase", {"id": 1301}), 400, "in case 1301 already"),
    ("move to no case", lambda w: ("PUT", f"{A}/{FIRST}/changecase", {"id": 9}), 400, "does not exist"),
    ("hand to a telephone", lambda w: ("PUT", f"{A}/changecustomer", pointed(phone(w))), 400, "e-mail contact point"),
    ("hand to no contact point", lambda w: ("PUT", f"{A}/changecustomer", pointed(9)), 400, "e-mail contact point"),
    ("hand to two", lambda w: ("PUT", f"{A}/changecustomer", pointed(1091, 1091)), 400, "must be one e-mail contact point"),
    ("a case's severity", lambda w: of_case(w, severity={"value": "severe"}), 400, "urgent, high, medium, low"),
    ("a case's subject of 1025", lambda w: of_case(w, subject="x" * 1025), 400, "1024"),
    ("a case's owner", lambda w: of_case(w, owner={"id": 9}), 404, "users not found: 9"),
    ("a case's relation", lambda w: of_case(w, relatedCases={"case": [{"id": 9}]}), 404, "cases not found: 9"),
    ("a case's date", lambda w: of_case(w, dueDate="soon"), 400, "case.dueDate"),
    ("two cases", lambda w: ("PUT", CASE, {"case": [{}, {}]}), 400, "exactly one case"),
    ("nobody for a case", lambda w: ("PUT", f"{CASE}/1301/changecustomer", {"customer": {"id": 9}}), 400, "does not exist"),
    ("no number for a case", lambda w: ("PUT", f"{CASE}/1301/changecustomer", {"customer": {"id": "abc"}}), 400, "'abc' does not exist"),
    (
        "no case of other departments",
        lambda w: ("GET", f"{CASE}/{w.desk.activities[another(w, to='legal@shop.example')].case}", None),
        403,
        "Legal",
    ),
    ("looking up nothing", lambda w: ("POST", "/ws/v20/interaction/case/lookup", {}), 400, "one of email and department"),
    ("a customer's role", lambda w: of_customer(w, role="Boss"), 400, "Partner, Reseller, Customer"),
    ("a customer's name", lambda w: of_customer(w, contactPersons={}), 400, "not supported"),
    ("two customers", lambda w: ("PUT", CUSTOMER, {"customer": [{}, {}]}), 400, "exactly one customer"),
    ("76 ids", lambda w: ("GET", f"{CASE}/{','.join(['1301'] * 76)}", None), 400, "at most 75"),
    ("a malformed id", lambda w: ("GET", f"{CUSTOMER}/abc", None), 400, "malformed id: abc"),
    ("users of nowhere", lambda w: ("GET", "/ws/v12/administration/user?department=Nowhere", None), 400, "'Nowhere' does not exist"),
]


@pytest.mark.parametrize(("what", "build", "http", "words"), RULES, ids=[rule[0] for rule in RULES])
def test_a_broken_rule_has_its_status_and_its_words(
    wired: Wired, error_of: Any, what: str, build: Callable[[Any], Asked], http: int, words: str
) -> None:
    """What is refused is refused for this rule, and nothing changes."""

    async def story(wire: Any) -> None:
        method, path, tree = build(wire)
        before = {id: written(a.last_modified) for id, a in wire.desk.activities.items()}

        answer = await wire.ask(method, path, tree)

        assert (answer.http, words in error_of(answer)["developerMessage"]) == (http, True), answer.text
        assert before == {id: written(a.last_modified) for id, a in wire.desk.activities.items()}

    wired(story)


RIGHTS: list[tuple[str, Callable[[Any], Asked]]] = [
    (VIEW_CONSOLE, lambda w: ("GET", f"{A}/{FIRST}", None)),
    (VIEW_CONSOLE, lambda w: ("GET", f"{A}?status=open", None)),
    (VIEW_CONSOLE, lambda w: ("GET", f"{A}/{FIRST}/attachment", None)),
    (PULL, lambda w: ("PUT", f"{A}/pull", None)),
    (PICK, lambda w: ("PUT", f"{A}/pick", ids(FIRST))),
    (TRANSFER, lambda w: ("PUT", f"{A}/transfer?queue=2002", ids(FIRST))),
    (COMPLETE, lambda w: ("PUT", f"{A}/complete", {"activity": [mine(w, assigned=SPECIAL)]})),
    (VIEW_NOTES, lambda w: ("GET", f"{A}/{FIRST}/note", None)),
    (ADD_NOTES, lambda w: ("POST", f"{A}/{FIRST}/note", {"content": "x"})),
    (ADD_NOTES, lambda w: ("POST", f"{CASE}/1301/note", {"content": "x"})),
    (EDIT_CASE, lambda w: of_case(w, subject="x")),
    (EDIT_CASE, lambda w: ("PUT", f"{CASE}/1301/changecustomer", {"customer": {"id": 1041}})),
    (
        CREATE_CUSTOMER,
        lambda w: ("POST", CUSTOMER, {"type": {"value": "individual"}, "contactPersons": {"contactPerson": [{"firstName": "N"}]}}),
    ),
    (EDIT_CUSTOMER, lambda w: of_customer(w, pin="1")),
    (MANAGE_COMPLETED, lambda w: ("PUT", A, {"activity": [mine(w, status="completed") | {"customAttributes": custom("region", "North")}]})),
]


@pytest.mark.parametrize(("right", "build"), RIGHTS, ids=[f"{n} {right}" for n, (right, _) in enumerate(RIGHTS)])
def test_each_right_is_asked_for_and_suffices(wired: Wired, error_of: Any, right: str, build: Callable[[Any], Asked]) -> None:
    """Without it the request is 403 and names it; with it the same request is carried out."""

    async def without(wire: Any) -> None:
        answer = await wire.ask(*build(wire))
        assert (answer.http, {"key": "action", "value": right} in error_of(answer)["details"]) == (403, True)

    async def with_it(wire: Any) -> None:
        answer = await wire.ask(*build(wire))
        assert answer.http < 300, answer.text

    wired(without, rights=set(SUPERVISOR - {right}))
    wired(with_it, rights=set(SUPERVISOR))


@pytest.mark.parametrize(
    "build",
    [
        lambda w: ("PUT", f"{A}/pull", None),
        lambda w: ("PUT", f"{A}/pick", ids(FIRST)),
        lambda w: ("PUT", f"{A}/transfer?queue=2002", ids(FIRST)),
        lambda w: ("PUT", f"{A}/transfer?user={COLLEAGUE}", ids(FIRST)),
        lambda w: ("PUT", f"{A}/complete", {"activity": [mine(w)]}),
        lambda w: ("PUT", A, {"activity": [mine(w) | {"priority": "3"}]}),
        lambda w: ("PUT", "/ws/v19/interaction/activity/mask", ids(FIRST)),
        lambda w: ("PUT", f"{A}/{FIRST}/changecase", {}),
        lambda w: ("PUT", f"{A}/changecustomer", pointed(1091)),
        lambda w: ("PUT", f"{CASE}/1301/changecustomer", {"customer": {"id": 1041}}),
    ],
    ids=["pull", "pick", "queue", "user", "complete", "edit", "mask", "case", "customer", "case's customer"],
)
def test_each_change_gives_the_activity_a_new_date(wired: Wired, build: Callable[[Any], Asked]) -> None:
    """`lastModified` is later than before, and names who changed it; whoever knows the old one is told so."""

    async def story(wire: Any) -> None:
        method, path, tree = build(wire)
        before = dated(wire)

        assert (await wire.ask(method, path, tree)).http < 300

        after = (await wire.ask("GET", f"{A}/{FIRST}")).json()["activity"][0]["lastModified"]
        assert (after["date"] > before["lastModified"]["date"], after["user"]) == (True, {"id": ME})
        changed(wire, status="assigned", assigned=ME)
        assert (await wire.ask("PUT", A, {"activity": [before | {"priority": "1"}]})).http == 409

    wired(story)


def test_what_is_kept_when_a_mail_goes_over_to_another_customer(wired: Wired) -> None:
    """The address that the mail came from stays what it was, whoever the customer is now; so it does when its whole case goes over."""

    async def story(wire: Any) -> None:
        other = wire.desk.activities[another(wire, sender="nora@mail.example")]
        nora = other.customer
        handed = await wire.ask("PUT", f"{A}/changecustomer", pointed(other.point))
        first = (await wire.ask("GET", f"{A}/{FIRST}?$attribute=contactPointData")).json()["activity"][0]
        given = await wire.ask("PUT", f"{CASE}/{other.case}/changecustomer", {"customer": {"id": 1041}})
        second = (await wire.ask("GET", f"{A}/{other.id}?$attribute=contactPointData")).json()["activity"][0]

        assert (handed.http, first["customer"]["id"], first["contactPointData"]) == (204, nora, "kim@mail.example")
        assert (given.http, second["customer"]["id"], second["contactPointData"]) == (204, 1041, "nora@mail.example")
        assert second["customer"]["contactPersons"]["contactPerson"][0]["contactPoints"]["contactPoint"] == [{"id": 1091}]

    wired(story)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("assignedTo=1010", [FIRST]),
        ("assignedTo=1011", []),
        ("assignedUserName=AGENT1", [FIRST]),
        ("customer=1041", [FIRST]),
        ("case=1301&mode=outbound", []),
        ("custom.region=North", [FIRST]),
        ("custom.region=South", []),
        ("queue=2002", []),
        ("status=assigned:in_progress", []),
        ("status=assigned:new", [FIRST]),
        ("status=open&type=email", [FIRST]),
    ],
)
def test_each_filter_of_a_search(wired: Wired, query: str, found: list[int]) -> None:
    """Every filter is exact, and all of them must fit."""

    async def story(wire: Any) -> None:
        another(wire, sender="x@mail.example")
        changed(wire, status="assigned", assigned=ME, custom={"region": ["North"]})
        wire.desk.activities[FIRST + 1].status = "completed"

        answer = await wire.ask("GET", f"{A}?{query}")

        assert [a["id"] for a in answer.json()["activity"]] == found if found else answer.http == 204

    wired(story)


@pytest.mark.parametrize(
    ("query", "http"),
    [("phone=5551234", 200), ("phone=5550000", 204), ("custom.region=South", 200), ("custom.region=North", 204), ("customer=1041", 200)],
)
def test_each_filter_of_cases_and_customers(wired: Wired, query: str, http: int) -> None:
    """By telephone number and by custom attribute, as by address."""

    async def story(wire: Any) -> None:
        phone(wire)
        wire.desk.customers[1041].custom = wire.desk.cases[1301].custom = {"region": ["South"]}

        assert (await wire.ask("GET", f"{CASE}?{query}")).http == http
        if not query.startswith("customer"):
            assert (await wire.ask("GET", f"{CUSTOMER}?{query}")).http == http

    wired(story)


def test_a_case_keeps_what_is_written_into_it(wired: Wired) -> None:
    """Every element of a change is told afterwards, and what is not named stays."""

    async def story(wire: Any) -> None:
        other = wire.desk.activities[another(wire)].case
        change = {
            "subject": "Refund",
            "description": "Late",
            "solution": "Paid",
            "severity": {"value": "low"},
            "dueDate": "2031-05-04T09:30:00.000Z",
            "owner": {"id": COLLEAGUE},
            "relatedCases": {"case": [{"id": other}]},
            "customAttributes": custom("region", "North"),
        }
        assert (await wire.ask(*of_case(wire, **change))).http == 204
        assert (await wire.ask(*of_case(wire, solution="Paid twice"))).http == 204

        told = (await wire.ask("GET", f"{CASE}/1301?$attribute=all")).json()["case"][0]

        assert (told["subject"], told["description"], told["solution"]) == ("Refund", "Late", "Paid twice")
        assert (told["severity"]["value"], told["dueDate"], told["owner"]["id"]) == ("low", "2031-05-04T09:30:00.000Z", COLLEAGUE)
        assert told["relatedCases"] == {"case": [{"id": other}]}
        assert told["customAttributes"] == custom("region", "North")

    wired(story)


def test_an_error_names_thirty_things_at_most(wired: Wired, error_of: Any) -> None:
    """Of more ids that are unknown, thirty stand in the details."""

    async def story(wire: Any) -> None:
        answer = await wire.ask("GET", f"{A}/{','.join(str(9000 + n) for n in range(40))}")

        assert (answer.http, len(error_of(answer)["details"])) == (404, 30)

    wired(story)


def test_an_address_belongs_to_one_customer_of_a_department(wired: Wired) -> None:
    """Where customers belong to departments the same address may be known in each of them, and once in one."""

    async def story(wire: Any) -> None:
        def new(department: str) -> dict[str, Any]:
            point = {"type": {"value": "email", "email": {"emailAddress": "kim@mail.example"}}}
            persons = {"contactPerson": [{"firstName": "Kim", "contactPoints": {"contactPoint": [point]}}]}
            return {"department": {"name": department}, "type": {"value": "individual"}, "contactPersons": persons}

        answers = [await wire.ask("POST", CUSTOMER, new(department)) for department in ("Service", "Sales", "Sales")]

        assert [a.http for a in answers] == [409, 201, 409]

    wired(story, customer_departmentalization=True)


def test_the_receiver_of_a_customers_mail_is_told_once(wired: Wired) -> None:
    """Whoever else got it stands beside the alias, which is named in `to` as well here."""

    async def story(wire: Any) -> None:
        given = {"from": "kim@mail.example", "receiver": "care@shop.example", "to": {"address": ["care@shop.example", "ann@mail.example"]}}
        kind = {"value": "email", "subtype": {"value": "general"}}
        tree = {"department": {"name": "Service"}, "type": kind, "payload": {"email": {"emailAddresses": given}}}
        made = await wire.ask("POST", A, tree)

        told = (await wire.ask("GET", f"{made.header('Location').removeprefix('/system')}?$attribute=payload")).json()["activity"][0]

        assert told["payload"]["email"]["emailAddresses"]["to"] == {"address": ["care@shop.example", "ann@mail.example"]}

    wired(story, user="supervisor1")


def test_a_customers_mail_tells_who_the_customer_is_and_when_it_is_due(wired: Wired) -> None:
    """Put in by an administrator: the details are those of a new customer, ignored for a known one; a queue cannot be named."""

    async def story(wire: Any) -> None:
        def inbound(sender: str, **more: Any) -> dict[str, Any]:
            addresses = {"from": sender, "receiver": "care@shop.example"}
            kind = {"value": "email", "subtype": {"value": "general"}}
            return {"department": {"name": "Service"}, "type": kind, "payload": {"email": {"emailAddresses": addresses}}} | more

        person = {"type": {"value": "individual"}, "contactPersons": {"contactPerson": [{"firstName": "Nora", "lastName": "Vale"}]}}
        told = {"customer": person, "dueDate": "2031-05-04T09:30:00.000Z", "priority": "2", "isSecure": "true"}
        new = await wire.ask("POST", A, inbound("nora@mail.example", **told))
        known = await wire.ask("POST", A, inbound("kim@mail.example", customer=person))
        wrong = await wire.ask("POST", A, inbound("ann@mail.example", customer={"type": {"value": "group"}}))
        over = await wire.ask("POST", A, inbound("ann@mail.example", dueDate="2001-01-01T00:00:00Z"))
        queued = await wire.ask("POST", A, inbound("ann@mail.example", queue={"name": "Complaints"}))

        made = wire.desk.activities[int(new.header("Location").rpartition("/")[2])]
        assert [a.http for a in (new, known, wrong, over, queued)] == [201, 201, 400, 400, 400]
        assert [c.name() for c in wire.desk.customers.values()] == ["kim", "Nora Vale"]
        assert (made.priority, made.secure, written(made.due_date)) == (2, True, "2031-05-04T09:30:00.000Z")
        assert wire.desk.customers[made.customer].name() == "Nora Vale"

    wired(story, user="supervisor1")
