"""
An exchange as it stands on a page: its line, both sides with headers and body, and the command that asks again.

Most of a page is exchanges, so they are written by plain functions, once for every page that shows them.
"""

from __future__ import annotations

from functools import lru_cache
from html import escape

from msgspec import Struct

from runner.clock import written
from runner.record.events import Exchanged
from runner.reporters.curl import curl
from runner.reporters.html.shown import body_of, header_lines, marked, size, status_words, url_parts

__all__ = ["ExchangeView", "exchange"]

_CODE = '<pre class="body" tabindex="0" role="group" aria-label="{}"><code>'
_SENT, _CAME, _CURL = _CODE.format("sent"), _CODE.format("came back"), _CODE.format("curl command")
_END = "</code></pre>\n"
# A run has few different sets of headers: those of one actor's requests, those of the answers of one second.
_REMEMBERED = 1_024


class ExchangeView(Struct, frozen=True):
    """One request and its answer; ``text`` is markup, the inside of a `details`."""

    good: bool
    text: str


def exchange(event: Exchanged) -> ExchangeView:
    """An exchange, whatever stands in it escaped."""
    origin, path = url_parts(event.url)
    got = f' <span class="quiet">{size(event.size)}</span>' if event.size else ""
    error = f'<p class="error">{escape(event.error)}</p>\n' if event.error else ""
    to = escape(f"{event.actor} to {origin}" if event.actor else f"to {origin}")
    sent, sent_kind = _headers(tuple(event.request_headers.items()))
    came, came_kind = _headers(tuple(event.headers.items()))
    text = (
        f'<summary><b class="method">{escape(event.method)}</b> <span class="path">{escape(path)}</span> '
        f'<span class="status">{status_words(event.http)}</span>{got} <span class="took">{written(event.took)}</span></summary>\n'
        f'{error}<div class="sides">\n<section><p class="head">sent <span class="quiet">{to}</span></p>\n'
        f"{sent}{_body(_SENT, event.request_body, event.request_size, sent_kind)}</section>\n"
        f'<section><p class="head">came back</p>\n{came}{_body(_CAME, event.body, event.size, came_kind)}</section>\n</div>\n'
        f'<details class="curl"><summary>as a curl command</summary>{_CURL}{marked(curl(event))}{_END[:-1]}</details>\n'
    )
    return ExchangeView(200 <= event.http < 400, text)


@lru_cache(_REMEMBERED)
def _headers(headers: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    """The lines of headers, and the content type that they tell."""
    kind = next((value for name, value in headers if name.lower() == "content-type"), "")
    return f'<pre class="headers">{header_lines(dict(headers))}</pre>\n' if headers else "", kind


def _body(code: str, text: str, true_size: int, content_type: str) -> str:
    body = body_of(text, true_size, content_type)
    if body is None:
        return '<p class="quiet">no body</p>\n'
    if not body.note:
        return f"{code}{body.text}{_END}" if body.text else ""
    kind = f" · {escape(body.kind)}" if body.kind else ""
    note = f'<p class="quiet">{escape(body.note)}{kind}</p>\n'
    return f"{note}{code}{body.text}{_END}" if body.text else note
