"""
How the client says things in either dialect: the fields of each operation that differ.

``interactions`` is the supplied page (8.5.0, 8.5.1), ``emails`` the later pages (8.5.2, 8.6).
"""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct, field

from runner.errors import Unsupported

__all__ = ["Dialect", "Draft", "dialect_of"]

Fields = dict[str, object]


class Draft(Struct):
    """The contents of an outgoing mail, kept here until Send carries them."""

    sender: str = ""
    to: list[str] = field(default_factory=list)
    cc: list[str] = field(default_factory=list)
    bcc: list[str] = field(default_factory=list)
    subject: str = ""
    text: str = ""
    html: str = ""


class Dialect(Protocol):
    """What differs."""

    collection: str

    def check_html(self, html: str | None) -> None:
        """Raise ``Unsupported`` when the dialect cannot send HTML and there is some."""
        ...

    def create(self, queue: str) -> Fields:
        """The fields of Create."""
        ...

    def reply(self, queue: str, *, quote: bool | None, prefix: str, start_line: str | None, indent: str | None) -> Fields:
        """The fields of Reply and ReplyAll; None is left out."""
        ...

    def send(self, draft: Draft, queue: str) -> Fields:
        """The fields of Send; what the draft does not have is left out, so that the server says what it misses."""
        ...

    def place_in_queue(self, queue: str) -> tuple[str, Fields]:
        """The operation that puts an interaction into a queue, and its fields."""
        ...

    def link(self, document: str) -> tuple[str, Fields]:
        """The operation that attaches a document of the library."""
        ...

    def update(self, data: Fields, changes: Fields, removed: list[str]) -> list[tuple[str, Fields]]:
        """
        The operations that change user data and contents, and remove user data; *changes* by the draft's own names.

        Raises: ``Unsupported`` – the dialect cannot remove user data.
        """
        ...

    def check_later(self, operation: str) -> None:
        """Raise ``Unsupported`` when the dialect lacks an operation that only the later one has."""
        ...


class _Interactions:
    collection = "interactions"

    def check_html(self, html: str | None) -> None:
        if html is not None:
            raise Unsupported("the interactions dialect of GWS sends plain text only", hint="write the body under `text`")

    def create(self, queue: str) -> Fields:
        return {"queueName": queue, "interactionType": "Outbound", "interactionSubType": "OutboundNew"}

    def reply(self, queue: str, *, quote: bool | None, prefix: str, start_line: str | None, indent: str | None) -> Fields:
        return {
            "queueName": queue,
            "quoteOriginal": quote,
            "subjectPrefix": prefix or None,
            "replyToStartLine": start_line,
            "indentCharacter": indent,
        }

    def send(self, draft: Draft, queue: str) -> Fields:
        email = {
            "toAddress": ", ".join(draft.to),
            "subject": draft.subject,
            "text": draft.text,
            "fromAddress": draft.sender,
            "ccAddress": ", ".join(draft.cc),
            "bccAddress": ", ".join(draft.bcc),
        }
        return {"queueName": queue, "email_object": {name: value for name, value in email.items() if value}}

    def place_in_queue(self, queue: str) -> tuple[str, Fields]:
        return "PlaceInQueue", {"queueName": queue}

    def link(self, document: str) -> tuple[str, Fields]:
        return "LinkAttachment", {"documentId": document}

    def update(self, data: Fields, changes: Fields, removed: list[str]) -> list[tuple[str, Fields]]:
        if removed:
            self.check_later("DeleteUserData")
        names = {"sender": "fromAddress", "to": "toAddress", "cc": "ccAddress", "bcc": "bccAddress", "subject": "subject", "text": "text"}
        email = {names[n]: ", ".join(v) if isinstance(v, list) else v for n, v in changes.items()}
        fields: Fields = {"userData": data, "email_object": email}
        return [("UpdateProperties", {name: value for name, value in fields.items() if value})]

    def check_later(self, operation: str) -> None:
        raise Unsupported(
            f"the interactions dialect of GWS has no {operation}", hint="only the emails dialect (8.5.2, 8.6) has it; see `dialect`"
        )


class _Emails:
    collection = "emails"

    def check_html(self, html: str | None) -> None:
        pass

    def create(self, queue: str) -> Fields:
        return {"queueUri": queue}

    def reply(self, queue: str, *, quote: bool | None, prefix: str, start_line: str | None, indent: str | None) -> Fields:
        shared = _Interactions().reply(queue, quote=quote, prefix=prefix, start_line=start_line, indent=indent)
        return {"queueUri": shared.pop("queueName"), **shared}

    def send(self, draft: Draft, queue: str) -> Fields:
        email: Fields = {"to": draft.to, "from": draft.sender, "cc": draft.cc, "bcc": draft.bcc, "subject": draft.subject}
        if draft.html:
            email |= {"body": draft.html, "mime": "text/html"}
        email["bodyAsPlainText"] = draft.text
        return {"queueName": queue, "email": {name: value for name, value in email.items() if value}}

    def place_in_queue(self, queue: str) -> tuple[str, Fields]:
        return "Complete", {"queueName": queue}

    def link(self, document: str) -> tuple[str, Fields]:
        return "AddAttachment", {"documentId": document}

    def update(self, data: Fields, changes: Fields, removed: list[str]) -> list[tuple[str, Fields]]:
        names = {"sender": "from", "to": "to", "cc": "cc", "bcc": "bcc", "subject": "subject", "text": "bodyAsPlainText"}
        calls: list[tuple[str, Fields]] = [("UpdateUserData", {"userData": data})] if data else []
        # its table calls the field userData, its sample and the pages of all other media `keys`
        calls += [("DeleteUserData", {"keys": removed})] if removed else []
        return calls + ([("Save", {"email": {names[n]: v for n, v in changes.items()}})] if changes else [])

    def check_later(self, operation: str) -> None:
        pass


def dialect_of(name: str) -> Dialect:
    """The dialect of a name in the options."""
    return _Emails() if name == "emails" else _Interactions()
