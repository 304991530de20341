"""What is typed and found on one page, kept for the page that takes its place in the same tab."""

import re
from typing import Final, Generic, TypeVar

from nicegui import ui

from services.lists.drafts import DraftKey, DraftStore
from services.lists.query_protocol import Query

Q = TypeVar('Q', bound=Query)

TAB_ID_PATTERN: Final = re.compile(r'[\w-]{1,64}', re.ASCII)
"""What a browser may call a tab."""
IS_RELOAD_JS: Final = "return performance.getEntriesByType('navigation')[0]?.type === 'reload'"


class DraftStorage(Generic[Q]):
    """The draft of one page; without `drafts` nothing is kept."""

    def __init__(self, drafts: DraftStore | None, account_id: int, list_name: str, query_type: type[Q]) -> None:
        self._drafts = drafts
        self._account_id = account_id
        self._list_name = list_name
        self._query_type = query_type
        self._client = ui.context.client

    def save(self, submitted_query: Q | None, draft_query: Q) -> None:
        """Keep what was asked last and what is typed."""
        if self._drafts and (draft_key := self._draft_key):
            self._drafts.save(draft_key, submitted_query, draft_query)

    async def load(self) -> tuple[Q | None, Q | None]:
        """Give what was asked last and what was typed in this tab; may raise Unavailable and Busy."""
        if self._drafts and (draft_key := self._draft_key):
            return await self._drafts.load(draft_key, self._query_type)
        return None, None

    async def was_reloaded(self) -> bool:
        """Say whether the page stands where it stood before: it was loaded again, not come to."""
        try:
            return bool(await self._client.run_javascript(IS_RELOAD_JS, timeout=5))
        except TimeoutError:
            return False  # the panel has what was typed; the rows come with «Найти»

    @property
    def _draft_key(self) -> DraftKey | None:
        tab_id = self._client.tab_id or ''
        return DraftKey(self._account_id, tab_id, self._list_name) if TAB_ID_PATTERN.fullmatch(tab_id) else None
