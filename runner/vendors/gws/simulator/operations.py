"""
The operations on an interaction: what each asks for, and what it does.

Each first reads and checks its fields, then gives back its effect; the desk's own checks stand between the two, as in the protocol
notes' order of failures (section 3.2). An effect gives what the answer carries beside "ok".
"""

from __future__ import annotations

from collections.abc import Callable

from runner.simulation.world import Attachment
from runner.vendors.gws.simulator.center import Agent
from runner.vendors.gws.simulator.desk import Desk
from runner.vendors.gws.simulator.errors import FORBIDDEN, INVALID, MISSING, UNKNOWN, Refusal, required, text_of
from runner.vendors.gws.simulator.interactions import Document, Interaction, need

__all__ = ["create", "park", "perform"]

Fields = dict[str, object]
Effect = Callable[[], Fields]
Operation = Callable[[Desk, Agent, Interaction, Fields], Effect]


def perform(desk: Desk, agent: Agent, id: str, fields: Fields) -> Fields:
    """
    Carry out the operation that *fields* name on one of the agent's interactions.

    Raises: ``Refusal``.
    """
    name = _operation(desk, fields)
    interaction = desk.interactions.held_by(agent.person.user, id)
    rule = "UpdateProperties" if name in _PROPERTIES else name
    need(interaction, rule, strict=desk.settings.strict_capabilities)
    effect = _OPERATIONS[name](desk, agent, interaction, fields)
    desk.ready_for(agent)
    desk.reference += 1
    if _fails_late(desk, fields):
        desk.tell(interaction, "error", error=f"{name} failed: Interaction Server did not accept the request")
        return desk.dialect.ok(desk.reference, {})
    return desk.dialect.ok(desk.reference, effect())


def create(desk: Desk, agent: Agent, fields: Fields) -> Fields:
    """
    Create: a new empty outgoing mail, whose id comes by notification only.

    Raises: ``Refusal``.
    """
    name = text_of(fields, "operationName", needed=True)
    if name != "Create":
        raise Refusal(FORBIDDEN, f"Operation is not supported: {name}")
    queue = desk.queue(text_of(fields, desk.dialect.queue_field, needed=True))
    kind, subtype = "Outbound", "OutboundNew"
    if desk.dialect.collection == "interactions":
        kind, subtype = text_of(fields, "interactionType", needed=True), text_of(fields, "interactionSubType", needed=True)
    data = _data(fields) if "userData" in fields else {}
    desk.ready_for(agent)
    desk.reference += 1
    if _fails_late(desk, fields):
        desk.tell_nothing_came(agent, "Create failed: Interaction Server did not accept the request")
        return desk.dialect.ok(desk.reference, {})
    draft = desk.begin(agent, queue=queue, type=kind, subtype=subtype)
    draft.sender = desk.settings.mailbox
    draft.user_data = data
    draft.draft_state = desk.settings.created_state
    desk.tell(draft)
    return desk.dialect.ok(desk.reference, {})


def park(desk: Desk, agent: Agent, id: str, workbin: str) -> None:
    """
    Put one of the agent's interactions into a workbin, whose id is known.

    Raises: ``Refusal``.
    """
    interaction = desk.interactions.held_by(agent.person.user, id)
    need(interaction, "PlaceInWorkbin")
    desk.ready_for(agent)
    desk.reference += 1
    desk.park(interaction, workbin)


def _operation(desk: Desk, fields: Fields) -> str:
    asked = text_of(fields, "operationName", needed=True)
    if asked not in desk.dialect.operations:
        raise Refusal(FORBIDDEN, f"Operation is not supported: {asked}")
    return desk.dialect.operations[asked]


def _fails_late(desk: Desk, fields: Fields) -> bool:
    named = str(fields.get("queueName") or fields.get("queueUri") or "")
    return named.rpartition("/")[2] in desk.settings.failing_queues


# ── general ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _accept(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    def effect() -> Fields:
        interaction.state = "Processing" if interaction.inbound else "Draft"
        desk.tell(interaction)
        return {}

    return effect


