"""
Every status that the contract has for an operation, met over the wire for its own reason, and none that cannot be met.

Schemathesis asks the same operations from outside; see ``tests/conformance/test_schemathesis.py``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from runner.simulation.world import Attachment, Mail, default_password
from runner.vendors.egain.simulator.operations import OPERATIONS, Operation
from runner.vendors.egain.simulator.records import Note, written

Wired = Callable[..., None]
# What a request needs beside its verb: the path with its query, and the document.
Asked = tuple[str, Any]
Ask = Callable[[Any], Awaitable[Asked]]

V12 = "/ws/v12"
A = f"{V12}/interaction/activity"
CASE = f"{V12}/interaction/case"
CUSTOMER = f"{V12}/interaction/customer"
USER = f"{V12}/administration/user"
CREDENTIALS = {"userName": "agent2", "password": default_password("agent2")}
MAIL = {
    "department": {"name": "Service"},
    "type": {"value": "email", "subtype": {"value": "compose"}},
    "subject": "Your refund",
    "payload": {"email": {"emailAddresses": {"from": "care@shop.example", "to": {"address": ["kim@mail.example"]}}}},
}
# The session as a cookie: without its token every request of it is forbidden. Two settings make statuses that servers may have.
SETTINGS: dict[str, Any] = {"console_cookie": True, "csrf_on": "all", "locked_status": 409}


# ── what there is to ask about ───────────────────────────────────────────────────────────────────────────────────────────────────


def arrived(wire: Any, address: str = "care@shop.example") -> int:
    """A new mail of a customer's, with a file."""
    mail = Mail(sender="ann@mail.example", to=[address], subject="Late", attachments=[Attachment("a.txt", b"a", "text/plain")])
    return int(wire.desk.arrive(mail).id)


def in_hand(wire: Any) -> int:
    """The same, assigned to the caller."""
    id = arrived(wire)
    activity = wire.desk.activities[id]
    activity.status, activity.assigned = "assigned", 1010
    return id


def date_of(record: Any) -> dict[str, str]:
    """When it changed last, as changes have to tell."""
    return {"date": written(record.last_modified)}


def ids(*given: object) -> dict[str, Any]:
    return {"activity": [{"id": id} for id in given]}


def plain(path: str, tree: Any = None) -> Ask:
    """A request that needs nothing made before."""

    async def ask(_: Any) -> Asked:
        return path, tree

    return ask


def made(build: Callable[[Any], Asked]) -> Ask:
    """One about something that is made for it."""

    async def ask(wire: Any) -> Asked:
        return build(wire)

    return ask


async def _fetched(wire: Any) -> Asked:
    file = (await wire.ask("GET", f"{A}/{arrived(wire)}/attachment")).json()["attachment"][0]
    told = await wire.ask("GET", f"{file['link']['href'].removeprefix('/system')}?$attribute=contentUrl")
    return told.json()["attachment"][0]["contentUrl"].removeprefix("/system"), None


def _file(wire: Any) -> Asked:
    id = arrived(wire)
    return f"{A}/{id}/attachment/{wire.desk.activities[id].files[0].id}", None


def _noted(wire: Any) -> Asked:
    id = arrived(wire)
    wire.desk.activities[id].notes.append(Note(1, "Called back.", 1010, wire.desk.now()))
    return f"{A}/{id}/note", None


def _waiting(wire: Any) -> Asked:
    arrived(wire)
    return f"{A}/pull", None


def _empty_queues(wire: Any) -> Asked:
    for activity in wire.desk.activities.values():
        activity.status = "completed"
    return f"{A}/pull", None


def _locked(wire: Any) -> int:
    id = arrived(wire)
    wire.desk.activities[id].locked_by = 1011
    return id


def _changed(wire: Any) -> Asked:
    id = in_hand(wire)
    return A, {"activity": [{"id": id, "lastModified": date_of(wire.desk.activities[id]), "priority": "3"}]}


def _done(wire: Any) -> Asked:
    id = in_hand(wire)
    return f"{A}/complete", {"activity": [{"id": id, "lastModified": date_of(wire.desk.activities[id])}]}


def _stale(path: str, **change: str) -> Ask:
    return made(lambda wire: (path, {"activity": [{"id": in_hand(wire), **STALE, **change}]}))


def _pointed(id: object) -> dict[str, Any]:
    return {
        "activity": [{"id": id, "customer": {"contactPersons": {"contactPerson": [{"contactPoints": {"contactPoint": [{"id": 1091}]}}]}}}]
    }


def _case(wire: Any, change: dict[str, Any]) -> Asked:
    return CASE, {"case": [{"id": 1301, "lastModified": date_of(wire.desk.cases[1301])} | change]}


def _customer(wire: Any, change: dict[str, Any]) -> Asked:
    return CUSTOMER, {"customer": [{"id": 1041, "lastModified": date_of(wire.desk.customers[1041]), "pin": "1"} | change]}


