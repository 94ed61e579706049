"""
What an administrator of eGain sets, as settings of the simulator, each with its reason. What is assumed of eGain itself stands in
:mod:`runner.vendors.egain.simulator.settings`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from runner.vendors.egain.simulator.company import ATTRIBUTES, DEPARTMENTS, MACROS, CustomAttribute, Department, Macro, Setting

__all__ = ["Administration"]

_LANGUAGES = (
    "en-US",
    "es-ES",
    "fr-FR",
    "it-IT",
    "de-DE",
    "nl-NL",
    "pt-BR",
    "pt-PT",
    "da-DK",
    "ru-RU",
    "fr-CA",
    "zh-CN",
    "ja-JP",
    "ko-KR",
    "sv-SE",
)
_BLOCKED = ("exe", "bat", "cmd", "com", "scr", "vbs", "js", "msi", "ps1", "jar")


class Administration(Setting, frozen=True):
    """An administrator's settings."""

    departments: Annotated[
        tuple[Department, ...],
        Meta(description="Departments with aliases, queues and secure messaging. Reason: no v12 path tells or changes them."),
    ] = DEPARTMENTS
    home_department: Annotated[
        str, Meta(description="Everybody's home department, unless a person's rights say `home: NAME`. Reason: no v12 path tells it.")
    ] = "Service"
    foreign_departments: Annotated[
        tuple[str, ...],
        Meta(
            description="Where everybody is a foreign user, unless rights say `foreign: NAME`. Reason: one that lacks. Legal is nobody's."
        ),
    ] = ("Sales", "Private", "Clinic")
    customer_departmentalization: Annotated[
        bool, Meta(description="'Customer departmentalization': customers belong to a department. Reason: an administrator's choice.")
    ] = False
    custom_attributes: Annotated[
        tuple[CustomAttribute, ...],
        Meta(description="The custom attributes that are configured. Reason: one of each kind, an enumeration and a text."),
    ] = ATTRIBUTES
    macros: Annotated[
        tuple[Macro, ...],
        Meta(description="Article and usage-link macros; business macros are built in. Reason: the catalogue is the administrator's."),
    ] = MACROS
    closed_folders: Annotated[
        tuple[str, ...],
        Meta(
            description="Article folders without 'View Folder' for agents; the rest are open to them. Reason: a missing right must be seen."
        ),
    ] = ("Board",)
    blocked_extensions: Annotated[
        tuple[str, ...], Meta(description="File types that may not be attached. Reason: an administrator's list of extensions.")
    ] = _BLOCKED
    max_email_mb: Annotated[
        int, Meta(gt=0, description="'Maximum email size for dispatcher (MB)'. Reason for 25: the default is not published; a usual one.")
    ] = 25
    max_body_kb: Annotated[
        int, Meta(gt=0, description="'Maximum body size for dispatcher (KB)', for each content. Reason for 1000: the same.")
    ] = 1000
    max_pull: Annotated[
        int, Meta(ge=1, description="'Maximum activities to pull' at once. Reason for 1: a scenario takes one mail in hand.")
    ] = 1
    sessions_per_user: Annotated[int, Meta(ge=1, description="Concurrent sessions of a user; published: five.")] = 5
    default_language: Annotated[str, Meta(description="The system's default language. Reason: an administrator's choice.")] = "en-US"
    languages: Annotated[
        tuple[str, ...], Meta(description="The languages that Accept-Language may ask for. Reason: a later API line lists these.")
    ] = _LANGUAGES
    context_root: Annotated[
        str, Meta(description="The first segment of every path. Reason: what documents and clients show.", pattern="^[a-z]+$")
    ] = "system"
    licences: Annotated[
        int, Meta(ge=0, description="How many users may be logged in at once; 0: any number. Reason for 0: what a company has bought.")
    ] = 0
    forced_at_completion: Annotated[
        tuple[Literal["category", "resolution"], ...],
        Meta(description="What must be set in the console before an activity is completed. Reason for none: an administrator's choice."),
    ] = ()
    bounce_domains: Annotated[
        tuple[str, ...], Meta(description="Domains that take no mail, in lower case. Reason: one that certainly has no customers.")
    ] = ("undeliverable.example",)
    mask_pattern: Annotated[
        str, Meta(description="What masking an activity hides. Reason: an administrator's patterns; long numbers are the usual ones.")
    ] = r"\d{6,}"
