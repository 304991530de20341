"""The composition root: reads the command line, opens the database, then runs one command or serves the pages."""

import sys

from journal_ui.cli.program_version import print_version

if __name__ == '__main__' and sys.argv[1:] == ['--version']:  # before the other imports, which take seconds
    print_version()
    sys.exit()

import gc
import signal
from contextlib import closing

from journal_ui.cli.argument_parser import parse_arguments
from journal_ui.cli.base_command import StandaloneCommand
from journal_ui.cli.console import EXIT_OK, check_listen_address, exit_on_errors, progress_bar
from journal_ui.monitoring import logs
from services import texts
from services.composition import compose
from services.database.engine import Database
from services.database.file_permissions import make_database_private, make_new_files_private
from services.database.process_lock import shared_lock
from services.database.timezone_lock import ensure_time_zone
from services.settings import Settings
from services.upgrade.migrations import migrate


def main(*, reloaded: bool = False) -> int:
    """Run the program and return its exit status; `reloaded` means that `--reload` restarted it after a change."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    make_new_files_private()
    settings, command = parse_arguments(sys.argv[1:])
    logs.configure_logging(settings.log_level, as_json=settings.log_json)
    make_database_private(settings.database_url)
    if isinstance(command, StandaloneCommand):
        return command.run_standalone(settings)
    if command is None and not reloaded:
        check_listen_address(settings)
    with shared_lock(settings.database_url):
        database = open_database(settings)
        if command:
            with closing(database):
                return command.run(settings, database)
        # Imported here because NiceGUI and the pages take seconds to import, and no command needs them.
        # Garbage collection would take a fifth of that time, and finds hardly anything.
        gc.disable()
        from journal_ui.server import serve

        gc.enable()
        serve(compose(settings, database), reloaded=reloaded)
    return EXIT_OK


def open_database(settings: Settings) -> Database:
    """Migrate the database to the current version and open it."""
    with progress_bar(texts.MIGRATION_PROGRESS) as report_progress:
        migrate(settings.direct_url, report_progress)
    database = Database(settings.database_url, settings.direct_url)
    ensure_time_zone(database, settings.zone)
    return database


def run(*, reloaded: bool = False) -> None:
    """Run the program and end the process; the command `message-journal` of the wheel calls this.

    Raises:
        SystemExit: the program failed, or was refused.
    """
    if sys.argv[1:] == ['--version']:
        print_version()
        return
    with exit_on_errors():
        if status := main(reloaded=reloaded):
            sys.exit(status)


if __name__ in {'__main__', '__mp_main__'}:  # the second is the process that `--reload` starts
    run(reloaded=__name__ == '__mp_main__')
