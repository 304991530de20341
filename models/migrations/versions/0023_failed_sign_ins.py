"""Store the failed sign-ins of an account, the wrong codes of a session, and the IP addresses of known devices."""

import sqlalchemy as sa
from alembic import op

from models.column_types import UtcTime

revision = '0023'
down_revision = '0022'


def upgrade() -> None:
    """Add the columns; nothing is known about the time before."""
    op.add_column('account', sa.Column('failed_count', sa.Integer, nullable=False, server_default='0'))
    op.add_column('account', sa.Column('failed_at', UtcTime()))
    op.add_column('account', sa.Column('failed_address', sa.String))
    op.add_column('account_session', sa.Column('code_failures', sa.Integer, nullable=False, server_default='0'))
    op.add_column('known_device', sa.Column('address', sa.String))
