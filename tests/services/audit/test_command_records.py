"""Commands that change data, or read it in bulk, are on record: who, what and how much, and no secret or patient."""

import pwd
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import select

from journal_ui.cli.maintenance_commands import Verify
from models import AuditEvent, AuditRecord
from services import texts
from services.accounts.api_tokens import ApiTokenError, ApiTokens
from services.audit import hash_chain
from services.audit.chain_verification import verify_chain
from services.balance.ledger_balance import LedgerBalanceSource
from services.database.engine import Database
from services.documents.document_ingest import DOCUMENT_FORMAT
from services.ingest.file_import.file_import import import_file
from services.ingest.file_import.message_format import MESSAGE_FORMAT
from services.settings import Settings
from tests.helpers.factories import document_cells, message_cells, write_csv
from tests.helpers.reference_messages import MOSCOW


def recorded(database: Database) -> Sequence[AuditRecord]:
    """Return all records, the oldest first, after a check of the chain."""
    assert verify_chain(database).is_intact
    return database.read_sync(lambda session: session.exec(select(AuditRecord).order_by('number')).all())


def test_a_new_and_a_revoked_token_are_recorded_without_the_token(database: Database) -> None:
    tokens = ApiTokens(database)
    token = tokens.add('clinic')
    with pytest.raises(ApiTokenError):
        tokens.add('clinic')
    tokens.revoke('clinic')
    with pytest.raises(ApiTokenError):
        tokens.revoke('clinic')
    records = recorded(database)
    assert [(record.act, record.about, record.what) for record in records] == [
        (AuditEvent.API_TOKEN_CHANGED, 'clinic', 'создан, организация «все организации»'),
        (AuditEvent.API_TOKEN_CHANGED, 'clinic', 'отозван'),
    ]
    assert token not in ''.join(record.model_dump_json() for record in records)


def test_a_balance_is_recorded(database: Database) -> None:
    LedgerBalanceSource(database).set_balance(Decimal('1234.50'))
    (record,) = recorded(database)
    assert (record.act, record.what.replace('\N{NO-BREAK SPACE}', ' ')) == (
        AuditEvent.BALANCE_SET,
        'баланс 1 234,50 руб.',
    )


def test_an_import_is_recorded_with_its_counts_and_without_a_patient(database: Database, tmp_path: Path) -> None:
    messages = write_csv(tmp_path / 'Королёв.csv', [message_cells(), message_cells({texts.PHONE: 'нет'})])
    documents = write_csv(tmp_path / 'documents.csv', [document_cells()], columns=list(document_cells()))
    import_file(database, messages, MOSCOW, MESSAGE_FORMAT)
    import_file(database, messages, MOSCOW, MESSAGE_FORMAT)
    import_file(database, documents, MOSCOW, DOCUMENT_FORMAT)
    records = recorded(database)
    assert [(record.act, record.section, record.found, record.what) for record in records] == [
        (AuditEvent.DATA_IMPORTED, section, 1, what)
        for section, what in (
            (texts.SECTION_TITLE, 'новых 1, обновлено 0, без изменений 0, отказано 1'),
            (texts.SECTION_TITLE, 'новых 0, обновлено 0, без изменений 1, отказано 1'),
            (texts.DOCUMENTS_TITLE, 'новых 1, обновлено 0, без изменений 0, отказано 0'),
        )
    ]
    assert 'Королёв' not in ''.join(record.model_dump_json() for record in records)


def test_an_interrupted_import_is_recorded_with_what_it_has_done(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('services.ingest.file_import.file_import.BATCH_SIZE', 1)
    file = write_csv(tmp_path / 'messages.csv', [message_cells(), message_cells()])

    def interrupt(done: int, size: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_file(database, file, MOSCOW, MESSAGE_FORMAT, progress=interrupt)
    (record,) = recorded(database)
    assert (record.found, record.what) == (
        1,
        'новых 1, обновлено 0, без изменений 0, отказано 0, импорт прерван',
    )


def test_a_verification_is_recorded(database: Database) -> None:
    Verify().run(Settings(), database)
    (record,) = recorded(database)
    assert (record.act, record.found, record.what) == (AuditEvent.DATABASE_VERIFIED, 0, 'расхождений 0')


@pytest.mark.parametrize(
    ('login', 'expected'),
    [
        (None, 'командная строка: service'),
        ('4294967295', 'командная строка: service'),
        ('1500', 'командная строка: service'),
        ('1600', 'командная строка: service (вход anna)'),
        ('1700', 'командная строка: service (вход 1700)'),
    ],
)
def test_the_user_of_the_operating_system_is_recorded(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, login: str | None, expected: str
) -> None:
    names = {1500: 'service', 1600: 'anna'}

    def find(user_id: int) -> pwd.struct_passwd:
        return pwd.struct_passwd((names[user_id], 'x', user_id, user_id, '', '/', '/bin/sh'))

    monkeypatch.setattr('pwd.getpwuid', find)
    monkeypatch.setattr('os.getuid', lambda: 1500)
    file = tmp_path / 'loginuid'
    if login:
        file.write_text(login)
    monkeypatch.setattr(hash_chain, 'LOGIN_USER_FILE', file)
    LedgerBalanceSource(database).set_balance(Decimal(1))
    (record,) = recorded(database)
    assert (record.name, record.address, record.account_id) == (expected, '', None)
