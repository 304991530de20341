"""Copies of a PostgreSQL database, by pg_dump and pg_restore. The password never stands on a command line."""

import os
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

import psycopg
from sqlalchemy.engine import URL, make_url

from services import texts
from services.backup.backup_error import BackupRefused, check_revision

EXTENSION_NEEDED = 'btree_gin'
"""It stays as it is: whoever restores may not be allowed to remove it."""
EXTENSION = re.compile(r'^\d+; \d+ \d+ (?:EXTENSION|COMMENT) - ')
TABLE = re.compile(r'^\d+; \d+ \d+ TABLE public (\S+) ', re.MULTILINE)
OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"


def copy(url: str, file: Path, tell: Callable[[int, int], None]) -> None:
    """Copy what the database is at this moment; see services.backup.backup_and_restore."""
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    _run('pg_dump', '--format=custom', '--no-owner', '--no-privileges', '--file', str(file), url=make_url(url))
    with file.open('rb+') as opened:
        os.fsync(opened.fileno())


def check(file: Path) -> str | None:
    """See whether a file is a journal of a known shape; give the zone that it counts its days in."""
    if not {'alembic_version', 'journal_state', 'message'} <= _tables(_contents(file)):
        raise BackupRefused(texts.RESTORE_NO_JOURNAL.format(file=file))
    revision = _rows(file, 'alembic_version')
    check_revision(revision[0]['version_num'] if revision else None, file)
    zone = _rows(file, 'journal_state')[0]['timezone']
    return None if zone == r'\N' else zone


def replace(url: str, file: Path, tell: Callable[[int, int], None]) -> None:
    """Put a copy in the place of what the database has, in one transaction; see services.backup.backup_and_restore."""
    address, contents = make_url(url), _contents(file)
    _prepare(address, _tables(contents))
    with NamedTemporaryFile('w', suffix='.list') as wanted:
        wanted.writelines(f'{line}\n' for line in contents.splitlines() if not EXTENSION.match(line))
        wanted.flush()
        options = ('--clean', '--if-exists', '--single-transaction', '--exit-on-error', '--no-owner', '--no-privileges')
        _run('pg_restore', *options, '--use-list', wanted.name, str(file), url=address)


def _prepare(address: URL, coming: set[str]) -> None:
    """See to it that the copy can be put there: nobody is connected, and nothing stays that the copy does not know."""
    try:
        with psycopg.connect(_bare(address, password=True), autocommit=True, connect_timeout=5) as connection:
            if (others := connection.execute(OTHERS).fetchone()) and others[0]:
                raise BackupRefused(texts.RESTORE_CONNECTED.format(count=others[0]))
            there = {name for (name,) in connection.execute(TABLES)}
            if strange := sorted(there - coming):
                raise BackupRefused(texts.RESTORE_STRANGE.format(tables=', '.join(strange)))
            connection.execute(f'CREATE EXTENSION IF NOT EXISTS {EXTENSION_NEEDED}')
    except psycopg.Error as error:
        raise BackupRefused(texts.RESTORE_CANNOT.format(cause=_first_line(str(error)))) from error


def _contents(file: Path) -> str:
    try:
        return _run('pg_restore', '--list', str(file))
    except _ToolFailed as failed:
        raise BackupRefused(texts.RESTORE_NO_JOURNAL.format(file=file)) from failed


def _tables(contents: str) -> set[str]:
    return set(TABLE.findall(contents))


def _rows(file: Path, table: str) -> list[Mapping[str, str]]:
    """Read a small table of a copy."""
    script = _run('pg_restore', '--data-only', f'--table={table}', '--file=-', str(file))
    found = re.search(r'^COPY public\.\S+ \((.*)\) FROM stdin;\n((?:.*\n)*?)\\\.$', script, re.MULTILINE)
    if not found:
        return []
    columns = found[1].split(', ')
    return [dict(zip(columns, line.split('\t'), strict=True)) for line in found[2].splitlines()]


class _ToolFailed(BackupRefused):
    """A program of PostgreSQL's said that it failed."""


def _run(tool: str, *arguments: str, url: URL | None = None) -> str:
    environment = dict(os.environ)
    command: Sequence[str] = (tool, *arguments)
    if url is not None:
        command = (*command, f'--dbname={_bare(url)}', '--no-password')
        if password := url.password or url.query.get('password'):
            environment['PGPASSWORD'] = str(password)
    try:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise BackupRefused(texts.BACKUP_NO_TOOL.format(tool=tool)) from None
    if done.returncode:
        raise _ToolFailed(_first_line(done.stderr) or texts.BACKUP_TOOL_FAILED.format(tool=tool))
    return done.stdout


def _bare(url: URL, *, password: bool = False) -> str:
    """Give an address as PostgreSQL's own programs take it."""
    address = url.set(drivername='postgresql')
    if not password:
        address = address._replace(password=None).difference_update_query(['password'])
    return address.render_as_string(hide_password=False)


def _first_line(text: str) -> str:
    return text.strip().partition('\n')[0]
