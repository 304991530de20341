"""What is derived from messages is made by services.database.indexes.index_builder from now on: remove it as it was made before.

The database notes in `journal_state.derived` which way of deriving it has; none yet, so that it is built anew. On
SQLite the uniqueness of a message's id was part of the table, where no bulk load can put it aside: the table is copied.
"""

import sqlalchemy as sa
from alembic import op

from models.column_types import BIG_KEY

revision = '0004'
down_revision = '0003'

TRIGGERS = ('added', 'removed', 'changed')
INDEXES = ('message_of_organization', 'message_unsent', 'message_phone')


def upgrade() -> None:
    """Remove triggers, indexes and search tables, and empty the totals."""
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
        # The last two are in journals alone that went through an earlier 0003.
        for name in (*INDEXES, 'message_name_parts', 'message_phone_parts'):
            op.execute(f'DROP INDEX IF EXISTS {name}')
        op.execute('ALTER TABLE message DROP CONSTRAINT message_id_key')
        op.execute('CREATE EXTENSION IF NOT EXISTS btree_gin')
    op.execute('DELETE FROM total')


def _copy_without_unique_id() -> None:
    connection = op.get_bind()
    made = connection.execute(sa.text("SELECT sql FROM sqlite_master WHERE name = 'message'")).scalar_one()
    kept = [line for line in made.splitlines() if 'UNIQUE' not in line]
    op.execute('ALTER TABLE message RENAME TO message_before')
    op.execute('\n'.join(kept))
    op.execute('INSERT INTO message SELECT * FROM message_before ORDER BY place')
    op.execute('DROP TABLE message_before')
