"""The story of a person: all messages to them or to their phone, over all years, with the calls about these messages.

The person is found by the code of one of the messages, so that neither a name nor a phone is part of a URL. They are
identified by folded name and phone, as on the call list. Other people may have messages on the same phone: parents of a
child, a name that was misspelt. So the story counts them, and may include them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, bindparam, case, func, select
from sqlmodel import Session

from models import DeliveryState, MessageStatus
from models.message import effective_time
from services.access_scope.organization_scope import OrganizationScope, scope_conditions
from services.call_list.call_conditions import CallParams
from services.call_list.call_entries import Claim
from services.call_list.call_queries import ACTIVE_CLAIMS, CLAIM_DURATION
from services.call_list.message_calls import Call, load_calls
from services.call_list.row_calls import read_latest_calls
from services.messages.message_query import MessageQuery
from services.messages.message_tables import HAS_KIND, HAS_ORGANIZATION, kind, message, organization
from services.messages.search.conditions import EMPTY_TEXT


class StoryScope(StrEnum):
    """Whose messages a story has."""

    PERSON = 'person'
    """Those of the person on this phone."""
    PHONE = 'phone'
    """Those of anyone on this phone."""


class StoryMessage(NamedTuple):
    """A message of a story."""

    id: UUID
    recipient_name: str
    organization: str
    kind: str
    status: MessageStatus
    delivery: DeliveryState | None
    queued_at: datetime
    attempted_at: datetime | None
    sent_at: datetime | None
    appointment_at: datetime | None
    text: str
    error_code: str | None
    error_name: str | None

    @property
    def at(self) -> datetime:
        """The time by which the journal sorts the message."""
        return effective_time(sent_at=self.sent_at, attempted_at=self.attempted_at, queued_at=self.queued_at)


@dataclass(frozen=True)
class StoryCall:
    """A call about messages of a story."""

    call: Call
    message_ids: Sequence[UUID]

    @property
    def at(self) -> datetime:
        """When the call was made."""
        return self.call.called_at


@dataclass(frozen=True)
class OngoingCall:
    """A call that is being made because of messages of a story."""

    recipient_name: str
    claim: Claim


@dataclass(frozen=True)
class PersonStory:
    """A story, or the newest part of it."""

    name: str
    phone: str
    """E.164."""
    scope: StoryScope
    messages: Sequence[StoryMessage]
    """The newest first."""
    calls: Sequence[StoryCall]
    """All calls about these messages."""
    person_count: int
    """The number of all messages of the person."""
    phone_count: int
    """The number of all messages on the phone."""
    ongoing_calls: Sequence[OngoingCall] = ()
    """Who is calling now because of these messages, as the rows of the journal say it."""

    @property
    def count(self) -> int:
        """The number of all messages of the scope."""
        return self.person_count if self.scope is StoryScope.PERSON else self.phone_count

    @property
    def entries(self) -> Sequence[StoryMessage | StoryCall]:
        """The messages and the calls, the newest first; a call is above the message that it is about."""
        entries: list[StoryMessage | StoryCall] = [*self.calls, *self.messages]  # the sort is stable
        return sorted(entries, key=lambda entry: entry.at, reverse=True)

    @property
    def query(self) -> MessageQuery:
        """The query of the journal that finds these messages, as the audit log records it."""
        return MessageQuery(name=self.name if self.scope is StoryScope.PERSON else '', phone=self.phone)


SELECT_PERSON: Final = select(message.c.recipient_name, message.c.name_key, message.c.phone).where(
    message.c.id == bindparam('id', type_=message.c.id.type)
)
IS_OF_PHONE: Final = message.c.phone == bindparam('phone', type_=message.c.phone.type)
IS_OF_PERSON: Final[ColumnElement[bool]] = message.c.name_key.concat(EMPTY_TEXT) == bindparam('name_key')
"""The empty text hides the index on names, because fewer messages have the same phone."""
COUNT_MESSAGES: Final = select(func.count(), func.count(case((IS_OF_PERSON, 1)))).where(IS_OF_PHONE)
NAMED_COLUMNS: Final[dict[str, ColumnElement[Any]]] = {'organization': organization.c.name, 'kind': kind.c.name}
MESSAGES_OF_PHONE: Final[Select[Any]] = (
    select(*(NAMED_COLUMNS[name] if name in NAMED_COLUMNS else message.c[name] for name in StoryMessage._fields))
    .select_from(message)
    .join(organization, HAS_ORGANIZATION)
    .join(kind, HAS_KIND)
    .where(IS_OF_PHONE)
    .order_by(message.c.place.desc())
    .limit(bindparam('size', type_=Integer))
)
MESSAGES_OF_PERSON: Final = MESSAGES_OF_PHONE.where(IS_OF_PERSON)


def read_story(
    session: Session,
    code: UUID,
    scope: StoryScope,
    *,
    call_params: CallParams,
    limit: int,
    access_scope: OrganizationScope | None = None,
) -> PersonStory | None:
    """Read the newest `limit` messages of the person to whom a message was sent, and the calls about them.

    `call_params` are those of the moment and of `access_scope` (see services.call_list.call_conditions).
    Returns None if there is no such message, if its recipient is anonymized, or if it is outside `access_scope`, whose
    messages alone are read and counted.
    """
    is_own = scope_conditions(session, access_scope, message)
    person = session.execute(SELECT_PERSON.where(*is_own), {'id': code}).one_or_none()
    if person is None or not person.phone:
        return None
    params = {'phone': person.phone, 'name_key': person.name_key, 'size': limit}
    phone_count, person_count = session.execute(COUNT_MESSAGES.where(*is_own), params).one()
    statement = MESSAGES_OF_PERSON if scope is StoryScope.PERSON else MESSAGES_OF_PHONE
    messages = [StoryMessage._make(row) for row in session.execute(statement.where(*is_own), params)]
    calls: dict[Call, list[UUID]] = {}
    for id, calls_about in load_calls(session, [each.id for each in messages], now=call_params['now']).items():
        for call in calls_about:
            calls.setdefault(call, []).append(id)
    story_calls = [StoryCall(call, ids) for call, ids in calls.items()]
    ongoing_calls = _read_ongoing_calls(session, messages, person.phone, call_params)
    return PersonStory(
        person.recipient_name, person.phone, scope, messages, story_calls, person_count, phone_count, ongoing_calls
    )


def _read_ongoing_calls(
    session: Session, messages: Sequence[StoryMessage], phone: str, call_params: CallParams
) -> list[OngoingCall]:
    """Return the calls that are being made because of messages on a phone, each once."""
    lapsed = call_params['now'] - CLAIM_DURATION
    if not session.execute(ACTIVE_CLAIMS, {'phones': [phone], 'lapsed': lapsed}).first():
        return []
    unsent = {each.id: each.recipient_name for each in messages if each.status is not MessageStatus.SENT}
    latest_calls = read_latest_calls(session.connection(), list(unsent), call_params)
    names: dict[Claim, str] = {}
    for id, name in unsent.items():
        if (call := latest_calls.get(id)) and call.outcome is None:
            names.setdefault(Claim(call.called_by, call.called_at), name)
    return [OngoingCall(name, claim) for claim, name in names.items()]
