"""How an engine reaches the rows of a query: the values that a statement is built from, besides the query's shape."""

from dataclasses import dataclass
from typing import Literal

from services import texts

RequiredColumns = Literal['places', 'facts', 'all']
"""What is needed of messages: their sort keys, what totals need (`message_facts`), or everything."""
LeadingCondition = Literal['', 'errors', 'surnames', 'appointment', 'waiting']
"""The condition whose index (services.database.indexes.condition_indexes) yields the rows of a scan; empty for none."""


@dataclass(frozen=True)
class AccessPath:
    """How the rows of a query are reached."""

    uses_text_index: bool = False
    """Whether the text index yields the rows; otherwise they are scanned in the order of the list."""
    uses_sort_index: bool = False
    """Whether the index of the sort column yields the rows in its order."""
    uses_code_index: bool = False
    """Whether the unique index on the code yields the rows."""
    lead: LeadingCondition = ''
    """The condition whose index is scanned instead of the messages, or has the matches of the text index looked up."""
    hides_organizations: bool = False
    """Whether the index of organizations is hidden, because few of its many entries have the text."""
    reverse: bool = False
    """Whether the list is read from its end, which is then as near as its beginning."""
    limits_days: bool = False
    """Whether the text index is read for some ten-day blocks only."""
    token_set_counts: tuple[int, ...] = ()
    """The number of token sets in each alternative of the index query (services.messages.search.index_tokens)."""
    is_exact: bool = False
    """Whether every message that the text index yields fits the text, so that no message is compared with it."""

    def __str__(self) -> str:
        """Describe the path in a line, for engineers."""
        if self.uses_text_index:
            parts = [texts.PLAN_TEXT_INDEX]
            if self.limits_days:
                parts.append(texts.PLAN_LIMITED_DAYS)
            parts.append(texts.PLAN_EXACT_INDEX if self.is_exact else texts.PLAN_INEXACT_INDEX)
        elif self.uses_code_index:
            parts = [texts.PLAN_CODE_INDEX]
        elif self.uses_sort_index:
            parts = [texts.PLAN_SORT_INDEX]
        else:
            parts = [texts.PLAN_LEADS[self.lead]]
        if self.reverse:
            parts.append(texts.PLAN_REVERSE)
        return ', '.join(parts)
