"""Create the table of completed calls that were put back on the call list."""

import sqlalchemy as sa
from alembic import op

from models.column_types import BIG_KEY, UtcTime, UuidKey

revision = '0028'
down_revision = '0027'


def upgrade() -> None:
    """Create the table and its index."""
    op.create_table(
        'call_back_reopened',
        sa.Column('number', BIG_KEY, primary_key=True),
        sa.Column('message_id', UuidKey, nullable=False),
        sa.Column('done_by', sa.String, nullable=False),
        sa.Column('done_at', UtcTime, nullable=False),
        sa.Column('outcome', sa.SmallInteger, nullable=False),
        sa.Column('note', sa.String, nullable=False),
        sa.Column('reopened_by', sa.String, nullable=False),
        sa.Column('reopened_at', UtcTime, nullable=False),
    )
    op.create_index('call_back_reopened_message', 'call_back_reopened', ['message_id'])
