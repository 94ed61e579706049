"""
The page of one scenario as text, by plain functions: there are thousands of them in a run, and a template takes several times as long.

Whatever is no markup by its type is escaped here.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from markupsafe import Markup

from runner.reporters.html.rows import Row
from runner.reporters.html.step_markup import steps
from runner.reporters.html.story_page import StoryPage

__all__ = ["head", "page", "story"]

_IN_DOUBT = "mail may have been sent, and nobody knows. Look into the customer's mailbox before running it again."


def head(policy: str) -> str:
    """What every page begins with, up to its title."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n<meta name="color-scheme" content="light dark">\n'
        '<link rel="stylesheet" href="report.css">\n<script src="report.js" defer></script>\n<title>'
    )


def page(told: StoryPage, story: str, *, head: str) -> str:
    """A scenario's whole page, its *story* within."""
    row = told.row
    case = f" [{escape(row.case)}]" if row.case else ""
    skip = f"#step-{escape(told.first_red)}" if told.first_red else "#story"
    return (
        f"{head}{row.sign} {escape(row.name)} · {escape(row.vendor)}{case}</title>\n</head>\n"
        f'<body class="one">\n<a class="skip" href="{skip}">{"To the step that went wrong" if told.first_red else "To the steps"}</a>\n'
        f'<header class="top {row.outcome}">\n{_crumbs(told)}<h1>{escape(row.name)}</h1>\n{_verdict(row)}\n{"".join(_about(told))}'
        f'</header>\n<main id="story">\n{story}\n</main>\n</body>\n</html>\n'
    )


def _crumbs(told: StoryPage) -> str:
    ways = '<a class="up" href="../index.html">All scenarios</a>'
    if told.before:
        name = escape(told.before.name)
        ways += f' <a class="before" href="{escape(told.before.link)}" title="{name}">← the one before that did not pass</a>'
    if told.after:
        name = escape(told.after.name)
        ways += f' <a class="after" href="{escape(told.after.link)}" title="{name}">the next that did not pass →</a>'
    return f'<nav class="crumbs" aria-label="where this is">{ways}</nav>\n'


def _verdict(row: Row) -> str:
    case = f" in case <b>{escape(row.case)}</b>" if row.case else ""
    badge = f' · <span class="tag {escape(row.change)}">{escape(row.badge)}</span>' if row.badge else ""
    word = f'<span class="o {row.outcome}"><span aria-hidden="true">{row.sign}</span> {row.outcome.replace("_", " ")}</span>'
    return f'<p class="line">{word} on <b>{escape(row.vendor)}</b>{case} · {row.took_text}{badge}</p>'


def _about(told: StoryPage) -> Iterator[str]:
    """What the file says about it, where it stands, who took part."""
    row = told.row
    if told.description:
        yield f'<p class="description">{escape(told.description)}</p>\n'
    actors = ", ".join([f"{escape(name)} is {escape(user)}" for name, user in told.actors])
    tags = "".join([f' <span class="tag">{escape(tag)}</span>' for tag in row.tags])
    file = f'<span class="file">{escape(row.file)}:{row.line}</span>'
    yield f'<p class="line quiet">{file}{f" · {actors}" if actors else ""}{tags}</p>\n'


def story(told: StoryPage, *, prefix: str, why: Markup | None) -> str:
    """
    The inside of a scenario's page. *prefix* keeps the names in it apart where several stand in one file, and each part then says whose it
    is; *why* explains a red one.
    """
    row = told.row
    case = f", {escape(row.case)}" if row.case else ""
    whose = f" of {escape(row.name)} on {escape(row.vendor)}{case}" if prefix else ""
    return "\n".join([*_banners(told, why, whose), *_two(told, prefix, whose)])


def _banners(told: StoryPage, why: Markup | None, whose: str) -> Iterator[str]:
    if told.in_doubt:
        yield f'<p class="banner warn"><b>In doubt:</b> {_IN_DOUBT}</p>'
    if told.left_open:
        yield f'<p class="banner warn"><b>Left open:</b> {escape(", ".join(told.left_open))}</p>'
    if told.flaky:
        yield '<p class="banner warn"><b>Passed only after a retry.</b> Look at the steps that are marked as retried.</p>'
    if why is not None:
        last = ""
        if told.last_passed:
            when, link = told.last_passed
            last = f'<p class="quiet">It passed last on <a href="{escape(link)}">{escape(when)}</a>.</p>\n'
        yield f'<section class="why" aria-label="why it did not pass{whose}">\n{why}\n{last}</section>'
    elif told.row.reason:
        yield f'<p class="banner">{escape(told.row.reason)}</p>'


def _two(told: StoryPage, prefix: str, whose: str) -> Iterator[str]:
    """The steps, and the file beside them."""
    if not (told.steps or told.cleanup or told.listings):
        return
    yield f'<div class="two">\n<section class="told" aria-label="steps{whose}">'
    if told.steps:
        yield steps(told.steps, prefix)
    if told.cleanup:
        yield f'<p class="head">clean-up</p>{steps(told.cleanup, prefix)}'
    if told.notes:
        notes = "".join([f"<div><dt>{escape(f'{level} {code}'.strip())}</dt><dd>{text}</dd></div>" for level, code, text in told.notes])
        yield f'<p class="head">logged</p><dl class="pairs">{notes}</dl>'
    yield "</section>"
    if told.listings:
        yield f'<aside class="source" aria-label="the file{whose}">'
        yield from _listings(told, prefix)
        yield "</aside>"
    yield "</div>"


def _listings(told: StoryPage, prefix: str) -> Iterator[str]:
    for place, listing in enumerate(told.listings):
        more = f'\n<p class="quiet">and {listing.more} more lines</p>' if listing.more else ""
        lines = f'<pre class="code"><code>{listing.markup(prefix)}</code></pre>{more}'
        file = escape(listing.file)
        if place:
            yield f"<details{' open' if listing.wrong else ''}><summary>{file}</summary>\n{lines}\n</details>"
        else:
            yield f'<p class="file">{file}</p>\n{lines}'
