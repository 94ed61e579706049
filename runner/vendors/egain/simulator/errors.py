"""
How the simulator says no: a WSError, or the older Error of login and logout, in the format and language that were asked for.

The numbers behind the status are the nearest published ones; no public text gives one for each rule of compose-and-send.
"""

from __future__ import annotations

from collections.abc import Mapping

from runner.vendors.egain.representation import Tree
from runner.vendors.egain.simulator.phrases import phrase

__all__ = ["WsError", "absent", "forbidden", "invalid", "unauthenticated"]


class WsError(Exception):
    """
    A refusal: the HTTP status, the ``number`` behind it, what is wrong, and details as pairs.

    ``headers`` go out with it (``Allow``, ``Retry-After``).
    """

    def __init__(
        self,
        http: int,
        number: str,
        message: str,
        *,
        details: tuple[tuple[str, str], ...] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.http = http
        self.number = number
        self.message = message
        self.details = details
        self.headers = headers or {}

    @property
    def code(self) -> str:
        """The status and the number behind it, as they are published: ``400-152``."""
        return f"{self.http}-{self.number}"

    def tree(self, *, language: str, user_message: bool, details: bool = True, numbers: Mapping[str, str] | None = None) -> Tree:
        """The WSError document; the user's message only when it was asked for; *numbers* are others, by element or by number."""
        tree: Tree = {"code": f"{self.http}-{self._number(numbers or {})}", "developerMessage": self.message}
        if self.details and details:
            tree["details"] = [{"key": k, "value": v} for k, v in self.details[:30]]
        if user_message:
            tree["userMessage"] = phrase(language, self.http)
        return tree

    def _number(self, others: Mapping[str, str]) -> str:
        """The element's number if it has one of its own, else the one that stands for ours."""
        element = dict(self.details).get("attribute", "")
        return others.get(element) or others.get(self.number, self.number)


def invalid(element: str, message: str, *, number: str = "152") -> WsError:
    """400 about one element of the body."""
    return WsError(400, number, f"{element}: {message}", details=(("attribute", element),))


def forbidden(message: str, *, action: str = "") -> WsError:
    """403, naming the action that the user lacks if there is one."""
    return WsError(403, "178" if action else "105", message, details=(("action", action),) if action else ())


def unauthenticated() -> WsError:
    """401: the header is missing, or the session unknown, expired or ended; all the same to the outside."""
    return WsError(401, "101", "The session is missing, invalid or expired. Log in again.")


def absent(kind: str, ids: list[str]) -> WsError:
    """404 about ids in the path."""
    return WsError(404, "100", f"{kind} not found: {', '.join(ids)}", details=tuple(("id", i) for i in ids))
