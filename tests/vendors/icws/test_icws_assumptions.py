"""Everything that is assumed of an ICWS server, section by section of its reference, has a setting; every setting stands for something."""

from __future__ import annotations

import msgspec
import pytest

from runner.vendors.icws.simulator.settings import IcwsSettings

SETTINGS = {field.name for field in msgspec.structs.fields(IcwsSettings)}

# section, what no page says, the settings that hold it
ASSUMED: list[tuple[str, str, tuple[str, ...]]] = [
    ("1", "property names of representations are case-sensitive", ("property_names_any_case",)),
    ("1", "the origin of a request is echoed, and preflights are answered without a session", ("echo_origin", "preflight")),
    ("1.2", "how the errorIds of 403, 404, 405, 410 and of property errors are spelled", ("error_ids",)),
    ("1.2", "the status of errorCode 7", ("denied_status",)),
    ("1.2", "in which order a request is checked", ("order_of_checks",)),
    ("2.1", "whether leaving a station is 200 or 204", ("success_statuses",)),
    ("2.2", "a login without Accept-Language is 400", ("accept_language_required",)),
    ("2.2", "unknown words of include are passed over", ("ignore_unknown_include",)),
    ("2.3", "what an agent needs to be offered mail", ("routing_needs", "available_statuses", "alerting")),
    ("2.3", "a draft needs no station", ("create_needs_station",)),
    ("3", "the stream is chosen by Accept", ("stream_when",)),
    ("3", "status and purpose of the heartbeat", ("success_statuses", "heartbeat_keeps_alive")),
    ("3", "ending a subscription that is not there is harmless", ("unsubscribe_absent",)),
    ("3", "what a broken stream could not tell is told on reconnect", ("messages_survive_break",)),
    ("3", "each message goes to whoever reads first", ("poll_beside_stream",)),
    ("3", "statuses of the subscriptions to e-mail, libraries and stations", ("success_statuses",)),
    ("3", "how often the stream says that it is there", ("ping_seconds",)),
    ("3", "how a queue that cannot be watched is told", ("queue_faults",)),
    ("4.1", "the 201 has a Location", ("create_location",)),
    ("4.1", "missing rights, unknown workgroup and unfit parent are 400", ("create_refusals",)),
    ("4.1", "one body of each type", ("one_body_of_a_type",)),
    ("4.1", "what an answer gets from its parent", ("reply_presets",)),
    ("4.1", "what Eic_EmailParent and Eic_EmailChildren hold", ("family_ids", "children_separator")),
    ("4.2", "an attribute that is not set is empty text", ("unset_attributes",)),
    ("4.2", "Eic_ObjectType of an e-mail", ("email_object_type",)),
    ("4.3", "telephony verbs are 400 on an e-mail", ("telephony_on_email",)),
    ("4.4", "save and remove are 200", ("success_statuses",)),
    ("4.4", "fileUri is the downloadUri, an unknown one is 400", ("removes_by", "unknown_file_status")),
    ("4.4", "isInlineAttachment is false where it is left out", ("inline_by_default",)),
    ("4.4", "504 means that the directory did not answer", ("directory_answers",)),
    ("4.4", "the transfer of an upload is 200, by PUT or POST", ("success_statuses",)),
    ("4.4", "where uploadUri stands, and whether it is a path", ("upload_below_session", "absolute_uris")),
    ("4.4", "which message comes first after an upload", ("upload_tells_first",)),
    ("4.4", 'whether "true" as text is a boolean', ("coerce_booleans",)),
    ("5", "library urls are paths", ("absolute_uris",)),
    ("5", "only files can be inserted", ("insertable_types",)),
    ("6", "an unknown recording is 400", ("unknown_recording_status",)),
    ("6", "nobody to send to is 400", ("recording_recipients_required",)),
    ("6", "what is written or forgotten is 204", ("success_statuses",)),
    ("6", "searchId is the requestId", ("search_ids",)),
    ("6", "a flat participant is taken, too", ("flat_participant",)),
    ("7", "a session that the server ends is told so before its 401", ("farewell",)),
    ("7", "how long a closed connection still says that it is down", ("grace_seconds",)),
    ("7", "when an idle session ends", ("idle_seconds",)),
    ("7", "what a login elsewhere does to the earlier session", ("one_session_per_user",)),
    ("8", "the table of states, hold on an e-mail included", ("transitions",)),
    ("8", "how the state strings of sent and dropped differ", ("sent_state", "dropped_state")),
    ("8", "send needs a recipient and a sender", ("recipients_required", "sender_required")),
    ("8", "how long an ended item stays", ("linger_seconds",)),
    ("8", "how long an offer alerts", ("alert_seconds",)),
    ("8", "the parent stays connected", ("parent_ends_with_answer",)),
    ("8", "in which order a change is told", ("change_order",)),
    ("9", "which features are advertised, and that e-mail needs interactions 10", ("features",)),
    ("9", "which resources are removed", ("removed",)),
    ("10", "the largest file", ("largest_upload",)),
]

# What the simulated server has or is, which is nobody's assumption about others; the four rights name rights of the simulator's people.
ITS_OWN = {
    *("server_name", "accepting", "alternate_hosts", "unique_token_seconds", "single_sign_on_prefix", "mailbox"),
    *("workgroups", "stations", "statuses", "licences", "library_name", "library", "recordings"),
    *("work_right", "supervise_right", "response_management_right", "recordings_right"),
}


@pytest.mark.parametrize(("section", "what", "names"), ASSUMED, ids=[f"{row[0]} {row[1]}" for row in ASSUMED])
def test_an_assumption_is_a_setting(section: str, what: str, names: tuple[str, ...]) -> None:
    """Each names at least one, and only such as exist."""
    assert names, f"{section}: {what}"
    assert set(names) <= SETTINGS


def test_every_setting_stands_for_an_assumption_or_for_what_the_server_has() -> None:
    """None of them is without a reason, and none is counted twice."""
    held = {name for _, _, names in ASSUMED for name in names}
    assert held | ITS_OWN == SETTINGS
    assert held & ITS_OWN == set()
