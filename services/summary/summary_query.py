"""The query of the summary: conditions of the journal, and the order of the table of organisations."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from services import texts
from services.lists.query_protocol import Order, ParsedLink
from services.lists.share_links import ShareLinks
from services.messages import query_params
from services.messages.message_query import MessageQuery, clean_file_name

ORGANIZATION_COLUMNS: Final = ('name', 'messages', 'sent', 'waiting', 'failed', 'failure_rate', 'cost')
"""The columns by which the table of organisations can be sorted."""
BY_COST: Final = Order('cost', descending=True)
CONDITION_PARAMS: Final = ('from', 'to', 'kind', 'org', 'status')
"""The URL parameters of the conditions, which are those of the journal."""
ORDER_PARAMS: Final = ('sort', 'desc')


@dataclass(frozen=True)
class SummaryQuery(MessageQuery):
    """The conditions of a summary, which has none on persons, and the order of its organisations."""

    organization_order: Order = BY_COST

    def file_name(self) -> str:
        """Return a file name for an export, with the dates and without forbidden characters."""
        return clean_file_name(f'{texts.SUMMARY_TITLE} {self.describe()}')


class SummaryLinks:
    """Converts queries of the summary to URL parameters and back; a LinkSerializer."""

    param_names: Collection[str] = (*CONDITION_PARAMS, *ORDER_PARAMS)

    def __init__(self, share_links: ShareLinks) -> None:
        """Convert the conditions as `share_links` does."""
        self._share_links = share_links

    async def to_params(
        self, query: SummaryQuery, account_id: int, known: ParsedLink[SummaryQuery] | None = None
    ) -> ParsedLink[SummaryQuery]:
        """Return the parameters of a query; see LinkSerializer."""
        order = query.organization_order
        params: dict[str, Any] = {
            name: value for name, value in query_params.to_params(query).items() if name in CONDITION_PARAMS
        }
        if order != BY_COST:
            params |= {'sort': order.column} | ({'desc': '1'} if order.descending else {})
        return ParsedLink(query, True, params)

    async def from_params(self, params: Mapping[str, Any]) -> ParsedLink[SummaryQuery] | None:
        """Parse parameters; see LinkSerializer. Those of other conditions of the journal are ignored.

        Raises:
            DatabaseError: see services.errors.
        """
        conditions = {name: value for name, value in params.items() if name in CONDITION_PARAMS}
        link = await self._share_links.from_params(conditions)
        if link is None:
            return None
        order = BY_COST
        if 'sort' in params:
            order = Order(str(params['sort']), descending='desc' in params)
        is_known = order.column in ORGANIZATION_COLUMNS
        found = link.query
        query = SummaryQuery(
            kinds=found.kinds,
            period=found.period,
            organizations=found.organizations,
            statuses=found.statuses,
            organization_order=order if is_known else BY_COST,
        )
        return ParsedLink(query, link.is_complete and is_known, params)
