"""
Operations that only e-mail has: reply, forward, send, cancel, change, attach from the library.
"""

from __future__ import annotations

from runner.simulation.world import Attachment
from runner.vendors.gws.simulator.center import Agent
from runner.vendors.gws.simulator.desk import Desk
from runner.vendors.gws.simulator.effects import Effect, Fields, data
from runner.vendors.gws.simulator.errors import INVALID, UNKNOWN, Refusal, text_of
from runner.vendors.gws.simulator.interactions import Document, Interaction
from runner.vendors.gws.simulator.settings import GwsSettings

__all__ = ["cancel", "forward", "link", "reply", "reply_all", "send", "update"]


def reply(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    """A draft to who wrote."""
    return _answering(desk, agent, interaction, fields, everybody=False)


def reply_all(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    """A draft to who wrote and everybody in CC."""
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
    own = data(fields) if desk.dialect.collection == "emails" and "userData" in fields else {}

    def effect() -> Fields:
        draft = desk.begin(agent, queue=queue, type="Email", subtype="OutboundReply", parent=original)
        draft.to = [original.reply_to or original.sender]
        draft.sender = original.to[0] if len(original.to) == 1 else desk.settings.mailbox
        draft.cc = list(original.cc) if everybody else []
        draft.subject = prefix + original.subject
        draft.user_data = dict(own)
        quoted = _quoted(original, line, indent, desk.settings) if quote else ""
        draft.text = "\n".join(part for part in (given, quoted) if part)
        desk.tell(draft)
        return {"replyInteractionId": draft.id} if everybody and desk.dialect.collection == "interactions" else {}

    return effect


def _quoted(original: Interaction, line: str, indent: str, settings: GwsSettings) -> str:
    line_break = {"lf": "\n", "crlf": "\r\n"}[settings.quote_line_break]
    quoted = line_break.join(indent + each for each in original.text.split("\n"))
    return (line + line_break if line and settings.start_line_alone else line) + quoted


def forward(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
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


def send(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    """The mail leaves, with the contents that come along."""
    named = text_of(fields, "queueName", needed=True)
    contents = desk.dialect.sending(fields)
    queue = desk.queue(named)

    def effect() -> Fields:
        desk.fill(interaction, contents)
        interaction.queue = queue
        desk.deliver(interaction)
        desk.finish(interaction, "Sent")
        if desk.settings.answer_completes_parent:
            for parent in [i for i in desk.interactions.of(agent.person.user) if i.id == interaction.parent]:
                desk.finish(parent, "Completed")
        return {}

    return effect


def cancel(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    """The draft is dropped, its attachments with it."""

    def effect() -> Fields:
        interaction.documents.clear()
        desk.finish(interaction, "Canceled")
        return {}

    return effect


def update(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    """User data and contents change; the draft stays."""
    contents = desk.dialect.changing(fields)
    if interaction.inbound and contents.user_data == {}:
        raise Refusal(INVALID, "Parameter is not valid: a received e-mail cannot be changed")

    def effect() -> Fields:
        desk.fill(interaction, contents)
        desk.tell(interaction, "saved" if not contents.user_data else "properties")
        return {}

    return effect


def link(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    """A document of the library is attached."""
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
