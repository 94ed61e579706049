"""
What the observing words ask of what they see: their parameters as an expectation, and when it can never be met.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from runner.plugins.contract import ProjectFile
from runner.plugins.vocabulary.parameters import ExpectedAttachment, ExpectEvent, VerifyAttachments, VerifyStatus
from runner.plugins.vocabulary.statuses import STATUSES, can_follow

__all__ = [
    "attachments_expected",
    "event_absent",
    "event_expected",
    "status_expected",
    "status_impossible",
]

ReadFile = Callable[[str], ProjectFile]


def _wanted_statuses(p: VerifyStatus) -> list[str]:
    return list(p.is_) if isinstance(p.is_, list) else [p.is_]


def status_expected(p: VerifyStatus, _read: ReadFile) -> object:
    """The status is the wanted one, or one of several."""
    wanted = _wanted_statuses(p)
    return {"status": wanted[0] if len(wanted) == 1 else {"one_of": wanted}}


def status_impossible(p: VerifyStatus, output: Mapping[str, Any]) -> str:
    """Why the wanted status can no longer come, or ""."""
    now = str(output.get("status", ""))
    wanted = _wanted_statuses(p)
    if now not in STATUSES or now in wanted or any(can_follow(now, w) for w in wanted):
        return ""
    return f"the mail is {now}, and {' or '.join(wanted)} cannot come after that"


def attachments_expected(p: VerifyAttachments, read: ReadFile) -> object:
    """Exactly these attachments, in any order."""
    return {"attachments": {"unordered": [_one_expected(item, read) for item in p.are]}}


def _one_expected(item: str | ExpectedAttachment, read: ReadFile) -> dict[str, object]:
    if isinstance(item, str):
        return {"name": item}
    wanted = {k: v for k, v in msgspec.structs.asdict(item).items() if v is not None and k != "same_as"}
    if item.same_as is not None:
        file = read(item.same_as)
        wanted = {"name": file.name, "size": len(file.content), "sha256": file.sha256} | wanted
    return wanted


def event_expected(p: ExpectEvent, _read: ReadFile) -> object:
    """What the notification must bring; nothing named, anything will do."""
    wanted: dict[str, object] = {}
    if p.status is not None:
        wanted["status"] = p.status
    if p.event is not None:
        wanted["name"] = p.event
    if p.mail is not None:
        wanted["mail"] = p.mail["id"] if isinstance(p.mail, dict) else p.mail
    return wanted


def event_absent(p: ExpectEvent) -> bool:
    """Whether none may come."""
    return p.absent
