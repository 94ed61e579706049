"""File names with quotes, line breaks and letters of every alphabet stay whole, whichever way a file goes (RFC 2231, RFC 6266)."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import unquote

import pytest

from runner.simulation.world import Attachment
from runner.vendors.icws import VENDOR
from tests.vendors.icws.conftest import URN

NAMES = [
    'say "hi".txt',
    "back\\slash.txt",
    "Übersicht.pdf",
    "日本語 1.txt",
    "a;b=c.txt",
    "it's 100%.txt",
    "two\r\nX-Evil: lines.txt",
    "nul\0.txt",
]


async def _announced(agent: Any, name: str) -> tuple[str, str]:
    """A draft, and where the bytes of a file of this name go."""
    draft = await agent.draft()
    path = f"interactions/{draft}/email/attachments/file/upload"
    told = await agent.good("POST", path, {"uploadFileName": name, "isInlineAttachment": False})
    assert told["fileName"] == name
    return draft, told["uploadUri"]


async def _attached(agent: Any, interaction: str) -> dict[str, Any]:
    """The only file, as the contents tell it."""
    await agent.good("PUT", f"messaging/subscriptions/interactions/{interaction}/email")
    (file,) = (await agent.messages("emailContentsMessage"))[-1]["emailContent"]["fileAttachments"]
    return dict(file)


def _named(disposition: str) -> str:
    """The file name in a Content-Disposition as a browser takes it: ``filename*`` before ``filename``."""
    header = BytesParser(policy=HTTP).parsebytes(f"Content-Disposition: {disposition}\r\n\r\n".encode())["Content-Disposition"]
    _, star, extended = disposition.partition("filename*=UTF-8''")
    return unquote(extended) if star else str(header.params["filename"])


def _form(name: str, content: bytes) -> tuple[dict[str, str], bytes]:
    """A form with one file, its name written as mail programs do (RFC 2231)."""
    part = EmailMessage(policy=HTTP)
    part.set_content(content, "application", "octet-stream", cte="binary", filename=" ".join(name.replace("\0", " ").split("\r\n")))
    part.replace_header("Content-Disposition", part["Content-Disposition"].replace("attachment", "form-data; name=file"))
    body = b"--cut\r\n" + part.as_bytes() + b"\r\n--cut--\r\n"
    return {"Content-Type": "multipart/form-data; boundary=cut"}, body


@pytest.mark.parametrize("form", [False, True], ids=["put", "form"])
@pytest.mark.parametrize("name", NAMES)
def test_an_uploaded_file_keeps_its_name(name: str, form: bool, knock: Callable[..., None]) -> None:
    """In the answer, in the contents, in the header of its download, and in the mail that leaves; no line of it becomes a header."""

    async def story(door: Any) -> None:
        agent = await door.login()
        draft, uri = await _announced(agent, name)
        headers = {"Cookie": agent.cookie, "ININ-ICWS-CSRF-Token": agent.token}
        more, body = _form(name, b"bytes\r\n\0") if form else ({}, b"bytes\r\n\0")
        assert (await door.call("POST" if form else "PUT", uri, headers=headers | more, content=body)).http == 200
        file = await _attached(agent, draft)
        got = await door.call("GET", file["downloadUri"], headers=headers)
        await agent.good("POST", f"interactions/{draft}/email/send")
        (left,) = door.world.outbox[0].attachments
        assert (file["name"], _named(got.header("Content-Disposition")), left.name) == (name, name, name)
        assert (got.body, left.content, got.header("X-Evil")) == (b"bytes\r\n\0", b"bytes\r\n\0", "")

    knock(story)


@pytest.mark.parametrize("name", NAMES[:6])
def test_a_file_in_an_attached_mail_is_told_by_its_name(name: str, knock: Callable[..., None]) -> None:
    """An attached mail brings its own files along, their names decoded and their bytes whole, and the mails that are in it."""

    async def story(door: Any) -> None:
        deep = EmailMessage()
        deep["Subject"] = "Deep"
        deep.set_content("There")
        inner = EmailMessage()
        inner["From"], inner["Subject"] = "bob@example.net", "Inside"
        inner.set_content("Hello")
        inner.add_attachment(b"\x00\xff", "application", "octet-stream", filename=name)
        inner.add_attachment(deep)
        agent = await door.login()
        mail = await door.arrives(attachments=[Attachment("inner.eml", inner.as_bytes(), "message/rfc822")])
        await agent.good("PUT", f"messaging/subscriptions/interactions/{mail}/email")
        ((attached),) = (await agent.messages("emailContentsMessage"))[0]["emailContent"]["messageAttachments"]
        await agent.good("POST", f"interactions/{mail}/email/attachments/message/download", {"messageId": attached["messageId"]})
        content = (await agent.messages("emailMessageAttachmentMessage"))[0]["emailContent"]
        (file,) = content["fileAttachments"]
        headers = {"Cookie": agent.cookie, "ININ-ICWS-CSRF-Token": agent.token}
        assert (file["__type"], file["name"]) == (URN + "emailFileAttachment", name)
        assert (await door.call("GET", file["downloadUri"], headers=headers)).body == b"\x00\xff"
        assert [m["subject"] for m in content["messageAttachments"]] == ["Deep"]

    knock(story)


@pytest.mark.parametrize("name", NAMES[2:6])
def test_the_clients_file_keeps_its_name(name: str, play: Callable[..., None]) -> None:
    """Attached, checked and downloaded under the name that it has in the project."""

    async def story(stage: Any) -> None:
        stage.files[name] = (b"content", "text/plain")
        await stage.act("login")
        await stage.act("create", {"to": "joe@example.com", "text": "Hello"})
        await stage.act("attach", {"file": name})
        assert (await stage.act("download", {"name": name}))["content"] == "content"
        await stage.act("send")
        assert [a.name for a in stage.world.outbox[0].attachments] == [name]

    play(VENDOR, story)
