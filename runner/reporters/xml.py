"""
XML 1.0 as text, whatever the data holds: what does not show is written out, what is markup is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from runner.reporters.text import one_line, visible

__all__ = ["element", "opened"]


def element(tag: str, attributes: Mapping[str, str], inside: Iterable[str] = (), *, text: str = "", indent: str = "") -> str:
    """An element with the elements *inside* it, and then *text*; attributes are put on one line."""
    content = "".join(inside) + (_escaped(visible(text)) if text else "")
    start = opened(tag, attributes)
    return f"{indent}{start}{content}</{tag}>" if content else f"{indent}{start[:-1]}/>"


def opened(tag: str, attributes: Mapping[str, str]) -> str:
    """The start of an element whose content follows."""
    told = "".join(f' {name}="{_escaped(one_line(value)).replace(chr(34), "&quot;")}"' for name, value in attributes.items())
    return f"<{tag}{told}>"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
