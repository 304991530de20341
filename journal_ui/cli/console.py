"""Output on the terminal: how to sign in, a progress bar, and one line for each expected error."""

import errno
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from services import texts
from services.accounts.accounts import AccountError
from services.accounts.api_tokens import ApiTokenError
from services.backup.backup_and_restore import BackupError
from services.database.process_lock import DatabaseInUseError
from services.database.timezone_lock import TimeZoneMismatchError
from services.errors import DatabaseError, JournalError
from services.ingest.table_files.file_errors import InvalidFileError
from services.keys.data_key import DataKeyError
from services.setting_fields import env_variable
from services.settings import InvalidSettingError, Settings, cli_option
from services.upgrade.migrations import DatabaseEncodingError, NewerDatabaseError

EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_INTERRUPTED = 0, 1, 2, 130
"""Exit statuses."""
RESIGNAL_DELAY = 0.01
"""Seconds after which an interruption that Python dropped is raised again."""


class CommandError(JournalError):
    """The command failed; the message is for the user."""


def print_line(text: str) -> None:
    """Print a line for the user without buffering."""
    print(text, flush=True)


@contextmanager
def exit_on_errors() -> Iterator[None]:
    """Exit with one line and the matching status on an expected error.

    Raises:
        SystemExit: an expected error occurred.
    """
    try:
        yield
    except KeyboardInterrupt:
        _exit(texts.INTERRUPTED, EXIT_INTERRUPTED)
    except InvalidSettingError as error:
        _exit(str(error), EXIT_USAGE)
    except TimeZoneMismatchError as error:
        _exit(
            f'{setting_name("timezone")}: {texts.SETTING_OTHER_ZONE.format(stored_zone=error.stored_zone)}', EXIT_USAGE
        )
    except DataKeyError:
        _exit(f'{setting_name("data_key")}: {texts.SETTING_OTHER_DATA_KEY}', EXIT_USAGE)
    except (CommandError, AccountError, ApiTokenError, InvalidFileError, BackupError) as error:
        _exit(str(error), EXIT_FAILED)
    except DatabaseInUseError:
        _exit(texts.DATABASE_BEING_RESTORED, EXIT_FAILED)
    except NewerDatabaseError:
        _exit(texts.DATABASE_NEWER, EXIT_FAILED)
    except DatabaseEncodingError as error:
        _exit(texts.DATABASE_ENCODING.format(encoding=error), EXIT_FAILED)
    except DatabaseError as error:
        _exit(texts.DATABASE_UNAVAILABLE.format(cause=_first_line(error)), EXIT_FAILED)
    except OSError as error:
        _exit(f'{error.filename}: {error.strerror}' if error.filename else _first_line(error), EXIT_FAILED)


def confirm(assume_yes: bool) -> None:
    """Ask the user for confirmation.

    Raises:
        CommandError: the user declined, or the standard input is no terminal.
    """
    if assume_yes:
        return
    if not sys.stdin.isatty():
        raise CommandError(texts.CONFIRM_NO_TERMINAL)
    if input(texts.CONFIRM_PROMPT).strip().lower() != texts.CONFIRM_YES:
        raise CommandError(texts.CONFIRM_DECLINED)


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar that disappears at the end; show nothing if the standard error is no terminal.

    Yields a function that takes the number of steps done and the total.
    """
    console = Console(stderr=True)
    columns = (TextColumn('{task.description}'), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=None)
        with _interrupt_on_signals():
            yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def _interrupt_on_signals() -> Iterator[None]:
    """Raise KeyboardInterrupt on SIGINT and SIGTERM; raise it again if a destructor was running.

    Python drops exceptions that are raised in a destructor.
    """

    def interrupt(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    def handle_unraisable(unraisable: 'sys.UnraisableHookArgs') -> None:
        if isinstance(unraisable.exc_value, KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, RESIGNAL_DELAY)
        else:
            previous_hook(unraisable)

    previous_hook, sys.unraisablehook = sys.unraisablehook, handle_unraisable
    previous_handlers = {
        number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)
    }
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in previous_handlers.items():
            signal.signal(number, handler)
        sys.unraisablehook = previous_hook


def check_listen_address(settings: Settings) -> None:
    """Check that the server can listen on the configured host and port.

    Raises:
        CommandError: the port is in use, or the program may not use it.
        InvalidSettingError: this machine has no such IP address.
    """
    try:
        candidates = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, socket_type, protocol, _, address in candidates:
            with socket.socket(family, socket_type, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
    except (socket.gaierror, UnicodeError):
        raise InvalidSettingError(
            f'{setting_name("host")}: {texts.SETTING_UNKNOWN_HOST.format(value=settings.host)}'
        ) from None
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise InvalidSettingError(
                f'{setting_name("host")}: {texts.SETTING_UNKNOWN_HOST.format(value=settings.host)}'
            ) from None
        reason = texts.PORT_BUSY if error.errno == errno.EADDRINUSE else texts.PORT_FORBIDDEN
        raise CommandError(f'{setting_name("port")}: {reason.format(port=settings.port)}') from None


def print_start_message(settings: Settings, *, user: str = '', password: str = '', ephemeral: bool = False) -> None:
    """Print the URL and, with a password, how to sign in; an `ephemeral` password is new at every start."""
    host = {'0.0.0.0': '127.0.0.1', '::': '[::1]'}.get(settings.host, settings.host)
    if ':' in host and not host.startswith('['):
        host = f'[{host}]'
    print_line(texts.GREETING.format(address=f'http://{host}:{settings.port}{settings.root_path}'))
    if password:
        print_line(texts.GREETING_SIGN_IN.format(user=user, password=password))
        print_line(texts.GREETING_DEMO_PASSWORD if ephemeral else texts.GREETING_ONCE)
    elif settings.demo:
        print_line(texts.GREETING_FIRST_PASSWORD)
    print_line(texts.GREETING_STOP)


def setting_name(field: str) -> str:
    """Return a setting's name for an error message, such as JOURNAL_PORT (--port)."""
    return f'{env_variable(field)} ({cli_option(field)})'


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition('\n')[0]


def _exit(message: str, status: int) -> None:
    print(message, file=sys.stderr, flush=True)
    raise SystemExit(status) from None
