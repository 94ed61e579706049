"""
An exchange as it stands on a page: its line, both sides with headers and body, and the command that asks again.

Most of a page is exchanges, so they are written by plain functions, once for every page that shows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from msgspec import Struct

from runner.clock import written
from runner.record.events import Exchanged
from runner.reporters.curl import curl
from runner.reporters.html.shown import Body, body_of, header_lines, marked, size, status_words, url_parts

__all__ = ["ExchangeView", "exchange"]

_CODE = '<pre class="body" tabindex="0" role="group" aria-label="{}"><code>'


class ExchangeView(Struct, frozen=True):
    """One request and its answer; ``text`` is markup, the inside of a `details`."""

    good: bool
    text: str


def exchange(event: Exchanged) -> ExchangeView:
    """An exchange, whatever stands in it escaped."""
    origin, path = url_parts(event.url)
    got = f' <span class="quiet">{size(event.size)}</span>' if event.size else ""
    error = f'<p class="error">{escape(event.error)}</p>\n' if event.error else ""
    to = f"{event.actor} to {origin}".removeprefix(" ")
    text = (
        f'<summary><b class="method">{escape(event.method)}</b> <span class="path">{escape(path)}</span> '
        f'<span class="status">{status_words(event.http)}</span>{got} <span class="took">{written(event.took)}</span></summary>\n'
        f'{error}<div class="sides">\n'
        f"{_side('sent', to, event.request_headers, event.request_body, event.request_size)}"
        f"{_side('came back', '', event.headers, event.body, event.size)}</div>\n"
        '<details class="curl"><summary>as a curl command</summary>'
        f"{_CODE.format('curl command')}{marked(curl(event))}</code></pre></details>\n"
    )
    return ExchangeView(200 <= event.http < 400, text)


def _side(name: str, note: str, headers: Mapping[str, str], text: str, true_size: int) -> str:
    """What was sent, or what came back."""
    kind = _kind(headers) if text else ""
    more = f' <span class="quiet">{escape(note)}</span>' if note else ""
    lines = f'<pre class="headers">{header_lines(headers)}</pre>\n' if headers else ""
    return f'<section><p class="head">{name}{more}</p>\n{lines}{_body(name, body_of(text, true_size, kind))}</section>\n'


def _kind(headers: Mapping[str, str]) -> str:
    found = headers.get("Content-Type")
    return found if found is not None else next((value for name, value in headers.items() if name.lower() == "content-type"), "")


def _body(name: str, body: Body | None) -> str:
    if body is None:
        return '<p class="quiet">no body</p>\n'
    kind = f" · {escape(body.kind)}" if body.kind else ""
    note = f'<p class="quiet">{escape(body.note)}{kind}</p>\n' if body.note else ""
    return f"{note}{_CODE.format(name)}{body.text}</code></pre>\n" if body.text else note