def _person(address: str) -> dict[str, Any]:
    point = {"type": {"value": "email", "email": {"emailAddress": address}}}
    return {
        "type": {"value": "individual"},
        "contactPersons": {"contactPerson": [{"firstName": "Nora", "contactPoints": {"contactPoint": [point]}}]},
    }


def batch(*paths: str) -> dict[str, Any]:
    return {"request": [{"method": "GET", "url": f"https://tenant.example/system{path}"} for path in paths]}


STALE = {"lastModified": {"date": "2030-01-01T00:00:00.000Z"}}

# verb and pattern → status → what meets it; what any operation can meet stands in `everywhere`
OWN: dict[str, dict[int, Ask]] = {
    f"POST {A}/send": {201: plain(f"{A}/send", MAIL)},
    f"GET {A}": {200: plain(f"{A}?status=open"), 204: plain(f"{A}?status=completed")},
    f"POST {A}": {201: plain(A, MAIL)},
    f"PUT {A}": {204: made(_changed), 404: plain(A, {"activity": [{"id": 9, **STALE, "priority": "3"}]}), 409: _stale(A, priority="3")},
    f"GET {A}/attributes": {200: plain(f"{A}/attributes?$attribute=all")},
    f"PUT {A}/complete": {200: made(_done), 404: plain(f"{A}/complete", {"activity": [{"id": 9, **STALE}]}), 409: _stale(f"{A}/complete")},
    f"PUT {A}/pull": {200: made(_waiting), 204: made(_empty_queues)},
    f"PUT {A}/pick": {
        204: made(lambda wire: (f"{A}/pick", ids(arrived(wire)))),
        404: plain(f"{A}/pick", ids(9)),
        409: made(lambda wire: (f"{A}/pick", ids(_locked(wire)))),
    },
    f"PUT {A}/transfer": {
        204: made(lambda wire: (f"{A}/transfer?user=1011", ids(arrived(wire)))),
        404: plain(f"{A}/transfer?user=1011", ids(9)),
    },
    "PUT /ws/v19/interaction/activity/mask": {
        204: made(lambda wire: ("/ws/v19/interaction/activity/mask", ids(arrived(wire)))),
        404: plain("/ws/v19/interaction/activity/mask", ids(9)),
        409: made(lambda wire: ("/ws/v19/interaction/activity/mask", ids(_locked(wire)))),
    },
    f"PUT {A}/changecustomer": {
        204: made(lambda wire: (f"{A}/changecustomer", _pointed(arrived(wire)))),
        404: plain(f"{A}/changecustomer", _pointed(9)),
    },
    f"GET {A}/{{ids}}": {200: made(lambda wire: (f"{A}/{arrived(wire)},2801", None)), 404: plain(f"{A}/9")},
    f"PUT {A}/{{ids}}/changecase": {
        201: made(lambda wire: (f"{A}/{arrived(wire)}/changecase", {"subject": "Refund"})),
        204: made(lambda wire: (f"{A}/{arrived(wire)}/changecase", {"id": 1301})),
        404: plain(f"{A}/9/changecase", {}),
    },
    f"GET {A}/{{id}}/note": {
        200: made(_noted),
        204: made(lambda wire: (f"{A}/{arrived(wire)}/note", None)),
        404: plain(f"{A}/9/note"),
    },
    f"POST {A}/{{id}}/note": {201: plain(f"{A}/2801/note", {"content": "x"}), 404: plain(f"{A}/9/note", {"content": "x"})},
    f"GET {A}/{{id}}/attachment": {
        200: made(lambda wire: (f"{A}/{arrived(wire)}/attachment", None)),
        204: plain(f"{A}/2801/attachment"),
        404: plain(f"{A}/9/attachment"),
    },
    f"GET {A}/{{id}}/attachment/{{aid}}": {200: made(_file), 404: plain(f"{A}/2801/attachment/9")},
    f"GET {CASE}": {200: plain(f"{CASE}?customer=1041"), 204: plain(f"{CASE}?customer=9")},
    f"PUT {CASE}": {
        204: made(lambda wire: _case(wire, {"subject": "x"})),
        404: made(lambda wire: _case(wire, {"id": 9})),
        409: made(lambda wire: _case(wire, STALE)),
    },
    f"GET {CASE}/{{ids}}": {200: plain(f"{CASE}/1301"), 404: plain(f"{CASE}/9")},
    f"PUT {CASE}/{{id}}/changecustomer": {
        204: plain(f"{CASE}/1301/changecustomer", {"customer": {"id": 1041}}),
        404: plain(f"{CASE}/9/changecustomer", {"customer": {"id": 1041}}),
    },
    f"POST {CASE}/{{id}}/note": {201: plain(f"{CASE}/1301/note", {"content": "x"}), 404: plain(f"{CASE}/9/note", {"content": "x"})},
    "POST /ws/v20/interaction/case/lookup": {200: plain("/ws/v20/interaction/case/lookup", {"email": "kim@mail.example"})},
    f"GET {CUSTOMER}": {200: plain(f"{CUSTOMER}?email=kim@mail.example"), 204: plain(f"{CUSTOMER}?email=x@y.example")},
    f"POST {CUSTOMER}": {201: plain(CUSTOMER, _person("nora@mail.example")), 409: plain(CUSTOMER, _person("kim@mail.example"))},
    f"PUT {CUSTOMER}": {
        204: made(lambda wire: _customer(wire, {})),
        404: made(lambda wire: _customer(wire, {"id": 9})),
        409: made(lambda wire: _customer(wire, STALE)),
    },
    f"GET {CUSTOMER}/{{ids}}": {200: plain(f"{CUSTOMER}/1041"), 404: plain(f"{CUSTOMER}/9")},
    f"GET {USER}": {200: plain(f"{USER}?department=Service"), 204: plain(f"{USER}?$pagenum=9")},
    f"GET {USER}/{{ids}}": {200: plain(f"{USER}/1010,1011"), 404: plain(f"{USER}/9")},
    "GET /temp/{token}/{name}": {200: _fetched, 404: plain("/temp/0123456789abcdef/a.txt")},
}
for _version in ("v12", "v20"):
    OWN |= {
        f"POST /ws/{_version}/authentication/user/login": {
            204: plain(f"/ws/{_version}/authentication/user/login", CREDENTIALS),
            401: plain(f"/ws/{_version}/authentication/user/login", CREDENTIALS | {"password": "wrong"}),
            403: plain(f"/ws/{_version}/authentication/user/login", {"userName": "special1", "password": default_password("special1")}),
        },
        f"DELETE /ws/{_version}/authentication/user/logout": {204: plain(f"/ws/{_version}/authentication/user/logout")},
        f"GET /ws/{_version}/administration/user/login/{{name}}": {
            200: plain(f"/ws/{_version}/administration/user/login/agent2"),
            404: plain(f"/ws/{_version}/administration/user/login/nobody"),
        },
        f"POST /ws/{_version}/composite": {201: plain(f"/ws/{_version}/composite", batch(f"{A}/2801", f"{A}/9"))},
    }

