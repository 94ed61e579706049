"""
Steps as they stand on a page, by plain functions: there are thousands of them in a run, and a template takes several times as long.

Whatever is no markup by its type is escaped here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from markupsafe import Markup

from runner.reporters.html.steps import Compared, StepView
from runner.reporters.text import counted
from runner.reporters.verdict import SIGNS

__all__ = ["differences", "states", "steps"]


def steps(told: Iterable[StepView], prefix: str) -> Markup:
    """A list of steps, each with those inside it; *prefix* keeps the names of several stories in one file apart."""
    return Markup(f'<ol class="steps">{"".join([_step(step, prefix) for step in told])}</ol>')  # noqa: S704 - escaped below


def _step(step: StepView, prefix: str) -> str:
    # What can be unfolded is a `details`, the others look alike and have nothing to unfold.
    head = (
        f'<span class="o {step.outcome}"><span aria-hidden="true">{SIGNS[step.outcome]}</span>'
        f'<span class="unseen"> {step.outcome}</span></span>\n<span class="place">{escape(step.number)}</span>\n'
        f'<span class="what">{" ".join(_what(step))}</span>\n'
        f'<svg class="bar {step.outcome}" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<rect x="{step.bar[0]}" width="{step.bar[1]}" height="8"/></svg>\n<span class="took">{step.took}</span>'
    )
    begin = f'class="step {step.outcome}" id="{prefix}step-{escape(step.anchor)}"'
    if not step.shows_more:
        return f"<li>\n<div {begin}>{head}</div>\n</li>\n"
    inside = "\n".join(_inside(step, prefix))
    opened = " open" if step.red else ""
    return f'<li>\n<details {begin}{opened}><summary>{head}</summary>\n<div class="inside">\n{inside}\n</div></details>\n</li>\n'


def _what(step: StepView) -> Iterator[str]:
    """The line of a step."""
    yield f'<b class="word">{escape(step.word)}</b>'
    if step.label:
        yield f'<span class="label">{escape(step.label)}</span>'
    if step.actor:
        yield f'<span class="who">{escape(step.actor)}</span>'
    if step.brief:
        yield f'<span class="brief">{escape(step.brief)}</span>'
    if step.outcome == "skipped":
        yield f'<span class="quiet">{escape(step.reason)}</span>'
    elif step.states:
        yield f'<span class="quiet">{escape(" → ".join(name for name, _ in step.states))}</span>'
    if step.attempts - step.retries > 1:
        yield f'<span class="tag">{step.attempts - step.retries} rounds</span>'
    if step.retries:
        yield f'<span class="tag warn">{counted(step.retries, "retry")}</span>'
    if step.in_doubt:
        yield '<span class="tag warn">in doubt</span>'


def _inside(step: StepView, prefix: str) -> Iterator[str]:
    """What is seen when it is unfolded."""
    if step.reason and step.outcome != "skipped":
        code = f' <span class="quiet">{escape(step.code)}</span>' if step.code else ""
        yield f'<p class="says">{escape(step.reason)}{code}</p>'
    if step.differences:
        yield differences(step.differences)
    elif step.checks:
        yield f'<p class="quiet">✓ {step.checks} held</p>'
    if step.states:
        yield states(step.states)
    if step.hint:
        yield f'<p class="next"><b>Next:</b> {escape(step.hint)}</p>'
    if step.values:
        yield _pairs("given", step.values)
    if step.inside:
        yield steps(step.inside, prefix)
    if step.exchanges:
        yield from _exchanges(step)
    if step.notes:
        yield '<p class="head">on the way</p>'
        yield from (_note(f"{kind} {name}".strip(), text) for kind, name, text in step.notes)
    if step.saved:
        yield _pairs("saved", step.saved)
    file = f"{escape(step.file)}, " if step.file else ""
    yield f'<p class="quiet file">{file}line {step.line}</p>'


def _note(what: str, text: str) -> str:
    """What happened besides exchanges; what takes several lines is folded."""
    if "\n" not in text:
        return f'<dl class="pairs"><div><dt>{escape(what)}</dt><dd>{text}</dd></div></dl>'
    body = f'<pre class="body" tabindex="0" role="group" aria-label="{escape(what)}"><code>{text}</code></pre>'
    return f'<details class="exchange note"><summary>{escape(what)}</summary>\n{body}</details>'


def _pairs(head: str, told: Iterable[tuple[str, str]]) -> str:
    pairs = "".join([f"<div>{f'<dt>{escape(name)}</dt>' if name else ''}<dd>{value}</dd></div>" for name, value in told])
    return f'<p class="head">{head}</p><dl class="pairs">{pairs}</dl>'


def _exchanges(step: StepView) -> Iterator[str]:
    last = len(step.exchanges)
    yield f'<p class="head">{"exchanges" if last > 1 else "exchange"}</p>'
    for place, told in enumerate(step.exchanges, 1):
        if step.left_out and place == step.first_shown + 1:
            yield f'<p class="quiet">{step.left_out} more between these are in the journal</p>'
        opened = " open" if step.red and place == last else ""
        yield f'<details class="exchange{"" if told.good else " bad"}"{opened}>\n{told.text}</details>'


def differences(told: Iterable[Compared], more: int = 0) -> Markup:
    """A table of what was expected and what came; *more* are not in it."""
    rows = "".join(
        [
            f'<tr><th scope="row"><code>{escape(one.path)}</code></th><td class="expected"><code>{one.expected}</code></td>'
            f'<td class="got"><code>{one.got}</code>{f"<small>{escape(one.hint)}</small>" if one.hint else ""}</td></tr>\n'
            for one in told
        ]
    )
    left = f'<p class="quiet">and {more} more</p>' if more else ""
    head = '<thead><tr><th scope="col">where</th><th scope="col">expected</th><th scope="col">got</th></tr></thead>'
    return Markup(f'<table class="differences">\n{head}\n<tbody>\n{rows}</tbody></table>\n{left}')  # noqa: S704 - escaped above


def states(told: Iterable[tuple[str, str]]) -> Markup:
    """The states that were seen, in order, each with when."""
    seen = "".join([f"<li>{escape(name)}{f' <small>{at}</small>' if at else ''}</li>" for name, at in told])
    return Markup(f'<ol class="states" aria-label="states seen">{seen}</ol>')  # noqa: S704 - escaped above
