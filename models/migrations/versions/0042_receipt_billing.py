"""Add the cost and the number of parts that receipts report, and whether those of a message follow from receipts.

The columns are nullable and have no default, so that neither engine rewrites a table. NULL is right for what is stored:
its cost was reported by its sender.
"""

import sqlalchemy as sa
from alembic import op

from models.column_types import Kopecks

revision = '0042'
down_revision = '0041'


def upgrade() -> None:
    """Add the columns."""
    op.add_column('message', sa.Column('cost_source', sa.SmallInteger))
    op.add_column('message', sa.Column('parts_from_receipts', sa.Boolean))
    for table in ('message_fact', 'early_receipt'):
        op.add_column(table, sa.Column('cost', Kopecks()))
        op.add_column(table, sa.Column('parts', sa.SmallInteger))
