"""The reference data of medical organisations (S8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select
from sqlmodel import Session

from services.access_scope.organization_scope import ScopedService, read_row_ids
from services.database.tables import ORGANIZATION_TABLE
from services.lists.reference_data import ReferenceData, ReferenceEntry


@dataclass(frozen=True)
class OrganizationName(ReferenceEntry):
    """The id and the name of a medical organisation."""


class Organizations(ScopedService, ReferenceData[OrganizationName]):
    """Reads the current entries of medical organisations; the ingest adds to them."""

    table = ORGANIZATION_TABLE
    entry_class = OrganizationName

    async def all(self) -> Sequence[OrganizationName]:
        """See ReferenceData."""
        return await self._database.read(self._read_own)

    def _read_own(self, session: Session) -> Sequence[OrganizationName]:
        own_ids = read_row_ids(session.connection(), self._scope)
        return [entry for entry in self.read(session) if own_ids is None or entry.id in own_ids]

    @classmethod
    def statement(cls) -> Select[Any]:
        """Leave out the other spellings of each organisation."""
        return super().statement().where(cls.table.c.merged_into.is_(None))
