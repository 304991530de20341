"""Tokens by which mailing systems hand messages over. Only their hashes are kept."""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlmodel import Session, SQLModel

from services import texts
from services.accounts.accounts import NAME
from services.database.engine import Database
from services.ingest.message_ingest import Teller
from services.names import fold

TOKEN = SQLModel.metadata.tables['api_token']
ORGANIZATION = SQLModel.metadata.tables['organization']
OF_ALL = select(
    TOKEN.c.name, TOKEN.c.created_at, TOKEN.c.revoked_at, ORGANIZATION.c.name.label('organization')
).outerjoin(ORGANIZATION)
BYTES = 32
"""Of chance in a token."""


class TokenRefused(Exception):
    """A token that cannot be made or revoked as asked; the message is for the person who asked."""


@dataclass(frozen=True)
class Token:
    """A token as it may be shown: never the token itself."""

    name: str
    organization: str | None
    """The only one that it speaks for; None for all."""
    created_at: datetime
    revoked_at: datetime | None


class Tokens:
    """Tokens in the journal's own database."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._now = now

    def add(self, name: str, organization: str | None = None) -> str:
        """Make a token and give it: it cannot be had again; blocks (for the command line).

        Raises:
            TokenRefused: the name is taken or unfit, or there is no such organisation.
        """
        if not NAME.fullmatch(name):
            raise TokenRefused(texts.TOKEN_NAME_RULE.format(name=name))
        token = secrets.token_urlsafe(BYTES)
        self._database.write_now(lambda session: self._add(session, name, organization, _hash(token)))
        return token

    def revoke(self, name: str) -> None:
        """End a token from now on; blocks.

        Raises:
            TokenRefused: there is none of this name, or it has ended already.
        """
        ended = update(TOKEN).where(TOKEN.c.name == name, TOKEN.c.revoked_at.is_(None)).values(revoked_at=self._now())
        if not self._database.write_now(lambda session: session.connection().execute(ended).rowcount):
            raise TokenRefused(texts.TOKEN_UNKNOWN.format(name=name))

    def all(self) -> Sequence[Token]:
        """Give every token, the oldest first; blocks."""
        found = OF_ALL.order_by(TOKEN.c.id)
        return self._database.read_now(lambda session: [Token(**row._asdict()) for row in session.execute(found)])

    async def teller(self, token: str) -> Teller | None:
        """Give whose token it is, if it is one and has not ended; may raise Unavailable, Busy."""
        wanted = OF_ALL.where(TOKEN.c.hash == _hash(token), TOKEN.c.revoked_at.is_(None))
        row = await self._database.read(lambda session: session.execute(wanted).one_or_none())
        return Teller(row.name, row.organization) if row else None

    def _add(self, session: Session, name: str, organization: str | None, hashed: str) -> None:
        if session.execute(select(TOKEN.c.id).where(TOKEN.c.name == name)).first():
            raise TokenRefused(texts.TOKEN_TAKEN.format(name=name))
        organization_id = None
        if organization is not None:
            named = select(ORGANIZATION.c.id).where(ORGANIZATION.c.name_key == fold(organization))
            organization_id = session.execute(named.limit(1)).scalar_one_or_none()
            if organization_id is None:
                raise TokenRefused(texts.TOKEN_NO_ORGANIZATION.format(name=organization))
        session.execute(
            TOKEN.insert().values(
                name=name, hash=hashed, organization_id=organization_id, created_at=self._now(), revoked_at=None
            )
        )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
