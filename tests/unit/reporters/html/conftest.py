"""A page as its reader's browser takes it apart."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

# within a line; every other tag parts words
_INLINE = frozenset({"a", "b", "code", "i", "mark", "small", "span", "kbd"})
_ALONE = frozenset({"meta", "link", "input", "br", "img", "rect"})


class Page(HTMLParser):
    """What stands in a page: its tags with their attributes, its text; ``crossed`` are tags that do not close what they opened."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.crossed: list[str] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        self.crossed += self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag opens."""
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._part(tag)
        if tag not in _ALONE:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag that holds nothing."""
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        """A tag closes."""
        self._part(tag)
        if self._open and self._open[-1] == tag:
            self._open.pop()
        else:
            self.crossed.append(tag)

    def _part(self, tag: str) -> None:
        if tag not in _INLINE:
            self.texts.append(" ")

    def handle_data(self, data: str) -> None:
        """Text."""
        self.texts.append(data)

    @property
    def text(self) -> str:
        """Everything that is to be read, with single spaces."""
        return " ".join("".join(self.texts).split())

    def all(self, name: str) -> list[str]:
        """The values of an attribute wherever it stands."""
        return [attributes[name] for _, attributes in self.tags if name in attributes]

    def having(self, *classes: str) -> list[dict[str, str]]:
        """The attributes of what has all these classes."""
        return [attributes for _, attributes in self.tags if set(classes) <= set(attributes.get("class", "").split())]


@pytest.fixture
def page() -> Callable[[Path], Page]:
    """Reads a page."""
    return lambda path: Page(path.read_text(encoding="utf-8"))


@pytest.fixture
def story_of() -> Callable[[Path], Path]:
    """The only scenario's page in a run's folder."""

    def only(folder: Path) -> Path:
        (path,) = (folder / "html").glob("*.html")
        return path

    return only
