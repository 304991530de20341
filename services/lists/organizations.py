"""The dictionary of medical organisations (spec S8)."""

from dataclasses import dataclass

from sqlmodel import SQLModel

from services.lists.reference_data import ReferenceData, ReferenceEntry


@dataclass(frozen=True)
class OrganizationName(ReferenceEntry):
    """A medical organisation."""


class Organizations(ReferenceData[OrganizationName]):
    """Reads the dictionary; the feed adds to it."""

    table = SQLModel.metadata.tables['organization']
    entry_class = OrganizationName
