"""Create the table of the error codes of mobile operators."""

import sqlalchemy as sa
from alembic import op

from models.column_types import CODE_POINT_TEXT

revision = '0018'
down_revision = '0017'


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        'operator_error',
        sa.Column('operator', CODE_POINT_TEXT, primary_key=True),
        sa.Column('code', CODE_POINT_TEXT, primary_key=True),
        sa.Column('name', sa.String, nullable=False),
        sa.Column('advice', sa.String, nullable=False),
    )
