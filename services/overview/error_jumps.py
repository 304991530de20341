"""The kinds of messages and the organisations whose errors jump: far more in the last hour than usual."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Select, func, literal_column, select
from sqlmodel import Session

from models import MessageStatus
from services.lists.message_kinds import KindName
from services.lists.organizations import OrganizationName
from services.messages.message_query import MessageQuery
from services.messages.message_tables import kind, message, organization
from services.messages.totals.withdrawn_messages import IS_NOT_WITHDRAWN
from services.overview.queue_health import IN_RANGE, MAX_COUNTED

IS_FAILED: Final = (
    *IN_RANGE,
    message.c.status == literal_column(str(int(MessageStatus.FAILED))),
    # Repeats the condition of the partial index on unsent messages, so that the engine can use it.
    message.c.status != literal_column(str(int(MessageStatus.SENT))),
    IS_NOT_WITHDRAWN,
)
"""The condition that a message of a period has failed, and was not withdrawn."""


def _counts_by_part() -> Select[Any]:
    """Build the query that counts the failed messages of a period by organisation and kind, as many as MAX_COUNTED."""
    failed = select(message.c.organization_id, message.c.kind).where(*IS_FAILED).limit(MAX_COUNTED).subquery()
    counts = (
        select(failed.c.organization_id, failed.c.kind, func.count().label('messages'))
        .group_by(failed.c.organization_id, failed.c.kind)
        .subquery()
    )
    return (
        select(organization.c.entry_id, organization.c.name, kind.c.entry_id, kind.c.name, counts.c.messages)
        .select_from(counts)
        .join(organization, organization.c.id == counts.c.organization_id)
        .join(kind, kind.c.id == counts.c.kind)
    )


COUNTS_BY_PART: Final = _counts_by_part()
Part = KindName | OrganizationName
"""A part of the messages: those of one kind, or those of one organisation."""


@dataclass(frozen=True)
class JumpThresholds:
    """When errors have jumped."""

    errors: int = 20
    """Fewer failed messages in an hour are no jump."""
    growth: int = 3
    """How many times as many failed messages as usual in an hour are a jump."""

    def is_jump(self, count: int, usual: Decimal) -> bool:
        """Return whether the failed messages of an hour are a jump from what is usual."""
        return count >= self.errors and count >= self.growth * usual


@dataclass(frozen=True)
class ErrorJump:
    """A part of the messages whose errors have jumped."""

    part: Part
    count: int
    """The failed messages of the last hour."""
    usual: Decimal
    """Their mean in the compared hours."""

    def narrow(self, query: MessageQuery) -> MessageQuery:
        """Return a query narrowed to the part."""
        if isinstance(self.part, KindName):
            return replace(query, kinds=frozenset({self.part}))
        return replace(query, organizations=frozenset({self.part}))


def find_error_jumps(
    session: Session, hour: Mapping[str, int], compared_hours: Sequence[Mapping[str, int]], thresholds: JumpThresholds
) -> Sequence[ErrorJump]:
    """Return the kinds and organisations whose errors have jumped, the largest first.

    Args:
        session: any session.
        hour: the parameters of IN_RANGE for the last hour.
        compared_hours: those of the hours before that have messages; at least one.
        thresholds: when errors have jumped.
    """
    counts = _count_by_part(session, hour)
    if not any(count >= thresholds.errors for count in counts.values()):
        return ()
    before: Counter[Part] = Counter()
    for each in compared_hours:
        before.update(_count_by_part(session, each))
    jumps = [ErrorJump(part, count, Decimal(before[part]) / len(compared_hours)) for part, count in counts.items()]
    found = [each for each in jumps if thresholds.is_jump(each.count, each.usual)]
    return sorted(found, key=lambda each: (-each.count, each.part.name))


def _count_by_part(session: Session, hour: Mapping[str, int]) -> Counter[Part]:
    counts: Counter[Part] = Counter()
    for organization_id, organization_name, kind_id, kind_name, count in session.execute(COUNTS_BY_PART, hour):
        counts[OrganizationName(organization_id, organization_name)] += count
        counts[KindName(kind_id, kind_name)] += count
    return counts
