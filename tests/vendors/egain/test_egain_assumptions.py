"""
Everything that is assumed of an eGain server, section by section of its reference, has a setting; every setting stands for something.

Our client depends on none of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from runner.errors import Refused
from runner.vendors.egain import VENDOR
from runner.vendors.egain.simulator.administration import Administration
from runner.vendors.egain.simulator.settings import EgainSettings

KIM = "kim@example.com"
SETTINGS = {field.name for field in msgspec.structs.fields(EgainSettings)}
ADMINISTERED = {field.name for field in msgspec.structs.fields(Administration)}

# section, what no page says, the settings that hold it
ASSUMED: list[tuple[str, str, tuple[str, ...]]] = [
    ("1.2", "a 401 tells no session", ("session_header_on_401",)),
    ("1.2", "another Content-Type is 415", ("other_content_type",)),
    ("1.2", "without Accept, or with any, the answer is XML", ("default_format",)),
    ("1.2", "an Accept of other formats is 406", ("other_accept",)),
    ("1.2", "Accept-Language may be a list with q-values", ("language_lists",)),
    ("1.2", "which requests by cookie need the token, and what they meet without it", ("console_cookie", "csrf_on", "missing_csrf_status")),
    ("1.3", "there is no rate limit", ("requests_per_minute",)),
    ("1.4", "namespaces are looked at leniently", ("strict_namespaces",)),
    ("1.5", "JSON is read strictly", ("lenient_json",)),
    ("1.5", "one attachment is told as a list", ("attachment_detail",)),
    ("1.6", "the JSON of login's older error", ("login_errors",)),
    ("1.6", "which number stands behind a status, and the element in the details", ("error_numbers", "error_details")),
    ("2.1", "another parameter or value at login is 400", ("login_parameters",)),
    ("2.1", "`username` is refused", ("username_allowed",)),
    ("2.1", "a missing field is 400", ("incomplete_login_status",)),
    ("2.1", "what the sixth session, a disabled user and a taken licence meet", ("sixth_login_status", "disabled_status")),
    ("2.1", "what a login meets when all licences are taken", ("licences_taken_status",)),
    ("2.3", "force ends a session only when all five are there", ("force_ends",)),
    ("2.3", "a session ends after half an hour without a call", ("session_minutes", "sliding_sessions")),
    ("3.1", "empty texts do not count", ("empty_counts",)),
    ("3.1", "addresses are taken as bare texts, too", ("bare_addresses",)),
    ("3.1", "the limit of cc and bcc is that of the whole list", ("copies_limit",)),
    ("3.1", "two contents of one type are refused", ("same_content_twice",)),
    ("3.1", "the limit of a subject is that before its macros", ("subject_limit",)),
    ("3.3", "the order of elements means nothing", ("child_order",)),
    ("3.4", "`filename` does as `fileName` does", ("file_name_spelled",)),
    ("3.4", "a part holds bytes, of an unknown type when it names none", ("part_content", "default_part_type")),
    ("3.4", "sizes are those of decoded files, and of each content apart", ("sizes", "body_limit")),
    ("3.5", "with a sender a mail is plain where it may be", ("secure_with_sender",)),
    ("3.6", "a macro without a value, three accents, macros inside articles", ("valueless_macro", "long_accents", "rescan_macros")),
    ("3.6", "a refused mail uses up its id", ("failed_calls_take_numbers",)),
    ("3.7", "a missing licence is 403", ("missing_licence_status",)),
    ("4", "a stale change is 409", ("stale_status",)),
    ("4", "pick, transfer and mask take 75 at most, and answer 204", ("most_moved", "moved_answer")),
    ("4", "what somebody else has locked is 400", ("locked_status",)),
    ("4.1", "a list in XML tells its page", ("xml_pagination",)),
    ("5", "an address that another customer has is 409", ("taken_address_status",)),
    ("7", "what nobody has worked on is `new`, and its first edit begins it", ("fresh_substatus", "edit_begins")),
    ("7", "an inbound mail passes its workflow at once", ("inbound_seconds",)),
    ("7", "a saved draft is its author's", ("saved_drafts",)),
    ("7", "a sent mail stays assigned, and leaves at once", ("after_send", "dispatch_seconds")),
    ("7", "a bounce is a new inbound mail", ("bounces",)),
    ("8", "in which order a request is checked", ("check_order", "rights_checked")),
    ("8", "inline parts are refused", ("inline_parts",)),
]


@pytest.mark.parametrize(("section", "what", "names"), ASSUMED, ids=[f"{row[0]} {row[1]}" for row in ASSUMED])
def test_an_assumption_is_a_setting(section: str, what: str, names: tuple[str, ...]) -> None:
    """Each names at least one, and only such as exist; `test_egain_settings.py` asks each of them in both directions."""
    assert names, f"{section}: {what}"
    assert set(names) <= SETTINGS


def test_every_setting_stands_for_an_assumption_or_for_what_an_administrator_sets() -> None:
    """None of them is without a reason, and none is counted twice."""
    held = [name for _, _, names in ASSUMED for name in names]
    assert len(held) == len(set(held))
    assert set(held) | ADMINISTERED == SETTINGS
    assert set(held) & ADMINISTERED == set()


# Where the simulator can be another server than by default, a tester's story comes out the same. Their types are those of the settings.
OTHER_SERVERS: list[dict[str, Any]] = [
    {"moved_answer": "activities"},
    {"attachment_detail": "object"},
    {"xml_pagination": False},
    {"login_errors": "wserror"},
    {"child_order": "listed", "strict_namespaces": True, "bare_addresses": False, "file_name_spelled": "published"},
    {"default_format": "json", "other_accept": "default", "error_details": False, "session_header_on_401": True},
    {"force_ends": "always", "sliding_sessions": False, "failed_calls_take_numbers": False},
    {"fresh_substatus": "unread", "edit_begins": False, "saved_drafts": "queued"},
    {"after_send": "complete"},
    {"dispatch_seconds": 0.05, "inbound_seconds": 0.05},
    {"context_root": "ece"},
    {"stale_status": 400, "locked_status": 409, "taken_address_status": 400, "missing_licence_status": 401},
]


@pytest.mark.parametrize("format", ["json", "xml"])
@pytest.mark.parametrize("settings", OTHER_SERVERS, ids=", ".join)
def test_a_story_is_the_same_on_another_server(play: Callable[..., None], settings: dict[str, Any], format: str) -> None:
    """Whatever is assumed of the server, a mail is taken, answered with a file, found, read back and finished by our client."""

    async def story(stage: Any) -> None:
        stage.files["a.txt"] = (b"hello", "text/plain")
        with pytest.raises(Refused) as wrong:
            await stage.act("login", {"password": "wrong"})
        await stage.act("receive", {"from": KIM, "subject": "Where is it?", "text": "Order 77"})
        await stage.act("login")
        taken = await stage.act("accept")
        await stage.act("reply", {"text": "On its way."})
        await stage.act("attach", {"file": "a.txt"})
        sent = await stage.act("send")
        seen = await stage.observe("verify_status", {"is": "sent"}, until=lambda o: o.status == "sent")
        files = await stage.observe("verify_attachments", {"are": [{"same_as": "a.txt"}]}, until=lambda o: True)
        file = await stage.act("download", {"name": "a.txt"})
        found = await stage.act("egain.search", {"case": taken.native["case"]["id"]})
        done = await stage.act("complete", {"mail": taken.id})

        assert (wrong.value.reason, "wrong" in wrong.value.text) == ("unauthenticated", True)
        assert (taken.status, seen[-1].id, done.status) == ("accepted", sent.id, "completed")
        assert [(a.name, a.sha256) for a in files[-1].attachments] == [("a.txt", file.sha256)]
        assert (found.total, sorted(str(a["id"]) for a in found.activities)) == (2, sorted([taken.id, sent.id]))
        assert [(m.to, m.subject, [a.content for a in m.attachments]) for m in stage.world.outbox] == [
            ([KIM], "Re: Where is it?", [b"hello"])
        ]

    play(VENDOR, story, settings=msgspec.convert(settings, EgainSettings), options={"format": format})
