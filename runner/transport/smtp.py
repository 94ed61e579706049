"""
A mail out over SMTP, by aiosmtplib: how a customer's letter reaches the contact centre of a real environment.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Mapping
from email.message import EmailMessage
from typing import Any

from runner.errors import AnswerLost, ConnectFailed, EnvironmentUnusable, Refused, WireError

__all__ = ["send_mail"]

_TLS = {"none": (False, False), "starttls": (False, True), "tls": (True, False), "auto": (False, None)}
_PORTS = {"tls": 465}


async def send_mail(smtp: Mapping[str, object], message: EmailMessage, recipients: Iterable[str], *, timeout: float = 30.0) -> None:
    """
    Hand *message* to the server that *smtp* names.

    Keys of *smtp*: ``host``; ``port`` (25, or 465 with ``tls: tls``); ``user``, ``password``; ``tls`` is ``auto`` (the default: STARTTLS
    when it is offered), ``starttls``, ``tls`` or ``none``; ``ca`` a file of trusted certificates. ``timeout`` is seconds for each step.

    Raises: ``ConnectFailed`` – nothing was sent; ``Refused`` – the server said no, ``http`` is its SMTP code; ``AnswerLost`` – the mail may
    have been taken; ``EnvironmentUnusable`` – *smtp* itself is wrong.
    """
    import aiosmtplib

    options = _options(smtp, timeout)
    place = f"{options['hostname']}:{options['port']}"
    client = aiosmtplib.SMTP(**options)
    try:
        await _step(client.connect(), place, sent=False)
        await _step(client.send_message(message, recipients=list(recipients)), place, sent=True)
        await _step(client.quit(), place, sent=True)
    finally:
        client.close()


def _options(smtp: Mapping[str, object], timeout: float) -> dict[str, Any]:
    """The client's settings out of the environment's."""
    host = str(smtp.get("host") or "")
    if not host:
        raise EnvironmentUnusable("mail.smtp has no host", hint="write `smtp: {host: mx.example.com}`")
    kind = str(smtp.get("tls") or "auto").lower()
    if kind not in _TLS:
        raise EnvironmentUnusable(f"mail.smtp.tls is {kind!r}", hint="write auto, starttls, tls or none")
    use_tls, start_tls = _TLS[kind]
    port = smtp.get("port") or _PORTS.get(kind, 25)
    if not isinstance(port, int) or not 0 < port < 65536:
        raise EnvironmentUnusable(f"mail.smtp.port is {port!r}", hint="write a number from 1 to 65535")
    user, password = smtp.get("user"), smtp.get("password")
    return {
        "hostname": host,
        "port": port,
        "username": None if user is None else str(user),
        "password": None if password is None else _plain(password),
        "use_tls": use_tls,
        "start_tls": start_tls,
        "tls_context": _context(smtp),
        "timeout": timeout,
    }


def _plain(password: object) -> str:
    """A password as text; one that hides its value is asked for it by name."""
    reveal = getattr(password, "plain", None)
    return str(reveal() if callable(reveal) else password)


def _context(smtp: Mapping[str, object]) -> ssl.SSLContext | None:
    ca = smtp.get("ca")
    if ca is None:
        return None
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(cafile=str(ca))
    except OSError as exc:
        raise EnvironmentUnusable(f"the certificates in {ca} cannot be read", hint="mail.smtp.ca names a PEM file") from exc
    return context


async def _step(doing: Any, place: str, *, sent: bool) -> None:
    """One step of the dialogue, its errors as ours."""
    import aiosmtplib

    try:
        await doing
    except aiosmtplib.SMTPRecipientsRefused as exc:
        first = exc.recipients[0]
        raise _refused(first.code, f"{first.recipient}: {first.message}") from exc
    except aiosmtplib.SMTPResponseException as exc:
        raise _refused(exc.code, str(exc.message)) from exc
    except (aiosmtplib.SMTPConnectError, aiosmtplib.SMTPConnectTimeoutError) as exc:
        raise ConnectFailed(f"cannot connect to the mail server {place}", hint="check mail.smtp in the environment") from exc
    except (aiosmtplib.SMTPException, OSError) as exc:
        why = "STARTTLS is not to be had there" if "STARTTLS" in str(exc) else "the connection broke"
        error: WireError = (
            AnswerLost(f"the mail server {place}: {why}; the mail may have been taken")
            if sent
            else ConnectFailed(f"the mail server {place}: {why}")
        )
        raise error from exc


def _refused(code: int, text: str) -> Refused:
    """4xx: try later; 5xx: no."""
    reason = "unavailable" if 400 <= code < 500 else "unauthenticated" if code in {530, 534, 535} else "not_acceptable"
    return Refused(reason, http=code, vendor_code="SMTP", text=" ".join(text.split()))
