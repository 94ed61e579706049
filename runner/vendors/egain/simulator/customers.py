"""
Customers: creation, search, reading, change. Source: "CreateIndividualCustomer", "CustomerSearch".
"""

from __future__ import annotations

from typing import Any

import msgspec

from runner.vendors.egain.representation import Tree
from runner.vendors.egain.simulator.call import Answer, Call
from runner.vendors.egain.simulator.desk import Desk
from runner.vendors.egain.simulator.elements import CUSTOMER, TEXT, at, check_address, check_fresh, conform, custom_values
from runner.vendors.egain.simulator.errors import WsError, invalid
from runner.vendors.egain.simulator.organisation import CREATE_CUSTOMER, EDIT_CUSTOMER
from runner.vendors.egain.simulator.query import date_range
from runner.vendors.egain.simulator.records import Customer, one_of, touch, with_ids
from runner.vendors.egain.simulator.views import customer_told, place

__all__ = ["NewCustomer", "create", "edit", "get", "read_customer", "search"]

_ROLES = ("Partner", "Reseller", "Customer")
_TEXTS = ("level", "role", "pin", "howReferred", "industry", "marketSegment")
_NAMES = ("firstName", "middleName", "lastName", "title")
_LONGEST = 255


class NewCustomer(msgspec.Struct, frozen=True):
    """A customer who keeps the rules and is not made yet."""

    department: str | None
    person: Tree
    points: list[tuple[str, str, str]]
    fields: Tree
    custom: dict[str, list[str]]

    def name(self) -> str:
        """How the contact person is called."""
        return " ".join(str(self.person[k]) for k in ("firstName", "middleName", "lastName") if self.person.get(k))

    def make(self, desk: Desk) -> Customer:
        """Make the customer."""
        customer = desk.add_customer(
            department=self.department, kind="individual", person=self.person, fields=self.fields, custom=self.custom
        )
        for kind, value, priority in self.points:
            desk.add_point(customer, kind, value, priority)
        return customer


def read_customer(desk: Desk, tree: Tree, *, department: str | None) -> NewCustomer:
    """
    The customer of a conforming document.

    Raises: ``WsError`` 400 – not an individual, not exactly one contact person with a first name, a wrong role, pin or contact point.
    """
    if at(tree, "type", "value") != "individual":
        raise invalid("customer.type.value", "must be 'individual'", number="196")
    persons = at(tree, "contactPersons", "contactPerson") or []
    if len(persons) != 1 or not persons[0].get("firstName", "").strip():
        raise invalid("customer.contactPersons.contactPerson", "exactly one contact person with a firstName is required")
    if tree.get("role") and tree["role"] not in _ROLES:
        raise invalid("customer.role", f"must be one of {', '.join(_ROLES)}", number="196")
    if len(tree.get("pin", "")) > _LONGEST:
        raise invalid("customer.pin", f"longer than {_LONGEST} characters")
    return NewCustomer(
        department=department,
        person={name: persons[0][name] for name in _NAMES if name in persons[0]},
        points=[_point(given) for given in at(persons[0], "contactPoints", "contactPoint") or []],
        fields={name: tree[name] for name in _TEXTS if tree.get(name)},
        custom=custom_values(tree.get("customAttributes"), desk.settings.custom_attributes),
    )


def _point(given: Tree) -> tuple[str, str, str]:
    element = "customer.contactPersons.contactPerson.contactPoints.contactPoint"
    kind = at(given, "type", "value") or ""
    if kind == "email":
        value = at(given, "type", "email", "emailAddress") or ""
        check_address(element, value)
    elif kind == "phone":
        value = at(given, "type", "phone", "phoneNumber") or ""
    else:
        raise invalid(f"{element}.type.value", f"must be email or phone, not {kind!r}", number="196")
    if not value:
        raise invalid(element, f"the {kind} contact point is empty")
    return kind, value, at(given, "priority", "value") or ""


