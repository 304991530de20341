"""Remove the indexes and totals created by earlier migrations; services.database.indexes.index_builder rebuilds them.

`journal_state.derived` stores the checksum of the installed definition. It stays NULL here, which causes the rebuild.
On SQLite the unique constraint of the message id was part of the table, where a bulk load cannot drop it, so the table
is copied without it.
"""

import sqlalchemy as sa
from alembic import op

from models.column_types import BIG_KEY

revision = '0004'
down_revision = '0003'

TRIGGERS = ('added', 'removed', 'changed')
INDEXES = ('message_of_organization', 'message_unsent', 'message_phone')


def upgrade() -> None:
    """Drop triggers, indexes and search tables, and empty the totals."""
    op.add_column('journal_state', sa.Column('derived', BIG_KEY))
    if op.get_bind().dialect.name == 'sqlite':
        for name in TRIGGERS:
            op.execute(f'DROP TRIGGER message_{name}')
            op.execute(f'DROP TRIGGER message_search_{name}')
        op.execute('DROP VIEW message_in_brief')
        op.execute('DROP TABLE message_search')
        op.execute('DROP TABLE word_part')
        op.execute('DROP TABLE word')
        for name in (*INDEXES, 'message_narrow'):
            op.execute(f'DROP INDEX {name}')
        _copy_without_unique_id()
    else:
        for name in TRIGGERS:
            op.execute(f'DROP TRIGGER message_{name} ON message')
            op.execute(f'DROP FUNCTION message_{name}_counts')
        # Only databases migrated by an earlier 0003 have the last two.
        for name in (*INDEXES, 'message_name_parts', 'message_phone_parts'):
            op.execute(f'DROP INDEX IF EXISTS {name}')
        op.execute('ALTER TABLE message DROP CONSTRAINT message_id_key')
        op.execute('CREATE EXTENSION IF NOT EXISTS btree_gin')
    op.execute('DELETE FROM total')


def _copy_without_unique_id() -> None:
    connection = op.get_bind()
    definition = connection.execute(sa.text("SELECT sql FROM sqlite_master WHERE name = 'message'")).scalar_one()
    lines = [line for line in definition.splitlines() if 'UNIQUE' not in line]
    op.execute('ALTER TABLE message RENAME TO message_before')
    op.execute('\n'.join(lines))
    op.execute('INSERT INTO message SELECT * FROM message_before ORDER BY place')
    op.execute('DROP TABLE message_before')
