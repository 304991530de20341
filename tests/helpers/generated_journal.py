"""Generated messages, inserted as a running program inserts them."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from sqlalchemy import inspect
from sqlmodel import Session

from models import MessageStatus
from services import texts
from services.database.engine import Database
from services.database.tables import MESSAGE_KIND_TABLE, ORGANIZATION_TABLE
from services.dictionaries.dictionary_editor import DictionaryEditor
from services.ingest.bulk_insert import BULK_COLUMNS, BulkRow, to_postgresql_row
from services.ingest.message_ingest import Receipt, ingest_imported_messages
from services.ingest.message_parsing import IncomingMessage
from services.ingest.status_history import StatusEvent
from services.receipts.receipt_ingest import apply_receipts
from tests.helpers import reference_messages
from tests.helpers.reference_messages import MOSCOW, NOON

COUNT = 400
"""Messages that `tests.helpers.old_databases.copy_generated_messages` inserts."""


def insert_known_columns(session: Session, rows: Sequence[BulkRow]) -> None:
    """Insert those columns of messages that the database has; its schema may be that of an older version."""
    connection = session.connection()
    existing = {column['name'] for column in inspect(connection).get_columns('message')}
    columns = [column for column in BULK_COLUMNS if column in existing]
    is_postgresql = connection.dialect.name == 'postgresql'
    placeholders = ', '.join(['%s' if is_postgresql else '?'] * len(columns))
    values = [dict(zip(BULK_COLUMNS, to_postgresql_row(row) if is_postgresql else row, strict=True)) for row in rows]
    connection.connection.cursor().executemany(
        f'INSERT INTO message ({", ".join(columns)}) VALUES ({placeholders})',
        [[row[column] for column in columns] for row in values],
    )


def insert_updated_messages(database: Database) -> None:
    """Ingest 400 random messages, update 150, and report deliveries; the same messages at every call."""
    rng = random.Random(7)
    messages = reference_messages.random_messages(400, seed=3)
    changes = [reference_messages.random_update(message, rng) for message in rng.sample(messages, 150)]
    for batch in (messages[:100], messages[100:], changes):
        database.write_sync(partial(ingest_imported_messages, messages=batch, zone=MOSCOW, now=NOON))
    report_deliveries(database, messages, rng)


def report_deliveries(database: Database, messages: Sequence[IncomingMessage], rng: random.Random) -> None:
    """Apply receipts of a provider, final or not, for two thirds of the sent messages."""
    sent = [message for message in messages if message.status == MessageStatus.SENT and rng.random() < 2 / 3]
    receipts = [_receipt(message, final=rng.random() < 0.5) for message in sent]
    database.write_sync(partial(apply_receipts, receipts=receipts, zone=MOSCOW, now=NOON))


def _receipt(message: IncomingMessage, *, final: bool) -> Receipt:
    """Build the receipt of a provider that a message was sent; the message may have another status by then."""
    assert message.sent_at is not None
    event = StatusEvent(message.sent_at, 'smsru', MessageStatus.SENT, final, 'smsru', '103' if final else '102')
    return Receipt('smsru', str(message.id), event)


def insert_messages_of_merged_entries(database: Database) -> None:
    """Ingest and update 400 random messages, and then merge, rename and add organisations and kinds.

    Every organisation and every kind but one is a group, and renaming changes the order of both dictionaries.
    """
    insert_updated_messages(database)
    messages = reference_messages.random_messages(400, seed=3)
    others = [replace(message, organization='Новая больница', kind='Анкета') for message in messages[::7]]
    others += [replace(message, organization='больница «Новая».', kind='анкета') for message in messages[3::9]]
    database.write_sync(partial(ingest_imported_messages, messages=others, zone=MOSCOW, now=NOON))
    asyncio.run(_edit_dictionaries(database))
    # Old and new names still arrive.
    again = [replace(message, organization='Яблоневая больница', kind='Памятка') for message in messages[5::11]]
    again += [replace(message, organization='ЕЛОВАЯ БОЛЬНИЦА', kind='Напоминание') for message in messages[6::11]]
    database.write_sync(partial(ingest_imported_messages, messages=again, zone=MOSCOW, now=NOON))


async def _edit_dictionaries(database: Database) -> None:
    for table, renamed, merged in (
        (
            ORGANIZATION_TABLE,
            {'еловая больница': 'Яблоневая больница', 'ГБУЗ МО «Ёлкинская больница»': 'Абрикосовая больница'},
            {'Больница № 3': 'Химкинская больница', 'Новая больница': 'Яблоневая больница'},
        ),
        (
            MESSAGE_KIND_TABLE,
            {'Напоминание': 'Памятка', 'Вакцинация COVID-19': 'Прививка'},
            {'Анкета': 'Напоминание ДС'},
        ),
    ):
        editor = DictionaryEditor(database, table, texts.DICTIONARIES_TITLE)
        for old, new in renamed.items():
            await editor.rename(None, await _entry_id(editor, old), new)
        for name, target in merged.items():
            await editor.merge(None, await _entry_id(editor, name), await _entry_id(editor, target))


async def _entry_id(editor: DictionaryEditor, name: str) -> int:
    return next(entry.id for entry in await editor.entries() if entry.name == name)
