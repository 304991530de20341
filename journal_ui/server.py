"""The web server: prepares the first start and serves the pages until the program is stopped.

Only this module starts NiceGUI. `main.py` imports it when no command was given, because NiceGUI and the pages take
seconds to import.
"""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Protocol

from nicegui import app, ui
from starlette.middleware.gzip import GZipMiddleware

from journal_ui.app import register
from journal_ui.cli.console import print_start_message
from journal_ui.cli.demo_command import fill_demonstration
from journal_ui.nicegui_patches.user_storage import set_storage_folder
from journal_ui.security import browser_sessions, http_protocol
from services import texts
from services.accounts.accounts import FIRST_ADMIN_NAME
from services.composition import Services
from services.demo import demo_data
from services.demo.demo_calls import add_current_calls
from services.demo.demo_story import add_story
from services.demo.live_demo import LiveDemo
from services.keys.session_secret import load_or_create_secret
from services.settings import PROJECT_ROOT


class BackgroundWorker(Protocol):
    """Work that runs in the background of the server."""

    async def start(self) -> None:
        """Start the work."""

    async def stop(self) -> None:
        """End the work, and wait until it has ended."""


def serve(services: Services, *, reloaded: bool) -> None:
    """Serve the pages until the program is stopped; `reloaded` means that the code was only reloaded after a change."""
    if not reloaded:
        _prepare_first_start(services)
    _register_application(services)
    _run_server(services)


def _prepare_first_start(services: Services) -> None:
    """Create the demonstration data and the first administrator if needed, and print how to sign in."""
    settings, accounts = services.settings, services.accounts
    if settings.demo and demo_data.is_empty(services.database):
        fill_demonstration(settings, services.database)
    ephemeral = settings.uses_demo_database
    if ephemeral:
        add_story(services.database, settings.zone, services.now())
        add_current_calls(services.database, settings.zone, services.now())
    password = accounts.reset_demonstration_admin() if ephemeral else accounts.create_first_admin()
    print_start_message(settings, user=FIRST_ADMIN_NAME, password=password or '', ephemeral=ephemeral)


def _register_application(services: Services) -> None:
    """Register every route, and the background work that runs as long as the server."""
    set_storage_folder(services.settings.storage_folder / 'sessions')
    services.accounts.warm_up()
    services.accounts.warn_without_local_account()
    services.export_jobs.clear()
    services.import_jobs.clear()
    register(services)
    app.on_startup(services.share_links.purge)
    for worker in _background_workers(services):
        app.on_startup(worker.start)
        app.on_shutdown(worker.stop)
    app.on_shutdown(services.database.close)


def _background_workers(services: Services) -> Iterator[BackgroundWorker]:
    """Return what works as long as the server runs, in the order in which it is started and stopped."""
    if services.openid_connect:
        yield services.openid_connect.role_refresh
    if services.status_poller:
        yield services.status_poller
    if services.settings.uses_demo_database:
        yield LiveDemo(
            services.database,
            services.ingest,
            services.provider_codes,
            services.settings.zone,
            now=services.now,
            has_ledger=services.settings.balance_source == 'ledger',
        )
    yield services.live_updates
    yield services.drafts
    yield services.failed_sign_ins
    yield services.audit_anchors
    yield services.alert_notifier
    yield services.webhook_sender
    yield services.health


def _run_server(services: Services) -> None:
    settings = services.settings
    with suppress(KeyboardInterrupt):
        ui.run(
            host=settings.host,
            port=settings.port,
            reload=settings.reload,
            uvicorn_reload_dirs=str(PROJECT_ROOT),
            title=texts.JOURNAL_TITLE,
            favicon=PROJECT_ROOT / 'journal_ui' / 'favicon.svg',
            language='ru',
            dark=None,  # follow the system's setting
            gzip_middleware_factory=partial(GZipMiddleware, compresslevel=4),  # level 9 takes three times as long
            show=False,
            show_welcome_message=False,
            reconnect_timeout=60,
            tailwind=False,
            storage_secret=settings.storage_secret or load_or_create_secret(settings.storage_folder),
            session_middleware_kwargs=browser_sessions.session_cookie_options(settings),
            proxy_headers=bool(settings.trusted_proxy),
            forwarded_allow_ips=settings.trusted_proxy,
            server_header=False,
            access_log=False,
            log_config=None,  # Uvicorn's loggers then use the handler of this program's logs
            ws_per_message_deflate=False,  # on an intranet compression costs more memory and time than it saves
            timeout_graceful_shutdown=5,
            uvicorn_logging_level='error',  # it would log a line for each connection that is no HTTP
            **http_protocol.server_options(),
        )
