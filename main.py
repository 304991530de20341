"""The journal of sent messages: settings → database → services → pages → the server, or one command of its own."""

import signal
import sys
from contextlib import closing, suppress
from functools import partial

from nicegui import app, ui
from starlette.middleware.gzip import GZipMiddleware

from journal_ui.app import register
from journal_ui.cli.argument_parser import read
from journal_ui.cli.base_command import Apart, Command
from journal_ui.cli.console import OK, check_address, clear_errors, greet, progress
from journal_ui.cli.import_commands import fill_demonstration
from journal_ui.monitoring import logs
from journal_ui.security import browser_sessions
from services import texts
from services.accounts.accounts import FIRST_NAME
from services.composition import Services, compose
from services.database.engine import Database
from services.database.migrations import migrate
from services.database.process_lock import with_others
from services.database.timezone_lock import keep_zone
from services.demo import demo_data
from services.session_secret import storage_secret
from services.settings import PROJECT, Settings


def main(*, again: bool = False) -> int:
    """Do what the command line asks; `again` when a reload starts the code anew. Gives the exit status."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    settings, command = read(sys.argv[1:])
    logs.set_up(settings.log_level, as_json=settings.log_json)
    if isinstance(command, Apart):
        return command.run_apart(settings)
    if not (command or again):
        check_address(settings)
    with with_others(settings.database_url):
        return work(settings, command, again=again)


def work(settings: Settings, command: Command | None, *, again: bool) -> int:
    """Bring the database up to this program's version, and carry out a command over it or serve the pages."""
    with progress(texts.MIGRATION_PROGRESS) as show:
        migrate(settings.database_url, show)
    database = Database(settings.database_url)
    keep_zone(database, settings.zone)
    if command:
        with closing(database):
            return command.run(settings, database)
    services = compose(settings, database)
    if not again:
        welcome(services)
    serve(services)
    return OK


def welcome(services: Services) -> None:
    """Make what a first start lacks, and say on the terminal how to sign in."""
    settings, accounts = services.settings, services.accounts
    if settings.demo and demo_data.is_empty(services.database):
        fill_demonstration(settings, services.database)
    passing = settings.database_url == settings.demo_url
    password = accounts.demonstration_admin() if passing else accounts.first_admin()
    greet(settings, user=FIRST_NAME, password=password or '', passing=passing)


def serve(services: Services) -> None:
    """Serve the pages until somebody stops the program."""
    settings = services.settings
    browser_sessions.keep_in(settings.storage_folder / 'sessions')
    secret = settings.storage_secret or storage_secret(settings.storage_folder)
    services.accounts.prepare()
    services.exports.clear()
    register(services)
    app.on_startup(services.live.start)
    app.on_startup(services.links.purge)
    app.on_startup(services.drafts.start)
    app.on_shutdown(services.live.stop)
    app.on_shutdown(services.drafts.stop)
    app.on_shutdown(services.database.close)
    with suppress(KeyboardInterrupt):
        ui.run(
            host=settings.host,
            port=settings.port,
            reload=settings.reload,
            uvicorn_reload_dirs=str(PROJECT),
            title=texts.JOURNAL_TITLE,
            favicon=PROJECT / 'journal_ui' / 'favicon.svg',
            language='ru',
            dark=None,  # as the system has it
            gzip_middleware_factory=partial(GZipMiddleware, compresslevel=4),  # 9 takes three times as long
            show=False,
            show_welcome_message=False,
            reconnect_timeout=60,
            tailwind=False,
            storage_secret=secret,
            session_middleware_kwargs=browser_sessions.cookie(settings),
            proxy_headers=bool(settings.trusted_proxy),
            forwarded_allow_ips=settings.trusted_proxy,
            server_header=False,
            access_log=False,
            log_config=None,  # its lines take the way of all others
            ws_per_message_deflate=False,  # on an intranet it costs more memory and time than it saves
            timeout_graceful_shutdown=5,
        )


if __name__ in {'__main__', '__mp_main__'}:
    with clear_errors():
        if status := main(again=__name__ == '__mp_main__'):
            sys.exit(status)
