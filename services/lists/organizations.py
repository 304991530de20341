"""The dictionary of medical organisations (spec S8)."""

from dataclasses import dataclass

from sqlmodel import SQLModel

from services.lists.reference_data import Dictionary, Entry


@dataclass(frozen=True)
class OrganizationName(Entry):
    """A medical organisation."""


class Organizations(Dictionary[OrganizationName]):
    """Reads the dictionary; the feed adds to it."""

    table = SQLModel.metadata.tables['organization']
    entry = OrganizationName
