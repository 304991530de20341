"""API tokens of the mailing systems that send messages to the journal. Only their hashes are stored.

Every change is recorded in the audit log, in the transaction of the change.
"""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import bindparam, select, update
from sqlmodel import Session

from models import AuditEvent
from services import texts
from services.accounts.accounts import NAME_PATTERN
from services.audit.hash_chain import append_entries, command_entry
from services.database.engine import Database
from services.database.tables import API_TOKEN_TABLE, ORGANIZATION_TABLE
from services.dictionaries.dictionary_tables import CURRENT_ORGANIZATION
from services.dictionaries.name_folding import fold_entry_name
from services.errors import InvalidInputError
from services.ingest.message_ingest import Sender

ALL_TOKENS = select(
    API_TOKEN_TABLE.c.name,
    API_TOKEN_TABLE.c.created_at,
    API_TOKEN_TABLE.c.revoked_at,
    CURRENT_ORGANIZATION.c.name.label('organization'),
).outerjoin(CURRENT_ORGANIZATION, CURRENT_ORGANIZATION.c.id == API_TOKEN_TABLE.c.organization_id)
SPELLINGS = (
    select(ORGANIZATION_TABLE.c.name_key)
    .join(CURRENT_ORGANIZATION, CURRENT_ORGANIZATION.c.id == ORGANIZATION_TABLE.c.id)
    .where(CURRENT_ORGANIZATION.c.name == bindparam('organization'))
)
"""The folded names of all spellings of an organization, by its current name."""
TOKEN_BYTES = 32
"""Random bytes in a token."""


class ApiTokenError(InvalidInputError):
    """A token cannot be created or revoked; the message is for the user."""


@dataclass(frozen=True)
class ApiTokenInfo:
    """What may be shown of a token; the token itself is not stored."""

    name: str
    organization: str | None
    """The only organization that the token may send for; None for all."""
    created_at: datetime
    revoked_at: datetime | None


class ApiTokens:
    """Create, revoke, list and resolve API tokens."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._now = now

    def add(self, name: str, organization: str | None = None) -> str:
        """Create a token and return it; it cannot be read again later. Blocks (for the command line).

        Raises:
            ApiTokenError: the name is taken or invalid, or there is no such organization.
        """
        if not NAME_PATTERN.fullmatch(name):
            raise ApiTokenError(texts.TOKEN_NAME_RULE.format(name=name))
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self._database.write_sync(lambda session: self._add(session, name, organization, _hash_token(token)))
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
        statement = ALL_TOKENS.order_by(API_TOKEN_TABLE.c.id)
        return self._database.read_sync(
            lambda session: [ApiTokenInfo(**row._asdict()) for row in session.execute(statement)]
        )

    async def find_sender(self, token: str) -> Sender | None:
        """Return the sender that a token belongs to; None if the token is unknown or revoked.

        Raises:
            DatabaseError: see services.errors.
        """
        statement = ALL_TOKENS.where(
            API_TOKEN_TABLE.c.hash == _hash_token(token), API_TOKEN_TABLE.c.revoked_at.is_(None)
        )

        def find(session: Session) -> Sender | None:
            row = session.execute(statement).one_or_none()
            if row is None or row.organization is None:
                return Sender(row.name) if row else None
            spellings = session.execute(SPELLINGS, {'organization': row.organization}).scalars()
            return Sender(row.name, row.organization, frozenset(spellings))

        return await self._database.read(find)

    def _add(self, session: Session, name: str, organization: str | None, token_hash: str) -> None:
        if session.execute(select(API_TOKEN_TABLE.c.id).where(API_TOKEN_TABLE.c.name == name)).first():
            raise ApiTokenError(texts.TOKEN_EXISTS.format(name=name))
        organization_id = None
        if organization is not None:
            folded_name = fold_entry_name(organization)
            statement = select(ORGANIZATION_TABLE.c.id).where(ORGANIZATION_TABLE.c.folded_name == folded_name)
            organization_id = session.execute(statement).scalar_one_or_none()
            if organization_id is None:
                raise ApiTokenError(texts.TOKEN_NO_ORGANIZATION.format(name=organization))
        session.execute(
            API_TOKEN_TABLE.insert().values(
                name=name, hash=token_hash, organization_id=organization_id, created_at=self._now(), revoked_at=None
            )
        )
        what = texts.ACCESS_TOKEN_ADDED.format(organization=organization or texts.TOKEN_ALL_ORGANIZATIONS)
        append_entries(session, [command_entry(AuditEvent.API_TOKEN_CHANGED, what, about=name)])


def _hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
