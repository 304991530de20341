"""The calls of a demonstration: operators have worked through the call list for days, and are calling right now."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select

from models import CallOutcome
from models.message import first_sort_key
from services import texts
from services.audit.hash_chain import Actor
from services.call_list.call_entries import PendingCall
from services.call_list.call_list_service import CallListService
from services.call_list.return_times import SATURDAY, ReturnTime
from services.database.engine import Database
from services.database.tables import MESSAGE_TABLE
from services.demo.demo_data import SEED
from services.program_folders import DATA_FOLDER
from services.receipts.provider_codes import ProviderCodes

OPERATORS: Final = tuple(Actor(None, name, '') for name in texts.DEMO_OPERATORS)
DAYS_BEFORE: Final = range(5, 0, -1)
"""The days before today on which calls were made, as far as they are working days."""
CALL_TIMES: Final = (time(9, 20), time(10, 35), time(11, 50), time(14, 5), time(15, 20), time(16, 35))
"""The local times of the calls of each of these days."""
LATEST_CALLS: Final = tuple(timedelta(minutes=minutes) for minutes in (170, 140, 110, 80, 50, 20))
"""How long ago the latest calls ended, whatever the time of the day is."""
OUTCOMES: Final = (
    (CallOutcome.REACHED, None),
    (CallOutcome.NOT_REACHED, None),
    (CallOutcome.REACHED, None),
    (CallOutcome.REACHED, None),
    (CallOutcome.NOT_REACHED, ReturnTime.NEXT_MORNING),
    (CallOutcome.NOT_REACHED, ReturnTime.TWO_HOURS),
)
"""The outcomes of the calls of a day, one after the other, and when the recipients return to the list."""
WRONG_NUMBER_ERRORS: Final = frozenset({'1', '249'})
"""The errors of numbers that do not exist, on which the recipient is not reached."""
CALL_LENGTH: Final = timedelta(minutes=3)
CURRENT_CALLS: Final = (timedelta(minutes=4), timedelta(minutes=1))
"""How long ago the calls began that are being made."""
LIST_SIZE: Final = 60

MESSAGES_AFTER: Final = select(MESSAGE_TABLE.c.id).where(
    MESSAGE_TABLE.c.id.in_(bindparam('ids', expanding=True)), MESSAGE_TABLE.c.place >= bindparam('limit')
)


def add_calls(database: Database, zone: ZoneInfo, now: datetime) -> None:
    """Add the calls of the last days and those that are being made, up to `now` (aware); blocks, without an event loop.

    Only recipients whose messages had failed by then are called. Equal journals and times get equal calls.
    """
    asyncio.run(_CallingOperators(database, zone).work_until(now))


def add_current_calls(database: Database, zone: ZoneInfo, now: datetime) -> None:
    """Add calls that are being made, unless there are any; blocks, without an event loop."""
    asyncio.run(_CallingOperators(database, zone).call_now(now))


class _CallingOperators:
    """The operators who call, by the service of the call list at the time of each call."""

    def __init__(self, database: Database, zone: ZoneInfo) -> None:
        self._database = database
        self._zone = zone
        self._clock = datetime.min
        codes = ProviderCodes.load(DATA_FOLDER / 'provider_codes.csv')
        self._call_list = CallListService(database, zone, codes, lambda: self._clock)
        self._random = Random(SEED)

    async def work_until(self, now: datetime) -> None:
        """Make the calls of each day, and those that are being made."""
        for moments in self._working_days(now):
            pending = await self._pending_calls(moments[0] - CALL_LENGTH)
            for call, moment, outcome in zip(pending, moments, OUTCOMES, strict=False):
                await self._call(call, moment, *outcome)
        await self.call_now(now)

    async def call_now(self, now: datetime) -> None:
        """Claim recipients, unless some are claimed."""
        pending = await self._pending_calls(now)
        if any(call.claim for call in pending):
            return
        for call, length, operator in zip(pending, CURRENT_CALLS, OPERATORS, strict=False):
            self._clock = now - length
            await self._call_list.claim(call, operator)

    def _working_days(self, now: datetime) -> Iterator[Sequence[datetime]]:
        """Yield the times of the calls of each day, in order."""
        today = now.astimezone(self._zone).date()
        for day in (today - timedelta(days=back) for back in DAYS_BEFORE):
            if day.weekday() < SATURDAY:
                yield [datetime.combine(day, start, self._zone) for start in CALL_TIMES]
        yield [now - ago for ago in LATEST_CALLS]

    async def _pending_calls(self, moment: datetime) -> Sequence[PendingCall]:
        """Return the recipients to call whose messages had failed by a moment, the most urgent first."""
        self._clock = moment
        pending = await self._call_list.pending_calls(self._call_list.default_query(), LIST_SIZE)
        params = {'ids': [id for call in pending.calls for id in call.message_ids], 'limit': first_sort_key(moment)}
        later = await self._database.read(lambda session: set(session.execute(MESSAGES_AFTER, params).scalars()))
        return [call for call in pending.calls if later.isdisjoint(call.message_ids)]

    async def _call(
        self, call: PendingCall, moment: datetime, outcome: CallOutcome, returning: ReturnTime | None
    ) -> None:
        """Call a recipient: claim, and record the outcome."""
        operator = self._random.choice(OPERATORS)
        has_wrong_number = any(message.error_code in WRONG_NUMBER_ERRORS for message in call.messages)
        if outcome is CallOutcome.REACHED and has_wrong_number:
            outcome = CallOutcome.WRONG_NUMBER
        note = self._random.choice(texts.DEMO_CALL_NOTES[outcome])
        self._clock = moment - CALL_LENGTH
        if await self._call_list.claim(call, operator):
            self._clock = moment
            await self._call_list.complete(call, operator, outcome, note, returning)
