"""The migrations keep what a database of the version before holds, and its statuses are recalculated."""

from contextlib import closing
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy import text

from models import MessageStatus
from models.column_types import BIG_KEY, IntEnumType, UtcTime, UuidKey
from models.message import sort_key
from services.call_list.call_list_service import CallListService
from services.composition import compose
from services.database.engine import Database
from services.settings import Settings
from services.upgrade.migrations import migrate
from services.verification.check_runner import verify
from tests.helpers.old_databases import create_old_database
from tests.helpers.reference_messages import MOSCOW, NOON

SENT, FAILED, WAITING = MessageStatus.SENT, MessageStatus.FAILED, MessageStatus.WAITING
DELIVERED, UNDELIVERED, QUEUED_LATE, HALF = uuid4(), uuid4(), uuid4(), uuid4()
T = NOON - timedelta(hours=3)


def columns(types: dict[str, Any]) -> list[sa.Column[Any]]:
    return [sa.Column(name, type_) for name, type_ in types.items()]


METADATA = sa.MetaData()
MESSAGE = sa.Table(
    'message',
    METADATA,
    *columns(
        {'place': BIG_KEY, 'id': UuidKey(), 'day': sa.Integer, 'recipient_name': sa.String, 'name_key': sa.String}
        | {'initials': sa.String, 'phone': sa.String, 'organization_id': sa.Integer, 'kind': sa.SmallInteger}
        | {'status': IntEnumType(MessageStatus), 'queued_at': UtcTime(), 'attempted_at': UtcTime()}
        | {'sent_at': UtcTime(), 'cost': sa.BigInteger, 'text': sa.String}
    ),
)
FACT = sa.Table(
    'message_fact',
    METADATA,
    *columns(
        {'message_id': UuidKey(), 'at': UtcTime(), 'told_at': UtcTime(), 'told_by': sa.String, 'final': sa.Boolean}
        | {'status': IntEnumType(MessageStatus), 'provider': sa.String, 'code': sa.String, 'error_code': sa.String}
    ),
)
PROVIDER_MESSAGE = sa.Table(
    'provider_message',
    METADATA,
    *columns({'provider': sa.String, 'provider_id': sa.String, 'message_id': UuidKey()}),
)
EARLY_RECEIPT = sa.Table(
    'early_receipt',
    METADATA,
    *columns(
        {'provider': sa.String, 'provider_id': sa.String, 'at': UtcTime(), 'final': sa.Boolean, 'code': sa.String}
        | {'status': IntEnumType(MessageStatus)}
    ),
)
RECEIPT_ID = uuid4()


def message_row(number: int, id: UUID, status: MessageStatus, sent_at: datetime | None) -> dict[str, Any]:
    return {
        'place': sort_key(sent_at or T, number),
        'id': id,
        'day': 20261122,
        'recipient_name': 'Королёв Иван',
        'name_key': 'королев иван',
        'initials': 'и',
        'phone': f'+7916000000{number}',
        'organization_id': 1,
        'kind': 2,
        'status': status,
        'queued_at': T,
        'attempted_at': None,
        'sent_at': sent_at,
        'cost': 310,
        'text': 'Ждём Вас',
    }


def fact_row(id: UUID, seconds: int, status: MessageStatus, code: str | None, *, final: bool = False) -> dict[str, Any]:
    return {
        'message_id': id,
        'at': T + timedelta(seconds=seconds),
        'told_at': NOON,
        'told_by': 'kannel' if code else 'mailer',
        'final': final,
        'status': status,
        'provider': 'kannel' if code else None,
        'code': code,
        'error_code': code if status is FAILED else None,
    }


def fill(connection: sa.Connection) -> None:
    """Insert messages whose status was that of the newest event."""
    connection.execute(text("UPDATE journal_state SET timezone = 'Europe/Moscow', next_arrival = 5"))
    connection.execute(text("INSERT INTO organization (id, name, name_key) VALUES (1, 'ГБУЗ МО', 'гбуз мо')"))
    late = T + timedelta(hours=2)
    connection.execute(
        MESSAGE.insert(),
        [
            message_row(1, DELIVERED, SENT, T + timedelta(seconds=60)),
            message_row(2, UNDELIVERED, SENT, late),
            message_row(3, QUEUED_LATE, WAITING, None),
            {**message_row(4, HALF, FAILED, None), 'text': 'я' * 90},
        ],
    )
    connection.execute(
        FACT.insert(),
        [
            fact_row(DELIVERED, 0, WAITING, None),
            fact_row(DELIVERED, 60, SENT, '1', final=True),
            fact_row(UNDELIVERED, 0, WAITING, None),
            fact_row(UNDELIVERED, 60, FAILED, '2', final=True),
            fact_row(UNDELIVERED, 7200, SENT, '8'),
            fact_row(QUEUED_LATE, 0, WAITING, None),
            fact_row(QUEUED_LATE, -1, FAILED, '16', final=True),
            fact_row(HALF, 0, WAITING, None),
            fact_row(HALF, 60, SENT, '1', final=True),
            fact_row(HALF, 62, FAILED, '2', final=True),
        ],
    )
    connection.execute(
        PROVIDER_MESSAGE.insert(),
        [
            {'provider': 'smsc', 'provider_id': '5001', 'message_id': DELIVERED},
            {'provider': 'kannel', 'provider_id': 'x1', 'message_id': DELIVERED},
            {'provider': 'smsru', 'provider_id': RECEIPT_ID.hex.upper(), 'message_id': UNDELIVERED},
            {'provider': 'smsc', 'provider_id': '7', 'message_id': uuid4()},
        ],
    )
    early = {'provider': 'kannel', 'at': T, 'final': True, 'status': FAILED, 'code': '2'}
    connection.execute(EARLY_RECEIPT.insert(), [{**early, 'provider_id': id} for id in (str(RECEIPT_ID).upper(), 'X2')])


@pytest.fixture
def old_url(empty_url: str) -> str:
    """The URL of a database of the version before; the test runs on each engine."""
    create_old_database(empty_url, '0014', fill)
    return empty_url


async def test_a_database_of_the_version_before(old_url: str) -> None:
    migrate(old_url)
    with closing(Database(old_url)) as database:

        def read(statement: str) -> list[tuple[Any, ...]]:
            rows = database.read_sync(lambda session: session.execute(text(statement)).all())
            return [tuple(row) for row in rows]

        assert read('SELECT provider, provider_id, phone, account FROM provider_message ORDER BY 1, 2') == [
            ('kannel', 'x1', '', ''),
            ('smsc', '5001', '+79160000001', ''),
            ('smsc', '7', '', ''),
            ('smsru', str(RECEIPT_ID), '', ''),
        ]
        assert sorted(read('SELECT provider_id, account, phone FROM early_receipt')) == sorted(
            [(str(RECEIPT_ID), '', ''), ('X2', '', '')]
        )
        assert read('SELECT status, error_name FROM message ORDER BY phone') == [
            (SENT, None),
            (FAILED, None),
            (FAILED, None),
            (FAILED, 'Доставлено частично: 1 из 2'),
        ]
        assert not [result for result in verify(database, MOSCOW) if result.count]
        codes = compose(Settings(database_url=old_url), database).provider_codes
        call_list = CallListService(database, MOSCOW, codes, now=lambda: NOON)
        calls = (await call_list.pending_calls(call_list.default_query(), 20)).calls
        assert {message.id for call in calls for message in call.messages} == {UNDELIVERED, QUEUED_LATE, HALF}
    migrate(old_url)
