"""Create the tables of messages, organisations, accounts, the balance and totals."""

import sqlalchemy as sa
from alembic import op

from models.column_types import BIG_KEY, CODE_POINT_TEXT, UtcTime, UuidKey

revision = '0001'
down_revision = None


def upgrade() -> None:
    """Create the tables, and the single row of `journal_state`."""
    state = op.create_table(
        'journal_state',
        sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('next_arrival', BIG_KEY, nullable=False),
        sa.Column('timezone', sa.String),
    )
    op.bulk_insert(state, [{'id': 1, 'next_arrival': 1}])
    op.create_table(
        'organization',
        sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('name', sa.String, nullable=False, unique=True),
        sa.Column('name_key', CODE_POINT_TEXT, nullable=False),
    )
    op.create_table(
        'message',
        sa.Column('place', BIG_KEY, primary_key=True, autoincrement=False),
        sa.Column('id', UuidKey, nullable=False, unique=True),
        sa.Column('day', sa.Integer, nullable=False),
        sa.Column('recipient_name', sa.String, nullable=False),
        sa.Column('name_key', CODE_POINT_TEXT, nullable=False),
        sa.Column('initials', CODE_POINT_TEXT, nullable=False),
        sa.Column('phone', CODE_POINT_TEXT, nullable=False),
        sa.Column('appointment_at', UtcTime),
        sa.Column('organization_id', sa.Integer, sa.ForeignKey('organization.id'), nullable=False),
        sa.Column('kind', sa.SmallInteger, nullable=False),
        sa.Column('status', sa.SmallInteger, nullable=False),
        sa.Column('queued_at', UtcTime, nullable=False),
        sa.Column('attempted_at', UtcTime),
        sa.Column('sent_at', UtcTime),
        sa.Column('cost', sa.BigInteger, nullable=False),
        sa.Column('text', sa.String, nullable=False),
        sa.Column('error_code', sa.String),
        sa.Column('error_name', sa.String),
    )
    op.create_index('message_of_organization', 'message', ['organization_id', 'place', 'status', 'kind', 'cost'])
    unsent = sa.text('status <> 2')
    op.create_index(
        'message_unsent',
        'message',
        ['place', 'status', 'kind', 'organization_id', 'cost'],
        sqlite_where=unsent,
        postgresql_where=unsent,
    )
    op.create_index('message_phone', 'message', ['phone', 'place'])
    op.create_table(
        'account',
        sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('name', sa.String, nullable=False, unique=True),
        sa.Column('password_hash', sa.String, nullable=False),
        sa.Column('role', sa.String, nullable=False),
        sa.Column('created_at', UtcTime, nullable=False),
    )
    op.create_table(
        'preference',
        sa.Column('account_id', sa.Integer, sa.ForeignKey('account.id', ondelete='CASCADE'), primary_key=True),
        sa.Column('name', sa.String, primary_key=True),
        sa.Column('value', sa.JSON, nullable=False),
    )
    op.create_table(
        'ledger_balance',
        sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('amount', sa.BigInteger, nullable=False),
        sa.Column('set_at', UtcTime, nullable=False),
    )
    op.create_table(
        'total',
        sa.Column('organization_id', sa.Integer, primary_key=True, autoincrement=False),
        sa.Column('scale', sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column('period', sa.Integer, primary_key=True, autoincrement=False),
        sa.Column('kind', sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column('status', sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column('messages', sa.BigInteger, nullable=False),
        sa.Column('kopecks', sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
