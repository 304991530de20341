"""Create the tables of documents, their kinds and their status history."""

import sqlalchemy as sa
from alembic import op

from models.column_types import BIG_KEY, CODE_POINT_TEXT, UtcTime, UuidKey

revision = '0010'
down_revision = '0006'


def upgrade() -> None:
    """Create the tables. Each index has the order of the list: read backwards, it returns the newest first."""
    op.create_table(
        'document_kind',
        sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('name', sa.String, nullable=False, unique=True),
        sa.Column('name_key', CODE_POINT_TEXT, nullable=False),
    )
    op.create_table(
        'document',
        sa.Column('number', BIG_KEY, primary_key=True),
        sa.Column('id', UuidKey, nullable=False, unique=True),
        sa.Column('at', UtcTime, nullable=False),
        sa.Column('organization_id', sa.Integer, sa.ForeignKey('organization.id'), nullable=False),
        sa.Column('patient_name', sa.String, nullable=False),
        sa.Column('name_key', CODE_POINT_TEXT, nullable=False),
        sa.Column('initials', CODE_POINT_TEXT, nullable=False),
        sa.Column('snils', CODE_POINT_TEXT),
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
