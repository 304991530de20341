"""Create the tables of share links and saved searches."""

import sqlalchemy as sa
from alembic import op

from models.column_types import UtcTime

revision = '0011'
down_revision = '0010'


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        'kept_view',
        sa.Column('key', sa.String, primary_key=True),
        sa.Column('query', sa.JSON, nullable=False),
        sa.Column('made_by', sa.Integer, sa.ForeignKey('account.id', ondelete='CASCADE'), nullable=False),
        sa.Column('made_at', UtcTime, nullable=False),
        sa.Column('used_at', UtcTime, nullable=False),
    )
    op.create_index('ix_kept_view_used_at', 'kept_view', ['used_at'])
    op.create_table(
        'named_search',
        sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('account_id', sa.Integer, sa.ForeignKey('account.id', ondelete='CASCADE'), nullable=False),
        sa.Column('name', sa.String, nullable=False),
        sa.Column('query', sa.JSON, nullable=False),
        sa.UniqueConstraint('account_id', 'name'),
    )
