"""
Macros: two grave accents and a name, in subject and content, replaced before a mail leaves. What was put in is not read again.

Rights come first: an article needs 'View Folder' on its folder, a usage link 'Execute'. Source: the compose-and-send page; which names
there are is a setting.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from runner.vendors.egain.simulator.company import Macro
from runner.vendors.egain.simulator.errors import forbidden, invalid
from runner.vendors.egain.simulator.organisation import User
from runner.vendors.egain.simulator.settings import EgainSettings

__all__ = ["BUSINESS", "Macros"]

# Macros that read one attribute of a business object.
BUSINESS = ("activity_id", "case_id", "external_case_id", "customer_name", "user_name", "department_name")

_RUN = re.compile(r"(`{2,})(\w*)", re.ASCII)
_TAG = re.compile(r"<[^>]*>")


class Macros:
    """The macros that are configured, for one user."""

    def __init__(self, settings: EgainSettings, user: User) -> None:
        self._settings = settings
        self._configured: dict[str, Macro] = {m.name: m for m in settings.macros}
        self._user = user

    def check(self, element: str, text: str) -> None:
        """
        Raises: ``WsError`` 400 – an empty or unknown name; 403 – an article or usage link that the user may not use.
        """
        for accents, name in _RUN.findall(text):
            if not name or (accents != "``" and self._settings.long_accents == "refuse"):
                raise invalid(element, "a macro has no name: write two grave accents and the name")
            if name not in BUSINESS:
                self._check_configured(element, name)

    def _check_configured(self, element: str, name: str) -> None:
        macro = self._configured.get(name)
        if macro is None:
            raise invalid(element, f"there is no macro {name!r}")
        if macro.kind == "article" and not self._user.may_view(macro.folder):
            raise forbidden(f"User {self._user.name} has no 'View Folder' on {macro.folder!r}.", action="View Folder")
        if macro.kind == "usage_link" and not self._user.may_execute(name):
            raise forbidden(f"User {self._user.name} may not execute the usage link {name!r}.", action="Execute")

    def expanded(self, element: str, text: str, values: Mapping[str, str], *, html: bool = False) -> str:
        """
        The text with its macros replaced; *values* are those of the business macros.

        Raises: ``WsError`` 400 – a macro has nothing to be replaced by.
        """
        once = self._replaced(element, text, values, html=html)
        if not self._settings.rescan_macros or once == text:
            return once
        self.check(element, once)
        return self._replaced(element, once, values, html=html)

    def _replaced(self, element: str, text: str, values: Mapping[str, str], *, html: bool) -> str:
        return _RUN.sub(lambda match: self._value(element, match[2], values, html=html), text)

    def _value(self, element: str, name: str, values: Mapping[str, str], *, html: bool) -> str:
        value = values.get(name, "") if name in BUSINESS else self._configured[name].content
        if not value and self._settings.valueless_macro == "refuse":
            raise invalid(element, f"the macro {name!r} cannot be expanded: it has no value")
        return value if html or name in BUSINESS else _TAG.sub("", value)
