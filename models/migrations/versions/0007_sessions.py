"""Add sessions, blocked accounts, password expiry and the second factor."""

import sqlalchemy as sa
from alembic import op

from models.column_types import UtcTime

revision = '0007'
down_revision = '0008'


def upgrade() -> None:
    """Add the columns and tables. The age of existing passwords counts from the creation of their account."""
    false = sa.false()
    for column in (
        sa.Column('password_set_at', UtcTime),
        sa.Column('must_change', sa.Boolean, nullable=False, server_default=false),
        sa.Column('blocked_at', UtcTime),
        sa.Column('signed_in_at', UtcTime),
        sa.Column('totp_secret', sa.String),
        sa.Column('totp_step', sa.BigInteger),
    ):
        op.add_column('account', column)
    op.execute('UPDATE account SET password_set_at = created_at')
    with op.batch_alter_table('account') as account:
        account.alter_column('password_set_at', existing_type=UtcTime(), nullable=False)
    op.create_table(
        'account_session',
        sa.Column('hash', sa.String, primary_key=True),
        _account_id_column(),
        sa.Column('begun_at', UtcTime, nullable=False),
        sa.Column('seen_at', UtcTime, nullable=False),
        sa.Column('address', sa.String, nullable=False),
        sa.Column('agent', sa.String, nullable=False),
        sa.Column('code_due', sa.Boolean, nullable=False),
        sa.Column('pending_secret', sa.String),
    )
    op.create_index('account_session_of', 'account_session', ['account_id'])
    op.create_table(
        'recovery_code', _account_id_column(primary_key=True), sa.Column('hash', sa.String, primary_key=True)
    )
    op.create_table(
        'known_device',
        _account_id_column(primary_key=True),
        sa.Column('hash', sa.String, primary_key=True),
        sa.Column('seen_at', UtcTime, nullable=False),
    )


def _account_id_column(primary_key: bool = False) -> sa.Column[int]:
    reference = sa.ForeignKey('account.id', ondelete='CASCADE')
    return sa.Column('account_id', sa.Integer, reference, primary_key=primary_key, nullable=False)
