"""Known devices: browsers from which an account has signed in before, identified by a cookie.

Failed sign-ins elsewhere do not throttle a known device. The cookie grants no access.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, exists, select
from sqlmodel import Session

from models import KnownDevice
from services.accounts.identity import ClientInfo, hash_secret
from services.database.tables import ACCOUNT_TABLE, KNOWN_DEVICE_TABLE

DEVICE_LIFETIME: Final = timedelta(days=365)
"""The time after the last sign-in from a device after which it is unknown again."""
MAX_DEVICES: Final = 20
"""The largest number of known devices of an account."""


@dataclass(frozen=True)
class ClientKnowledge:
    """What an account knows of a client that tries to sign in."""

    device_hash: str = ''
    """The hash of the device token, if the account has signed in from the device before."""
    is_known_address: bool = False
    """Whether the account has signed in from the IP address before."""


def look_up_client(session: Session, name: str, client: ClientInfo) -> ClientKnowledge:
    """Return what the account with a normalized name knows of a client; nothing if there is no such account."""
    of_account = select(ACCOUNT_TABLE.c.id).where(ACCOUNT_TABLE.c.name == name).scalar_subquery()
    hashed = hash_secret(client.device_token) if client.device_token else ''
    known = [KNOWN_DEVICE_TABLE.c.account_id == of_account]
    is_device, is_address = session.execute(
        select(
            exists().where(*known, KNOWN_DEVICE_TABLE.c.hash == hashed),
            exists().where(*known, KNOWN_DEVICE_TABLE.c.address == client.address),
        )
    ).one()
    return ClientKnowledge(hashed if is_device else '', bool(is_address))


def remember_device(session: Session, account_id: int, client: ClientInfo, now: datetime) -> None:
    """Store the device of a sign-in, and delete the oldest devices of the account."""
    hashed = hash_secret(client.device_token)
    session.merge(KnownDevice(account_id=account_id, hash=hashed, seen_at=now, address=client.address))
    session.flush()
    of_account = KNOWN_DEVICE_TABLE.c.account_id == account_id
    newest = select(KNOWN_DEVICE_TABLE.c.hash).where(of_account, KNOWN_DEVICE_TABLE.c.seen_at > now - DEVICE_LIFETIME)
    newest = newest.order_by(KNOWN_DEVICE_TABLE.c.seen_at.desc()).limit(MAX_DEVICES)
    session.execute(delete(KNOWN_DEVICE_TABLE).where(of_account, KNOWN_DEVICE_TABLE.c.hash.not_in(newest)))


def forget_devices(session: Session, account_id: int) -> None:
    """Delete every known device of an account, in the transaction of the caller."""
    session.execute(delete(KNOWN_DEVICE_TABLE).where(KNOWN_DEVICE_TABLE.c.account_id == account_id))
