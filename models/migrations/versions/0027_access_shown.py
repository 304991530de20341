"""Create the tables of what was shown: the rows that each audit record is about, and who saw a row."""

from collections.abc import Iterator
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from models.column_types import BIG_KEY, UuidKey

revision = '0027'
down_revision = '0026'

DETAILS_VIEWED, EXPORTED = 7, 8
CHUNK_SIZE = 10_000
TABLES = ('access_shown', 'access_shown_key')
SQLITE = (
    """
    CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table}
    BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
    """,
    # INSERT OR REPLACE deletes a row without firing the DELETE trigger.
    """
    CREATE TRIGGER {table}_replace BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})
    BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
    """,
)
SAME_ROW = {'access_shown': 'number = NEW.number', 'access_shown_key': 'key = NEW.key AND number = NEW.number'}
POSTGRESQL = (
    """
    CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$
    """,
    """
    CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only()
    """,
)


def upgrade() -> None:
    """Create the tables, enter the rows that were opened before, and create the triggers that protect them."""
    op.create_table(
        'access_shown',
        sa.Column('number', BIG_KEY, primary_key=True, autoincrement=False),
        sa.Column('row_keys', sa.LargeBinary, nullable=False),
    )
    lookup = op.create_table(
        'access_shown_key',
        sa.Column('key', UuidKey, primary_key=True),
        sa.Column('number', BIG_KEY, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    # Exports that are too large to record each row; there are few of them.
    op.create_index(
        'access_record_export',
        'access_record',
        ['at'],
        sqlite_where=sa.text(f'act = {EXPORTED} AND about IS NULL'),
        postgresql_where=sa.text(f'act = {EXPORTED} AND about IS NULL'),
    )
    for rows in _opened_rows():
        op.bulk_insert(lookup, rows)
    for table in TABLES:
        if op.get_bind().dialect.name == 'sqlite':
            update_or_delete, replace = SQLITE
            for verb in ('UPDATE', 'DELETE'):
                op.execute(update_or_delete.format(table=table, verb=verb))
            op.execute(replace.format(table=table, same=SAME_ROW[table]))
        else:
            for statement in POSTGRESQL:
                op.execute(statement.format(table=table))


def _opened_rows() -> Iterator[list[dict[str, object]]]:
    """Yield the rows of the lookup table for the rows of lists that were opened before."""
    opened = sa.text(
        'SELECT number, about FROM access_record WHERE act = :act AND number > :after ORDER BY number LIMIT :size'
    )
    after = 0
    while records := op.get_bind().execute(opened, {'act': DETAILS_VIEWED, 'after': after, 'size': CHUNK_SIZE}).all():
        after = records[-1].number
        if rows := [
            {'key': key, 'number': record.number} for record in records if (key := _parse_key(record.about)) is not None
        ]:
            yield rows


def _parse_key(about: str | None) -> UUID | None:
    """Return the key of an opened message or document; None for a record of the audit log itself."""
    try:
        return UUID(about)
    except (TypeError, ValueError):
        return None