# What pick, transfer and mask answer is assumed; with the setting's other value it is 200.
MOVES = {f"PUT {A}/pick", f"PUT {A}/transfer", "PUT /ws/v19/interaction/activity/mask"}


def everywhere(operation: Operation, sound: Ask) -> dict[int, tuple[Ask, dict[str, Any]]]:
    """What any such operation meets: status → the request, and how it is sent."""

    async def with_a_parameter(wire: Any) -> Asked:
        path, tree = await sound(wire)
        return f"{path}{'&' if '?' in path else '?'}colour=red", tree

    met: dict[int, tuple[Ask, dict[str, Any]]] = {
        400: (with_a_parameter, {}),
        406: (sound, {"headers": {"Accept-Language": "xx-XX"}}),
        **{status: (sound, {"fault": f"{status}:1"}) for status in (429, 500, 503)},
    }
    if operation.session:
        met |= {401: (sound, {"session": "dead"}), 403: (sound, {"session": ""})}
    if operation.body:
        met[415] = (sound, {"headers": {"Content-Type": "text/plain"}})
    return met


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: f"{o.verb} {o.pattern.replace('/', ' ')}")
def test_every_documented_status_is_met_and_no_other(wired: Wired, contract: dict[str, Any], operation: Operation) -> None:
    """
    The statuses that can be met are those of the contract, and every answer of a server that does not fail tells the session's id.

    What each answer holds is compared with the contract, too, see ``conftest.py``.
    """
    own = OWN[f"{operation.verb} {operation.pattern}"]
    wanted = everywhere(operation, next(iter(own.values()))) | {status: (ask, {}) for status, ask in own.items()}
    met: dict[int, int] = {}

    async def story(wire: Any) -> None:
        for status, (ask, how) in wanted.items():
            await wire.login(query="?forceLogin=yes")
            path, tree = await ask(wire)
            sent = {name: value for name, value in how.items() if name != "fault"}
            if "fault" in how:
                wire.simulator.faults.add(how["fault"])
            answer = await wire.ask(operation.verb, path, tree, **sent)
            met[status] = answer.http
            if operation.session and "fault" not in how:
                assert answer.header("X-egain-session") == ("" if status == 401 else wire.session)

    async def moved(wire: Any) -> None:
        path, tree = await own[204](wire)
        met[200] = (await wire.ask(operation.verb, path, tree)).http

    wired(story, rights={"email", "disabled"}, **SETTINGS)
    if f"{operation.verb} {operation.pattern}" in MOVES:
        wired(moved, moved_answer="activities")

    assert met == {status: status for status in met}
    assert set(met) == {int(status) for status in contract["paths"][operation.pattern][operation.verb.lower()]["responses"]}
