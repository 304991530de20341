"""The reference data of medical organisations (S8)."""

from dataclasses import dataclass

from services.database.tables import ORGANIZATION_TABLE
from services.lists.reference_data import ReferenceData, ReferenceEntry


@dataclass(frozen=True)
class OrganizationName(ReferenceEntry):
    """The id and the name of a medical organisation."""


class Organizations(ReferenceData[OrganizationName]):
    """Reads the medical organisations; the ingest adds to them."""

    table = ORGANIZATION_TABLE
    entry_class = OrganizationName
