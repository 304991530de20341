"""The dictionary of medical organisations (spec S8)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, select

from models import Organization
from services.database import Database


@dataclass(frozen=True)
class OrganizationName:
    """An entry of the dictionary."""

    id: int
    name: str


class Organizations:
    """Reads the dictionary; the feed adds to it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[OrganizationName]:
        """Give every organisation, sorted by its folded name."""
        return await self._database.read(read_all)


def read_all(session: Session) -> Sequence[OrganizationName]:
    """Read every organisation, sorted by its folded name."""
    statement = select(Organization.id, Organization.name).order_by(Organization.name_key)
    return [OrganizationName(id=key or 0, name=name) for key, name in session.exec(statement)]
