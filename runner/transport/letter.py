"""
A customer's mail on its way in: what it says, and how it looks as MIME.
"""

from __future__ import annotations

from collections.abc import Sequence
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid, parseaddr

from msgspec import Struct

from runner.errors import EnvironmentUnusable

__all__ = ["Enclosed", "Letter", "mime"]


class Enclosed(Struct, frozen=True):
    """A file in a letter; ``type`` is its media type."""

    name: str
    content: bytes
    type: str = "application/octet-stream"


class Letter(Struct, frozen=True):
    """A customer's mail; addresses bare or as ``Name <a@b.c>``, one to an item."""

    sender: str
    to: Sequence[str]
    cc: Sequence[str] = ()
    subject: str = ""
    text: str = ""
    html: str = ""
    reply_to: str = ""
    attachments: Sequence[Enclosed] = ()


def mime(letter: Letter) -> EmailMessage:
    """
    The letter as it travels over SMTP: UTF-8, text and HTML side by side, files attached byte for byte.

    Raises: ``EnvironmentUnusable`` – an address cannot be written into a mail.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(letter.sender)
    message["To"] = [_address(one) for one in letter.to]
    if letter.cc:
        message["Cc"] = [_address(one) for one in letter.cc]
    if letter.reply_to:
        message["Reply-To"] = _address(letter.reply_to)
    message["Subject"] = " ".join(letter.subject.splitlines())
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = make_msgid(domain=_address(letter.sender).domain or "customer.example")
    if letter.text or not letter.html:
        message.set_content(letter.text, charset="utf-8")
    if letter.html and letter.text:
        message.add_alternative(letter.html, subtype="html", charset="utf-8")
    elif letter.html:
        message.set_content(letter.html, subtype="html", charset="utf-8")
    for file in letter.attachments:
        main, _, sub = file.type.partition(";")[0].strip().partition("/")
        message.add_attachment(
            file.content, maintype=main or "application", subtype=sub or "octet-stream", filename=" ".join(file.name.splitlines())
        )
    return message


def _address(text: str) -> Address:
    name, bare = parseaddr(" ".join(text.splitlines()))
    try:
        return Address(display_name=name, addr_spec=bare)
    except (MessageError, ValueError, IndexError, AttributeError) as exc:  # which one depends on the Python version
        raise EnvironmentUnusable(f"{text!r} is not a mail address", hint="write it like joe@example.com") from exc
