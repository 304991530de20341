"""What the program says on the terminal: how to sign in, how far it is, and one line for each thing that went wrong."""

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
from services.accounts.accounts import AccountRefused
from services.accounts.api_tokens import TokenRefused
from services.backup.backup_and_restore import BackupRefused
from services.database.migrations import NewerDatabase
from services.database.process_lock import InUse
from services.database.timezone_lock import OtherZone
from services.ingest.csv_import.csv_file import UnusableFile
from services.lists.query_protocol import Busy, Unavailable
from services.settings import Settings, WrongSetting, option, variable

OK, FAILED, MISUSED, INTERRUPTED = 0, 1, 2, 130
"""Exit statuses."""
AGAIN = 0.01
"""Seconds after which an interruption that was dropped is raised again."""


class Failed(Exception):
    """What was asked for could not be done; the message is for the person who asked."""


def say(text: str) -> None:
    """Print a line for a person, at once."""
    print(text, flush=True)


@contextmanager
def clear_errors() -> Iterator[None]:
    """End the program with one line and the right status when something foreseen goes wrong.

    Raises:
        SystemExit: it did.
    """
    try:
        yield
    except KeyboardInterrupt:
        _end(texts.INTERRUPTED, INTERRUPTED)
    except WrongSetting as error:
        _end(str(error), MISUSED)
    except OtherZone as error:
        _end(f'{name("timezone")}: {texts.SETTING_OTHER_ZONE.format(kept=error.kept)}', MISUSED)
    except (Failed, AccountRefused, TokenRefused, UnusableFile, BackupRefused) as error:
        _end(str(error), FAILED)
    except InUse:
        _end(texts.DATABASE_REPLACED, FAILED)
    except NewerDatabase:
        _end(texts.DATABASE_NEWER, FAILED)
    except (Unavailable, Busy) as error:
        _end(texts.DATABASE_UNAVAILABLE.format(cause=_first_line(error)), FAILED)
    except OSError as error:
        _end(f'{error.filename}: {error.strerror}' if error.filename else _first_line(error), FAILED)


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show how far something is, in a bar that goes away at the end; nothing where no terminal is."""
    console = Console(stderr=True)
    columns = (TextColumn('{task.description}'), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=None)
        with _interruptions():
            yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def _interruptions() -> Iterator[None]:
    """Interrupt at a signal to end, and once more where that fell into a destructor, whose exceptions Python drops."""

    def interrupt(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    def dropped(what: 'sys.UnraisableHookArgs') -> None:
        if isinstance(what.exc_value, KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, AGAIN)
        else:
            tell(what)

    tell, sys.unraisablehook = sys.unraisablehook, dropped
    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)}
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)
        sys.unraisablehook = tell


def check_address(settings: Settings) -> None:
    """Refuse an address that cannot be listened at.

    Raises:
        Failed: another program listens there, or this one may not.
        WrongSetting: this machine has no such address.
    """
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in found:
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
    except (socket.gaierror, UnicodeError):
        raise WrongSetting(f'{name("host")}: {texts.SETTING_NO_ADDRESS.format(value=settings.host)}') from None
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise WrongSetting(f'{name("host")}: {texts.SETTING_NO_ADDRESS.format(value=settings.host)}') from None
        reason = texts.PORT_BUSY if error.errno == errno.EADDRINUSE else texts.PORT_FORBIDDEN
        raise Failed(f'{name("port")}: {reason.format(port=settings.port)}') from None


def greet(settings: Settings, *, user: str = '', password: str = '', passing: bool = False) -> None:
    """Say where the journal is and, with a password, how to sign in; a `passing` one is made anew at every start."""
    host = {'0.0.0.0': '127.0.0.1', '::': '[::1]'}.get(settings.host, settings.host)
    if ':' in host and not host.startswith('['):
        host = f'[{host}]'
    say(texts.GREETING.format(address=f'http://{host}:{settings.port}'))
    if password:
        say(texts.GREETING_SIGN_IN.format(user=user, password=password))
        say(texts.GREETING_PASSING if passing else texts.GREETING_ONCE)
    elif settings.demo:
        say(texts.GREETING_KNOWN)
    say(texts.GREETING_STOP)


def name(field: str) -> str:
    """Give a setting's name as errors say it: JOURNAL_PORT (--port)."""
    return f'{variable(field)} ({option(field)})'


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition('\n')[0]


def _end(line: str, status: int) -> None:
    print(line, file=sys.stderr, flush=True)
    raise SystemExit(status) from None
