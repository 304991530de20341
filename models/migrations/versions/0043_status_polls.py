"""Add the messages whose status a provider is asked for, and how far the events were searched for such messages."""

import sqlalchemy as sa
from alembic import op

from models.column_types import BIG_KEY, UtcTime, UuidKey

revision = '0043'
down_revision = '0042'


def upgrade() -> None:
    """Create both tables, empty."""
    op.create_table(
        'status_poll',
        sa.Column('provider', sa.String(), primary_key=True),
        sa.Column('provider_id', sa.String(), primary_key=True),
        sa.Column('account', sa.String(), primary_key=True),
        sa.Column('message_id', UuidKey(), nullable=False),
        sa.Column('since', UtcTime(), nullable=False),
        sa.Column('attempts', sa.SmallInteger(), nullable=False),
        sa.Column('due_at', UtcTime(), nullable=False),
    )
    op.create_index('ix_status_poll_due_at', 'status_poll', ['provider', 'due_at'])
    op.create_table(
        'status_poll_position',
        sa.Column('provider', sa.String(), primary_key=True),
        sa.Column('position', BIG_KEY, nullable=False),
    )
