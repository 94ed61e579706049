"""All that is assumed of a GWS server, by sections of its reference, has a setting or a reason; every setting stands for something."""

from __future__ import annotations

import msgspec
import pytest

from runner.vendors.gws.simulator.settings import GwsSettings

SETTINGS = {field.name for field in msgspec.structs.fields(GwsSettings)}

# section, what no page says, the settings that hold it
ASSUMED: list[tuple[str, str, tuple[str, ...]]] = [
    ("0.2", "which dialect a server speaks", ("dialect",)),
    ("0.3", "whether a later server takes the names of 8.5.0", ("aliases",)),
    ("1", "status, body and realm of a sign-in that fails, and of a cookie that is gone", ("http_status", "unauthenticated_body", "realm")),
    ("1", "CSRF is demanded, under which name, and on CometD posts", ("csrf", "csrf_header", "csrf_on_cometd")),
    ("1", "the HTTP status beside who lacks the role", ("http_status",)),
    ("1.1", "the HTTP status beside each return code", ("http_status", "always_200")),
    ("1.1", "the wording of errors", ("wording",)),
    ("1.1", "which return code a mistake has", ("codes",)),
    ("2.2", "the state of a channel that was just started", ("start_state",)),
    ("2.2", "an unknown channel is 2, a second start and an end of nothing are 0", ("codes",)),
    ("2.2", "the shape of code 7", ("partial_start", "down_channels")),
    ("2.3", "a channel that is not started is 2, an unknown one 6, an unknown state 2", ("codes",)),
    ("2.3", "dndState after DoNotDisturbOn and Off", ("do_not_disturb_words",)),
    ("2.3", "where GET /me/channels has its list", ("channels_in",)),
    ("3.1", "PUT on an interaction is 3", ("codes",)),
    ("3.2", "Reply without quoteOriginal does not quote", ("reply_quotes",)),
    ("3.2", "Send is for created mails, too", ("operations_in",)),
    ("3.2", "several addresses are one text with commas", ("address_lists",)),
    ("3.2", "what Transfer, PlaceInQueue, PlaceInWorkbin, UpdateProperties and LinkAttachment call their fields", ("renamed_fields",)),
    ("3.2", "in which order a request is checked", ("order_of_checks",)),
    ("3.2", "not JSON, a bad address, an unknown queue, an unknown target: which code", ("codes",)),
    ("3.2", "where a late error has its text", ("late_error_field", "emails_error_field", "failing_queues")),
    ("3.3", "the sender of a reply to mail with several recipients", ("mailbox",)),
    ("3.3", "line breaks of a quote, and where its start line stands", ("quote_line_break", "start_line_alone")),
    ("3.4", "what who rejected an offer is told", ("rejected_state",)),
    ("3.4", "state, capabilities and contents after Accept", ("accepted_state", "accepted_capabilities", "without_contents")),
    ("3.4", "state and type of a created mail, and where a reply names its parent", ("created_state", "created_type", "parent_field")),
    ("3.4", "states after Send, Cancel, Complete and PlaceInQueue", ("sent_state", "canceled_state", "completed_state", "queued_state")),
    ("3.4", "what can be done with a sent mail", ("sent_capabilities",)),
    ("3.4", "currentQueue of a mail that was given away", ("queue_of_completed",)),
    ("3.4", "a change tells all contents, and one of attachments is told", ("without_contents", "attachment_events")),
    ("3.4", "whether the fields stand flat or in `interaction`", ("nested",)),
    ("3.5", "an upload that is no form is 415, one that is too large 413 and 10", ("not_multipart_status", "attachment_limit", "codes")),
    ("3.5", "a download tells its file's name", ("attachment_name",)),
    ("3.5", "files of received mail can be read, and not changed", ("inbound_attachments", "operations_in")),
    ("3.6", "where a disposition is kept", ("disposition_key",)),
    ("3.6", "what SetInFocus tells", ("focus_event",)),
    ("3.6", "where it is told that a workbin got a mail", ("workbin_topic",)),
    ("4", "what a lost CometD session has not got is lost", ("acknowledge", "max_interval")),
    ("4", "what a service's change of state looks like", ("service_message",)),
    ("4", "the end of an HTTP session by time leaves the agent's", ("expiry_ends_contact_center", "session_idle")),
    ("5.1", "whoever is not signed in gets HTTP 401 on CometD posts", ("cometd_refusal",)),
    ("5.3", "how long a connect is held", ("connect_timeout",)),
    ("5.4", "whether GWS takes the ack extension", ("acknowledge",)),
    ("6", "the table of states", ("operations_in", "strict_capabilities")),
    ("6", "the parent stays in hand when its answer is sent", ("answer_completes_parent",)),
    ("6", "a notification comes after the answer, and when", ("delay", "event_first")),
    ("6", "when an offer is taken back, and how often a mail is offered", ("invitation", "offers")),
    ("7", "GET on one of the agent's interactions gives it", ("single_of_mine",)),
]

# section, what no page says, why it is no setting
SETTLED: list[tuple[str, str, str]] = [
    ("0.8", "the wire is JSON although the page's samples are not", "a server that sends what the page prints could be read by nobody"),
    ("1", "Basic is the only way to sign in", "what no page describes cannot be simulated"),
    ("2.1", "what else a user has", "an attribute more changes nothing for a client"),
    ("3.3", "a mail without Reply-To is answered to its From", "it has no other address"),
    ("3.5", "bytes and names round-trip", "another server would be a broken one; the fault `drift` breaks answers"),
    ("5.2", "agents cannot publish", "the text is CometD's own"),
    ("6", "notifications of one mail keep their order", "the fault `reorder` takes it from them"),
    ("6", "each transition is told once, to its owner", "the faults `duplicate` and `lost` do otherwise"),
    (
        "6",
        "a draft may stay open when its parent is completed, and a mail may have several replies",
        "they are independent, as its ids say",
    ),
]

# What the simulated contact centre has or is, which is nobody's assumption about others.
ITS_OWN = {
    *("allowed_origins", "channels", "not_ready_states", "queues", "inbound_queue", "outbound_queue"),
    *("skills", "workbins", "library", "backend_up"),
}


@pytest.mark.parametrize(("section", "what", "names"), ASSUMED, ids=[f"{row[0]} {row[1]}" for row in ASSUMED])
def test_an_assumption_is_a_setting(section: str, what: str, names: tuple[str, ...]) -> None:
    """Each names at least one, and only such as exist."""
    assert names, f"{section}: {what}"
    assert set(names) <= SETTINGS


def test_every_setting_stands_for_an_assumption_or_for_what_the_centre_has() -> None:
    """None of them is without a reason, and none is counted twice."""
    held = {name for _, _, names in ASSUMED for name in names}
    assert held | ITS_OWN == SETTINGS
    assert held & ITS_OWN == set()


def test_what_is_no_setting_has_a_reason_and_is_not_one_as_well() -> None:
    """Nothing is both, and nothing is passed over in silence."""
    assert all(len(reason.split()) > 3 for _, _, reason in SETTLED)
    assert {what for _, what, _ in SETTLED} & {what for _, what, _ in ASSUMED} == set()


def test_an_order_of_checks_names_each_once() -> None:
    """One that leaves a check out, or names it twice, is told."""
    with pytest.raises(ValueError, match="order_of_checks must name each of operation"):
        GwsSettings(order_of_checks=("operation", "operation", "state", "fields", "contact_center", "backend"))
