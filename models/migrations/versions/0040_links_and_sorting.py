"""Allow share links without a user, which programs create; sort organisations by their names as lists show them.

The function that folds a name for sorting comes from the program, in the attributes of Alembic's configuration, because
a row that has another one is only sorted in another place.
"""

import sqlalchemy as sa
from alembic import context, op

from models.column_types import CODE_POINT_TEXT

revision = '0040'
down_revision = '0039'

ORGANIZATION = sa.table(
    'organization', sa.column('id', sa.Integer), sa.column('name', sa.String), sa.column('sort_name', sa.String)
)


def upgrade() -> None:
    """Make the user of a link optional, with an index, by which links without one are purged; fill the column."""
    with op.batch_alter_table('kept_view') as kept_view:
        kept_view.alter_column('made_by', existing_type=sa.Integer(), nullable=True)
    op.create_index('ix_kept_view_made_by', 'kept_view', ['made_by'])
    op.add_column('organization', sa.Column('sort_name', CODE_POINT_TEXT))
    fold_sort_name = context.config.attributes['fold_sort_name']
    connection = op.get_bind()
    for id, name in connection.execute(sa.select(ORGANIZATION.c.id, ORGANIZATION.c.name)).all():
        change = sa.update(ORGANIZATION).where(ORGANIZATION.c.id == id)
        connection.execute(change.values(sort_name=fold_sort_name(name)))
