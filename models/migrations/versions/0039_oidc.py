"""Create what sign-in by OpenID Connect stores."""

import sqlalchemy as sa
from alembic import op

from models.column_types import UtcTime

revision = '0039'
down_revision = '0038'


def upgrade() -> None:
    """Add the columns and the tables."""
    op.add_column('account', sa.Column('oidc_issuer', sa.String))
    op.add_column('account', sa.Column('oidc_subject', sa.String))
    op.create_index('account_oidc', 'account', ['oidc_issuer', 'oidc_subject'], unique=True)
    op.create_table(
        'oidc_session',
        sa.Column('hash', sa.String, sa.ForeignKey('account_session.hash', ondelete='CASCADE'), primary_key=True),
        sa.Column('sid', sa.String),
        sa.Column('tokens', sa.String, nullable=False),
        sa.Column('read_at', UtcTime, nullable=False),
        sa.Column('due_at', UtcTime, nullable=False),
    )
    op.create_table(
        'oidc_used_value',
        sa.Column('hash', sa.String, primary_key=True),
        sa.Column('expires_at', UtcTime, nullable=False),
    )
