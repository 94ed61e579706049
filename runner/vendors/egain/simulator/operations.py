"""
Every path that the simulator serves, in one table: the verb, the pattern, who does it, and what it takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from msgspec import Struct

from runner.vendors.egain.simulator import activities, belonging, cases, customers, files, people, workflow
from runner.vendors.egain.simulator.call import Answer, Call
from runner.vendors.egain.simulator.composite import composite
from runner.vendors.egain.simulator.desk import Desk
from runner.vendors.egain.simulator.errors import WsError
from runner.vendors.egain.simulator.query import ORDERING, PAGING

__all__ = ["OPERATIONS", "Operation", "find"]


class Operation(Struct, frozen=True):
    """
    One verb on one path.

    ``query`` lists the parameters that it takes (``custom.`` stands for all that begin so). ``body``: a document is required;
    ``multipart``: it may be a form. ``session``: one is needed. ``legacy``: errors have the older shape of login and logout. ``plain``: any
    Accept will do.
    """

    verb: str
    pattern: str
    run: Callable[[Desk, Call], Answer]
    query: tuple[str, ...] = ()
    body: bool = False
    multipart: bool = False
    session: bool = True
    legacy: bool = False
    plain: bool = False

    def match(self, path: str) -> dict[str, str] | None:
        """What the placeholders hold in *path*, or None when it is another path."""
        found = _compiled(self.pattern).fullmatch(path)
        return found.groupdict() if found else None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """``/{ids}`` takes one segment."""
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern))


_V12 = "/ws/v12"
_ACTIVITY = f"{_V12}/interaction/activity"
_CASE = f"{_V12}/interaction/case"
_CUSTOMER = f"{_V12}/interaction/customer"
_FILTERS = (
    "customer",
    "case",
    "status",
    "mode",
    "assignedTo",
    "assignedUserName",
    "queue",
    "createdDate",
    "lastModifiedDate",
    "custom.",
    "type",
)


def _of_version(version: str) -> tuple[Operation, ...]:
    """What the newer line v20 has as well, where public clients ask for it."""
    login = f"/ws/{version}/authentication/user/login"
    return (
        Operation("POST", login, people.login, ("forceLogin",), body=True, session=False, legacy=True),
        Operation("DELETE", f"/ws/{version}/authentication/user/logout", people.logout, legacy=True),
        Operation("GET", f"/ws/{version}/administration/user/login/{{name}}", people.get_user, ("$attribute",)),
        Operation("POST", f"/ws/{version}/composite", composite, body=True),
    )


# Fixed names stand before placeholders that would take them too.
OPERATIONS = (
    *_of_version("v12"),
    *_of_version("v20"),
    Operation("PUT", "/ws/v19/interaction/activity/mask", belonging.mask, body=True),
    Operation("POST", f"{_ACTIVITY}/send", activities.send, body=True, multipart=True),
    Operation("POST", _ACTIVITY, activities.create, ("expandMacros", "anonymousCustomer"), body=True, multipart=True),
    Operation("GET", _ACTIVITY, activities.search, (*_FILTERS, *PAGING, *ORDERING, "$attribute")),
    Operation("PUT", _ACTIVITY, workflow.edit, body=True),
    Operation("GET", f"{_ACTIVITY}/attributes", activities.described, ("$attribute",)),
    Operation("PUT", f"{_ACTIVITY}/complete", workflow.complete, body=True),
    Operation("PUT", f"{_ACTIVITY}/pull", workflow.pull),
    Operation("PUT", f"{_ACTIVITY}/pick", workflow.pick, ("unpin",), body=True),
    Operation("PUT", f"{_ACTIVITY}/transfer", workflow.transfer, ("user", "queue", "unpin"), body=True),
    Operation("PUT", f"{_ACTIVITY}/changecustomer", belonging.change_customer, body=True),
    Operation("GET", f"{_ACTIVITY}/{{ids}}", activities.get, (*ORDERING, "$attribute", "embedInlineAttachment")),
    Operation("PUT", f"{_ACTIVITY}/{{ids}}/changecase", belonging.change_case, ("relateCase",), body=True),
    Operation("GET", f"{_ACTIVITY}/{{id}}/note", cases.notes),
    Operation("POST", f"{_ACTIVITY}/{{id}}/note", cases.add_note, body=True),
    Operation("GET", f"{_ACTIVITY}/{{id}}/attachment", files.listed),
    Operation("GET", f"{_ACTIVITY}/{{id}}/attachment/{{aid}}", files.detail, ("$attribute",)),
    Operation("GET", _CASE, cases.search, ("customer", "email", "phone", "custom.", *PAGING, *ORDERING, "$attribute")),
    Operation("PUT", _CASE, cases.edit, body=True),
    Operation("GET", f"{_CASE}/{{ids}}", cases.get, ("$attribute",)),
    Operation("PUT", f"{_CASE}/{{id}}/changecustomer", cases.change_customer, body=True),
    Operation("POST", f"{_CASE}/{{id}}/note", cases.add_case_note, body=True),
    Operation("POST", "/ws/v20/interaction/case/lookup", cases.lookup, body=True),
    Operation("POST", _CUSTOMER, customers.create, body=True),
    Operation("GET", _CUSTOMER, customers.search, ("email", "phone", "custom.", "activity")),
    Operation("PUT", _CUSTOMER, customers.edit, body=True),
    Operation("GET", f"{_CUSTOMER}/{{ids}}", customers.get),
    Operation("GET", f"{_V12}/administration/user", people.list_users, ("department", *PAGING, "$attribute")),
    Operation("GET", f"{_V12}/administration/user/{{ids}}", people.get_users, ("$attribute",)),
    Operation("GET", "/temp/{token}/{name}", files.fetch, session=False, plain=True),
)


def find(verb: str, path: str) -> tuple[Operation, dict[str, str]]:
    """
    The operation for a verb and a path below the context root.

    Raises: ``WsError`` – 404 no such path; 405 another verb, with the ones it takes in ``Allow``.
    """
    there: list[str] = []
    for operation in OPERATIONS:
        ids = operation.match(path)
        if ids is None:
            continue
        if operation.verb == verb:
            return operation, ids
        there.append(operation.verb)
    if there:
        allowed = ", ".join(sorted(set(there)))
        raise WsError(405, "100", f"{verb} is not for this path; it takes {allowed}", headers={"Allow": allowed})
    raise WsError(404, "100", f"there is no {path}")
