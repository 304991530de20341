"""Store by which account and for which phone a provider knows a message, and the impossible times of receipts.

SMSC.ru assigns one identifier to a list of phones, and the identifiers of two accounts may overlap.
"""

import sqlalchemy as sa
from alembic import op

from models.column_types import UtcTime, UuidKey

revision = '0015'
down_revision = '0014'

PROVIDERS_WITH_PHONE = "('smsc')"
"""Providers whose receipts have the phone number."""
IDENTIFIER_COLUMNS = 'provider, provider_id, phone, account, message_id'
UUID_GROUPS = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
"""The first digit and the number of digits of each group of a UUID."""
HAS_UUID_DIGITS = {
    'sqlite': "length(provider_id) = 32 AND provider_id NOT GLOB '*[^0-9A-Fa-f]*'",
    'postgresql': "provider_id ~ '^[0-9A-Fa-f]{32}$'",
}


def upgrade() -> None:
    """Add the columns, and build the table of identifiers with its new primary key."""
    op.add_column('message_fact', sa.Column('provider_id', sa.String))
    op.add_column('message_fact', sa.Column('account', sa.String))
    op.add_column('message_fact', sa.Column('claimed_at', UtcTime))
    op.add_column('early_receipt', sa.Column('account', sa.String, nullable=False, server_default=''))
    op.add_column('early_receipt', sa.Column('phone', sa.String, nullable=False, server_default=''))
    op.add_column('early_receipt', sa.Column('claimed_at', UtcTime))
    op.drop_index('early_receipt_of', 'early_receipt')
    op.create_index('early_receipt_of', 'early_receipt', ['provider_id', 'phone'])

    op.rename_table('provider_message', 'old_provider_message')
    # PostgreSQL names constraints independently of their table.
    if op.get_bind().dialect.name == 'postgresql':
        op.execute(
            'ALTER TABLE old_provider_message RENAME CONSTRAINT provider_message_pkey TO old_provider_message_pkey'
        )
    op.create_table(
        'provider_message',
        sa.Column('provider', sa.String, primary_key=True),
        sa.Column('provider_id', sa.String, primary_key=True),
        sa.Column('phone', sa.String, primary_key=True),
        sa.Column('account', sa.String, primary_key=True),
        sa.Column('message_id', UuidKey, nullable=False),
    )
    same_uuid = _same_uuid(op.get_bind().dialect.name)
    op.execute(f"""
        INSERT INTO provider_message ({IDENTIFIER_COLUMNS})
        SELECT provider, {same_uuid}, coalesce(phone, ''), '', message_id
        FROM old_provider_message
        LEFT JOIN message ON provider IN {PROVIDERS_WITH_PHONE} AND message.id = message_id
        WHERE true
        ON CONFLICT DO NOTHING
    """)
    op.drop_table('old_provider_message')
    op.execute(f'UPDATE early_receipt SET provider_id = {same_uuid} WHERE provider_id <> {same_uuid}')
    # Retention removes the phones of anonymized messages.
    op.execute("CREATE INDEX provider_message_of ON provider_message (message_id) WHERE phone <> ''")


def _same_uuid(dialect: str) -> str:
    """Return the expression of an identifier in which a UUID has hyphens and lower case; others are unchanged."""
    groups = [f'lower(substr(provider_id, {first}, {count}))' for first, count in UUID_GROUPS]
    return f"""CASE
        WHEN {HAS_UUID_DIGITS[dialect]} THEN {" || '-' || ".join(groups)}
        WHEN provider_id LIKE '________-____-____-____-____________' THEN lower(provider_id)
        ELSE provider_id
    END"""
