"""The reference data of medical organisations (S8)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select

from services.database.tables import ORGANIZATION_TABLE
from services.lists.reference_data import ReferenceData, ReferenceEntry


@dataclass(frozen=True)
class OrganizationName(ReferenceEntry):
    """The id and the name of a medical organisation."""


class Organizations(ReferenceData[OrganizationName]):
    """Reads the current entries of medical organisations; the ingest adds to them."""

    table = ORGANIZATION_TABLE
    entry_class = OrganizationName

    @classmethod
    def statement(cls) -> Select[Any]:
        """Leave out the other spellings of each organisation."""
        return super().statement().where(cls.table.c.merged_into.is_(None))
