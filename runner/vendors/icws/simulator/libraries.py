"""
Response management: libraries of texts, links and files, the shared one and each user's own (icws.md §5).
"""

from __future__ import annotations

from msgspec import Struct, field

from runner.simulation.world import World
from runner.vendors.icws.simulator.settings import IcwsSettings

__all__ = ["FILE", "Item", "Libraries", "Library"]

TEXT, URL, FILE = 0, 1, 2


class Item(Struct, frozen=True):
    """An item; only files have ``content``."""

    id: str
    name: str
    type: int
    value: str
    media_type: str = ""
    content: bytes = b""

    def told(self) -> dict[str, object]:
        """As a representation."""
        return {"id": self.id, "name": self.name, "type": self.type, "shortcut": "", "keywords": [], "value": self.value}


class Library(Struct):
    """A library; ``cache_tag`` grows with each change."""

    id: str
    name: str
    items: list[Item] = field(default_factory=list)
    owner: str = ""
    cache_tag: int = 1

    def summary(self, base: str) -> dict[str, object]:
        """What the message says of it; *base* is a session's address."""
        url = f"{base}/response-management/libraries/{self.id}"
        return {"id": self.id, "name": self.name, "url": url, "cacheTag": str(self.cache_tag)}

    def told(self) -> dict[str, object]:
        """The whole of it; files stand in a category of their own, as libraries of some size have them."""
        files = [i.told() for i in self.items if i.type == FILE]
        category = {"id": f"{self.id[:-4]}f11e", "name": "Files", "categories": [], "items": files}
        rest = [i.told() for i in self.items if i.type != FILE]
        return {"id": self.id, "name": self.name, "description": "", "categories": [category], "items": rest}


class Libraries:
    """All libraries, and the files that were uploaded for a user's own."""

    def __init__(self, world: World, settings: IcwsSettings) -> None:
        self._world = world
        shared = Library(world.guid(), settings.library_name)
        shared.items = [Item(world.guid(), i.name, i.type, i.value, i.media_type, i.content.encode()) for i in settings.library]
        self._libraries = {shared.id: shared}
        self._uploads: dict[str, tuple[str, str]] = {}
        self._files: dict[tuple[str, str], tuple[bytes, str]] = {}

    def visible(self, user: str) -> list[Library]:
        """The shared libraries and the user's own."""
        return [library for library in self._libraries.values() if library.owner in {"", user}]

    def library(self, id: str, user: str) -> Library | None:
        """One of them, if the user may see it."""
        return next((library for library in self.visible(user) if library.id == id), None)

    def item(self, id: str, user: str) -> Item | None:
        """An item of any library that the user may see."""
        return next((i for library in self.visible(user) for i in library.items if i.id == id), None)

    def announce(self, user: str, name: str) -> str:
        """A file for the user's own library will come; gives the token of the address it goes to."""
        token = self._world.guid()
        self._uploads[token] = (user, name)
        return token

    def transfer(self, token: str, content: bytes, media_type: str) -> bool:
        """The file came; False when nobody announced it or it came already."""
        announced = self._uploads.pop(token, None)
        if announced is None:
            return False
        self._files[announced] = (content, media_type)
        return True

    def replace_own(self, user: str, name: str, items: list[tuple[str, int, str]]) -> tuple[Library, bool]:
        """The user's own library with these (name, type, value); and whether it is new."""
        found = next((library for library in self._libraries.values() if library.owner == user), None)
        library = found or Library(self._world.guid(), name, owner=user, cache_tag=0)
        library.cache_tag += 1
        library.items = [self._own_item(user, *item) for item in items]
        self._libraries[library.id] = library
        return library, found is None

    def _own_item(self, user: str, name: str, kind: int, value: str) -> Item:
        content, media_type = self._files.get((user, value), (b"", "application/octet-stream"))
        return Item(self._world.guid(), name, kind, value, media_type, content)