def _reject(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    def effect() -> Fields:
        desk.router.revoke(interaction, turned_down=True)
        return {}

    return effect


def _transfer(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    """To an agent (``userUri``, ``targetUri``), a queue (``queueName``) or anybody with a ``skill``: exactly one of them."""
    given = [name for name in ("userUri", "targetUri", "queueName", "skill") if fields.get(name) not in (None, "")]
    if not given:
        raise Refusal(MISSING, "Required parameter is missing: userUri, targetUri, queueName or skill")
    target = text_of(fields, given[0], needed=True)
    if given[0] == "queueName":
        queue = desk.queue(target)
        return _then(lambda: desk.give_away(interaction, queue))
    if given[0] == "skill":
        if target not in desk.settings.skills:
            raise Refusal(UNKNOWN, f"Skill is not found: {target}")
        return _then(lambda: desk.give_away(interaction, interaction.queue))
    taker = desk.center.find(target)
    if taker is None or "email" not in taker.person.rights:
        raise Refusal(UNKNOWN, f"Transfer target is not found: {target}")
    if taker is agent:
        raise Refusal(INVALID, "Parameter is not valid: the target has the interaction already")
    return _then(lambda: desk.give_away(interaction, interaction.queue, wanted=taker.person.user))


def _complete(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    """Ownership ends; with ``queueName`` it goes there."""
    named = text_of(fields, "queueName")
    if named:
        queue = desk.queue(named)
        return _then(lambda: desk.give_away(interaction, queue))
    return _then(lambda: desk.finish(interaction, "Completed"))


def _place_in_queue(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    queue = desk.queue(text_of(fields, "queueName", needed=True))
    return _then(lambda: desk.give_away(interaction, queue))


def _place_in_workbin(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    named = text_of(fields, "workbinId") or text_of(fields, "workbinName")
    if not named:
        raise Refusal(MISSING, "Required parameter is missing: workbinName or workbinId")
    workbin = desk.workbin(named)
    return _then(lambda: desk.park(interaction, workbin))


# ── e-mail ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _reply(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    return _answering(desk, agent, interaction, fields, everybody=False)


def _reply_all(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    return _answering(desk, agent, interaction, fields, everybody=True)


def _answering(desk: Desk, agent: Agent, original: Interaction, fields: Fields, *, everybody: bool) -> Effect:
    queue = desk.queue(text_of(fields, desk.dialect.queue_field, needed=True))
    quote = fields.get("quoteOriginal")
    if quote is None:
        quote = everybody or desk.settings.reply_quotes
    if not isinstance(quote, bool):
        raise Refusal(INVALID, "Parameter is not valid: quoteOriginal must be true or false")
    prefix, line, indent = (text_of(fields, name) for name in ("subjectPrefix", "replyToStartLine", "indentCharacter"))
    given = text_of(fields, "bodyAsPlainText") or text_of(fields, "body")

    def effect() -> Fields:
        draft = desk.begin(agent, queue=queue, type="Email", subtype="OutboundReply", parent=original)
        draft.to = [original.reply_to or original.sender]
        draft.sender = original.to[0] if len(original.to) == 1 else desk.settings.mailbox
        draft.cc = list(original.cc) if everybody else []
        draft.subject = prefix + original.subject
        draft.text = "\n".join(part for part in (given, _quoted(original, line, indent) if quote else "") if part)
        desk.tell(draft)
        return {"replyInteractionId": draft.id} if everybody and desk.dialect.collection == "interactions" else {}

    return effect


def _quoted(original: Interaction, line: str, indent: str) -> str:
    quoted = [indent + each for each in original.text.split("\n")]
    return "\n".join([line, *quoted] if line else quoted)


def _forward(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    """8.5.0 only: a draft without recipients, with the customer's text and attachments."""
    queue = desk.queue(text_of(fields, desk.dialect.queue_field, needed=True))
    prefix = text_of(fields, "subjectPrefix")

    def effect() -> Fields:
        draft = desk.begin(agent, queue=queue, type="Email", subtype="OutboundForward", parent=interaction)
        draft.sender = desk.settings.mailbox
        draft.subject = prefix + interaction.subject
        draft.text = interaction.text
        for document in interaction.documents.values():
            desk.attach(draft, document.attachment)
        desk.tell(draft)
        return {}

    return effect


def _send(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    named = text_of(fields, "queueName", needed=True)
    contents = desk.dialect.sending(fields)
    queue = desk.queue(named)

    def effect() -> Fields:
        desk.fill(interaction, contents)
        interaction.queue = queue
        desk.deliver(interaction)
        desk.finish(interaction, "Sent")
        return {}

    return effect


def _cancel(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    def effect() -> Fields:
        interaction.documents.clear()
        desk.finish(interaction, "Canceled")
        return {}

    return effect


def _update(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    contents = desk.dialect.changing(fields)
    if interaction.inbound and contents.user_data == {}:
        raise Refusal(INVALID, "Parameter is not valid: a received e-mail cannot be changed")

    def effect() -> Fields:
        desk.fill(interaction, contents)
        desk.tell(interaction, "saved" if not contents.user_data else "properties")
        return {}

    return effect


def _link(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    id = text_of(fields, "documentId", needed=True)
    name = desk.settings.library.get(id)
    if name is None:
        raise Refusal(UNKNOWN, f"Document is not found: {id}")

    def effect() -> Fields:
        interaction.documents[id] = Document(id, _library_item(name))
        desk.tell(interaction, "attached")
        return {}

    return effect


def _library_item(name: str) -> Attachment:
    """A document of the library; what is in it is made of its name."""
    kind = {"pdf": "application/pdf", "txt": "text/plain"}.get(name.rpartition(".")[2], "application/octet-stream")
    return Attachment(name, f"{name}\n".encode(), kind)


# ── the later dialect's own ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _user_data(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    data = _data(fields)
    return _changed(desk, interaction, lambda: interaction.user_data.update(data))


def _delete_user_data(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    """The keys to remove, as a list or as an object's keys."""
    keys = required(fields, "userData")
    if not isinstance(keys, dict | list):
        raise Refusal(INVALID, "Parameter is not valid: userData must be an object or a list of keys")
    gone = [str(key) for key in keys]
    return _changed(desk, interaction, lambda: [interaction.user_data.pop(key, None) for key in gone])


def _noted(key: str, field: str, *, default: str = "") -> Operation:
    """An operation that keeps one field of the request in the user data."""

    def operation(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
        value = text_of(fields, field, needed=not default) or default
        return _changed(desk, interaction, lambda: interaction.user_data.__setitem__(key, value))

    return operation


def _changed(desk: Desk, interaction: Interaction, change: Callable[[], object]) -> Effect:
    def effect() -> Fields:
        change()
        desk.tell(interaction, "properties")
        return {}

    return effect


def _data(fields: Fields) -> Fields:
    data = required(fields, "userData")
    if not isinstance(data, dict):
        raise Refusal(INVALID, "Parameter is not valid: userData must be an object")
    return data


def _then(move: Callable[[], None]) -> Effect:
    def effect() -> Fields:
        move()
        return {}

    return effect


_PROPERTIES = frozenset(
    {"Save", "AttachUserData", "UpdateUserData", "DeleteUserData", "SetDisposition", "SetInFocus", "AddComment", "UpdateProperties"}
)
_OPERATIONS: dict[str, Operation] = {
    "Accept": _accept,
    "Reject": _reject,
    "Reply": _reply,
    "ReplyAll": _reply_all,
    "Forward": _forward,
    "Cancel": _cancel,
    "Send": _send,
    "Save": _update,
    "Transfer": _transfer,
    "Complete": _complete,
    "PlaceInQueue": _place_in_queue,
    "PlaceInWorkbin": _place_in_workbin,
    "UpdateProperties": _update,
    "LinkAttachment": _link,
    "AttachUserData": _user_data,
    "UpdateUserData": _user_data,
    "DeleteUserData": _delete_user_data,
    "SetDisposition": _noted("Disposition", "disposition"),
    "SetInFocus": _noted("InFocus", "inFocus", default="true"),
    "AddComment": _noted("Comment", "comment"),
}
