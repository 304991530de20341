"""Add what is known about the delivery of a sent message, and an index of the messages without an answer.

The column is empty for existing messages: it is set when the next report of the provider arrives. The index is created
here and not with the other indexes of messages, because a change of their definition would rebuild all of them. It has
only the messages that were passed to the mobile operator and not confirmed, so that a bulk load need not drop it.
"""

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'

HANDED_OVER = 1


def upgrade() -> None:
    """Add the column, which rewrites no row, and the index, which reads the table once."""
    op.add_column('message', sa.Column('delivery', sa.SmallInteger()))
    op.execute(
        'CREATE INDEX message_handed_over ON message (delivery, place, organization_id, kind, cost) '
        f'WHERE delivery = {HANDED_OVER}'
    )
