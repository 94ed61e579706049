"""
Which operation a request names, and the order in which it is judged (the setting ``order_of_checks``): known, the agent's own, allowed in
its state, its fields, the contact-centre session, the back end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from runner.vendors.gws.simulator import email_operations as email
from runner.vendors.gws.simulator import general_operations as general
from runner.vendors.gws.simulator import later_operations as later
from runner.vendors.gws.simulator.center import Agent
from runner.vendors.gws.simulator.desk import Desk
from runner.vendors.gws.simulator.effects import Effect, Fields, Operation, data
from runner.vendors.gws.simulator.errors import FORBIDDEN, INVALID, Refusal, text_of
from runner.vendors.gws.simulator.interactions import Interaction, need
from runner.vendors.gws.simulator.settings import Check

__all__ = ["create", "park", "perform"]


def perform(desk: Desk, agent: Agent, id: str, fields: Fields) -> Fields:
    """
    Carry out the operation that *fields* name on one of the agent's interactions.

    Raises: ``Refusal``.
    """
    request = _Request(desk, agent, id, fields)
    for check in desk.settings.order_of_checks:
        _CHECKED[check](request)
    desk.reference += 1
    if _fails_late(desk, request.fields):
        desk.tell(request.interaction, "error", error=f"{request.name} failed: Interaction Server did not accept the request")
        return desk.dialect.ok(desk.reference, {})
    return desk.dialect.ok(desk.reference, request.effect())


class _Request:
    """A request, looked at in any order: what one check needs of another is looked at before it."""

    def __init__(self, desk: Desk, agent: Agent, id: str, given: Fields) -> None:
        self.desk = desk
        self.agent = agent
        self._id = id
        self._given = given

    @cached_property
    def name(self) -> str:
        """The operation by its first name; raises ``Refusal`` 1 or 3."""
        return _operation(self.desk, text_of(self._given, "operationName", needed=True))

    @cached_property
    def interaction(self) -> Interaction:
        """What it is about; raises ``Refusal`` 6."""
        return self.desk.interactions.held_by(self.agent.person.user, self._id)

    @cached_property
    def fields(self) -> Fields:
        """Its fields, by our names."""
        return _by_our_names(self.desk, self.name, self._given)

    @cached_property
    def effect(self) -> Effect:
        """What it would do; raises ``Refusal`` for its fields."""
        return _OPERATIONS[self.name](self.desk, self.agent, self.interaction, self.fields)

    def need_state(self) -> None:
        """Raises ``Refusal`` 2."""
        settings = self.desk.settings
        need(self.interaction, "UpdateProperties" if self.name in _PROPERTIES else self.name, settings.operations_in)
        asked = self._given["operationName"]
        if settings.strict_capabilities and asked not in self.desk.dialect.capabilities(self.interaction.state):
            raise Refusal(INVALID, f"Operation {asked} is not among the capabilities of the current state")


_CHECKED: Mapping[Check, Callable[[_Request], object]] = {
    "operation": lambda request: request.name,
    "interaction": lambda request: request.interaction,
    "state": _Request.need_state,
    "fields": lambda request: request.effect,
    "contact_center": lambda request: request.desk.need_started(request.agent),
    "backend": lambda request: request.desk.need_backend(),
}


def create(desk: Desk, agent: Agent, fields: Fields) -> Fields:
    """
    Create: a new empty outgoing mail, whose id comes by notification only.

    Raises: ``Refusal``.
    """
    name = text_of(fields, "operationName", needed=True)
    if name != "Create":
        raise Refusal(FORBIDDEN, f"Operation is not supported: {name}", cause="unknown_operation")
    fields = _by_our_names(desk, name, fields)
    named = text_of(fields, desk.dialect.queue_field, needed=True)
    kind, subtype, parent = "Outbound", "OutboundNew", None
    if desk.dialect.collection == "interactions":
        kind, subtype = text_of(fields, "interactionType", needed=True), text_of(fields, "interactionSubType", needed=True)
    elif parent_id := text_of(fields, "parentId"):
        parent = desk.interactions.held_by(agent.person.user, parent_id)
    queue = desk.queue(named)
    given = data(fields) if "userData" in fields else {}
    desk.ready_for(agent)
    desk.reference += 1
    if _fails_late(desk, fields):
        desk.tell_nothing_came(agent, "Create failed: Interaction Server did not accept the request")
        return desk.dialect.ok(desk.reference, {})
    kind = kind if desk.settings.created_type == "requested" else "Email"
    draft = desk.begin(agent, queue=queue, type=kind, subtype=subtype, parent=parent)
    draft.sender = desk.settings.mailbox
    draft.user_data = given
    draft.draft_state = desk.settings.created_state
    desk.tell(draft)
    return desk.dialect.ok(desk.reference, {})


def park(desk: Desk, agent: Agent, id: str, workbin: str) -> None:
    """
    Put one of the agent's interactions into a workbin, whose id is known.

    Raises: ``Refusal``.
    """
    interaction = desk.interactions.held_by(agent.person.user, id)
    need(interaction, "PlaceInWorkbin", desk.settings.operations_in)
    desk.ready_for(agent)
    desk.reference += 1
    desk.park(interaction, workbin)


def _operation(desk: Desk, asked: str) -> str:
    if asked not in desk.dialect.operations:
        raise Refusal(FORBIDDEN, f"Operation is not supported: {asked}", cause="unknown_operation")
    return desk.dialect.operations[asked]


def _by_our_names(desk: Desk, operation: str, fields: Fields) -> Fields:
    """The fields of a request as this code names them, where an installation names them otherwise; it then knows no other name."""
    renamed = {
        ours.partition(".")[2]: theirs for ours, theirs in desk.settings.renamed_fields.items() if ours.partition(".")[0] == operation
    }
    kept = {name: value for name, value in fields.items() if name not in renamed}
    return kept | {ours: fields[theirs] for ours, theirs in renamed.items() if theirs in fields}


def _fails_late(desk: Desk, fields: Fields) -> bool:
    named = str(fields.get("queueName") or fields.get("queueUri") or "")
    return named.rpartition("/")[2] in desk.settings.failing_queues


_PROPERTIES = frozenset(
    {"Save", "AttachUserData", "UpdateUserData", "DeleteUserData", "SetDisposition", "SetInFocus", "AddComment", "UpdateProperties"}
)
_OPERATIONS: dict[str, Operation] = {
    "Accept": general.accept,
    "Reject": general.reject,
    "Reply": email.reply,
    "ReplyAll": email.reply_all,
    "Forward": email.forward,
    "Cancel": email.cancel,
    "Send": email.send,
    "Save": email.update,
    "Transfer": general.transfer,
    "Complete": general.complete,
    "PlaceInQueue": general.place_in_queue,
    "PlaceInWorkbin": general.place_in_workbin,
    "UpdateProperties": email.update,
    "LinkAttachment": email.link,
    "AttachUserData": later.user_data,
    "UpdateUserData": later.user_data,
    "DeleteUserData": later.delete_user_data,
    "SetDisposition": later.set_disposition,
    "SetInFocus": later.set_in_focus,
    "AddComment": later.add_comment,
}
