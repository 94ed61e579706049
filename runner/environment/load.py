"""
Where does a name lead? From the parsed file ``scenarios/environments/NAME.yaml`` to an Environment: addresses, people, limits, guards.

Called by the harness with plain data and a way to ask where a value stands, because reading YAML is a higher floor's work. Only
``{{ secret('NAME') }}`` and ``{{ env('NAME') }}`` may stand in an environment's file, as a whole value or inside a text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import FieldInfo
from msgspec.structs import fields as fields_of

from runner.environment.model import SIMULATOR, Environment, Limits, MailServers, Member, Target
from runner.environment.reading import Entry, Findings, SpanOf
from runner.environment.sources import SecretSources
from runner.errors import EnvironmentUnusable, nearest

__all__ = ["VendorDeclaration", "environment_file", "load_environment"]

_KEYS = ("environment", "description", "vendors", "actors", "mail", "variables", "allow_recipients", "defaults")
_TARGET_KEYS = ("url", "limits", "defaults", "settings", "faults")
_LIMITS = ("requests_per_second", "sessions")
_DEFAULTS = ("timeout", "scenario_timeout", "cleanup_timeout", "parallel")
_SMTP = ("host", "port", "user", "password", "tls")
_IMAP = (*_SMTP, "folder")
_TLS = ("none", "starttls", "implicit")


class VendorDeclaration(Protocol):
    """What is asked of a vendor here; :class:`runner.plugins.contract.Vendor` has it."""

    @property
    def name(self) -> str:
        """As files spell it."""
        ...

    @property
    def credentials(self) -> type[Struct]:
        """What an actor needs."""
        ...

    @property
    def defaults(self) -> type[Struct]:
        """What may be set once."""
        ...

    @property
    def options(self) -> type[Struct]:
        """What may stand beside the URL."""
        ...

    @property
    def settings(self) -> type[Struct]:
        """The assumptions of its simulator."""
        ...


def environment_file(name: str, root: Path) -> Path:
    """
    The file of the environment *name* (or the file that *name* is), in the project *root*.

    Raises: ``EnvironmentUnusable`` – there is none; the message has the nearest name.
    """
    folder = root / "scenarios" / "environments"
    tried = (folder / f"{name}.yaml", folder / f"{name}.yml", Path(name))
    for path in tried:
        if path.is_file():
            return path
    known = sorted(path.stem for path in folder.glob("*.y*ml")) if folder.is_dir() else []
    close = nearest(name, (*known, "simulator"))
    hint = f"did you mean `{close}`?" if close else f"there are: {', '.join((*known, 'simulator'))}"
    raise EnvironmentUnusable(f"there is no environment `{name}` in {folder}", code="E501", hint=hint)


def load_environment(
    tree: Any,
    *,
    span_of: SpanOf,
    vendors: Iterable[VendorDeclaration],
    root: Path,
    check_fault: Callable[[str], object],
    sources: SecretSources | None = None,
    ask: bool = True,
) -> Environment:
    """
    The environment in *tree* (the file as plain data).

    *span_of* gives the place of ``["vendors", "gws", "url"]``. *sources* is where secrets come from (default: the usual places, for the
    project *root*); afterwards its ``found`` holds all that were used. Without *ask* no secret is looked for, which is enough for a check.
    *check_fault* raises ``ValueError`` for a text that is no fault of a simulator.

    Raises: ``BadScenario`` – the file is wrong; all its mistakes. ``EnvironmentUnusable`` – secrets are missing; all of them at once.
    """
    findings = Findings(span_of, (sources or SecretSources(root)) if ask else None)
    loading = _Loading({vendor.name: vendor for vendor in vendors}, findings, check_fault)
    environment = loading.environment(Entry(tree, (), findings))
    findings.settle(environment.name)
    return environment


class _Loading(Struct, frozen=True):
    """One file on its way; each method reads one part of it."""

    vendors: Mapping[str, VendorDeclaration]
    findings: Findings
    check_fault: Callable[[str], object]

    def environment(self, top: Entry) -> Environment:
        top.keys(_KEYS)
        name = top.part("environment").plain_text() or ""
        if not name:
            top.problem("E530", "an environment needs a name", hint="begin the file with `environment: NAME`")
        defaults = top.part("defaults")
        defaults.keys(_DEFAULTS)
        usual = Environment("", {}, {})
        return Environment(
            name=name or "unnamed",
            targets={vendor: self.target(vendor, entry) for vendor, entry in self.by_vendor(top.part("vendors"))},
            pools={pool: self.pool(pool, entry) for pool, entry in top.part("actors").parts()},
            mail=self.mail(top.part("mail")),
            variables={key: entry.anything() for key, entry in top.part("variables").parts()},
            allow_recipients=tuple(text for entry in top.part("allow_recipients").items() if (text := entry.plain_text())),
            timeout=defaults.part("timeout").duration(usual.timeout),
            scenario_timeout=defaults.part("scenario_timeout").duration(usual.scenario_timeout),
            cleanup_timeout=defaults.part("cleanup_timeout").duration(usual.cleanup_timeout),
            parallel=defaults.part("parallel").whole_number(at_least=1),
        )

    def by_vendor(self, entry: Entry) -> list[tuple[str, Entry]]:
        """The parts whose keys are vendors; a key that is none is a mistake."""
        known: list[tuple[str, Entry]] = []
        for name, part in entry.parts():
            if name in self.vendors:
                known.append((name, part))
            else:
                part.unknown("vendor", name, self.vendors)
        return known

    def target(self, vendor: str, entry: Entry) -> Target:
        declared = self.vendors[vendor]
        options = {field.encode_name: field for field in fields_of(declared.options)}
        entry.keys((*_TARGET_KEYS, *options))
        given = {name: entry.part(name) for name in options if entry.has(name)}
        return Target(
            vendor,
            self.url(entry),
            defaults=self.record(declared.defaults, dict(entry.part("defaults").parts()), entry.part("defaults")),
            options=self.record(declared.options, given, entry),
            limits=self.limits(entry.part("limits")),
            settings=self.settings(declared, entry),
            faults=tuple(self.faults(entry)),
        )

    def settings(self, declared: VendorDeclaration, target: Entry) -> dict[str, Any]:
        entry = target.part("settings")
        if entry.given and target.part("url").value != SIMULATOR:
            entry.problem("E531", "`settings` are a simulator's", hint="leave them out, or write `url: simulator`")
        return self.record(declared.settings, dict(entry.parts()), entry)

    def faults(self, target: Entry) -> Iterator[str]:
        entry = target.part("faults")
        if entry.given and target.part("url").value != SIMULATOR:
            entry.problem("E531", "`faults` are a simulator's", hint="leave them out, or write `url: simulator`")
        for item in entry.items():
            fault = item.plain_text() or ""
            try:
                self.check_fault(fault)
            except ValueError as exc:
                item.problem(
                    "E537", str(exc), label="this is no fault", hint=f"`runner simulate {target.path[-1]} --settings` lists the kinds"
                )
            else:
                yield fault

    def url(self, target: Entry) -> str:
        entry = target.part("url")
        if not entry.given:
            target.problem("E532", "a vendor needs its address", hint="add `url: https://…`")
            return ""
        url = entry.plain_text()
        if url is None:
            return ""
        if not entry.resolved or url == SIMULATOR:
            return url
        try:
            parts = urlsplit(url)
            good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if not good:
            entry.problem(
                "E533", f"`{url}` is not an address of a server", hint="write it like https://gws.example.com:8090, or `simulator`"
            )
        elif parts.password or parts.username:
            entry.problem("E534", "a user or password stands in the address", hint="put it under `actors`, with secret('NAME')")
        return url.rstrip("/")

    def limits(self, entry: Entry) -> Limits:
        entry.keys(_LIMITS)
        return Limits(entry.part("requests_per_second").number(above=0), entry.part("sessions").whole_number(at_least=1))

    def pool(self, pool: str, entry: Entry) -> tuple[Member, ...]:
        members = entry.items() if isinstance(entry.value, list) else [entry]
        if not members:
            entry.problem("E535", f"the pool `{pool}` has no members", hint="add one: {gws: {user: …, password: …}}")
        return tuple(self.member(pool, index, member) for index, member in enumerate(members))

    def member(self, pool: str, index: int, entry: Entry) -> Member:
        credentials: dict[str, dict[str, Any]] = {}
        for vendor, part in self.by_vendor(entry):
            credentials[vendor] = self.record(self.vendors[vendor].credentials, dict(part.parts()), part)
        return Member(pool, index, credentials)

    def mail(self, entry: Entry) -> MailServers:
        entry.keys(("smtp", "imap"))
        return MailServers(self.server(entry.part("smtp"), _SMTP), self.server(entry.part("imap"), _IMAP))

    def server(self, entry: Entry, keys: tuple[str, ...]) -> dict[str, object]:
        if not entry.given:
            return {}
        entry.keys(keys)
        if not entry.has("host"):
            entry.problem("E532", "a mail server needs its host", hint="add `host: mail.example.com`")
        tls = entry.part("tls")
        if tls.given and tls.text() not in _TLS:
            tls.unknown("kind of encryption", str(tls.value), _TLS)
        read: dict[str, object] = {"port": entry.part("port").whole_number(at_least=1)}
        read |= {key: part.as_kind(str) for key, part in entry.parts() if key in keys and key != "port"}
        return {key: value for key, value in read.items() if value is not None}

    def record(self, kind: type[Struct], given: Mapping[str, Entry], entry: Entry) -> dict[str, Any]:
        """The values of a vendor's record as the file gives them, each checked against its field."""
        declared = {field.encode_name: field for field in fields_of(kind)}
        values: dict[str, Any] = {}
        for name, part in given.items():
            if name in declared:
                values[name] = part.as_kind(declared[name].type)
            else:
                part.unknown("key", name, declared)
        for name, field in declared.items():
            if field.required and name not in given and (given or _asks(kind)):
                entry.problem("E536", f"`{name}` is missing", hint=f"add `{name}: …`{_meaning(field)}")
        return values


def _asks(kind: type[Struct]) -> bool:
    """Whether something must be given, also where nothing is."""
    return any(field.required for field in fields_of(kind))


def _meaning(field: FieldInfo) -> str:
    meta = getattr(field.type, "__metadata__", ())
    text = next((m.description for m in meta if getattr(m, "description", None)), "")
    return f" ({text.rstrip('.')})" if text else ""
