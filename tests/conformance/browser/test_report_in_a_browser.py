"""The HTML report as people meet it: in a real browser, with and without scripts, small and large, by keyboard, on paper, with axe."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.conformance, pytest.mark.slow]

Look = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]

# What Jenkins sends with archived pages unless somebody changed it.
JENKINS = "sandbox allow-same-origin; default-src 'none'; img-src 'self'; style-src 'self';"
PAGES = ("green", "red", "odd", "empty", "scenario that failed", "scenario that passed", "odd scenario", "one file")


@pytest.fixture(scope="session")
def pages(nights: list[Path], odd: Path, empty: Path) -> dict[str, Path]:
    """Each kind of page."""
    green, red = nights
    return {
        "green": green / "index.html",
        "red": red / "index.html",
        "odd": odd / "index.html",
        "empty": empty / "index.html",
        "scenario that failed": _page(red, "answer-is-not-as-expected"),
        "scenario that passed": _page(red, "several-agents-at-once"),
        "odd scenario": _page(odd, "odd-gws-failed"),
        "one file": odd / "report.html",
    }


def _page(run: Path, part: str) -> Path:
    return next(path for path in sorted((run / "html").glob("*.html")) if part in path.name)


def _visits(pages: dict[str, Path], **asked: Any) -> Iterator[dict[str, Any]]:
    return ({"url": path.as_uri(), **asked} for path in pages.values())


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", PAGES)
def test_axe_finds_nothing(look: Look, pages: dict[str, Path], kind: str, scheme: str) -> None:
    """No page of any kind violates a rule of WCAG 2.2 AA or a best practice, folded or unfolded, light or dark."""
    visits = [{"url": pages[kind].as_uri(), "scheme": scheme, "axe": True, "open": unfolded} for unfolded in (False, True)]

    assert [found["violations"] for found in look(visits)] == [[], []]


def test_nothing_is_asked_for_outside_and_nothing_complains(look: Look, pages: dict[str, Path]) -> None:
    """From file:// a page loads itself, its style sheet and its script; its own policy forbids nothing that it needs."""
    for found in look(list(_visits(pages))):
        assert [url for url in found["requests"] if not url.startswith("file:")] == []
        assert found["complaints"] + found["dialogs"] == []


@pytest.mark.parametrize("width", [320, 768, 1024, 2560])
def test_nothing_is_wider_than_the_window(look: Look, pages: dict[str, Path], width: int) -> None:
    """With everything unfolded, no page scrolls sideways; 320 pixels are also 1,280 at a zoom of 400 %."""
    read = "document.documentElement.scrollWidth - innerWidth"

    assert [[0]] * len(pages) == [found["read"] for found in look(list(_visits(pages, width=width, open=True, read=read)))]


def test_what_differs_stays_within_its_card(look: Look, pages: dict[str, Path]) -> None:
    """On the narrowest window the table of expected and got is no wider than what it stands in."""
    read = """[...document.querySelectorAll(".differences")].map((table) =>
      Math.ceil(table.getBoundingClientRect().right - table.parentElement.getBoundingClientRect().right))"""
    beyond = [pixels for found in look(list(_visits(pages, width=320, open=True, read=read))) for pixels in found["read"][0]]

    assert beyond
    assert max(beyond) <= 0


def test_headings_landmarks_and_language(look: Look, pages: dict[str, Path]) -> None:
    """Each page has one h1, headings that skip no level, a main landmark and a language."""
    read = """({
      levels: [...document.querySelectorAll("h1, h2, h3, h4")].map((heading) => Number(heading.tagName[1])),
      main: document.querySelectorAll("main").length, language: document.documentElement.lang, title: document.title })"""
    for found in look(list(_visits(pages, read=read))):
        told = found["read"][0]
        levels = told["levels"]
        assert levels.count(1) == 1
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
        assert (told["main"], told["language"]) == (1, "en")
        assert told["title"]


def test_under_jenkins_everything_is_there_to_read(look: Look, nights: list[Path]) -> None:
    """Where scripts and inline styles are forbidden, pages are styled, and verdict, steps, expected, got and exchanges are there."""
    red = nights[1]
    text = "getComputedStyle(document.documentElement).backgroundColor + ' ' + document.body.innerText"
    names = ["index.html", f"html/{_page(red, 'answer-is-not-as-expected').name}"]
    visits = [{"url": f"http://localhost/{name}", "folder": str(red), "policy": JENKINS, "open": True, "read": text} for name in names]
    # the page's own scripts are blocked by that policy; what reads the text comes from the outside
    first, scenario = look([visit | {"javascript": False} for visit in visits])

    assert first["read"][0].startswith("rgb(247, 246, 243)")
    assert "did not pass" in first["read"][0]
    assert "new failure" in first["read"][0].lower()
    for words in ("expected", "got", "Your odrer", "Your order", "POST", "201", "curl", "***"):
        assert words in scenario["read"][0]


