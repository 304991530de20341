"""Create the table of drafts, so that what operators have typed survives the process that served the page."""

import sqlalchemy as sa
from alembic import op

from models.column_types import UtcTime

revision = '0013'
down_revision = '0007'


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        'draft',
        sa.Column('account_id', sa.Integer, sa.ForeignKey('account.id', ondelete='CASCADE'), primary_key=True),
        sa.Column('tab', sa.String, primary_key=True),
        sa.Column('journal', sa.String, primary_key=True),
        sa.Column('queries', sa.JSON, nullable=False),
        sa.Column('kept_at', UtcTime, nullable=False),
    )
    op.create_index('ix_draft_kept_at', 'draft', ['kept_at'])
