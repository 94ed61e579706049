"""
``runner simulate``: pretend vendors on ports of their own, until somebody stops them.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import click

from runner.cli.selecting import harness_of

if TYPE_CHECKING:  # the simulators bring a web server; it is imported when one is asked for
    from runner.plugins.contract import Vendor
    from runner.simulation.server import Serving
    from runner.simulation.simulator import Simulator

__all__ = ["command"]

_ALL = "all"
# Columns for a name; characters that are shown of a list, the whole of which a running simulator tells (`GET /_control/settings`).
_WIDTH = 28
_SHOWN = 72


@click.command("simulate")
@click.argument("vendor", metavar="VENDOR")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Default: a free one; with `all` each vendor takes the next.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to serve on.")
@click.option("--seed", type=int, default=0, show_default=True, help="What everything that looks random comes from.")
@click.option("--latency", metavar="TIME", help="Every answer so much later: 20ms.")
@click.option(
    "--fault", "faults", multiple=True, metavar="FAULT", help="What goes wrong: 503:3, reset@*/send, latency=200ms; may be repeated."
)
@click.option(
    "--set",
    "--setting",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Change one of the simulator's assumptions; lists and tables as JSON; may be repeated.",
)
@click.option("--settings", "list_settings", is_flag=True, help="Show the simulator's assumptions and the kinds of faults, and stop.")
@click.pass_context
def command(ctx: click.Context, /, vendor: str, **options: Any) -> None:
    """
    Serve a pretend vendor until stopped; VENDOR is a vendor's name, or `all`.

    The first line on stdout is one JSON object: vendor, url, control, and the actors with their passwords (with `all`: a list of these
    objects under `simulators`).
    """
    from runner.clock import Duration

    registry = harness_of(ctx).registry()
    names = [name for name in registry.names if registry.vendor(name).simulate is not None] if vendor == _ALL else [vendor]
    vendors = [registry.vendor(name) for name in names]
    if options["list_settings"]:
        _tell_settings(vendors)
        return
    faults = list(options["faults"])
    if options["latency"]:
        try:
            Duration.parse(options["latency"])
        except ValueError as exc:
            raise click.BadParameter(str(exc), param_hint="--latency") from exc
        faults.append(f"latency={options['latency']}")
    simulators = [_made(one, options["seed"], faults, options["settings"]) for one in vendors]
    ports = [options["port"] + n if options["port"] else 0 for n in range(len(simulators))]
    _serve(simulators, ports, options["host"], alone=vendor != _ALL)


def _made(vendor: Vendor, seed: int, faults: list[str], settings: tuple[str, ...]) -> Simulator:
    from runner.simulation.world import World, default_people

    if vendor.simulate is None:
        raise click.UsageError(f"{vendor.name} has no simulator")
    simulator: Simulator = vendor.simulate(World(default_people(), seed=seed), _settings(vendor, settings))
    for fault in faults:
        try:
            simulator.faults.add(fault)
        except ValueError as exc:
            raise click.BadParameter(str(exc), param_hint="--fault") from exc
    return simulator


def _settings(vendor: Vendor, given: tuple[str, ...]) -> Any:
    """The vendor's settings record with the values that were *given* as NAME=VALUE."""
    import msgspec

    from runner.errors import nearest
    from runner.plugins.contract import decode_custom

    known = {field.encode_name for field in msgspec.structs.fields(vendor.settings)}
    values = {name: _value(value) if equals else "true" for name, equals, value in (text.partition("=") for text in given)}
    for name in values:
        if name not in known:
            close = nearest(name, known)
            hint = f"; did you mean `{close}`?" if close else "; see them with --settings"
            raise click.BadParameter(f"{vendor.name} has no setting `{name}`{hint}", param_hint="--set")
    try:
        return msgspec.convert(values, vendor.settings, strict=False, dec_hook=decode_custom)
    except (msgspec.ValidationError, ValueError) as exc:
        raise click.BadParameter(str(exc), param_hint="--set") from exc


def _value(text: str) -> Any:
    """A list or a table is written as JSON; anything else stays text, and the record makes of it what the setting is."""
    import msgspec

    if not text.startswith(("[", "{")):
        return text
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as exc:
        raise click.BadParameter(f"{text[:60]!r} is not JSON: {exc}", param_hint="--set") from exc


def _serve(simulators: list[Simulator], ports: list[int], host: str, *, alone: bool) -> None:
    import msgspec

    from runner.simulation.server import serve_until_stopped

    def ready(served: list[Serving]) -> None:
        records = [_record(one) for one in served]
        click.echo(msgspec.json.encode(records[0] if alone else {"simulators": records}, enc_hook=str).decode())
        click.echo("serving; press Ctrl-C to stop", err=True)

    asyncio.run(serve_until_stopped(simulators, ports, ready, host=host))


def _record(served: Serving) -> dict[str, object]:
    """What a program needs to use a simulator: ``vendor url control defaults actors``; actors are pools, as in an environment file."""
    simulator = served.simulator
    actors: dict[str, list[dict[str, str]]] = {}
    for person in simulator.world.people.values():
        actors.setdefault(person.pool, []).append(simulator.credentials(person))
    return {
        "vendor": simulator.vendor,
        "url": served.url,
        "control": served.control,
        "defaults": simulator.defaults(),
        "actors": actors,
    }


def _brief(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _tell_settings(vendors: list[Vendor]) -> None:
    from runner.cli.describing import fields_of
    from runner.cli.output import say
    from runner.simulation.faults import KINDS

    for vendor in vendors:
        say(f"{vendor.title} ({vendor.name}): --set NAME=VALUE")
        fields = fields_of(vendor.settings)
        for told in fields:
            say(f"  {told.name:<{_WIDTH}} {_brief(told.type)}, default {_brief(told.default) or 'none'}")
            if told.description:
                say(f"      {told.description}")
        if not fields:
            say("  nothing to set")
        say()
    say("faults: --fault kind[:count][@path][=parameter]")
    for kind, text in KINDS.items():
        say(f"  {kind:<12} {text}")