def test_without_scripts_nothing_is_hidden_but_the_filter(look: Look, pages: dict[str, Path]) -> None:
    """Without JavaScript every row of the table shows, and the form that could not work does not."""
    read = """({
      rows: document.querySelectorAll(".rows tbody tr:not([hidden])").length,
      form: document.querySelector(".filter").offsetParent !== null })"""
    found = look([{"url": pages["red"].as_uri(), "javascript": False, "read": read}])[0]

    assert found["read"] == [{"rows": 11, "form": False}]


def test_keys_lead_from_the_list_to_the_failing_exchange(look: Look, pages: dict[str, Path]) -> None:
    """First scenario, open it, its failure: three keys, and the exchange behind the failure is open and has the focus."""
    read = (
        "document.activeElement.closest('.exchange[open]')?.closest('.step.failed, .step.errored')?.id ?? document.activeElement.outerHTML"
    )
    found = look([{"url": pages["red"].as_uri(), "keys": ["j", "Enter", "f"], "read": read}])[0]

    assert found["read"][0].startswith("step-")


def test_tab_alone_leads_there_too(look: Look, pages: dict[str, Path]) -> None:
    """Whoever has no single keys skips on the scenario's page to the step that went wrong: Tab, Enter, Tab."""
    read = "document.activeElement.closest('.step.failed')?.id ?? document.activeElement.outerHTML"
    found = look([{"url": pages["scenario that failed"].as_uri(), "keys": ["Tab", "Enter", "Tab"], "read": read}])[0]

    assert found["read"][0].startswith("step-")


def test_search_filter_and_sort(look: Look, pages: dict[str, Path]) -> None:
    """Words, outcomes, vendors and changes narrow the table, and its heads sort it."""
    read = """(() => {
      const shown = () => [...document.querySelectorAll(".rows tbody tr:not([hidden])")];
      const set = (id, value) => {
        const field = document.querySelector(id);
        field.value = value;
        field.dispatchEvent(new Event("input", { bubbles: true }));
      };
      const told = {};
      set("#find", "two agents ICWS"); told.words = shown().length; set("#find", "");
      set("#vendor", "gws"); told.vendor = shown().every((row) => row.dataset.v === "gws"); set("#vendor", "");
      document.querySelector('.filter input[value="failed"]').click(); told.outcomes = shown().every((row) => row.className === "failed");
      document.querySelector('.filter input[value="failed"]').click();
      const head = document.querySelector('.rows th[data-sort="n"]'); head.querySelector("button").click();
      const took = shown().map((row) => Number(row.dataset.n));
      told.sorted = took.every((value, n) => !n || took[n - 1] <= value) && head.getAttribute("aria-sort") === "ascending";
      told.said = document.querySelector("#shown").textContent;
      return told; })()"""
    found = look([{"url": pages["red"].as_uri(), "read": read}])[0]

    assert found["read"] == [{"words": 1, "vendor": True, "outcomes": True, "sorted": True, "said": "11 scenarios"}]


def test_a_verdict_is_never_told_by_colour_alone(look: Look, pages: dict[str, Path]) -> None:
    """Every outcome in the table has its sign and its word; in the time line what did not pass stands taller."""
    read = """({
      said: [...document.querySelectorAll(".rows tbody td:first-child")].map((cell) => cell.textContent)
        .every((text) => /^(✓ passed|✗ failed|! errored|– skipped|~ unsupported|\\? not run)$/.test(text)),
      tall: [...document.querySelectorAll(".lane g.failed > rect:first-of-type")].every((bar) => bar.getAttribute("height") === "12"),
      low: [...document.querySelectorAll(".lane g.passed > rect:first-of-type")].every((bar) => bar.getAttribute("height") === "6") })"""
    for found in look([{"url": pages[kind].as_uri(), "read": read} for kind in ("red", "odd")]):
        assert found["read"] == [{"said": True, "tall": True, "low": True}]


def test_paper_shows_what_is_folded(look: Look, pages: dict[str, Path]) -> None:
    """Printed, a scenario's page shows its steps, and no tool that paper could not work."""
    read = """(() => { dispatchEvent(new Event("beforeprint")); return {
      folded: document.querySelectorAll("details:not([open])").length,
      tools: document.querySelector(".tools").offsetParent !== null } })()"""
    found = look([{"url": pages["scenario that failed"].as_uri(), "media": "print", "read": read}])[0]

    assert found["read"] == [{"folded": 0, "tools": False}]
