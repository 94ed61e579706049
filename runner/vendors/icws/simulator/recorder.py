"""
The recorder: recordings with their tags and attributes, and the mails they were sent as (icws.md §6).
"""

from __future__ import annotations

from msgspec import Struct, field

from runner.simulation.world import Attachment, Mail
from runner.vendors.icws.simulator.settings import IcwsSettings
from runner.vendors.icws.simulator.stock import Recording

__all__ = ["NORMAL", "Kept", "Recorder", "SentRecording"]

NORMAL, LOW, HIGH = 1, 2, 4


class Kept(Struct):
    """A recording and what was written on it."""

    recording: Recording
    tags: list[str] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)

    def media(self) -> list[Attachment]:
        """What is exported with it: the recorded sound, or the recorded mail and its files."""
        if not self.recording.attachments:
            return [Attachment(f"{self.recording.id}.wav", b"RIFF\x00\x00\x00\x00WAVE", "audio/wav")]
        mail = Attachment(f"{self.recording.id}.eml", b"Subject: recorded\r\n\r\n", "message/rfc822")
        return [mail, *(Attachment(name, name.encode(), "application/octet-stream") for name in self.recording.attachments)]


class SentRecording(Struct, frozen=True):
    """A mail that carries recordings; ``priority`` as it counts: 1 normal, 2 low, 4 high."""

    recordings: tuple[str, ...]
    mail: Mail
    priority: int


class Recorder:
    """All recordings by id, without regard to case."""

    def __init__(self, settings: IcwsSettings) -> None:
        self._kept = {r.id.lower(): Kept(r) for r in settings.recordings}
        self.sent: list[SentRecording] = []

    def find(self, id: str) -> Kept | None:
        """A recording."""
        return self._kept.get(id.lower())

    def all(self) -> list[Kept]:
        """Every recording."""
        return list(self._kept.values())
