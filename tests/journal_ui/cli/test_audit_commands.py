"""`access verify`: its output and its exit status."""

import asyncio

import pytest

from journal_ui.cli.argument_parser import parse_arguments
from journal_ui.cli.audit_commands import AccessVerify
from journal_ui.cli.console import EXIT_FAILED, EXIT_OK, CommandError
from models import AuditEvent
from services.audit.audit_log import AuditLog
from services.database.engine import Database
from services.settings import Settings
from tests.helpers.audit_tampering import CLERK_ACTOR, tamper

SETTINGS = Settings()


def run_verify(
    database: Database, capsys: pytest.CaptureFixture[str], saved_hash: str | None = None
) -> tuple[int, list[str]]:
    """Return the exit status and the lines of the output."""
    status = AccessVerify(noted=saved_hash).run(SETTINGS, database)
    return status, capsys.readouterr().out.splitlines()


def record_events(database: Database, count: int) -> None:
    """Record some audit events."""

    async def work() -> None:
        access = AuditLog(database)
        await asyncio.gather(
            *(access.record(AuditEvent.DETAILS_VIEWED, CLERK_ACTOR, about=str(n)) for n in range(count))
        )

    asyncio.run(work())


def test_the_command_and_its_option_are_parsed() -> None:
    command = parse_arguments(['access', 'verify', '--noted', '5:abc'])[1]
    assert isinstance(command, AccessVerify)
    assert command.noted == '5:abc'


def test_an_intact_audit_log_prints_its_last_number_and_hash(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_verify(database, capsys) == (EXIT_OK, ['Журнал доступа пуст.'])
    record_events(database, 3)
    status, lines = run_verify(database, capsys)
    assert (status, lines[0]) == (EXIT_OK, 'Журнал доступа цел. Записей: 3')
    noted = lines[1].removeprefix('Последняя: ')
    assert noted.startswith('3:')
    record_events(database, 1)
    assert run_verify(database, capsys, noted)[0] == EXIT_OK
    assert run_verify(database, capsys, f'2:{noted[2:]}') == (
        EXIT_FAILED,
        ['Журнал доступа изменён. Нарушений: 1', 'Запись 2: не та, что была записана отдельно'],
    )


def test_faults_are_listed_and_further_ones_counted(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    record_events(database, 30)
    tamper(database, 'DELETE FROM access_record WHERE number IN (2, 30)', "UPDATE access_record SET name = 'x'")
    status, lines = run_verify(database, capsys)
    assert status == EXIT_FAILED
    assert lines[:3] == [
        'Журнал доступа изменён. Нарушений: 30',
        'Запись 1: изменена',
        'Перед записью 3: не хватает записей, начиная с номера 2',
    ]
    assert len(lines) == 22
    assert lines[-1] == '… и ещё 10'


@pytest.mark.parametrize('noted', [':', '5', '5:', ':abc', 'x:abc', '-1:abc', '٥:abc'])
def test_an_invalid_expected_hash_is_refused(database: Database, noted: str) -> None:
    with pytest.raises(CommandError, match='нужны номер и хеш через двоеточие'):
        AccessVerify(noted=noted).run(SETTINGS, database)
