"""
Attachments of activities: their list, their details, and their bytes behind a place that works once.
"""

from __future__ import annotations

from urllib.parse import quote

from runner.vendors.egain.simulator.activities import visible
from runner.vendors.egain.simulator.call import Answer, Call
from runner.vendors.egain.simulator.desk import Desk
from runner.vendors.egain.simulator.errors import absent
from runner.vendors.egain.simulator.query import attributes
from runner.vendors.egain.simulator.records import StoredFile, one_of
from runner.vendors.egain.simulator.views import file_told

__all__ = ["detail", "fetch", "listed"]


def listed(desk: Desk, call: Call) -> Answer:
    """GET /interaction/activity/{id}/attachment."""
    activity = visible(desk, call.user, call.ids["id"])
    if not activity.files:
        return Answer(204)
    return Answer(200, "attachments", {"attachment": [file_told(desk, activity, f) for f in activity.files]})


def detail(desk: Desk, call: Call) -> Answer:
    """GET /interaction/activity/{id}/attachment/{aid}: with ``contentUrl`` when it is asked for."""
    wanted = attributes(call.query, ("contentUrl",))
    activity = visible(desk, call.user, call.ids["id"])
    stored: StoredFile = one_of({f.id: f for f in activity.files}, "attachments", call.ids["aid"])
    place = _one_shot(desk, stored) if "contentUrl" in wanted else ""
    told = file_told(desk, activity, stored, place)
    alone = desk.settings.attachment_detail == "object"
    return Answer(200, "attachments", {"attachment": told if alone else [told]})


def _one_shot(desk: Desk, stored: StoredFile) -> str:
    token = f"{desk.world.random.getrandbits(64):016x}"
    desk.one_shots[token] = stored.file
    # a name may hold what no file system and no path takes
    return f"/{desk.settings.context_root}/temp/{token}/{quote(stored.file.name.replace('/', '_'), safe='')}"


def fetch(desk: Desk, call: Call) -> Answer:
    """GET /{root}/temp/{token}/{name}: the bytes, once; then the place is gone."""
    file = desk.one_shots.pop(call.ids["token"], None)
    if file is None:
        raise absent("files", [call.ids["token"]])
    disposition = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
    # whoever sent the file said what it is; a header holds one line of it at most
    type = file.type if file.type.isascii() and file.type.isprintable() else "application/octet-stream"
    return Answer(200, raw=file.content, type=type, headers={"Content-Disposition": disposition})
