"""Searches that the journal of messages offers: by the surname alone, without a condition, of similar phones and names.

All counts of an offer have a common limit of time: what is not counted within it is left out, or offered without a
number.
"""

import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, replace
from typing import Final, Self

from services import names, phones, texts
from services.access_scope.organization_scope import OrganizationScope
from services.errors import QueryTimeoutError
from services.formats import integer
from services.formats import phone as written_phone
from services.lists.query_protocol import Period
from services.lists.suggestions import Suggestion, SuggestionGroup
from services.messages.message_query import MessageQuery, describe_waiting
from services.messages.message_service import MessageService
from services.messages.search.estimates import Estimates
from services.messages.search.query_shape import BoundQuery
from services.messages.suggestions import similar_names, similar_phones
from services.messages.totals import message_totals

NARROWER_SECONDS: Final = 2.0
"""Seconds for counting the rows of a narrower search."""
ALTERNATIVES_SECONDS: Final = 4.0
"""Seconds for all searches that are offered instead of one without a result."""
COUNT_SECONDS: Final = 1.5
"""Seconds for counting one of them."""
PERSON_FIELDS: Final = ('name', 'phone')


@dataclass(frozen=True)
class Deadline:
    """The moment at which counting ends."""

    at: float
    """Of time.monotonic()."""

    @classmethod
    def after(cls, seconds: float) -> 'Deadline':
        """Return the deadline some seconds from now."""
        return cls(time.monotonic() + seconds)

    @property
    def seconds_for_one(self) -> float:
        """The seconds that one count may take; 0 or less if the time is up."""
        return min(self.at - time.monotonic(), COUNT_SECONDS)


@dataclass(frozen=True)
class Candidate:
    """A search that may be offered."""

    words: str
    query: MessageQuery
    left_out: str = ''
    """The field of the condition that it leaves out; empty if it has all of them."""


class MessageSuggestions:
    """Finds the searches that the page of messages offers; a SuggestionSource."""

    def __init__(
        self,
        messages: MessageService,
        narrower_seconds: float = NARROWER_SECONDS,
        alternatives_seconds: float = ALTERNATIVES_SECONDS,
    ) -> None:
        """Count by `messages`; the seconds limit the counts of one offer."""
        self._messages = messages
        self._narrower_seconds = narrower_seconds
        self._alternatives_seconds = alternatives_seconds

    def within(self, scope: OrganizationScope) -> Self:
        """Return the service that counts only the messages of the organisations of a scope."""
        scoped = copy(self)
        scoped._messages = self._messages.within(scope)
        return scoped

    async def narrower(self, query: MessageQuery) -> Sequence[Suggestion[MessageQuery]]:
        """Return the search for people whose surname was typed; nothing if there are none."""
        by_surname = replace(query, surname_only=True)
        if query.surname_only or not by_surname.applied.surname_only:
            return ()
        try:
            count = await self._messages.read_bound(by_surname, self._narrower_seconds, _count)
        except QueryTimeoutError:
            return (Suggestion(texts.SURNAME_ONLY, by_surname, None),)
        text = texts.SURNAME_ONLY_COUNT.format(count=integer(count))
        return (Suggestion(text, by_surname, count),) if count else ()

    async def alternatives(self, query: MessageQuery) -> AsyncIterator[SuggestionGroup[MessageQuery]]:
        """Yield the searches without one of the conditions, for similar phones and for similar names that find rows."""
        if query.code:
            return
        deadline = Deadline.after(self._alternatives_seconds)
        # First, because it takes milliseconds, and the other counts may use up the time.
        phones_found = await self._similar_phones(query, deadline)
        if relaxed := await self._counted(texts.RELAXED_SEARCH, relaxed_searches(query), deadline):
            yield SuggestionGroup(texts.RELAXED_SEARCHES, relaxed)
        if phones_found:
            yield SuggestionGroup(texts.SIMILAR_PHONES, phones_found, is_about_others=True)
        if similar := await self._similar_names(query, deadline):
            yield SuggestionGroup(texts.SIMILAR_NAMES, similar, is_about_others=True)

    async def _similar_phones(self, query: MessageQuery, deadline: Deadline) -> Sequence[Suggestion[MessageQuery]]:
        """Count the messages of similar phones in the whole period of the journal, by the other conditions."""
        numbers = similar_phones.similar_numbers(query.phone)
        seconds = deadline.seconds_for_one
        if not numbers or seconds <= 0:
            return ()
        whole_period = replace(query, phone='', period=Period())
        try:
            counts = await self._messages.read_bound(
                whole_period, seconds, lambda bound_query: similar_phones.count_by_phone(bound_query, numbers)
            )
        except QueryTimeoutError:
            return ()
        return [
            Suggestion(
                texts.SIMILAR_SEARCH.format(label=written_phone(number), count=integer(count)),
                replace(whole_period, phone=written_phone(number)),
                count,
            )
            for number, count in counts
        ]

    async def _similar_names(self, query: MessageQuery, deadline: Deadline) -> Sequence[Suggestion[MessageQuery]]:
        seconds = deadline.seconds_for_one
        if not query.name or seconds <= 0:
            return ()
        try:
            similar = await self._messages.read_bound(query, seconds, similar_names.find_similar_names)
        except QueryTimeoutError:
            return ()
        for period in dict.fromkeys((query.period, Period())):
            searches = (Candidate(name, replace(query, name=name, period=period)) for name in similar)
            if found := await self._counted(texts.SIMILAR_SEARCH, searches, deadline):
                return found
        return ()

    async def _counted(
        self, template: str, candidates: Iterable[Candidate], deadline: Deadline
    ) -> Sequence[Suggestion[MessageQuery]]:
        """Return those searches that find something, as far as they are counted in time.

        Args:
            template: the text of an offer, with the words of the search and the count.
            candidates: the searches.
            deadline: the moment at which counting ends.
        """
        found = []
        for each in candidates:
            count: int | None = None
            if (seconds := deadline.seconds_for_one) > 0:
                with suppress(QueryTimeoutError):
                    count = await self._messages.read_bound(each.query, seconds, _count)
            if count:
                text = template.format(condition=each.words, label=each.words, count=integer(count))
                found.append(Suggestion(text, each.query, count))
            elif count is None and each.left_out == 'period':
                # The period is named in any case, because a page begins with one that nobody has chosen.
                found.append(Suggestion(texts.RELAXED_UNCOUNTED.format(condition=each.words), each.query, None))
        return found


def relaxed_searches(query: MessageQuery) -> Iterator[Candidate]:
    """Yield the query without each of its conditions, with the words for what is left out.

    A name or a phone is not left out where nothing else would remain: the result would be the whole period.
    """
    empty = MessageQuery(order=query.order)
    is_given = {'name': bool(names.parse_name(query.name)), 'phone': bool(phones.parse_search(query.phone))}
    for field, words in texts.RELAXED_CONDITIONS.items():
        if not is_given.get(field, getattr(query, field) != getattr(empty, field)):
            continue
        without = replace(query, **{field: getattr(empty, field)})
        if field == 'name':
            without = replace(without, surname_only=False)
        if field in PERSON_FIELDS and replace(without, period=Period()) == empty:
            continue
        waiting = describe_waiting(query.older_than) if query.older_than else ''
        yield Candidate(words.format(waiting=waiting[:1].upper() + waiting[1:]), without, field)


def _count(bound_query: BoundQuery) -> int:
    return message_totals.compute_totals(Estimates(bound_query)).count
