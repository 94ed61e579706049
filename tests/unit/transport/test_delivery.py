"""How a customer's mail gets in: by a simulator's control API, else over SMTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from runner.errors import AnswerLost, ConnectFailed, EnvironmentUnusable, Refused
from runner.transport.delivery import Enclosed, Letter, deliver
from runner.transport.scripted import Answer, ScriptedTransport

LETTER = Letter(
    "Ana <ana@example.com>", ["help@shop.example"], ["boss@example.com"], "Größe", "Hi\n.dot", attachments=[Enclosed("a.bin", b"\0\xff")]
)
CONTROL = "http://127.0.0.1:1/_control"


def by_control(answer: Any) -> tuple[Any, ScriptedTransport]:
    transport = ScriptedTransport()
    transport.on("POST", "/_control/receive", answer)

    async def go() -> Any:
        return await deliver(LETTER, http=transport.client("http://127.0.0.1:1/api"), control=CONTROL, smtp={"host": "unused"})

    return go, transport


def test_a_simulator_takes_it_directly() -> None:
    """It is told everything, the bytes of files in base64, and its id comes back."""
    go, transport = by_control(Answer.json({"id": "0001"}))
    assert asyncio.run(go()) == "0001"
    told = msgspec.json.decode(transport.requests[0].request_body)
    assert (told["from"], told["to"], told["cc"], told["subject"]) == (LETTER.sender, ["help@shop.example"], ["boss@example.com"], "Größe")
    assert told["attachments"] == [{"name": "a.bin", "type": "application/octet-stream", "content": "AP8="}]


@pytest.mark.parametrize(
    ("answer", "reason", "text"),
    [
        (Answer.json({"error": "no such mailbox"}, http=400), "invalid", "no such mailbox"),
        (Answer(http=500, body=b"<html>"), "server_error", "HTTP 500"),
    ],
)
def test_a_simulator_that_does_not_take_it(answer: Answer, reason: str, text: str) -> None:
    """Its refusal is ours, with its words."""
    go, _ = by_control(answer)
    with pytest.raises(Refused, match=text) as caught:
        asyncio.run(go())
    assert caught.value.reason == reason


def test_no_way_in() -> None:
    """Without a simulator and without a mail server the way out is told."""

    async def go() -> None:
        await deliver(LETTER, http=ScriptedTransport().client("http://x"), control=None, smtp={})

    with pytest.raises(EnvironmentUnusable, match="no way to deliver a customer's mail here") as caught:
        asyncio.run(go())
    assert "mail.smtp" in caught.value.hint


# ── SMTP ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class MailServer:
    """A mail server of few words; ``says`` replaces what it answers to a command (``RCPT``), "" cuts the connection."""

    says: dict[str, str] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    mail: bytes = b""
    talks: set[asyncio.Task[Any]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.talks |= {task for task in [asyncio.current_task()] if task}
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            self.say(writer, "220", "220 mail.example ready")
            while not writer.is_closing() and (line := await reader.readline()):
                command = line.decode().strip()
                self.commands.append(command)
                verb = command[:4].upper()
                if verb == "DATA":
                    self.say(writer, "DATA", "354 go on")
                    if "DATA" in self.says:
                        continue
                    self.mail = (await reader.readuntil(b"\r\n.\r\n"))[:-3]
                    self.say(writer, ".", "250 taken")
                elif verb == "QUIT":
                    self.say(writer, "QUIT", "221 bye")
                    break
                else:
                    self.say(
                        writer,
                        verb,
                        "250-mail.example\r\n250-AUTH PLAIN\r\n250 8BITMIME"
                        if verb == "EHLO"
                        else "235 in"
                        if verb == "AUTH"
                        else "250 ok",
                    )
        writer.close()

    def say(self, writer: asyncio.StreamWriter, to: str, usually: str) -> None:
        text = self.says.get(to, usually)
        if text:
            writer.write(text.encode() + b"\r\n")
        else:
            writer.close()


@asynccontextmanager
async def listening(server: MailServer) -> AsyncIterator[int]:
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        await asyncio.sleep(0)
        if server.talks:
            await asyncio.wait(server.talks)


def over_smtp(server: MailServer, change: Callable[[dict[str, object]], object] = lambda smtp: None) -> str:
    async def go() -> str:
        async with listening(server) as port:
            smtp: dict[str, object] = {"host": "127.0.0.1", "port": port}
            change(smtp)
            return await deliver(LETTER, http=ScriptedTransport().client("http://x"), control=None, smtp=smtp, timeout=5)

    return asyncio.run(go())


def test_a_mail_server_takes_it() -> None:
    """Sender and all recipients are named to it; only the vendor will know the id."""
    server = MailServer()
    assert over_smtp(server) == ""
    assert [c.split(" ")[0] + " " + c.split(":")[-1].split(" ")[0] for c in server.commands if ":" in c] == [
        "MAIL <ana@example.com>",
        "RCPT <help@shop.example>",
        "RCPT <boss@example.com>",
    ]
    assert b"\r\n..dot" in server.mail or b"=\r\n" in server.mail or b"base64" in server.mail


def test_a_password_is_given_only_to_the_server() -> None:
    """A hidden password is revealed where it leaves on the wire."""

    class Hidden:
        def __str__(self) -> str:
            return "***"

        def plain(self) -> str:
            return "s3cret"

    server = MailServer()
    over_smtp(server, lambda smtp: smtp.update(user="ana", password=Hidden()))
    assert any(command == "AUTH PLAIN AGFuYQBzM2NyZXQ=" for command in server.commands)


@pytest.mark.parametrize(
    ("says", "reason", "http", "text"),
    [
        ({"RCPT": "550 5.1.1 no such user"}, "not_acceptable", 550, "no such user"),
        ({"RCPT": "451 4.7.1 greylisted, try later"}, "unavailable", 451, "greylisted"),
        ({"MAIL": "552 too large"}, "not_acceptable", 552, "too large"),
        ({".": "554 looks like spam"}, "not_acceptable", 554, "looks like spam"),
        ({"220": "421 too busy"}, "unavailable", 421, "too busy"),
    ],
)
def test_a_mail_server_that_refuses(says: dict[str, str], reason: str, http: int, text: str) -> None:
    """Its code and words are told; 4xx means later, 5xx means no."""
    with pytest.raises(Refused, match=text) as caught:
        over_smtp(MailServer(says))
    assert (caught.value.reason, caught.value.http) == (reason, http)


def test_wrong_credentials() -> None:
    """A refused login is told as such, without the password."""
    with pytest.raises(Refused) as caught:
        over_smtp(MailServer({"AUTH": "535 wrong"}), lambda smtp: smtp.update(user="ana", password="t0psecret"))
    assert (caught.value.reason, "t0psecret" in caught.value.message) == ("unauthenticated", False)


def test_a_mail_server_that_vanishes() -> None:
    """Once the mail was on its way it may have been taken."""
    with pytest.raises(AnswerLost, match="may have been taken"):
        over_smtp(MailServer({".": ""}))


@pytest.mark.parametrize(
    "change",
    [
        lambda smtp: smtp.update(port=1),
        lambda smtp: smtp.update(tls="tls"),
        lambda smtp: smtp.update(host="nobody.invalid"),
        lambda smtp: smtp.update(tls="starttls"),
    ],
)
def test_a_mail_server_that_cannot_be_had(change: Callable[[dict[str, object]], object]) -> None:
    """Nothing was sent, and the server is named."""
    with pytest.raises(ConnectFailed, match=r"the mail server (127\.0\.0\.1|nobody\.invalid):"):
        over_smtp(MailServer(), change)


@pytest.mark.parametrize("wrong", [{"host": ""}, {"tls": "maybe"}, {"port": "x"}, {"port": 70000}, {"ca": "/nowhere.pem"}])
def test_settings_that_are_wrong(wrong: dict[str, object]) -> None:
    """They are named as they stand in the environment."""
    with pytest.raises(EnvironmentUnusable, match=r"mail\.smtp|nowhere\.pem"):
        over_smtp(MailServer(), lambda smtp: smtp.update(wrong))
