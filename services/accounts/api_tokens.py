"""API tokens of the mailing systems that send messages to the journal. Only their hashes are stored.

Every change is recorded in the audit log, in the transaction of the change.
"""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Integer, Row, bindparam, insert, select, update
from sqlmodel import Session

from models import AuditEvent
from services import texts
from services.access_scope.organization_scope import (
    OrganizationScope,
    find_organization_ids,
    read_names,
    read_row_ids,
)
from services.access_scope.scope_words import describe_organizations
from services.accounts.accounts import NAME_PATTERN
from services.audit.hash_chain import append_entries, command_entry
from services.database.engine import Database
from services.database.tables import API_TOKEN_ORGANIZATION_TABLE, API_TOKEN_TABLE, ORGANIZATION_TABLE
from services.errors import InvalidInputError
from services.ingest.message_ingest import Sender

OWN_ORGANIZATIONS = select(API_TOKEN_ORGANIZATION_TABLE.c.organization_id).where(
    API_TOKEN_ORGANIZATION_TABLE.c.token_id == bindparam('id', type_=Integer)
)
SPELLINGS = select(ORGANIZATION_TABLE.c.name_key).where(ORGANIZATION_TABLE.c.id.in_(bindparam('ids', expanding=True)))
"""The folded names of rows of organisations."""
TOKEN_BYTES = 32
"""Random bytes in a token."""


class ApiTokenError(InvalidInputError):
    """A token cannot be created or revoked; the message is for the user."""


@dataclass(frozen=True)
class ApiTokenInfo:
    """What may be shown of a token; the token itself is not stored."""

    name: str
    organizations: Sequence[str] | None
    """The only organisations whose data the client may send and read; None for all."""
    created_at: datetime
    revoked_at: datetime | None


class ApiTokens:
    """Create, revoke, list and resolve API tokens."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._now = now

    def add(self, name: str, *organizations: str) -> str:
        """Create a token and return it; it cannot be read again later. Blocks (for the command line).

        Args:
            name: the name of the client.
            organizations: the only organisations that it may act for; none for all.

        Raises:
            ApiTokenError: the name is taken or invalid, or there is no such organisation.
        """
        if not NAME_PATTERN.fullmatch(name):
            raise ApiTokenError(texts.TOKEN_NAME_RULE.format(name=name))
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self._database.write_sync(lambda session: self._add(session, name, organizations, _hash_token(token)))
        return token

    def revoke(self, name: str) -> None:
        """Revoke a token from now on; blocks.

        Raises:
            ApiTokenError: there is no token of this name, or it is revoked already.
        """
        statement = (
            update(API_TOKEN_TABLE)
            .where(API_TOKEN_TABLE.c.name == name, API_TOKEN_TABLE.c.revoked_at.is_(None))
            .values(revoked_at=self._now())
        )

        def revoke_and_record(session: Session) -> None:
            if not session.connection().execute(statement).rowcount:
                raise ApiTokenError(texts.TOKEN_UNKNOWN.format(name=name))
            entry = command_entry(AuditEvent.API_TOKEN_CHANGED, texts.ACCESS_TOKEN_REVOKED, about=name)
            append_entries(session, [entry])

        self._database.write_sync(revoke_and_record)

    def list_all(self) -> Sequence[ApiTokenInfo]:
        """Return every token, the oldest first; blocks."""
        statement = select(API_TOKEN_TABLE).order_by(API_TOKEN_TABLE.c.id)

        def read(session: Session) -> list[ApiTokenInfo]:
            return [
                ApiTokenInfo(row.name, read_names(session, _read_scope(session, row)), row.created_at, row.revoked_at)
                for row in session.execute(statement)
            ]

        return self._database.read_sync(read)

    async def find_sender(self, token: str) -> Sender | None:
        """Return the sender that a token belongs to; None if the token is unknown or revoked.

        Raises:
            DatabaseError: see services.errors.
        """
        statement = select(API_TOKEN_TABLE).where(
            API_TOKEN_TABLE.c.hash == _hash_token(token), API_TOKEN_TABLE.c.revoked_at.is_(None)
        )

        def find(session: Session) -> Sender | None:
            row = session.execute(statement).one_or_none()
            if row is None:
                return None
            scope = _read_scope(session, row)
            ids = read_row_ids(session.connection(), scope)
            spellings = session.execute(SPELLINGS, {'ids': ids}).scalars() if ids else ()
            return Sender(row.name, scope, frozenset(spellings))

        return await self._database.read(find)

    def _add(self, session: Session, name: str, organizations: Sequence[str], token_hash: str) -> None:
        if session.execute(select(API_TOKEN_TABLE.c.id).where(API_TOKEN_TABLE.c.name == name)).first():
            raise ApiTokenError(texts.TOKEN_EXISTS.format(name=name))
        ids, unknown_names = find_organization_ids(session, organizations)
        if unknown_names:
            raise ApiTokenError(texts.TOKEN_NO_ORGANIZATION.format(name=min(unknown_names)))
        values = {
            'name': name,
            'hash': token_hash,
            'is_bound': bool(ids),
            'created_at': self._now(),
            'revoked_at': None,
        }
        token_id = session.execute(insert(API_TOKEN_TABLE).values(values).returning(API_TOKEN_TABLE.c.id)).scalar_one()
        if ids:
            owned = [{'token_id': token_id, 'organization_id': id} for id in sorted(ids)]
            session.execute(insert(API_TOKEN_ORGANIZATION_TABLE), owned)
        what = texts.ACCESS_TOKEN_ADDED.format(organization=describe_organizations(organizations or None))
        append_entries(session, [command_entry(AuditEvent.API_TOKEN_CHANGED, what, about=name)])


def _read_scope(session: Session, token: Row[Any]) -> OrganizationScope | None:
    """Return the scope of a row of `api_token`."""
    if not token.is_bound:
        return None
    return OrganizationScope(frozenset(session.execute(OWN_ORGANIZATIONS, {'id': token.id}).scalars()))


def _hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
