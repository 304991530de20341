"""The column of the medical organisation, in the lists of messages and of documents."""

from typing import Protocol, TypeVar

from journal_ui.list_page.grid.grid_columns import Column
from services import texts
from services.formats import distinctive_part_first
from services.lists.query_protocol import ListRow


class RowOfOrganization(ListRow, Protocol):
    """A row that belongs to an organisation."""

    @property
    def organization(self) -> str:
        """The name of the organisation."""


R = TypeVar('R', bound=RowOfOrganization)


def organization_column(_: type[R]) -> Column[R]:
    """Return the column of rows of a class: the distinctive part of the name first, and the whole name on hover."""
    return Column[R](
        'organization',
        texts.ORGANIZATION,
        lambda row: distinctive_part_first(row.organization),
        180,
        flex=1,
        get_full_text=lambda row: row.organization,
    )
