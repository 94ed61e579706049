"""
From models to text: the first page by a packaged template, a scenario's by plain functions; everything is escaped that is not markup by
its type. What does not show (control characters, what turns the direction of text) is written out in one pass over each finished page.

A policy in each page allows its own style sheet and script, by their hashes, and nothing else: no request leaves it, and no script in it
could ever be the data's.
"""

from __future__ import annotations

import os
import sys
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemBytecodeCache, PackageLoader, StrictUndefined
from markupsafe import Markup

from runner.reporters.html import index_markup, page_markup, step_markup
from runner.reporters.html.listing import line_markup
from runner.reporters.html.story_page import StoryPage
from runner.reporters.html.why import Why
from runner.reporters.text import counted, visible_bytes
from runner.reporters.verdict import SIGNS

__all__ = ["Pages"]

_PIECE = 65_536
_STYLE, _SCRIPT = "report.css", "report.js"


class Pages:
    """Makes the pages."""

    def __init__(self) -> None:
        assets = Path(__file__).with_name("assets")
        self._style = (assets / _STYLE).read_text(encoding="utf-8")
        self._script = (assets / _SCRIPT).read_text(encoding="utf-8")
        environment = Environment(
            loader=PackageLoader("runner.reporters.html"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            bytecode_cache=_cache(),
        )
        environment.globals["sign"] = SIGNS
        environment.globals["line_markup"] = line_markup
        environment.globals["told_many"] = counted
        environment.globals["told_bodies"] = index_markup.bodies
        environment.globals["told_line"] = index_markup.matrix_line
        environment.globals["told_lane"] = index_markup.lane
        environment.globals["told_differences"] = step_markup.differences
        environment.globals["told_states"] = step_markup.states
        environment.globals["policy"] = self._policy()
        self._head = page_markup.head(self._policy())
        self._index = environment.get_template("index.html")
        self._why: Callable[[Why], Markup] = vars(environment.get_template("macros.html").module)["why"]

    def assets(self) -> Iterator[tuple[str, bytes]]:
        """The files that the pages share: name and content."""
        yield _STYLE, self._style.encode()
        yield _SCRIPT, self._script.encode()

    def story(self, page: StoryPage, *, prefix: str = "") -> str:
        """The inside of a scenario's page; *prefix* keeps the names in it apart where several stand in one file."""
        why = self._why(page.why) if page.why is not None else None
        return page_markup.story(page, prefix=prefix, why=why)

    def page(self, page: StoryPage, story: str) -> bytes:
        """A scenario's whole page."""
        return visible_bytes(page_markup.page(page, story, head=self._head))

    def index(self, model: dict[str, object], *, one_file: bool, stories: Iterable[Any]) -> Iterator[bytes]:
        """The first page, in pieces; *one_file*: with *stories* in it."""
        told = [(one.row, Markup(one.text)) for one in stories]  # noqa: S704 - made by page_markup
        style, script = Markup(self._style), Markup(self._script)  # noqa: S704 - ours
        pieces = self._index.generate(**model, one_file=one_file, stories=told, style=style, script=script)
        return (visible_bytes(piece) for piece in _larger(pieces))

    def _policy(self) -> str:
        style, script = (b64encode(sha256(text.encode()).digest()).decode() for text in (self._style, self._script))
        own = "'self' file:"
        return (
            f"default-src 'none'; style-src {own} 'sha256-{style}'; script-src {own} 'sha256-{script}'; img-src data:; "
            "base-uri 'none'; form-action 'none'"
        )


def _cache() -> FileSystemBytecodeCache | None:
    """Compiled templates are kept where Python keeps compiled modules: making them takes longer than a small report. None: not there."""
    folder = Path(__file__).with_name("__pycache__")
    return FileSystemBytecodeCache(str(folder)) if not sys.dont_write_bytecode and os.access(folder, os.W_OK) else None


def _larger(pieces: Iterable[str]) -> Iterator[str]:
    """The same text in fewer pieces."""
    waiting: list[str] = []
    room = _PIECE
    for piece in pieces:
        waiting.append(piece)
        room -= len(piece)
        if room <= 0:
            yield "".join(waiting)
            waiting, room = [], _PIECE
    yield "".join(waiting)
