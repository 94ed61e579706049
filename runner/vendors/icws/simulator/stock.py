"""
What the simulator has when it starts: features, library, recordings, and the statuses that answer without a representation.

The defaults of :mod:`.settings`.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

__all__ = ["FEATURES", "LIBRARY", "RECORDINGS", "STATUSES", "SUCCESS", "Act", "LibraryFile", "Recording"]


class LibraryFile(Struct, frozen=True, forbid_unknown_fields=True):
    """An item of a response-management library. ``type`` is 0 text, 1 URL, 2 file; ``value`` the text, the URL, or the file's name."""

    name: str
    value: str
    type: int = 2
    media_type: str = "application/octet-stream"
    content: str = ""


class Recording(Struct, frozen=True, forbid_unknown_fields=True):
    """A recording that the recorder knows; ``attachments`` are the files of a recorded e-mail."""

    id: str
    interaction: str
    attachments: tuple[str, ...] = ()


FEATURES = {
    "connection": 11,
    "messaging": 2,
    "interactions": 13,
    "queues": 1,
    "recordings": 6,
    "response-management": 4,
    "quality-management": 3,
    "status": 1,
    "licenses": 1,
    "activations": 1,
    "configuration": 2,
    "system": 1,
}

LIBRARY = (
    LibraryFile("Price list", "price-list.pdf", 2, "application/pdf", "%PDF-1.4 price list of the shop\n"),
    LibraryFile("Terms", "terms.txt", 2, "text/plain", "Terms of delivery: fourteen days.\n"),
    LibraryFile("Logo", "logo.svg", 2, "image/svg+xml", '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>'),
    LibraryFile("Greeting", "Thank you for writing to us.", 0),
    LibraryFile("Shop", "https://shop.example/", 1),
)


Act = Literal[
    "email-subscription",
    "response-management-subscription",
    "station-subscription",
    "station-leave",
    "heartbeat",
    "save",
    "remove",
    "upload",
    "recording-write",
    "search-forget",
    "handler-subscription",
    "handler-notification",
]

SUCCESS: dict[Act, int] = {
    "email-subscription": 200,
    "response-management-subscription": 200,
    "station-subscription": 200,
    "station-leave": 200,
    "heartbeat": 204,
    "save": 200,
    "remove": 200,
    "upload": 200,
    "recording-write": 204,
    "search-forget": 204,
    # as a public client holds them for done
    "handler-subscription": 204,
    "handler-notification": 202,
}

RECORDINGS = (
    Recording("b7d2e0c1-1", "2101980001"),
    Recording("b7d2e0c1-2", "2101980002", ("order.pdf", "photo.png")),
)

STATUSES = (
    "Available",
    "Available, No ACD",
    "At Lunch",
    "Lunch",
    "Away from desk",
    "Do Not disturb",
    "Follow Up",
    "In a meeting",
    "Gone Home",
    "On Vacation",
    "Out of the Office",
)
