"""
What is asked about activities, and done to them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from runner.plugins.vocabulary import Html, Text, Transfer
from runner.vendors.egain.parameters.common import Custom, CustomFilter, DueDate, OfMail, Page, PageSize, Parameters, Priority

__all__ = [
    "Activities",
    "ActivityAttributes",
    "Asked",
    "AttributesOutput",
    "Batch",
    "BatchOutput",
    "EditActivity",
    "EgainTransfer",
    "GetActivity",
    "Pick",
    "Pull",
    "Result",
    "Search",
]


class Search(Parameters, frozen=True):
    """Filters that must all fit, exactly; at least one beside `type`."""

    customer: Annotated[str | int | None, Meta(title="Customer", description="A customer's id.", examples=[1041])] = None
    case: Annotated[str | int | None, Meta(title="Case", description="A case's id.", examples=[1301])] = None
    status: Annotated[str | None, Meta(title="Status", description="Like assigned, assigned:in_progress, or open.", examples=["open"])] = (
        None
    )
    mode: Annotated[str | None, Meta(title="Mode", description="inbound or outbound.", examples=["inbound"])] = None
    type: Annotated[str | None, Meta(title="Type", description="email.", examples=["email"])] = None
    assigned_to: Annotated[str | int | None, Meta(title="Assigned to", description="A user's id.", examples=[1013])] = None
    assigned_user_name: Annotated[
        str | None, Meta(title="Assigned user name", description="An actor of the scenario, or a user name.", examples=["agent"])
    ] = None
    queue: Annotated[str | int | None, Meta(title="Queue", description="A queue's name or id.", examples=["Service mail"])] = None
    created: Annotated[
        str | None, Meta(title="Created", description="[start,end] in ISO 8601; one end may be open.", examples=["[2031-05-01T00:00:00Z,]"])
    ] = None
    modified: Annotated[
        str | None, Meta(title="Modified", description="The same for the last change.", examples=["[2031-05-01T00:00:00Z,]"])
    ] = None
    custom: CustomFilter = field(default_factory=dict)
    page: Page = None
    size: PageSize = None
    sort: Annotated[str | None, Meta(title="Sort", description="An attribute.", examples=["createdDate"])] = None
    order: Annotated[str | None, Meta(title="Order", description="asc or desc.", examples=["desc"])] = None
    attributes: Annotated[str | None, Meta(title="Attributes", description="all, or names with commas.", examples=["payload,created"])] = (
        None
    )


class GetActivity(OfMail, frozen=True):
    """Which mail, and how much of it."""

    attributes: Annotated[
        str | None, Meta(title="Attributes", description='all, or names with commas; "" for the summary.', examples=["payload,created"])
    ] = "all"
    embed_inline: Annotated[
        bool, Meta(title="Embed inline files", description="Put the bytes of inline files into the HTML that names them.", examples=[True])
    ] = False


class ActivityAttributes(Parameters, frozen=True):
    """Which kind of attributes."""

    attributes: Annotated[str, Meta(title="Attributes", description="type, language, custom or all.", examples=["custom"])] = "all"


class Pull(Parameters, frozen=True):
    """Nothing to say."""


class Pick(OfMail, frozen=True):
    """Which mail, and whether it is taken from whom it is pinned to."""

    unpin: Annotated[bool, Meta(title="Unpin", description="Take it even when it is pinned.", examples=[True])] = False


class EgainTransfer(Transfer, frozen=True):
    """Who gets the mail, and whether it is taken from whom it is pinned to."""

    unpin: Annotated[bool, Meta(title="Unpin", description="Hand it over even when it is pinned.", examples=[True])] = False


class EditActivity(OfMail, frozen=True):
    """What changes: of a completed mail text, HTML and custom attributes; of any other the rest."""

    priority: Priority = None
    due_date: DueDate = None
    language: Annotated[str | None, Meta(title="Language", description="A language code.", examples=["de-DE"])] = None
    custom: Custom = field(default_factory=dict)
    text: Text = None
    html: Html = None


class Asked(Parameters, frozen=True):
    """One request of a batch."""

    method: Annotated[Literal["GET", "POST", "PUT", "DELETE"], Meta(title="Method", description="The verb.", examples=["GET"])]
    path: Annotated[
        str,
        Meta(
            title="Path",
            description="Below the context root, with the query.",
            examples=["/ws/v12/interaction/activity/2801"],
            pattern="^/ws/",
        ),
    ]
    json: Annotated[dict[str, Any] | None, Meta(title="JSON", description="The body.", examples=[{"activity": [{"id": 2801}]}])] = None


class Batch(Parameters, frozen=True):
    """Requests that eGain carries out one after the other."""

    requests: Annotated[
        list[Asked],
        Meta(
            title="Requests",
            description="In their order; none of them may send or create a mail.",
            examples=[[{"method": "GET", "path": "/ws/v12/interaction/activity/2801"}]],
            min_length=1,
        ),
    ]


class Activities(Struct, frozen=True):
    """What a search found; ``total`` counts all matches, not only this page's."""

    total: int
    activities: list[dict[str, Any]]


class AttributesOutput(Struct, frozen=True):
    """The attributes that activities can have."""

    attributes: list[dict[str, Any]]


class Result(Struct, frozen=True):
    """What one request of a batch met: its status, and its body."""

    http: int
    body: Any = None


class BatchOutput(Struct, frozen=True):
    """The results, in the order of the requests."""

    results: list[Result]
