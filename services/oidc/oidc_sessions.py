"""The sessions of users who signed in at the identity provider, and the values that must not be used twice.

All of it is in the database, because a request may reach any node.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models import AuditEvent
from services import texts
from services.accounts.identity import hash_secret
from services.audit.hash_chain import Actor, AuditEntry, append_entries
from services.database.engine import Database
from services.database.tables import (
    ACCOUNT_SESSION_TABLE,
    ACCOUNT_TABLE,
    OIDC_SESSION_TABLE,
    OIDC_USED_VALUE_TABLE,
)
from services.keys.data_key import DataKey
from services.oidc.token_set import TokenSet

CLAIM_SECONDS: Final = 60
"""Seconds after which a reading that a node has begun, and not finished, is begun again, by whichever node."""


@dataclass(frozen=True)
class DueSession:
    """A session whose role is to be read anew."""

    key: str
    account_id: int
    subject: str
    tokens: TokenSet
    read_at: datetime


class OidcSessions:
    """Stores and ends the sessions of one identity provider."""

    def __init__(self, database: Database, data_key: DataKey, issuer: str, now: Callable[[], datetime]) -> None:
        self._database = database
        self._data_key = data_key
        self._issuer = issuer
        self._now = now

    def insert(self, session: Session, key: str, tokens: TokenSet, sid: str, due_in: timedelta) -> None:
        """Store what belongs to a new session, in the transaction that creates it."""
        now = self._now()
        values = {
            'hash': key,
            'sid': sid or None,
            'tokens': tokens.encrypt(self._data_key),
            'read_at': now,
            'due_at': now + due_in,
        }
        session.execute(OIDC_SESSION_TABLE.insert().values(values))

    async def use_once(self, kind: str, value: str, expires_at: datetime) -> bool:
        """Mark a value as used until it expires anyway; return whether it had not been used before.

        The values that are refused because of their age are removed in the same transaction.
        """
        expired = delete(OIDC_USED_VALUE_TABLE).where(OIDC_USED_VALUE_TABLE.c.expires_at < self._now())
        row = {'hash': hash_secret(f'{kind}:{value}'), 'expires_at': expires_at}

        def insert_value(session: Session) -> None:
            session.execute(expired)
            session.execute(OIDC_USED_VALUE_TABLE.insert().values(row))

        try:
            await self._database.write_priority(insert_value)
        except IntegrityError:
            return False
        return True

    async def end(self, what: str, *, address: str = '', subject: str = '', sid: str = '', key: str = '') -> int:
        """End the sessions of a user, or one session, and record it; return the number of ended sessions.

        Args:
            what: why they end, for the audit log.
            address: the IP address that the request to end them came from; empty for none.
            subject: the user; with `sid` as well, the session must be theirs.
            sid: the session at the identity provider; empty for all sessions of the user.
            key: the key of the session here; empty for all.
        """
        assert subject or sid or key, 'This would end the sessions of all users.'
        conditions = [ACCOUNT_TABLE.c.oidc_issuer == self._issuer]
        if subject:
            conditions.append(ACCOUNT_TABLE.c.oidc_subject == subject)
        if sid:
            conditions.append(OIDC_SESSION_TABLE.c.sid == sid)
        if key:
            conditions.append(OIDC_SESSION_TABLE.c.hash == key)
        statement = (
            select(OIDC_SESSION_TABLE.c.hash, ACCOUNT_TABLE.c.id, ACCOUNT_TABLE.c.name)
            .join(ACCOUNT_SESSION_TABLE, ACCOUNT_SESSION_TABLE.c.hash == OIDC_SESSION_TABLE.c.hash)
            .join(ACCOUNT_TABLE, ACCOUNT_TABLE.c.id == ACCOUNT_SESSION_TABLE.c.account_id)
            .where(*conditions)
        )

        def end_sessions(session: Session) -> int:
            rows = session.execute(statement).all()
            keys = [row.hash for row in rows]
            session.execute(delete(ACCOUNT_SESSION_TABLE).where(ACCOUNT_SESSION_TABLE.c.hash.in_(keys)))
            entries = [
                AuditEntry(self._now(), Actor(id, name, address), AuditEvent.OIDC_SESSIONS_ENDED, what=what, about=name)
                for id, name in sorted({(row.id, row.name) for row in rows})
            ]
            if entries:
                append_entries(session, entries)
            return len(keys)

        return await self._database.write(end_sessions)

    async def claim_due(self, limit: int) -> Sequence[DueSession]:
        """Return sessions whose role is to be read anew, and reserve them for this node."""
        now = self._now()
        statement = (
            select(OIDC_SESSION_TABLE, ACCOUNT_TABLE.c.id, ACCOUNT_TABLE.c.oidc_subject)
            .join(ACCOUNT_SESSION_TABLE, ACCOUNT_SESSION_TABLE.c.hash == OIDC_SESSION_TABLE.c.hash)
            .join(ACCOUNT_TABLE, ACCOUNT_TABLE.c.id == ACCOUNT_SESSION_TABLE.c.account_id)
            .where(OIDC_SESSION_TABLE.c.due_at <= now, ACCOUNT_TABLE.c.oidc_issuer == self._issuer)
            .order_by(OIDC_SESSION_TABLE.c.due_at)
            .limit(limit)
        )
        if not await self._database.read(lambda session: session.execute(statement).first()):
            return ()

        def claim(session: Session) -> list[DueSession]:
            rows = session.execute(statement.with_for_update(of=OIDC_SESSION_TABLE, skip_locked=True)).all()
            keys = [row.hash for row in rows]
            session.execute(
                update(OIDC_SESSION_TABLE)
                .where(OIDC_SESSION_TABLE.c.hash.in_(keys))
                .values(due_at=now + timedelta(seconds=CLAIM_SECONDS))
            )
            return [
                DueSession(
                    row.hash, row.id, row.oidc_subject, TokenSet.decrypt(self._data_key, row.tokens), row.read_at
                )
                for row in rows
            ]

        return await self._database.write_priority(claim)

    async def store_reading(self, due: DueSession, tokens: TokenSet, due_in: timedelta, *, was_read: bool) -> None:
        """Store the tokens of a session after an attempt to read the role, and when the next one is due."""
        now = self._now()
        values = {'tokens': tokens.encrypt(self._data_key), 'due_at': now + due_in}
        if was_read:
            values['read_at'] = now
        statement = update(OIDC_SESSION_TABLE).where(OIDC_SESSION_TABLE.c.hash == due.key).values(values)

        def store(session: Session) -> None:
            session.execute(statement)

        await self._database.write_priority(store)


def ended_by(reason: str) -> str:
    """Return the description of ended sessions for the audit log."""
    return texts.ACCESS_OIDC_ENDED.format(reason=reason)
