"""Backup and restore of a PostgreSQL database with pg_dump and pg_restore.

The password is passed in the environment and never on a command line.
"""

import os
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

import psycopg
from sqlalchemy.engine import URL, make_url

from services import texts
from services.backup.backup_audit import READ_HEAD, ReplacedLog
from services.backup.backup_error import BackupError, check_revision
from services.database.connections import connection_limits

REQUIRED_EXTENSION = 'btree_gin'
"""Neither dropped nor restored, because the user of the restore may lack the permission."""
EXTENSION_LINE = re.compile(r'^\d+; \d+ \d+ (?:EXTENSION|COMMENT) - ')
TABLE_LINE = re.compile(r'^\d+; \d+ \d+ TABLE public (\S+) ', re.MULTILINE)
OTHER_CONNECTIONS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
TABLE_NAMES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"


def copy(url: str, file: Path, progress: Callable[[int, int], None]) -> None:
    """Write a snapshot of the database to a new file; see services.backup.backup_and_restore."""
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    options = ('--format=custom', '--no-owner', '--no-privileges', '--file', str(file))
    _run_server_tool('pg_dump', *options, url=make_url(url))
    with file.open('rb+') as stream:
        os.fsync(stream.fileno())


def check(file: Path) -> str | None:
    """Check that a file is a journal with a known schema revision, and return its time zone if one is stored."""
    if not {'alembic_version', 'journal_state', 'message'} <= _table_names(_table_of_contents(file)):
        raise BackupError(texts.RESTORE_NO_JOURNAL.format(file=file))
    revision = _read_rows(file, 'alembic_version')
    check_revision(revision[0]['version_num'] if revision else None, file)
    zone = _read_rows(file, 'journal_state')[0]['timezone']
    return None if zone == r'\N' else zone


def replace(
    url: str, file: Path, progress: Callable[[int, int], None], record: Callable[[str, ReplacedLog | None], None]
) -> None:
    """Replace the contents of the database by a backup in one transaction, and record it in a second one.

    See services.backup.backup_and_restore.
    """
    target_url, contents = make_url(url), _table_of_contents(file)
    replaced = _prepare_target(target_url, _table_names(contents))
    with NamedTemporaryFile('w', suffix='.list') as list_file:
        list_file.writelines(f'{line}\n' for line in contents.splitlines() if not EXTENSION_LINE.match(line))
        list_file.flush()
        options = ('--clean', '--if-exists', '--single-transaction', '--exit-on-error', '--no-owner', '--no-privileges')
        _run_server_tool('pg_restore', *options, '--use-list', list_file.name, str(file), url=target_url)
    record(url, replaced)


def _prepare_target(target_url: URL, backup_tables: set[str]) -> ReplacedLog | None:
    """Check that nobody is connected and that no unknown table would remain, and create the extension.

    Returns:
        The end of the audit log of the database that will be replaced; None if it has none.
    """
    try:
        dsn = _tool_url(target_url, password=True)
        with psycopg.connect(dsn, autocommit=True, **connection_limits(target_url)) as connection:
            if (others := connection.execute(OTHER_CONNECTIONS).fetchone()) and others[0]:
                raise BackupError(texts.RESTORE_CONNECTED.format(count=others[0]))
            existing_tables = {name for (name,) in connection.execute(TABLE_NAMES)}
            if unknown_tables := sorted(existing_tables - backup_tables):
                raise BackupError(texts.RESTORE_UNKNOWN_TABLES.format(tables=', '.join(unknown_tables)))
            connection.execute(f'CREATE EXTENSION IF NOT EXISTS {REQUIRED_EXTENSION}')
            head = connection.execute(READ_HEAD).fetchone() if 'access_head' in existing_tables else None
            return ReplacedLog._make(head) if head else None
    except psycopg.Error as error:
        raise BackupError(texts.RESTORE_FAILED.format(cause=_first_line(str(error)))) from error


def _table_of_contents(file: Path) -> str:
    try:
        return _run_tool('pg_restore', '--list', str(file))
    except _ToolError as failed:
        raise BackupError(texts.RESTORE_NO_JOURNAL.format(file=file)) from failed


def _table_names(contents: str) -> set[str]:
    return set(TABLE_LINE.findall(contents))


def _read_rows(file: Path, table: str) -> list[Mapping[str, str]]:
    """Read a small table of a backup."""
    script = _run_tool('pg_restore', '--data-only', f'--table={table}', '--file=-', str(file))
    match = re.search(r'^COPY public\.\S+ \((.*)\) FROM stdin;\n((?:.*\n)*?)\\\.$', script, re.MULTILINE)
    if not match:
        return []
    columns = match[1].split(', ')
    return [dict(zip(columns, line.split('\t'), strict=True)) for line in match[2].splitlines()]


class _ToolError(BackupError):
    """A PostgreSQL client program failed."""


def _run_server_tool(tool: str, *arguments: str, url: URL) -> None:
    """Run a client program on a database; if it fails, find out whether it is older than the server."""
    try:
        _run_tool(tool, *arguments, url=url)
    except _ToolError as failed:
        tool_version, server_version = _tool_version(tool), _server_version(url)
        if tool_version and server_version and tool_version < server_version:
            raise BackupError(
                texts.BACKUP_OLD_TOOL.format(tool=tool, tool_version=tool_version, server_version=server_version)
            ) from failed
        raise


def _tool_version(tool: str) -> int | None:
    """Return the major version of a client program; None if it does not say."""
    match = re.search(r'\) (\d+)', _run_tool(tool, '--version'))
    return int(match[1]) if match else None


def _server_version(url: URL) -> int | None:
    """Return the major version of the server; None if it does not answer."""
    try:
        with psycopg.connect(_tool_url(url, password=True), **connection_limits(url)) as connection:
            return connection.info.server_version // 10_000
    except psycopg.Error:
        return None


def _run_tool(tool: str, *arguments: str, url: URL | None = None) -> str:
    environment = dict(os.environ)
    command: Sequence[str] = (tool, *arguments)
    if url is not None:
        command = (*command, f'--dbname={_tool_url(url)}', '--no-password')
        if password := url.password or url.query.get('password'):
            environment['PGPASSWORD'] = str(password)
    try:
        completed = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise BackupError(texts.BACKUP_NO_TOOL.format(tool=tool)) from None
    if completed.returncode:
        raise _ToolError(_first_line(completed.stderr) or texts.BACKUP_TOOL_FAILED.format(tool=tool))
    return completed.stdout


def _tool_url(url: URL, *, password: bool = False) -> str:
    """Return the URL in the form that PostgreSQL's client programs accept, by default without the password."""
    tool_url = url.set(drivername='postgresql')
    if not password:
        tool_url = tool_url._replace(password=None).difference_update_query(['password'])
    return tool_url.render_as_string(hide_password=False)


def _first_line(text: str) -> str:
    return text.strip().partition('\n')[0]
