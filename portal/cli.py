"""Owns the `portal` command: options in, one clear sentence and exit code 2 out when they cannot work."""

from __future__ import annotations

import asyncio
import errno
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any, assert_never
from zoneinfo import ZoneInfo

import typer
import uvicorn
from pydantic import SecretStr

from portal import __version__
from portal.admin.commands import admin_commands
from portal.admin.stats.commands import purge, stats_commands
from portal.app import create_app
from portal.backup import backup, restore
from portal.db import Database
from portal.demo import DEMO_OPERATOR, demo_keys, demo_profile, fill_demo, running_fake_gateway
from portal.diagnosis.load import catalogue_problems
from portal.errors import ConfigurationError, PortalError
from portal.logs import LOGGER, LogFormat, configure_logging
from portal.profile.addresses import is_loopback
from portal.profile.load import check_profile, load_profile
from portal.server import STOP_SECONDS, PortalServer
from portal.settings import LogLevel, Settings, load_settings
from portal.web.proxies import BehindProxies
from portal.web.slow_clients import PatientProtocol, most_connections
from portal.workers import OPTION, Workers

cli = typer.Typer(
    name="portal",
    help="Self-service set-up of Claude Code for the people who hold your gateway's keys.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
profile_commands = typer.Typer(help="Work with gateway profiles.", no_args_is_help=True)
cli.add_typer(profile_commands, name="profile")
cli.add_typer(admin_commands, name="admin")
cli.add_typer(stats_commands, name="stats")
cli.command("purge")(purge)
cli.command("backup")(backup)
cli.command("restore")(restore)


def main() -> None:
    """Run the command line; the entry point of the `portal` command."""
    try:
        cli()
    except PortalError as error:
        typer.echo(str(error), err=True)
        sys.exit(2)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - Typer's callback signature
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@cli.callback()
def root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Self-service set-up of Claude Code for the people who hold your gateway's keys."""


@cli.command()
def serve(  # noqa: PLR0913, PLR0917 - one for each option
    host: Annotated[str | None, typer.Option(help="Address to listen on. [PORTAL_HOST]")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on. [PORTAL_PORT]")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that serve on the port. [PORTAL_WORKERS]")] = None,
    profile: Annotated[str | None, typer.Option(help="Preset name or profile file. [PORTAL_PROFILE]")] = None,
    public_url: Annotated[str | None, typer.Option(help="The portal's own address. [PORTAL_PUBLIC_URL]")] = None,
    log_level: Annotated[str | None, typer.Option(help="debug, info, warning, error. [PORTAL_LOG_LEVEL]")] = None,
    listening_socket: Annotated[int | None, typer.Option(OPTION, hidden=True)] = None,
) -> None:
    """Serve the portal for one gateway."""
    settings = load_settings(
        {"host": host, "port": port, "profile": profile, "public_url": public_url, "log_level": log_level}
        | {"workers": workers}
    )
    gateway = load_profile(settings.profile)
    configure_logging(settings.log_level, settings.log_format)
    for blank in gateway.blanks() if listening_socket is None else ():
        LOGGER.warning("the profile still says %s; visitors would copy it as it is", blank)
    if settings.workers > 1 and listening_socket is None:
        with _listen(settings) as listener:
            raise typer.Exit(Workers(settings.workers, listener).run())
    handed = None if listening_socket is None else socket.socket(fileno=listening_socket)
    run_server(create_app(settings, gateway), settings, f"the guide for {gateway.brand.name}", handed)


