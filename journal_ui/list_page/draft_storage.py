"""The draft of one page: what is typed in its filter panel and searched, restored when the page is built again."""

import re
from typing import Final, Generic, TypeVar

from nicegui import ui

from services.lists.drafts import DraftKey, DraftStore
from services.lists.query_protocol import Query

Q = TypeVar('Q', bound=Query)

TAB_ID_PATTERN: Final = re.compile(r'[\w-]{1,64}', re.ASCII)
"""The tab identifiers that are accepted from a browser."""
IS_RELOAD_JS: Final = "return performance.getEntriesByType('navigation')[0]?.type === 'reload'"
ROUND_TRIP_JS: Final = 'return true'
SCRIPT_TIMEOUT_SECONDS: Final = 5


class DraftStorage(Generic[Q]):
    """Saves and loads the draft of one page; without a store it does nothing."""

    def __init__(self, drafts: DraftStore | None, account_id: int, list_name: str, query_type: type[Q]) -> None:
        self._drafts = drafts
        self._account_id = account_id
        self._list_name = list_name
        self._query_type = query_type
        self._client = ui.context.client
        self.is_restored = False
        """Whether the stored draft has been displayed or replaced; until then nothing is saved over it."""

    def save(self, submitted_query: Q | None, draft_query: Q) -> None:
        """Save the query searched last and the query in the filter panel, once the stored draft is restored."""
        if self.is_restored and self._drafts and (draft_key := self._draft_key):
            self._drafts.save(draft_key, submitted_query, draft_query)

    async def load(self) -> tuple[Q | None, Q | None]:
        """Return the query searched last and the query that was in the filter panel of this tab.

        Raises:
            DatabaseError: see services.errors.
        """
        if self._drafts and (draft_key := self._draft_key):
            return await self._drafts.load(draft_key, self._query_type)
        return None, None

    async def was_reloaded(self) -> bool:
        """Return whether the browser reloaded the page, and did not navigate to it."""
        try:
            return bool(await self._client.run_javascript(IS_RELOAD_JS, timeout=SCRIPT_TIMEOUT_SECONDS))
        except TimeoutError:
            return False  # the filter panel is restored; the rows come with «Найти»

    async def receive_early_input(self) -> None:
        """Wait until the server has received what the user did before the page was connected.

        The browser sends such events as soon as it is connected, and answers a script after that.
        """
        try:
            await self._client.run_javascript(ROUND_TRIP_JS, timeout=SCRIPT_TIMEOUT_SECONDS)
        except TimeoutError:
            return  # a browser this slow gets its draft all the same

    @property
    def _draft_key(self) -> DraftKey | None:
        tab_id = self._client.tab_id or ''
        return DraftKey(self._account_id, tab_id, self._list_name) if TAB_ID_PATTERN.fullmatch(tab_id) else None
