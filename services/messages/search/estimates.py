"""What is known about a query before its rows are read; the planner decides by it."""

from collections.abc import Callable
from functools import cache, cached_property, partial

from services.lists.query_protocol import Totals
from services.messages.message_query import MessageQuery
from services.messages.search import index_tokens
from services.messages.search.access_path import LeadingCondition
from services.messages.search.index_tokens import IndexQuery, Tokens
from services.messages.search.query_shape import BoundQuery
from services.messages.totals import aggregates, condition_entries, word_totals


class Estimates:
    """The estimates of one query on one connection: each is read when it is first needed, and only once.

    Nothing is read in advance, because most queries are planned with one or two of them.
    """

    def __init__(
        self, bound_query: BoundQuery, build_index_query: Callable[[], IndexQuery | None] | None = None
    ) -> None:
        """Estimate `bound_query`; `build_index_query` is handed in by `with_query`."""
        self.bound_query = bound_query
        self._appointment_boundaries: dict[bool, int | None] = {}
        self._build_index_query = build_index_query or cache(partial(index_tokens.build_index_query, bound_query))

    def with_query(self, query: MessageQuery) -> 'Estimates':
        """Return the estimates of another query on the same connection; the same text shares the index query."""
        typed, own = ((each.name, each.phone, each.surname_only) for each in (query, self.bound_query.query))
        has_same_text = typed == own
        return Estimates(self.bound_query.with_query(query), self._build_index_query if has_same_text else None)

    @cached_property
    def index_query(self) -> IndexQuery | None:
        """The query to the text index; None if the index would not help."""
        return self._build_index_query()

    @cached_property
    def filtered_totals(self) -> Totals:
        """The count and the cost of the messages that fit everything but the text and the waiting time."""
        return aggregates.sum_aggregates(self.bound_query)

    @property
    def filtered_count(self) -> int:
        """The count of the messages that fit everything but the text and the waiting time."""
        return self.filtered_totals.count

    @cached_property
    def lead(self) -> LeadingCondition:
        """The condition whose index yields the rows of a scan."""
        bound_query = self.bound_query
        if not self._leads or bound_query.text_condition.has_full_phone:
            return ''
        if len(self._leads) == 1 and not (bound_query.shape.organizations or bound_query.shape.is_waiting):
            return self._leads[0]
        # Where an organization is chosen, its messages may be fewer; but each of them must be read.
        many = bound_query.settings.max_counted_entries + 1
        best = min(self._leads, key=lambda lead: self._entry_counts[lead] or many)
        if best == 'waiting' and self._entry_counts[best] is None:
            return ''  # of many messages that wait, those of the page are soon found among the newest unsent ones
        organization_cost = bound_query.settings.full_row_cost_ratio * self._aggregated_count
        is_organization_better = organization_cost < (self._entry_counts[best] or many)
        return '' if bound_query.shape.organizations and is_organization_better else best

    @cached_property
    def smallest_filter_count(self) -> int:
        """At least the count of the messages that fit everything but the text: of the condition that leaves fewest."""
        counts = [count for count in self._entry_counts.values() if count is not None]
        return min([self._aggregated_count, *counts])

    def appointment_boundary(self, *, reverse: bool) -> int | None:
        """Return the highest sort key of the messages whose appointments fit, or the lowest one; read once."""
        if reverse not in self._appointment_boundaries:
            boundary = condition_entries.appointment_boundary(self.bound_query, reverse=reverse)
            self._appointment_boundaries[reverse] = boundary
        return self._appointment_boundaries[reverse]

    @cached_property
    def _aggregated_count(self) -> int:
        return aggregates.sum_aggregates(condition_entries.aggregated_query(self.bound_query)).count

    @cached_property
    def _leads(self) -> tuple[LeadingCondition, ...]:
        shape = self.bound_query.shape
        leads: tuple[LeadingCondition, ...] = ('surnames',) if shape.surnames else ()
        leads += ('errors',) if shape.errors else ()
        leads += ('waiting',) if shape.is_waiting else ()
        if not shape.has_appointment:
            return leads
        # The first one is chosen if there are too many entries of both to count; one day never has that many.
        return ('appointment', *leads) if shape.appointment_days == 1 else (*leads, 'appointment')

    @cached_property
    def _entry_counts(self) -> dict[LeadingCondition, int | None]:
        """The entries of the index of each condition that has one; None for too many."""
        return {lead: condition_entries.count_entries(self.bound_query, lead) for lead in self._leads}

    @cached_property
    def period_count(self) -> int:
        """The count of all messages of the query's period."""
        period_query = MessageQuery(period=self.bound_query.query.period)
        return aggregates.sum_aggregates(self.bound_query.of_whole_journal(period_query)).count

    @cached_property
    def message_count(self) -> int:
        """The count of all messages of the journal."""
        return aggregates.sum_aggregates(self.bound_query.of_whole_journal(MessageQuery())).count

    @cached_property
    def counted_words(self) -> Tokens:
        """The words whose totals add up to those of the query; empty if they do not, or are too many."""
        if not word_totals.covers(self.bound_query.shape):
            return ()
        index_query = self.index_query
        if index_query is None or index_query.token_count > self.bound_query.settings.max_counted_words:
            return ()
        return word_totals.distinct_words(index_query)

    @cached_property
    def counts_by_day(self) -> list[tuple[int, int]] | None:
        """Each day, as a number, with its count of matches, newest first; None if word totals do not cover it."""
        return word_totals.count_by_day(self.bound_query, self.counted_words) if self.counted_words else None
