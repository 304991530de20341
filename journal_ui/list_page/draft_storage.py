"""What is typed and found on one page, kept for the page that takes its place in the same tab."""

import re
from typing import Final, Generic, TypeVar

from nicegui import ui

from services.lists.drafts import Drafts, Place
from services.lists.query_protocol import Query

Q = TypeVar('Q', bound=Query)

TAB: Final = re.compile(r'[\w-]{1,64}', re.ASCII)
"""What a browser may call a tab."""
IS_ANEW: Final = "return performance.getEntriesByType('navigation')[0]?.type === 'reload'"


class KeptDraft(Generic[Q]):
    """The draft of one page; without `drafts` nothing is kept."""

    def __init__(self, drafts: Drafts | None, account_id: int, journal: str, kind: type[Q]) -> None:
        self._drafts = drafts
        self._account_id = account_id
        self._journal = journal
        self._kind = kind
        self._client = ui.context.client

    def put(self, asked: Q | None, typed: Q) -> None:
        """Keep what was asked last and what is typed."""
        if self._drafts and (place := self._place):
            self._drafts.put(place, asked, typed)

    async def get(self) -> tuple[Q | None, Q | None]:
        """Give what was asked last and what was typed in this tab; may raise Unavailable and Busy."""
        if self._drafts and (place := self._place):
            return await self._drafts.get(place, self._kind)
        return None, None

    async def is_anew(self) -> bool:
        """Say whether the page stands where it stood before: it was loaded again, not come to."""
        try:
            return bool(await self._client.run_javascript(IS_ANEW, timeout=5))
        except TimeoutError:
            return False  # the panel has what was typed; the rows come with «Найти»

    @property
    def _place(self) -> Place | None:
        tab = self._client.tab_id or ''
        return Place(self._account_id, tab, self._journal) if TAB.fullmatch(tab) else None
