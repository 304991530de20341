"""Encryption of the columns that hold secrets of the second factor, with the data key (services.keys.data_key).

An encrypted value begins with ENCRYPTED_PREFIX. A value without it was stored by a version that did not encrypt; it is
encrypted when the program starts.
"""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlmodel import Session

from models import AuditEvent
from services import texts
from services.audit.hash_chain import COMMAND_LINE, AuditEntry, append_entries
from services.database.engine import Database
from services.database.tables import (
    ACCOUNT_SESSION_TABLE,
    ACCOUNT_TABLE,
    OIDC_SESSION_TABLE,
    RECOVERY_CODE_TABLE,
    STATE_TABLE,
    WEBHOOK_DELIVERY_TABLE,
    WEBHOOK_TABLE,
)
from services.keys.data_key import DataKey

PURPOSE: Final = 'second factor'
ENCRYPTED_PREFIX: Final = 'fernet:'
"""No base32 secret contains a colon."""
COLUMNS: Final = (ACCOUNT_TABLE.c.totp_secret, ACCOUNT_SESSION_TABLE.c.pending_secret)


def encrypt_secret(data_key: DataKey, secret: str) -> str:
    """Return a secret as it is stored."""
    return ENCRYPTED_PREFIX + data_key.encrypt(PURPOSE, secret)


def decrypt_secret(data_key: DataKey, stored: str) -> str:
    """Return a stored secret in clear.

    Raises:
        DataKeyError: see DataKey.decrypt.
    """
    if not stored.startswith(ENCRYPTED_PREFIX):
        return stored
    return data_key.decrypt(PURPOSE, stored.removeprefix(ENCRYPTED_PREFIX))


def encrypt_stored_secrets(database: Database, data_key: DataKey) -> None:
    """Encrypt the secrets that a former version stored in clear; blocks.

    Raises:
        DatabaseError: see services.errors.
    """
    clear = [
        select(column).where(column.is_not(None), ~column.startswith(ENCRYPTED_PREFIX)).distinct() for column in COLUMNS
    ]

    def encrypt(session: Session) -> None:
        for column, statement in zip(COLUMNS, clear, strict=True):
            for secret in session.execute(statement).scalars().all():
                encrypted = {column.name: encrypt_secret(data_key, secret)}
                session.execute(update(column.table).where(column == secret).values(encrypted))

    if database.read_sync(lambda session: any(session.execute(statement).first() for statement in clear)):
        database.write_sync(encrypt)


def forget_data_key(database: Database) -> int:
    """Remove what only the lost data key can read, so that the next start may use another key; blocks.

    Every second factor is removed: users sign in by password and set it up again. The webhooks are removed, too, and
    the sessions of users who signed in at the identity provider end.

    Returns:
        The number of accounts whose second factor was removed.

    Raises:
        DatabaseError: see services.errors.
    """

    def remove(session: Session) -> int:
        has_factor = ACCOUNT_TABLE.c.totp_secret.is_not(None)
        count = int(session.execute(select(func.count()).select_from(ACCOUNT_TABLE).where(has_factor)).scalar_one())
        session.execute(update(ACCOUNT_TABLE).where(has_factor).values(totp_secret=None, totp_step=None))
        session.execute(update(ACCOUNT_SESSION_TABLE).values(pending_secret=None))
        session.execute(delete(RECOVERY_CODE_TABLE))
        with_tokens = select(OIDC_SESSION_TABLE.c.hash)
        session.execute(delete(ACCOUNT_SESSION_TABLE).where(ACCOUNT_SESSION_TABLE.c.hash.in_(with_tokens)))
        # Without its secret a webhook cannot be signed, and is added again.
        session.execute(delete(WEBHOOK_DELIVERY_TABLE))
        session.execute(delete(WEBHOOK_TABLE))
        session.execute(update(STATE_TABLE).values(data_key_check=None))
        what = texts.ACCESS_DATA_KEY_RESET.format(count=count)
        append_entries(session, [AuditEntry(datetime.now(UTC), COMMAND_LINE, AuditEvent.USER_CHANGED, what=what)])
        return count

    return database.write_sync(remove)
