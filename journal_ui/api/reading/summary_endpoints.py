"""Endpoints without messages: the dictionaries, and counts and costs from the totals that the database maintains."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, FastAPI, Query
from pydantic import BaseModel, Field

from journal_ui.api.batch_endpoint import COMMON_ERRORS, SenderDependency
from journal_ui.api.problem_details import error_responses
from journal_ui.api.reading.named_query import find_query
from journal_ui.api.reading.search_filters import TotalsFilters
from services.composition import Services
from services.ingest.message_ingest import Sender
from services.messages.reading.status_names import STATUS_NAMES
from services.summary.status_counts import Grouping, StatusCount

GroupingName = Literal['day', 'kind', 'organization']
"""The values of Grouping."""


class DictionaryEntryOut(BaseModel):
    """A current entry of a dictionary."""

    name: str


class KindsOut(BaseModel):
    """The kinds of messages."""

    kinds: list[DictionaryEntryOut] = Field(description='In the order of the dictionary')


class OrganizationsOut(BaseModel):
    """The organisations whose messages the token can read."""

    organizations: list[DictionaryEntryOut] = Field(description='Sorted by name')


class StatsFilters(TotalsFilters):
    """The conditions of the counts, and what they are grouped by."""

    by: GroupingName = Field('day', description='What the messages are counted by, besides their status')


class StatusCountOut(BaseModel):
    """The messages of a status on a day, of a kind or of an organisation."""

    day: date | None = Field(description='Null unless messages are counted by day')
    kind: str | None = Field(description='Null unless messages are counted by kind')
    organization: str | None = Field(description='Null unless messages are counted by organisation')
    status: Literal['pending', 'sent', 'failed']
    messages: int
    withdrawn: int = Field(description='How many of these messages were withdrawn by their senders: not failed')
    cost_kopecks: int


class StatsOut(BaseModel):
    """Counts and costs. Where there are no messages, there is no count."""

    counts: list[StatusCountOut] = Field(description='Sorted by day or name')


def install(api: FastAPI, services: Services, authenticate: SenderDependency) -> None:
    """Add the routes; `authenticate` returns the sender of a request."""
    router = APIRouter(tags=['summary'])
    CurrentSender = Annotated[Sender, Depends(authenticate)]

    @router.get(
        '/kinds',
        summary='List the kinds of messages',
        response_model=KindsOut,
        responses=error_responses(*COMMON_ERRORS),
    )
    async def list_kinds(sender: CurrentSender) -> KindsOut:
        """The names by which messages may name their kind; other spellings are accepted too."""
        return KindsOut(kinds=[DictionaryEntryOut(name=entry.name) for entry in await services.kinds.all()])

    @router.get(
        '/organizations',
        summary='List the organisations',
        response_model=OrganizationsOut,
        responses=error_responses(*COMMON_ERRORS),
    )
    async def list_organizations(sender: CurrentSender) -> OrganizationsOut:
        """A token of organisations lists only these."""
        entries = await services.within(sender.scope).organizations.all()
        return OrganizationsOut(organizations=[DictionaryEntryOut(name=entry.name) for entry in entries])

    @router.get(
        '/stats',
        summary='Count messages and their cost by status',
        response_model=StatsOut,
        responses=error_responses(*COMMON_ERRORS, HTTPStatus.UNPROCESSABLE_ENTITY),
    )
    async def count_messages(sender: CurrentSender, filters: Annotated[StatsFilters, Query()]) -> StatsOut:
        """The sums are those of «Сводка». A token of organisations counts only their messages."""
        own_services = services.within(sender.scope)
        query = await find_query(own_services, sender, filters)
        counts = await own_services.summaries.count_by_status(query, Grouping(filters.by))
        return StatsOut(counts=[_count_out(each, filters.by) for each in counts])

    api.include_router(router)


def _count_out(count: StatusCount, grouping: GroupingName) -> StatusCountOut:
    values = {
        'day': None,
        'kind': None,
        'organization': None,
        grouping: count.key,
        'status': STATUS_NAMES[count.status],
        'messages': count.messages,
        'withdrawn': count.withdrawn,
        'cost_kopecks': count.kopecks,
    }
    return StatusCountOut.model_validate(values)
