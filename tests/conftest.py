"""What tests of several floors share: a plain vocabulary that stands still while the vendors move, and golden files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from runner.plugins.contract import REASONS, FilePath, Vendor, decode_custom, schema_custom
from runner.plugins.registry import Registry
from runner.plugins.vocabulary import WORDS
from runner.scenario.schema import Vocabulary
from runner.vendors.general import VENDOR as GENERAL

_NO_EVENTS = {"listen": "egain sends no notifications", "expect_event": "egain sends no notifications"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the switch that writes golden files instead of comparing them."""
    parser.addoption("--rewrite-golden", action="store_true", help="write the golden files anew, for a reviewed diff")


@pytest.fixture
def same_as_golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compare a text with the golden file at a path, or write it there."""

    def compare(path: Path, text: str) -> None:
        if request.config.getoption("--rewrite-golden"):
            path.write_text(text, encoding="utf-8", newline="\n")
        assert path.read_text(encoding="utf-8") == text

    return compare


@pytest.fixture(scope="session")
def plain_vocabulary() -> Vocabulary:
    """Three vendors that do the shared words plainly, egain without notifications, icws with a word of its own; and the general steps."""

    async def nothing(context: object, parameters: object) -> None:
        return None

    def vendor(name: str, cannot: dict[str, str], *own: str) -> Vendor:
        steps = [word.step(nothing) for word in WORDS if word.name not in cannot]
        steps += [WORDS[0].step(nothing, name=word, opens=False, short="", example=f"- {word}: {{user: agent1}}") for word in own]
        return Vendor(name=name, title=name, steps=tuple(steps), open=nothing, cannot=cannot)

    registry = Registry.of(vendor("gws", {}), vendor("icws", {}, "icws.send_recording"), vendor("egain", _NO_EVENTS), GENERAL)
    return Vocabulary(registry, read=decode_custom, describe=schema_custom, file_kind=FilePath, reasons=REASONS)
