"""Documents exchanged with the regional card, the dictionary of their kinds, and what happened to each."""

import sqlalchemy as sa
from alembic import op

from models.column_types import BIG_KEY, FOLDED, UtcTime, UuidKey

revision = '0010'
down_revision = '0006'


def upgrade() -> None:
    """Make the tables; each index is in the order of the list, newest first when read backwards."""
    op.create_table(
        'document_kind',
        sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('name', sa.String, nullable=False, unique=True),
        sa.Column('name_key', FOLDED, nullable=False),
    )
    op.create_table(
        'document',
        sa.Column('number', BIG_KEY, primary_key=True),
        sa.Column('id', UuidKey, nullable=False, unique=True),
        sa.Column('at', UtcTime, nullable=False),
        sa.Column('organization_id', sa.Integer, sa.ForeignKey('organization.id'), nullable=False),
        sa.Column('patient_name', sa.String, nullable=False),
        sa.Column('name_key', FOLDED, nullable=False),
        sa.Column('initials', FOLDED, nullable=False),
        sa.Column('snils', FOLDED),
        sa.Column('kind_id', sa.Integer, sa.ForeignKey('document_kind.id'), nullable=False),
        sa.Column('operation', sa.SmallInteger, nullable=False),
        sa.Column('status', sa.SmallInteger, nullable=False),
        sa.Column('remd_number', sa.String),
        sa.Column('doctor', sa.String),
        sa.Column('error_code', sa.String),
        sa.Column('error_text', sa.String),
    )
    op.create_index('document_at', 'document', ['at', 'number'])
    op.create_index('document_of_organization', 'document', ['organization_id', 'at', 'number'])
    op.create_index('document_snils', 'document', ['snils', 'at', 'number'])
    op.create_table(
        'document_step',
        sa.Column('number', BIG_KEY, primary_key=True),
        sa.Column('document_id', UuidKey, nullable=False),
        sa.Column('at', UtcTime, nullable=False),
        sa.Column('status', sa.SmallInteger, nullable=False),
        sa.Column('words', sa.String),
    )
    op.create_index('document_step_of', 'document_step', ['document_id'])
