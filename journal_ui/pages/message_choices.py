"""The fields that select several organisations, kinds or errors of messages."""

from collections.abc import Sequence

from journal_ui.filters.multiple_filter import FilterOption, MultipleFilter
from services import texts
from services.composition import Services
from services.formats import integer
from services.lists.reference_data import ReferenceEntry
from services.messages.message_query import MessageQuery

MY_ORGANIZATIONS = 'my organizations'
"""The preference with the organisations that a user selects at once."""
UNNAMED_KEY = '-'
"""The key of the option for messages that have neither a code nor a name of the error."""


def organization_filter(services: Services, css_flex: str = '1.8 1 240px') -> MultipleFilter:
    """Return the field that selects organisations (docs/manual.md S8)."""

    async def load(query: MessageQuery) -> Sequence[FilterOption]:
        return _entry_options(await services.organizations.all())

    return MultipleFilter(
        'organizations', texts.ORGANIZATION_FILTER, load, _name, css_flex, remembered_as=MY_ORGANIZATIONS
    )


def kind_filter(services: Services) -> MultipleFilter:
    """Return the field that selects kinds of messages (docs/manual.md S6)."""

    def get_options() -> Sequence[FilterOption]:
        return _entry_options(services.dictionaries.snapshot.kind_list)

    async def load(query: MessageQuery) -> Sequence[FilterOption]:
        return get_options()

    return MultipleFilter('kinds', texts.KIND, load, _name, '0.6 1 180px', get_first_options=get_options)


def error_filter(services: Services) -> MultipleFilter:
    """Return the field that selects errors, each with its count in the period, the most frequent first."""

    async def load(query: MessageQuery) -> Sequence[FilterOption]:
        errors = await services.messages.error_counts(query)
        return [
            FilterOption(
                each.key or UNNAMED_KEY,
                each.key,
                texts.ERROR_OPTION_COUNT.format(error=each.title, count=integer(each.count)),
            )
            for each in errors
        ]

    return MultipleFilter('errors', texts.ERROR_NAME, load, lambda key: key or texts.UNNAMED_ERROR, '0.4 1 150px')


def _entry_options(entries: Sequence[ReferenceEntry]) -> Sequence[FilterOption]:
    return [FilterOption(str(entry.id), entry, entry.name) for entry in entries]


def _name(entry: ReferenceEntry) -> str:
    return entry.name
