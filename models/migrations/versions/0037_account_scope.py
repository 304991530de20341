"""Bind accounts to organisations; every account of before reads the data of all organisations."""

import sqlalchemy as sa
from alembic import op

revision = '0037'
down_revision = '0036'


def upgrade() -> None:
    """Add the column and the table."""
    op.add_column('account', sa.Column('is_bound', sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        'account_organization',
        sa.Column('account_id', sa.Integer, sa.ForeignKey('account.id', ondelete='CASCADE'), primary_key=True),
        sa.Column('organization_id', sa.Integer, sa.ForeignKey('organization.id'), primary_key=True),
    )
