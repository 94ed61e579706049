"""
Whether a mail left whose sending was never answered: looked for, a few times, and never sent again. For the sending steps of vendors.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from runner.errors import Refused, WireError
from runner.plugins.contract import StepContext

__all__ = ["settle"]

Found = TypeVar("Found")

# The gaps between looks grow, so that these take about two seconds.
_LOOKS = 8


async def settle(context: StepContext[Any], lost: WireError, look: Callable[[], Awaitable[Found | None]]) -> Found:
    """
    What *look* finds of a mail that was sent, which settles the doubt; the record says both.

    *lost* is what became of the request. *look* gives None as long as nothing says that the mail left; that it cannot look now counts as
    that. A *lost* that cannot have reached the vendor is raised at once.

    Raises: *lost* – nothing shows that the mail left, so it stays in doubt.
    """
    if not lost.maybe_sent:
        raise lost
    context.log(f"in doubt whether the mail was sent: {lost.message}; it is looked for, and not sent again", code=lost.code)
    for _ in range(_LOOKS):
        try:
            found = await look()
        except (Refused, WireError) as exc:
            context.log(f"it could not be looked for: {exc.message}")
        else:
            if found is not None:
                context.log("settled by looking: the mail was sent, once", code="E716")
                return found
        await context.pause()
    raise lost
