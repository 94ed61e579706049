"""
How a customer's mail gets in: through the control API of a simulator, else over SMTP. Called by the vendors' ``receive`` steps.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

import msgspec

from runner.errors import EnvironmentUnusable, Refused
from runner.transport.base import HttpClient
from runner.transport.exchange import Exchange
from runner.transport.letter import Enclosed, Letter, mime
from runner.transport.smtp import send_mail

__all__ = ["Enclosed", "Letter", "deliver"]


async def deliver(
    letter: Letter, *, http: HttpClient, control: str | None, smtp: Mapping[str, object], timeout: float | None = None
) -> str:
    """
    Let *letter* arrive.

    *control* is the control API's URL when the target is a simulator, *smtp* the environment's mail server otherwise.

    Returns: The id under which agents will see it, "" when only the vendor knows (SMTP).
    Raises: ``Refused`` – it was not taken; ``WireError`` – nobody could be asked; ``EnvironmentUnusable`` – there is no way in.
    """
    if control:
        return await _by_control(letter, http, control, timeout)
    if not smtp:
        raise EnvironmentUnusable(
            "no way to deliver a customer's mail here", code="E506", hint="add mail.smtp to the environment: `smtp: {host: mx.example.com}`"
        )
    message = mime(letter)
    await send_mail(smtp, message, [*letter.to, *letter.cc], timeout=timeout or 30.0)
    return ""


async def _by_control(letter: Letter, http: HttpClient, control: str, timeout: float | None) -> str:
    told = {
        "from": letter.sender,
        "to": list(letter.to),
        "cc": list(letter.cc),
        "subject": letter.subject,
        "text": letter.text,
        "html": letter.html,
        "reply_to": letter.reply_to,
        "attachments": [
            {"name": file.name, "type": file.type, "content": base64.b64encode(file.content).decode()} for file in letter.attachments
        ],
    }
    exchange = await http.request(
        "POST", f"{control}/receive", headers={"Content-Type": "application/json"}, body=msgspec.json.encode(told), timeout=timeout
    )
    answer = _object(exchange)
    if exchange.http != 200:
        text = str(answer.get("error", ""))
        raise Refused("invalid" if exchange.http < 500 else "server_error", http=exchange.http, text=text)
    return str(answer.get("id", ""))


def _object(exchange: Exchange) -> Mapping[str, object]:
    """The answer's JSON object; {} when it is none."""
    try:
        answer = exchange.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
