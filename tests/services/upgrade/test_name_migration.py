"""The migration that folds stored names again: every search finds them, and only changed rows are written."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from services import names
from services.database.engine import Database
from services.documents.document_ingest import ingest_imported_documents
from services.ingest.message_ingest import ingest_imported_messages
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from services.messages.search.planner_settings import PlannerSettings
from tests.helpers import reference_documents, reference_messages
from tests.helpers.database_copies import CopyOf
from tests.helpers.old_databases import run_migration
from tests.helpers.reference_messages import MOSCOW, NOON
from tests.helpers.totals_recount import recounted_totals, stored_totals

TABLES = (('message', 'place', 'recipient_name'), ('document', 'number', 'patient_name'))
ALWAYS_INDEX = PlannerSettings(scanned_row_cost_ns=1_000_000, max_selective_share=1, newest_scan_rows=0)


def fill_as_before(database: Database) -> None:
    """Record messages and documents, with their names folded as the version before did."""
    messages, documents = (
        reference_messages.random_messages(600, seed=4),
        reference_documents.random_documents(200, seed=5),
    )
    database.write_sync(lambda session: ingest_imported_messages(session, messages, zone=MOSCOW, now=NOON))
    database.write_sync(lambda session: ingest_imported_documents(session, documents))
    for table, number, name in TABLES:
        for key, recipient in _rows(database, f'SELECT {number}, {name} FROM {table}'):
            folded = names.fold(recipient)
            values = {'key': key, 'folded': folded, 'letters': ''.join(word[0] for word in folded.split()[1:3])}
            update = text(f'UPDATE {table} SET name_key = :folded, initials = :letters WHERE {number} = :key')
            database.write_sync(lambda session, update=update, values=values: session.execute(update, values))  # type: ignore[misc]
    database.write_sync(
        lambda session: session.execute(
            text("UPDATE message SET name_key = '', initials = '' WHERE place = (SELECT min(place) FROM message)")
        )
    )


@pytest.fixture
def database_url(copy_of: CopyOf) -> str:
    """The URL of a filled database of the version before; the test runs on each engine."""
    return copy_of(fill_as_before)


def test_stored_names_are_folded_again(database: Database) -> None:
    before = {
        table: _rows(database, f'SELECT {number}, name_key, initials FROM {table}') for table, number, _ in TABLES
    }
    with _updated_rows() as updated:
        run_migration(database.url.render_as_string(hide_password=False), '0020')
    changed = 0
    for table, number, name in TABLES:
        rows = _rows(database, f'SELECT {number}, name_key, initials, {name} FROM {table}')
        changed += len(set(before[table]) - {row[:3] for row in rows})
        (anonymized,) = [row for row in rows if not row[1]] if table == 'message' else [None]
        for row in rows:
            key = names.fold_name(row[3])
            assert row is anonymized or row[1:3] == (key, names.initials(key))
    assert 0 < len(updated) == changed < 700


def test_indexes_and_totals_follow(database: Database) -> None:
    run_migration(database.url.render_as_string(hide_password=False), '0020')
    assert stored_totals(database) == recounted_totals(database)
    stored = list(database.read_sync(reference_messages.stored_messages))
    hidden = min(stored, key=lambda one: (one.moment, one.arrival))
    stored.remove(hidden)  # its key is empty, so no name finds it
    service = MessageService(database, MOSCOW, lambda: NOON, planner=ALWAYS_INDEX)
    for typed in ('Сидоров', 'Петрова И.П.', 'Салтыков Щедрин М.П.', 'Иванов ИП', 'Д’Артаньян', 'ivanov', 'иванов'):
        expected = reference_messages.expected_messages(stored, MessageQuery(name=typed))
        assert expected
        assert asyncio.run(service.totals(MessageQuery(name=typed))).count == len(expected)


def _rows(database: Database, statement: str) -> list[tuple[Any, ...]]:
    return database.read_sync(lambda session: [tuple(row) for row in session.execute(text(statement))])


@contextmanager
def _updated_rows() -> Iterator[list[Any]]:
    """Collect the parameters of each updated row."""
    updated: list[Any] = []

    def executed(_: Any, __: Any, statement: str, parameters: Any, ___: Any, ____: Any) -> None:
        if statement.lstrip().startswith(('UPDATE message', 'UPDATE document')):
            updated.extend(parameters if isinstance(parameters, list) else parameters['numbers'])

    event.listen(Engine, 'before_cursor_execute', executed)
    try:
        yield updated
    finally:
        event.remove(Engine, 'before_cursor_execute', executed)
