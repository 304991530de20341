"""The journal of sent messages: settings → database → services → pages → the server, or one command of its own."""

import signal
import sys
from contextlib import closing, suppress
from functools import partial

from nicegui import app, ui
from starlette.middleware.gzip import GZipMiddleware

from journal_ui.app import register
from journal_ui.cli.argument_parser import parse_arguments
from journal_ui.cli.base_command import Command, StandaloneCommand
from journal_ui.cli.console import EXIT_OK, check_listen_address, exit_on_errors, print_start_message, progress_bar
from journal_ui.cli.import_commands import fill_demonstration
from journal_ui.monitoring import logs
from journal_ui.security import browser_sessions
from services import texts
from services.accounts.accounts import FIRST_ADMIN_NAME
from services.composition import Services, compose
from services.database.engine import Database
from services.database.migrations import migrate
from services.database.process_lock import shared_lock
from services.database.timezone_lock import ensure_time_zone
from services.demo import demo_data
from services.session_secret import load_or_create_secret
from services.settings import PROJECT_ROOT, Settings


def main(*, reloaded: bool = False) -> int:
    """Do what the command line asks; `again` when a reload starts the code anew. Gives the exit status."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    settings, command = parse_arguments(sys.argv[1:])
    logs.configure_logging(settings.log_level, as_json=settings.log_json)
    if isinstance(command, StandaloneCommand):
        return command.run_standalone(settings)
    if not (command or reloaded):
        check_listen_address(settings)
    with shared_lock(settings.database_url):
        return run_with_database(settings, command, reloaded=reloaded)


def run_with_database(settings: Settings, command: Command | None, *, reloaded: bool) -> int:
    """Bring the database up to this program's version, and carry out a command over it or serve the pages."""
    with progress_bar(texts.MIGRATION_PROGRESS) as report_progress:
        migrate(settings.database_url, report_progress)
    database = Database(settings.database_url)
    ensure_time_zone(database, settings.zone)
    if command:
        with closing(database):
            return command.run(settings, database)
    services = compose(settings, database)
    if not reloaded:
        prepare_first_start(services)
    serve(services)
    return EXIT_OK


def prepare_first_start(services: Services) -> None:
    """Make what a first start lacks, and say on the terminal how to sign in."""
    settings, accounts = services.settings, services.accounts
    if settings.demo and demo_data.is_empty(services.database):
        fill_demonstration(settings, services.database)
    ephemeral = settings.database_url == settings.demo_url
    password = accounts.reset_demonstration_admin() if ephemeral else accounts.create_first_admin()
    print_start_message(settings, user=FIRST_ADMIN_NAME, password=password or '', ephemeral=ephemeral)


def serve(services: Services) -> None:
    """Serve the pages until somebody stops the program."""
    settings = services.settings
    browser_sessions.set_storage_folder(settings.storage_folder / 'sessions')
    secret = settings.storage_secret or load_or_create_secret(settings.storage_folder)
    services.accounts.warm_up()
    services.export_jobs.clear()
    register(services)
    app.on_startup(services.live_updates.start)
    app.on_startup(services.share_links.purge)
    app.on_startup(services.drafts.start)
    app.on_shutdown(services.live_updates.stop)
    app.on_shutdown(services.drafts.stop)
    app.on_shutdown(services.database.close)
    with suppress(KeyboardInterrupt):
        ui.run(
            host=settings.host,
            port=settings.port,
            reload=settings.reload,
            uvicorn_reload_dirs=str(PROJECT_ROOT),
            title=texts.JOURNAL_TITLE,
            favicon=PROJECT_ROOT / 'journal_ui' / 'favicon.svg',
            language='ru',
            dark=None,  # as the system has it
            gzip_middleware_factory=partial(GZipMiddleware, compresslevel=4),  # 9 takes three times as long
            show=False,
            show_welcome_message=False,
            reconnect_timeout=60,
            tailwind=False,
            storage_secret=secret,
            session_middleware_kwargs=browser_sessions.session_cookie_options(settings),
            proxy_headers=bool(settings.trusted_proxy),
            forwarded_allow_ips=settings.trusted_proxy,
            server_header=False,
            access_log=False,
            log_config=None,  # its lines take the way of all others
            ws_per_message_deflate=False,  # on an intranet it costs more memory and time than it saves
            timeout_graceful_shutdown=5,
        )


if __name__ in {'__main__', '__mp_main__'}:
    with exit_on_errors():
        if status := main(reloaded=__name__ == '__mp_main__'):
            sys.exit(status)
