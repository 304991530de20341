"""Old records of the audit log lose the people who were searched for, and still answer who searched for whom."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session

from journal_ui.cli.audit_commands import AccessVerify
from journal_ui.cli.console import EXIT_OK
from journal_ui.cli.maintenance_commands import Purge
from models import AuditEvent
from services.audit import hash_chain
from services.audit.audit_log import AuditLog
from services.audit.audit_query import AuditQuery
from services.audit.audit_records import AuditRecords
from services.audit.chain_verification import verify_chain
from services.audit.hash_chain import AuditEntry, append_entries
from services.database.engine import Database
from services.documents.document_query import DocumentQuery
from services.keys.data_key import DataKey
from services.messages.message_query import MessageQuery
from services.retention import audit_names
from services.retention.purge import Retention
from services.retention.removal import RemovalCounts
from services.settings import Settings
from tests.helpers.audit_tampering import CLERK_ACTOR
from tests.helpers.reference_messages import MOSCOW, NOON

KEY = DataKey('k' * 32)
OLD = NOON - timedelta(days=1100)
NAMES_BEFORE = NOON - timedelta(days=1095)
OLD_DESCRIPTION = 'ФИО «Щукарь Ждан», телефон +7 (999) 555-01-47, с 22.10.2023'
PERSON = ('укарь', 'Ждан', 'ждан', '5550147', '555-01-47')


async def search(database: Database, at: datetime) -> None:
    """Record a search for a name and a phone, one for a document, and one for a part of a phone."""
    audit_log = AuditLog(database, lambda: at, KEY)
    for query in (MessageQuery('Щукарь Ждан', '8 999 555-01-47'), DocumentQuery('Щукарь', '112-233-445 95')):
        await audit_log.record(AuditEvent.SEARCHED, CLERK_ACTOR, query=query)
    await audit_log.record(AuditEvent.SEARCHED, CLERK_ACTOR, query=MessageQuery(phone='5550147'))


def describe_as_version_1(database: Database, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Record a search as the program did before it recorded each condition."""
    with monkeypatch.context() as patch:
        patch.setattr(hash_chain, 'VERSION', 1)
        entry = AuditEntry(at, CLERK_ACTOR, AuditEvent.SEARCHED, 'Журнал', OLD_DESCRIPTION)
        database.write_sync(lambda session: append_entries(session, [entry]))


def stored_log(database: Database) -> str:
    """Return everything that the audit log stores, as text."""

    def read(session: Session) -> str:
        tables = ('access_record', 'access_condition')
        return '\n'.join(str(tuple(row)) for table in tables for row in session.execute(text(f'SELECT * FROM {table}')))

    return database.read_sync(read)


async def found(database: Database, words: str) -> int:
    records = AuditRecords(database, MOSCOW, lambda: NOON, KEY)
    return (await records.totals(AuditQuery(words=words))).count


def purge(database: Database) -> RemovalCounts:
    retention = Retention(database, MOSCOW, names_before=NAMES_BEFORE, data_key=KEY)
    expired = retention.count_expired(NAMES_BEFORE.date())
    purged = retention.purge(expired, lambda done, total: None, wait=lambda seconds: None)
    assert purged == expired.counts
    return purged


async def test_old_records_lose_the_person_and_are_still_found(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe_as_version_1(database, OLD, monkeypatch)
    await search(database, OLD)
    before = {words: await found(database, words) for words in ('+79995550147', 'щукарь ждан', '112-233-445 95')}
    assert set(before.values()) == {1, 2, 3}
    monkeypatch.setattr(audit_names, 'RECORDS_PER_BATCH', 2)
    assert purge(database) == RemovalCounts(records=4)
    stored = stored_log(database)
    assert not [part for part in PERSON if part in stored]
    assert 'с 22.10.2023' not in stored, 'the hash of version 1 covers the whole description'
    assert {words: await found(database, words) for words in before} == before
    verification = verify_chain(database, key=KEY)
    assert (verification.is_intact, verification.redacted) == (True, 1)
    assert purge(database) == RemovalCounts(), 'nothing is left'


async def test_newer_records_stay(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    describe_as_version_1(database, NAMES_BEFORE, monkeypatch)
    await search(database, NAMES_BEFORE)
    before = stored_log(database)
    assert purge(database) == RemovalCounts()
    assert stored_log(database).startswith(before.partition('\n')[0])
    assert all(part in stored_log(database) for part in PERSON)


async def test_the_setting_decides(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    await search(database, datetime.now(UTC) - timedelta(days=91))
    assert Purge(older_than='36mo', yes=True).run(Settings(), database) == EXIT_OK
    assert capsys.readouterr().out.startswith('Обезличивать нечего')
    settings = Settings(audit_names_days=90)
    assert Purge(older_than='36mo', yes=True).run(settings, database) == EXIT_OK
    assert 'записей журнала доступа 3' in capsys.readouterr().out
    assert not [part for part in PERSON if part in stored_log(database)]
    assert AccessVerify().run(settings, database) == EXIT_OK
