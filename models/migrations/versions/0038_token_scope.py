"""Bind API tokens to several organisations; a token of one organisation stays bound to it."""

import sqlalchemy as sa
from alembic import op

revision = '0038'
down_revision = '0037'


def upgrade() -> None:
    """Move the organisation of each token into a table of its own."""
    op.add_column('api_token', sa.Column('is_bound', sa.Boolean, nullable=False, server_default=sa.false()))
    token = sa.table('api_token', sa.column('organization_id', sa.Integer), sa.column('is_bound', sa.Boolean))
    op.execute(token.update().where(token.c.organization_id.is_not(None)).values(is_bound=True))
    organizations = [
        {'token_id': id, 'organization_id': organization_id}
        for id, organization_id in op.get_bind().execute(
            sa.text('SELECT id, organization_id FROM api_token WHERE organization_id IS NOT NULL')
        )
    ]
    with op.batch_alter_table('api_token') as api_token:
        api_token.drop_column('organization_id')
    owned = op.create_table(
        'api_token_organization',
        sa.Column('token_id', sa.Integer, sa.ForeignKey('api_token.id', ondelete='CASCADE'), primary_key=True),
        sa.Column('organization_id', sa.Integer, sa.ForeignKey('organization.id'), primary_key=True),
    )
    op.bulk_insert(owned, organizations)