# ── operations ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def create(desk: Desk, call: Call) -> Answer:
    """POST /interaction/customer."""
    call.user.need(CREATE_CUSTOMER)
    tree = conform(call.tree, CUSTOMER)
    name = at(tree, "department", "name")
    if desk.settings.customer_departmentalization and not name:
        raise invalid("department.name", "is required: customers belong to departments here")
    department = desk.organisation.department_of(call.user, name).name if name else None
    new = read_customer(desk, tree, department=department if desk.settings.customer_departmentalization else None)
    for kind, value, _ in new.points:
        if kind == "email" and desk.customer_with(value, department or "") is not None:
            raise WsError(desk.settings.taken_address_status, "100", f"another customer has the address {value}")
    customer = new.make(desk)
    return Answer(201, headers={"Location": place(desk, "customer", customer.id)})


def get(desk: Desk, call: Call) -> Answer:
    """GET /interaction/customer/{ids}."""
    found: list[Customer] = with_ids(desk.customers, "customers", call.ids["ids"].split(","))
    return _told(desk, found)


def search(desk: Desk, call: Call) -> Answer:
    """GET /interaction/customer?email= / phone= / custom.<name>= / activity={json}: all must fit, exactly."""
    if not call.query:
        raise WsError(400, "112", "at least one of email, phone, custom.<name>, activity is required")
    found = list(desk.customers.values())
    for name, wanted in call.query.items():
        found = [c for c in found if _fits(desk, c, name, wanted)]
    return _told(desk, found) if found else Answer(204)


def _fits(desk: Desk, customer: Customer, name: str, wanted: str) -> bool:
    if name in {"email", "phone"}:
        return any(p.kind == name and p.value.lower() == wanted.lower() for p in customer.points())
    if name == "activity":
        return _has_activity(desk, customer, wanted)
    return wanted in customer.custom.get(name.removeprefix("custom."), [])


def _has_activity(desk: Desk, customer: Customer, wanted: str) -> bool:
    """Whether the customer has an activity of that ``mode``, sent within that ``sentDate`` range."""
    try:
        asked: Any = msgspec.json.decode(wanted)
    except msgspec.DecodeError:
        asked = None
    if not isinstance(asked, dict) or not asked or set(asked) - {"mode", "sentDate"}:
        raise WsError(400, "102", "activity must be a JSON object with mode, sentDate or both", details=(("parameter", "activity"),))
    mode = asked.get("mode")
    within = date_range("activity.sentDate", str(asked["sentDate"])) if "sentDate" in asked else None
    return any(
        a.customer == customer.id and mode in {None, a.mode} and (within is None or within(a.sent)) for a in desk.activities.values()
    )


def edit(desk: Desk, call: Call) -> Answer:
    """PUT /interaction/customer: what is named changes."""
    call.user.need(EDIT_CUSTOMER)
    shape = {
        "customer": [
            {"id": TEXT, "lastModified": {"date": TEXT}} | dict.fromkeys(_TEXTS, TEXT) | {"customAttributes": CUSTOMER["customAttributes"]}
        ]
    }
    items = conform(call.tree, shape).get("customer", [])
    if len(items) != 1:
        raise invalid("customer", "exactly one customer is required")
    tree = items[0]
    customer: Customer = one_of(desk.customers, "customers", tree.get("id", ""))
    check_fresh("customer", tree, customer.last_modified, stale=desk.settings.stale_status)
    if tree.get("role") and tree["role"] not in _ROLES:
        raise invalid("customer.role", f"must be one of {', '.join(_ROLES)}", number="196")
    customer.custom |= custom_values(tree.get("customAttributes"), desk.settings.custom_attributes)
    customer.fields |= {name: tree[name] for name in _TEXTS if name in tree}
    touch(customer, desk.now())
    return Answer(204)


def _told(desk: Desk, found: list[Customer]) -> Answer:
    return Answer(200, "customers", {"customer": [customer_told(desk, c) for c in found]})
