"""The error codes of mobile operators: changes by administrators, and their records in the audit log."""

from collections.abc import Iterator

import pytest

from models import AuditEvent
from services import texts
from services.accounts.accounts import AccountError
from services.accounts.identity import Identity
from services.audit.audit_query import AuditQuery
from services.audit.audit_records import AuditRecords
from services.database.engine import Database
from services.receipts.operator_codes import InvalidOperatorCodeError, OperatorCode, OperatorCodes
from tests.helpers.auth_services import AuthServices, fast_password_hashing
from tests.helpers.reference_messages import MOSCOW

UNKNOWN_NUMBER = OperatorCode('mts', '00b', 'Нет такого абонента', 'Уточните телефон.')


@pytest.fixture
def codes(database: Database) -> OperatorCodes:
    """The codes of an empty table."""
    return OperatorCodes(database)


@pytest.fixture
def admin(database: Database) -> Iterator[Identity]:
    """An administrator."""
    with fast_password_hashing():
        yield AuthServices(database).add('chief', 'Admin')


async def test_codes_are_added_changed_and_removed_on_record(
    database: Database, codes: OperatorCodes, admin: Identity
) -> None:
    anywhere = OperatorCode('', '00b', 'Абонент недоступен')
    await codes.add(admin, OperatorCode(' mts ', '00b', 'Нет такого  абонента', 'Уточните телефон.'))
    await codes.add(admin, anywhere)
    assert await codes.list_all() == [anywhere, UNKNOWN_NUMBER]
    changed = OperatorCode('mts', '00c', 'Телефон выключен', 'Позвоните позже.')
    await codes.change(admin, UNKNOWN_NUMBER, changed)
    assert await codes.list_all() == [anywhere, changed]
    for _ in range(2):
        await codes.remove(admin, anywhere)
    assert await codes.list_all() == [changed]

    records = await AuditRecords(database, MOSCOW).page(
        AuditQuery(act=AuditEvent.REFERENCE_DATA_CHANGED), number=1, size=20
    )
    assert [(row.name, row.section, row.about, row.what.partition(':')[0]) for row in reversed(records.rows)] == [
        ('chief', texts.ERROR_CODES_TITLE, '00b', 'добавлено'),
        ('chief', texts.ERROR_CODES_TITLE, '00b', 'добавлено'),
        ('chief', texts.ERROR_CODES_TITLE, '00c', 'было'),
        ('chief', texts.ERROR_CODES_TITLE, '00b', 'удалено'),
    ]
    assert 'Нет такого абонента' in records.rows[1].what
    assert 'Телефон выключен' in records.rows[1].what


async def test_an_invalid_code_is_refused_with_its_field(codes: OperatorCodes, admin: Identity) -> None:
    await codes.add(admin, UNKNOWN_NUMBER)
    other = OperatorCode('', '1', 'Другая причина')
    await codes.add(admin, other)
    for invalid, sentence in (
        (OperatorCode('', ' ', 'Без кода'), 'Заполните поле «Код ошибки»'),
        (OperatorCode('', '2', ''), 'Заполните поле «Что значит»'),
        (OperatorCode('', '2' * 51, 'Длинный'), 'не больше 50 знаков'),
        (OperatorCode('', 'a\0b', 'Непечатный'), 'знаки, которых не бывает'),
        (UNKNOWN_NUMBER, 'Код 00b у этого оператора уже есть'),
    ):
        with pytest.raises(InvalidOperatorCodeError, match=sentence):
            await codes.add(admin, invalid)
        with pytest.raises(InvalidOperatorCodeError, match=sentence):
            await codes.change(admin, other, invalid)
    with pytest.raises(InvalidOperatorCodeError, match='больше нет'):
        await codes.change(admin, OperatorCode('', '99', 'Уже удалён'), OperatorCode('', '98', 'Новый'))
    assert await codes.list_all() == [other, UNKNOWN_NUMBER]


async def test_only_an_administrator_changes_codes(database: Database, codes: OperatorCodes, admin: Identity) -> None:
    await codes.add(admin, UNKNOWN_NUMBER)
    clerk = AuthServices(database).add('ivanov', 'WebAdmin')
    for attempt in (
        codes.add(clerk, OperatorCode('', '1', 'Другая причина')),
        codes.change(clerk, UNKNOWN_NUMBER, OperatorCode('', '1', 'Другая причина')),
        codes.remove(clerk, UNKNOWN_NUMBER),
    ):
        with pytest.raises(AccountError, match='больше не Admin'):
            await attempt
    assert await codes.list_all() == [UNKNOWN_NUMBER]
