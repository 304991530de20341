"""Create the audit log: a hash chain of records that triggers make append-only."""

import sqlalchemy as sa
from alembic import op

from models.column_types import BIG_KEY, CODE_POINT_TEXT, UtcTime

revision = '0008'
down_revision = '0012'

SQLITE = (
    """
    CREATE TRIGGER access_record_{verb} BEFORE {verb} ON access_record
    BEGIN SELECT RAISE(ABORT, 'access_record is append-only'); END
    """,
    # INSERT OR REPLACE deletes a row without firing the DELETE trigger.
    """
    CREATE TRIGGER access_record_replace BEFORE INSERT ON access_record
    WHEN EXISTS (SELECT 1 FROM access_record WHERE number = NEW.number)
    BEGIN SELECT RAISE(ABORT, 'access_record is append-only'); END
    """,
)
POSTGRESQL = (
    """
    CREATE FUNCTION access_record_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'access_record is append-only'; END $$
    """,
    """
    CREATE TRIGGER access_record_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON access_record
    FOR EACH STATEMENT EXECUTE FUNCTION access_record_is_append_only()
    """,
)


def upgrade() -> None:
    """Create the tables and the triggers that protect them."""
    op.create_table(
        'access_record',
        sa.Column('number', BIG_KEY, primary_key=True, autoincrement=False),
        sa.Column('at', UtcTime, nullable=False),
        sa.Column('account_id', sa.Integer),
        sa.Column('name', CODE_POINT_TEXT, nullable=False),
        sa.Column('address', sa.String, nullable=False),
        sa.Column('act', sa.SmallInteger, nullable=False),
        sa.Column('section', sa.String, nullable=False),
        sa.Column('what', sa.String, nullable=False),
        sa.Column('words', CODE_POINT_TEXT, nullable=False),
        sa.Column('about', sa.String),
        sa.Column('found', BIG_KEY),
        sa.Column('continues', BIG_KEY),
        sa.Column('previous', sa.String, nullable=False),
        sa.Column('hash', sa.String, nullable=False),
    )
    op.create_index('access_record_by_time', 'access_record', ['at', 'number'])
    op.create_index('access_record_by_person', 'access_record', ['name', 'at', 'number'])
    some = sa.text('continues IS NOT NULL')
    op.create_index('access_record_continued', 'access_record', ['continues'], sqlite_where=some, postgresql_where=some)
    head = op.create_table(
        'access_head',
        sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('number', BIG_KEY, nullable=False),
        sa.Column('hash', sa.String, nullable=False),
    )
    op.bulk_insert(head, [{'id': 1, 'number': 0, 'hash': '0' * 64}])
    if op.get_bind().dialect.name == 'sqlite':
        update_or_delete, replace = SQLITE
        for verb in ('UPDATE', 'DELETE'):
            op.execute(update_or_delete.format(verb=verb))
        op.execute(replace)
    else:
        for statement in POSTGRESQL:
            op.execute(statement)
