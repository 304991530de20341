"""Create the tables of webhooks."""

import sqlalchemy as sa
from alembic import op

from models.column_types import BIG_KEY, UtcTime

revision = '0036'
down_revision = '0034'


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        'webhook',
        sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('name', sa.String, nullable=False, unique=True),
        sa.Column('url', sa.String, nullable=False),
        sa.Column('secret', sa.String, nullable=False),
        sa.Column('organization_id', sa.Integer, sa.ForeignKey('organization.id')),
        sa.Column('position', BIG_KEY, nullable=False),
        sa.Column('created_at', UtcTime, nullable=False),
    )
    op.create_table(
        'webhook_delivery',
        sa.Column('number', BIG_KEY, primary_key=True),
        sa.Column('webhook_id', sa.Integer, sa.ForeignKey('webhook.id'), nullable=False),
        sa.Column('event_id', sa.String, nullable=False),
        sa.Column('body', sa.String, nullable=False),
        sa.Column('queued_at', UtcTime, nullable=False),
        sa.Column('attempts', sa.Integer, nullable=False),
        sa.Column('due_at', UtcTime),
        sa.Column('failure', sa.String),
    )
