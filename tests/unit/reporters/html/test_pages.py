"""The HTML report: what stands on its pages, what never does, and where its links lead."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runner.matching.verdict import Difference
from runner.record.events import Drifted, Event, Exchanged, ScenarioFinished, ScenarioStarted, StepFinished, StepStarted
from runner.reporters.text import visible

Tell = Callable[..., Path]
Make = Callable[..., Any]

SOURCE = "scenario: A\nvendor: gws\nsteps:\n  - login\n  - send\n  - verify_status: {is: sent}\n"
OUTCOMES = ("passed", "failed", "errored", "skipped", "unsupported", None)


@pytest.fixture
def everything(tell: Tell, run: Make, scenario: Make) -> Path:
    """The report of a run with every outcome in it, and one scenario that never began."""
    told = (
        scenario(f"scenarios/{outcome}.scenario.yaml", outcome, reason="it did not hold", name=f"Mail {outcome}") for outcome in OUTCOMES
    )
    drift = Drifted(scenario="", step="", vendor="gws", kind="unknown_field", operation="GET /me", http=200, place="$.x", got="text")
    return tell(run(*told, [drift], planned=7, ended=None), "html", complete=False)


def _pages(folder: Path) -> list[Path]:
    return [folder / "index.html", *sorted((folder / "html").glob("*.html"))]


def test_pages_hold_nothing_that_a_strict_policy_forbids(everything: Path, page: Make) -> None:
    """No style and no script stands in a page of the folder, no handler in any tag, and nothing leads or asks outside."""
    for path in _pages(everything):
        found = page(path)
        assert "style" not in {tag for tag, _ in found.tags}
        assert [attributes for tag, attributes in found.tags if tag == "script" and "src" not in attributes] == []
        assert [name for _, attributes in found.tags for name in attributes if name == "style" or name.startswith("on")] == []
        assert [url for url in found.all("href") + found.all("src") if re.match(r"[a-z]+:|//", url)] == []


def test_the_style_sheet_moves_nothing_and_loads_nothing(everything: Path) -> None:
    """Nothing is animated, so nobody need ask for less motion; no font and no picture is loaded."""
    text = (everything / "html" / "report.css").read_text(encoding="utf-8")

    assert re.findall(r"transition|animation|@keyframes|scroll-behavior|url\(|@import|@font-face", text) == []


def test_every_link_leads_somewhere(everything: Path, page: Make) -> None:
    """Each page that is linked is there, each anchor stands on the page that it is said to be on, and no anchor stands twice."""
    for path in [*_pages(everything), everything / "report.html"]:
        ids = page(path).all("id")
        assert len(ids) == len(set(ids))
        for link in page(path).all("href") + page(path).all("src") + page(path).all("data-to"):
            name, _, anchor = link.partition("#")
            target = path.parent / name if name else path
            assert target.is_file(), link
            assert not anchor or anchor in page(target).all("id"), link


def test_tags_close_what_they_opened(everything: Path, page: Make) -> None:
    """A page is well nested, whatever the browser would forgive."""
    for path in [*_pages(everything), everything / "report.html"]:
        assert page(path).crossed == []


def test_the_first_page_answers_first(everything: Path, page: Make) -> None:
    """Did it pass, is it whole, and how many of each: in words, with a sign; what never began is counted, too."""
    text = page(everything / "index.html").text

    assert "2 of 7 scenarios did not pass" in text
    assert "It was cut off, and did not end by itself." in text
    for told in ("✗ 1 failed", "! 1 errored", "? 2 not run", "✓ 1 passed", "~ 1 unsupported", "– 1 skipped", "7 planned"):
        assert told in text
    assert "1 planned scenario never began." in text
    assert "it began, and the run ended before it did" in text
    assert "unknown_field $.x" in text


def test_a_run_without_scenarios_says_so(tell: Tell, run: Make, page: Make) -> None:
    """Nothing planned is told in words, without an empty table."""
    found = page(tell(run(), "html") / "index.html")

    assert "Nothing was tested" in found.text
    assert "None was planned." in found.text
    assert found.having("rows") == []


def test_the_page_of_a_failed_scenario_explains_it(tell: Tell, run: Make, scenario: Make, page: Make, story_of: Make) -> None:
    """Expected beside got, the line of the file marked, the exchange with its secrets marked, a curl command with placeholders."""
    events = run(scenario(outcome="failed"), sources={"scenarios/a.scenario.yaml": SOURCE})
    found = page(story_of(tell(events, "html")))

    assert 'expected got status "sent" "queued"' in found.text
    assert len(found.having("line", "wrong")) == 2  # in the excerpt, and in the whole file
    assert "6 - verify_status: {is: sent}" in found.text
    assert "POST /mails?token=*** 200 OK" in found.text
    assert '{ "status": "queued" }' in found.text
    assert "curl --request POST" in found.text and '"$AUTHORIZATION"' in found.text  # noqa: PT018 - one command
    assert len(found.having("secret")) >= 2
    assert [attributes for tag, attributes in found.tags if tag == "details" and "open" in attributes and "failed" in attributes["class"]]


def test_a_body_that_was_cut_says_how_long_it_was(tell: Tell, run: Make, scenario: Make, page: Make, story_of: Make) -> None:
    """What is missing of a body is told with its true size; bytes that are not text are told, not shown."""
    events: list[Event] = []
    for event in run(scenario(outcome="failed", body="x" * 16_384)):
        events.append(event)
        if isinstance(event, Exchanged):
            events[-1] = Exchanged(
                **{name: getattr(event, name) for name in event.__struct_fields__} | {"size": 2_500_000, "request_body": "<binary>"}
            )
    text = page(story_of(tell(events, "html"))).text

    assert "the beginning of 2.5 MB" in text
    assert "20 bytes that are not text" in text


def _steps(*steps: tuple[str, str, str]) -> Iterable[Event]:
    key = "scenarios/a.scenario.yaml::gws"
    yield ScenarioStarted(scenario=key, id="a", name="Rounds", file="scenarios/a.scenario.yaml", line=1, vendor="gws", steps=2)
    for place, word, outcome in steps:
        yield StepStarted(scenario=key, step=place, type=word, line=4)
        yield StepFinished(scenario=key, step=place, outcome=outcome, took=0.1)  # type: ignore[arg-type]  # a test names one of them
    yield ScenarioFinished(scenario=key, outcome="passed", took=0.5)


def test_each_round_and_each_try_holds_its_own_steps(tell: Tell, run: Make, page: Make, story_of: Make) -> None:
    """The steps of a round of ``for_each`` stand in that round, those of a second try in their block, none outside."""
    places = ["1#1", "1#1.1", "1#2", "1#2.1", "2", "2.1", "2~2.1", "3"]
    text = story_of(tell(run(_steps(*((place, "word", "passed") for place in places))), "html")).read_text(encoding="utf-8")
    depth, found = 0, {}
    for match in re.finditer(r'<ol class="steps">|</ol>|id="step-([^"]*)"', text):
        depth += 1 if match[0].startswith("<ol") else -1 if match[0] == "</ol>" else 0
        if match[1]:
            found[match[1]] = depth

    assert found == {
        "1-1": 1,
        "1-1.1": 2,
        "1-2": 1,
        "1-2.1": 2,
        "2": 1,
        "2.1": 2,
        "2-again-2.1": 2,
        "3": 1,
    }


def test_what_is_new_is_told_with_the_last_green_run(tell: Tell, run: Make, scenario: Make, page: Make) -> None:
    """A scenario that failed only now is a new failure on the first page and on its own, with a link to when it passed last."""
    tell(run(scenario(), started="2030-01-01T09:00:00.000+00:00"), "html", "json", folder="2030-01-01-090000-aaaa")
    folder = tell(run(scenario(outcome="failed")), "html")
    first = page(folder / "index.html")

    assert "Since the last green run, Tue 1 January 2030, 09:00 UTC" in first.text
    assert "1 new failure A mail is sent gws 0 still failing 0 fixed" in first.text
    assert "../2030-01-01-090000-aaaa/index.html" in first.all("href")
    (path,) = (folder / "html").glob("*.html")
    assert "It passed last on Tue 1 January 2030, 09:00 UTC" in page(path).text
    assert f"../../2030-01-01-090000-aaaa/html/{path.name}" in page(path).all("href")


def test_scenarios_that_came_and_went_are_told(tell: Tell, run: Make, scenario: Make, page: Make) -> None:
    """The first page lists what the last green run did not have, with a link to its page, and what it had and this one has not."""
    kept, gone, came = "scenarios/kept.scenario.yaml", "scenarios/gone.scenario.yaml", "scenarios/came.scenario.yaml"
    before = run(scenario(kept), scenario(gone), started="2030-01-01T09:00:00.000+00:00")
    tell(before, "html", "json", folder="2030-01-01-090000-aaaa")
    found = page(tell(run(scenario(kept), scenario(came, name="A mail comes")), "html") / "index.html")

    assert f"0 fixed 1 scenario added A mail comes gws 1 scenario removed {gone}::gws" in found.text
    assert [attributes["class"] for attributes in found.having("group") if "none" not in attributes["class"]] == [
        "group added",
        "group removed",
    ]


def test_failures_that_say_the_same_are_one_cause(tell: Tell, run: Make, scenario: Make, page: Make) -> None:
    """Three scenarios that fail alike and one that fails otherwise are two causes, the frequent one first."""
    alike = [scenario(f"scenarios/{n}.scenario.yaml", "failed") for n in range(3)]
    other = scenario("scenarios/x.scenario.yaml", "errored", reason="no answer")
    found = page(tell(run(other, *alike), "html") / "index.html")

    assert [attributes["class"] for attributes in found.having("cause")] == ["cause failed", "cause errored"]
    assert "failed 3 ×" in found.text


def test_the_one_file_asks_for_no_other(everything: Path, page: Make) -> None:
    """It holds its styles and its script; the policy in it allows exactly these two."""
    text = (everything / "report.html").read_text(encoding="utf-8")
    found = page(everything / "report.html")

    assert [tag for tag, attributes in found.tags if tag == "link" or (tag == "script" and "src" in attributes)] == []
    (policy,) = (attributes["content"] for _, attributes in found.tags if attributes.get("http-equiv") == "Content-Security-Policy")
    for tag in ("style", "script"):
        (inside,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert f"'sha256-{b64encode(sha256(inside.encode()).digest()).decode()}'" in policy
    assert "Told in full" in found.text


def test_pages_of_scenarios_that_are_gone_go(tell: Tell, run: Make, scenario: Make) -> None:
    """When the report of a run is made again, no page stays that belongs to no scenario."""
    tell(run(scenario("scenarios/before.scenario.yaml")), "html")
    folder = tell(run(scenario("scenarios/after.scenario.yaml")), "html")

    assert [path.name.split("-")[0] for path in (folder / "html").glob("*.html")] == ["after"]


def test_a_long_matrix_shows_what_there_is_to_see(tell: Tell, run: Make, scenario: Make, page: Make) -> None:
    """Of hundreds of scenarios the matrix of vendors lists those that did not pass everywhere, and says how many there are."""
    told = [scenario(f"scenarios/{n}.scenario.yaml", vendor=vendor) for n in range(301) for vendor in ("gws", "icws")]
    red = [scenario("scenarios/red.scenario.yaml", outcome, vendor=v, name="Red") for v, outcome in (("gws", "failed"), ("icws", "passed"))]
    found = page(tell(run(*told, *red), "html") / "index.html")

    assert "302 scenarios × 2 vendors; shown are the 1 with something to see" in found.text
    assert len(found.having("o", "failed")) >= 1


@given(text=st.text(min_size=1).filter(lambda text: text.strip()))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_text_stays_text(tell: Tell, run: Make, scenario: Make, page: Make, text: str) -> None:
    """Whatever a name, a value, a body or a difference says, the page has the same tags as ever, and the text is on it."""

    def told(words: str) -> Path:
        told_as = Difference(words, words, words, line=6, column=1, hint=words)
        given = {"name": words, "description": words, "reason": words, "parameters": {"to": words}, "saved": words, "difference": told_as}
        return tell(run(scenario(outcome="failed", tags=[words], **given)), "html")

    plain, odd = (page(told(words) / "index.html") for words in ("word", text))

    assert [tag for tag, _ in odd.tags if tag not in ("mark", "b")] == [tag for tag, _ in plain.tags if tag not in ("mark", "b")]
    assert odd.crossed == []
    assert " ".join(visible(text).split()) in odd.text


def test_a_step_says_which_files_it_was_given(tell: Tell, run: Make, scenario: Make) -> None:
    """The line of the step names them, and unfolded they stand in one line, as the file has them."""
    folder = tell(run(scenario(outcome="failed", parameters={"are": ["invoice.pdf", "terms.pdf"], "within": "1s"})), "html")
    page = "".join(path.read_text(encoding="utf-8") for path in _pages(folder))
    assert '<span class="brief">are invoice.pdf, terms.pdf, within 1s</span>' in page
    assert '<dt>are</dt><dd>["invoice.pdf", "terms.pdf"]</dd>' in page