@cli.command()
def demo(
    host: Annotated[str | None, typer.Option(help="Address to listen on. [PORTAL_HOST]")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on. [PORTAL_PORT]")] = None,
) -> None:
    """Serve the portal against a simulated gateway on this machine; nothing leaves it."""
    given = {"host": host, "port": port, "key_checks_per_minute": 1000}
    gateway = load_profile(load_settings(given).profile)
    with tempfile.TemporaryDirectory() as folder, running_fake_gateway(gateway) as address:
        database_url = SecretStr(f"sqlite:///{Path(folder).as_posix()}/demo.db")
        settings = load_settings({**given, "database_url": database_url, "retention_days": 365})
        configure_logging(settings.log_level, settings.log_format)
        typer.echo(f"A simulated gateway answers on {address}. Keys to try:")
        for key, meaning in demo_keys().items():
            typer.echo(f"  {key:32}{meaning}")
        zone = ZoneInfo(settings.time_zone)
        password = asyncio.run(fill_demo(settings.database_address, zone, now=time.time_ns() // 1_000_000))
        typer.echo(f"Half a year of simulated visits is at /admin: sign in as {DEMO_OPERATOR}, password {password}")
        app = create_app(settings, demo_profile(gateway, address), demo_keys=demo_keys())
        run_server(app, settings, "the demo")


@cli.command()
def migrate() -> None:
    """Bring the database of PORTAL_DATABASE_URL up to date; safe to run from several hosts at once."""
    settings = load_settings()

    async def run() -> bool:
        database = Database(settings.database_address)
        try:
            return await database.migrate()
        finally:
            await database.close()

    typer.echo("The database is up to date now." if asyncio.run(run()) else "The database was up to date already.")


@profile_commands.command("check")
def profile_check(file: Annotated[str, typer.Argument(help="The profile file (TOML), or a preset's name.")]) -> None:
    """Print every problem of a profile file, or its regional addresses; exit code 1 when there is a problem."""
    problems = check_profile(file) or catalogue_problems(load_profile(file))
    for problem in problems:
        typer.echo(f"{file}: {problem}")
    if problems:
        raise typer.Exit(1)
    typer.echo(f"{file}: good.")
    for region in load_profile(file).regions:
        typer.echo(f"  region {region.id:20}  {region.base_url}  {region.name}")


def _listen(settings: Settings) -> socket.socket:
    """A socket that listens on the host and port of the settings.

    Raises:
        ConfigurationError: the address cannot be listened on.

    """
    no_address = (
        f"Cannot listen on {settings.host}: it is no address of this machine. Choose another one with --host or "
        "PORTAL_HOST: 127.0.0.1 for this machine only, 0.0.0.0 for every network."
    )
    try:
        family = socket.getaddrinfo(settings.host, None)[0][0]
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except socket.gaierror:
        raise ConfigurationError(no_address) from None
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise ConfigurationError(no_address) from None
        raise ConfigurationError(
            f"Cannot listen on {settings.host} port {settings.port}: it is in use or not allowed. "
            "Choose another one with --port or PORTAL_PORT."
        ) from None


def run_server(app: Any, settings: Settings, what: str, listener: socket.socket | None = None) -> None:
    """Serve an ASGI application until it is stopped, on a socket that listens already, or one of the settings.

    Raises:
        ConfigurationError: the address cannot be listened on.

    """
    config = uvicorn.Config(
        BehindProxies(app, settings.trusted_proxies),
        http=PatientProtocol,
        ws="none",
        limit_concurrency=most_connections(),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # `BehindProxies` reads them
        timeout_graceful_shutdown=STOP_SECONDS,
        log_level=settings.log_level if settings.log_level is LogLevel.DEBUG else LogLevel.WARNING,
    )
    listener = listener or _listen(settings)
    if not settings.public_url and not is_loopback(settings.host):
        LOGGER.warning(
            "PORTAL_PUBLIC_URL is not set: the commands that visitors copy carry the address that each request names. "
            "Set it to the portal's own address, such as https://start.example.com."
        )
    try:
        PortalServer(config, lambda: _say_where(settings, what, listener), app.state.key_checks.end_within).run(
            sockets=[listener]
        )
    except KeyboardInterrupt:
        raise SystemExit(130) from None  # as the shell counts it; Typer would load its formatting to say "Aborted"


def _say_where(settings: Settings, what: str, listener: socket.socket) -> None:
    """Say on which address is served: to a person on standard output, to what collects logs as one of their lines."""
    host, port = listener.getsockname()[:2]
    line = f"Serving {what} on http://{f'[{host}]' if ':' in host else host}:{port}"
    match settings.log_format:
        case LogFormat.LINE:
            typer.echo(f"{line} (Ctrl+C stops it)")
        case LogFormat.JSON:
            LOGGER.info("%s", line)
        case _:
            assert_never(settings.log_format)
