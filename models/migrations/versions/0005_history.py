"""Create the status history of messages, the change feed, and the API tokens."""

import sqlalchemy as sa
from alembic import op

from models.column_types import BIG_KEY, UtcTime, UuidKey

revision = '0005'
down_revision = '0004'


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        'message_fact',
        sa.Column('number', BIG_KEY, primary_key=True),
        sa.Column('message_id', UuidKey, nullable=False),
        sa.Column('at', UtcTime, nullable=False),
        sa.Column('told_at', UtcTime, nullable=False),
        sa.Column('told_by', sa.String, nullable=False),
        sa.Column('status', sa.SmallInteger),
        sa.Column('final', sa.Boolean, nullable=False),
        sa.Column('provider', sa.String),
        sa.Column('code', sa.String),
        sa.Column('error_code', sa.String),
        sa.Column('error_name', sa.String),
    )
    op.create_index('message_fact_of', 'message_fact', ['message_id'])
    op.create_table(
        'provider_message',
        sa.Column('provider', sa.String, primary_key=True),
        sa.Column('provider_id', sa.String, primary_key=True),
        sa.Column('message_id', UuidKey, nullable=False),
    )
    op.create_table(
        'early_receipt',
        sa.Column('number', BIG_KEY, primary_key=True),
        sa.Column('provider', sa.String, nullable=False),
        sa.Column('provider_id', sa.String, nullable=False),
        sa.Column('at', UtcTime, nullable=False),
        sa.Column('status', sa.SmallInteger),
        sa.Column('final', sa.Boolean, nullable=False),
        sa.Column('code', sa.String),
        sa.Column('error_code', sa.String),
        sa.Column('error_name', sa.String),
    )
    op.create_index('early_receipt_of', 'early_receipt', ['provider_id'])
    op.create_table(
        'change',
        sa.Column('number', BIG_KEY, primary_key=True),
        sa.Column('message_id', UuidKey, nullable=False),
        sa.Column('created', sa.Boolean, nullable=False),
        # Numbers are never reused, because a reader that has passed a number would miss the new row.
        sqlite_autoincrement=True,
    )
    op.create_table(
        'api_token',
        sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('name', sa.String, nullable=False, unique=True),
        sa.Column('hash', sa.String, nullable=False, unique=True),
        sa.Column('organization_id', sa.Integer, sa.ForeignKey('organization.id')),
        sa.Column('created_at', UtcTime, nullable=False),
        sa.Column('revoked_at', UtcTime),
    )
