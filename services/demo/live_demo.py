"""Keep a demonstration alive: messages arrive, are sent or fail, receipts come, and the balance shrinks.

A mailing system and its SMS provider are simulated; what they report takes the same path as the requests of the API.
Only the separate database of the demonstration is written to. Nothing remains in the queue for long: what still waits
from an earlier run of the program is sent as well.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import partial
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from models import DeliveryState, LedgerBalance, MessageChannel, MessageKind, MessageStatus
from models.column_types import kopecks_to_roubles
from services import texts
from services.database.engine import Database
from services.database.tables import MESSAGE_TABLE, STATE_TABLE
from services.demo.demo_data import FEW_ORGANIZATIONS, SEED, USUAL_WAIT, organization_names
from services.demo.demo_messages import MessageGenerator
from services.demo.demo_story import SENDER
from services.demo.demo_timestamps import BusyDay
from services.errors import DatabaseError
from services.ingest.bulk_insert import BulkRow
from services.ingest.ingest_queue import IngestQueue
from services.ingest.message_ingest import StatusUpdate
from services.ingest.message_parsing import IncomingMessage
from services.ingest.status_history import StatusEvent
from services.providers.registry import PROVIDERS
from services.receipts.delivery_report import DeliveryReport
from services.receipts.provider_codes import ProviderCodes
from services.receipts.receipt_mapping import to_receipt
from services.task_shutdown import cancel_and_wait

GENERATED_MESSAGES: Final = 20_000
"""The recipients are those of a demonstration with so many messages."""
SECONDS_BETWEEN_MESSAGES: Final = 30.0
"""The mean; more messages would make a day on which the program runs look unlike the generated ones."""
SECONDS_TO_SEND: Final = (4.0, 20.0)
SECONDS_TO_RECEIPT: Final = (5.0, 40.0)
PROVIDER: Final = PROVIDERS['smsc']
DELIVERED_CODE: Final = '1'
RETRY_SECONDS: Final = 5.0

FIRST_BALANCE: Final = Decimal('15240.50')
"""Roubles on the account when a demonstration starts for the first time."""
LOWEST_BALANCE: Final = Decimal(2000)
TOP_UP: Final = Decimal(15000)
"""Roubles that are paid in when the balance falls below LOWEST_BALANCE."""

NEXT_ARRIVAL: Final = select(STATE_TABLE.c.next_arrival)
WAITING: Final = select(MESSAGE_TABLE.c.id, MESSAGE_TABLE.c.queued_at, MESSAGE_TABLE.c.phone).where(
    MESSAGE_TABLE.c.status == MessageStatus.WAITING
)

log = logging.getLogger(__name__)


@dataclass(order=True)
class _Step:
    """Something that the mailing system or the provider will do."""

    due: datetime
    number: int
    run: Callable[[datetime], Awaitable[None]] = field(compare=False)
    """Called with the current time."""


class LiveDemo:
    """The simulated mailing system; equal journals and clocks produce equal messages."""

    def __init__(
        self,
        database: Database,
        ingest: IngestQueue,
        codes: ProviderCodes,
        zone: tzinfo,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        has_ledger: bool = True,
    ) -> None:
        """Prepare the simulation; nothing is written yet.

        Args:
            database: the separate database of the demonstration.
            ingest: receives the messages and receipts.
            codes: the meaning of the provider's codes.
            zone: the time zone of the journal's days.
            now: returns the current time (aware).
            has_ledger: whether the balance is the one that is set by hand, which is then reduced.
        """
        self._database = database
        self._ingest = ingest
        self._codes = codes
        self._zone = zone
        self._now = now
        self._has_ledger = has_ledger
        self._random = Random(SEED)
        organizations = list(enumerate(organization_names()[:FEW_ORGANIZATIONS]))
        self._organizations = dict(organizations)
        self._generator = MessageGenerator(self._random, GENERATED_MESSAGES, organizations, zone)
        self._steps: list[_Step] = []
        self._numbers = count()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Simulate until `stop`."""
        self._task = asyncio.create_task(self._run(), name='live demonstration')

    async def stop(self) -> None:
        """End the simulation."""
        if self._task:
            await cancel_and_wait(self._task)

    async def advance(self) -> float:
        """Do all that is due; return the seconds until the next step. Raises DatabaseError."""
        if not self._steps:
            await self._begin(self._now())
        while self._steps[0].due <= self._now():
            step = heappop(self._steps)
            try:
                await step.run(self._now())
            except DatabaseError:
                heappush(self._steps, step)
                raise
        return (self._steps[0].due - self._now()).total_seconds()

    async def _run(self) -> None:
        while True:
            try:
                seconds = await self.advance()
            except DatabaseError:
                seconds = RETRY_SECONDS
            except Exception:
                log.exception('a step of the demonstration failed')
                seconds = RETRY_SECONDS
            await asyncio.sleep(max(seconds, 0))

    async def _begin(self, now: datetime) -> None:
        """Schedule the first message, and what still waits."""

        def read(session: Session) -> tuple[int, list[tuple[UUID, datetime, str]]]:
            return session.execute(NEXT_ARRIVAL).scalar_one(), [tuple(row) for row in session.execute(WAITING)]

        arrival, waiting = await self._database.read(read)
        # A demonstration that starts again must not repeat its messages.
        self._random.seed(f'{SEED} {arrival}')
        await self._spend(Decimal(0), now)
        for id, queued_at, phone in waiting:
            sent_at = queued_at + timedelta(seconds=self._random.uniform(*SECONDS_TO_SEND))
            # One that has been waiting longer was left by an earlier run; its provider has sent it meanwhile.
            if now - queued_at > USUAL_WAIT:
                await self._send_waiting(id, phone, sent_at)
            else:
                self._schedule(now, (0, USUAL_WAIT.total_seconds()), partial(self._send_waiting, id, phone))
        self._schedule(now, (1.0, 3.0), self._arrive)

    def _schedule(
        self, now: datetime, seconds: tuple[float, float], run: Callable[[datetime], Awaitable[None]]
    ) -> None:
        """Schedule a step after a random time within the range."""
        due = now + timedelta(seconds=self._random.uniform(*seconds))
        heappush(self._steps, _Step(due, next(self._numbers), run))

    async def _arrive(self, now: datetime) -> None:
        """Report a new message, and schedule what will happen to it."""
        moment = int(now.timestamp())
        day = now.astimezone(self._zone).date()
        (row,) = self._generator.rows([BusyDay(day, [moment])], 0, recent=day)
        message = self._message(row, now)
        await self._ingest.add_messages([message], SENDER)
        pause = self._random.expovariate(1 / SECONDS_BETWEEN_MESSAGES)
        self._schedule(now, (pause, pause), self._arrive)
        self._schedule(now, SECONDS_TO_SEND, partial(self._report_outcome, message, row))

    async def _report_outcome(self, message: IncomingMessage, row: BulkRow, now: datetime) -> None:
        """Report whether a message was sent, and schedule its receipt."""
        cost = kopecks_to_roubles(row.cost)
        if row.status == MessageStatus.FAILED:
            outcome = replace(
                message,
                status=MessageStatus.FAILED,
                attempted_at=now,
                cost=cost,
                error_code=row.error_code,
                error_name=row.error_name,
            )
        else:
            outcome = replace(message, status=MessageStatus.SENT, sent_at=now, cost=cost)
        await self._ingest.add_messages([outcome], SENDER)
        if row.status == MessageStatus.FAILED:
            return
        if row.delivery == DeliveryState.DELIVERED:
            self._schedule(now, SECONDS_TO_RECEIPT, partial(self._deliver, message.id, message.phone))
        await self._spend(cost, now)

    async def _send_waiting(self, id: UUID, phone: str, sent_at: datetime) -> None:
        """Report that a message of an earlier run was sent and delivered."""
        event = StatusEvent(at=sent_at.replace(microsecond=0), told_by=SENDER.name, status=MessageStatus.SENT)
        await self._ingest.add_status_update(StatusUpdate(id, event, SENDER))
        await self._deliver(id, phone, sent_at + timedelta(seconds=self._random.uniform(*SECONDS_TO_RECEIPT)))

    async def _deliver(self, id: UUID, phone: str, delivered_at: datetime) -> None:
        report = DeliveryReport(str(id), DELIVERED_CODE, at=min(delivered_at, self._now()), phone=phone)
        receipt = to_receipt(PROVIDER, report, self._codes, self._now(), zone=self._zone)
        await self._ingest.add_receipts([receipt])

    async def _spend(self, cost: Decimal, now: datetime) -> None:
        """Reduce the balance that is set by hand, as the provider would reduce its own."""

        def reduce(session: Session) -> None:
            stored = session.get(LedgerBalance, 1)
            amount = (stored.amount if stored else FIRST_BALANCE) - cost
            paid = TOP_UP if amount < LOWEST_BALANCE else Decimal(0)
            session.merge(LedgerBalance(amount=amount + paid, set_at=now))

        if self._has_ledger:
            await self._database.write(reduce)

    def _message(self, row: BulkRow, now: datetime) -> IncomingMessage:
        """Build the message that waits to be sent from a generated row, which has its outcome already."""
        return IncomingMessage(
            id=UUID(bytes=row.id),
            recipient_name=row.recipient_name,
            phone=row.phone,
            appointment_at=None if row.appointment_at is None else datetime.fromtimestamp(row.appointment_at, UTC),
            organization=self._organizations[row.organization_id],
            kind=texts.KINDS[MessageKind(row.kind)],
            status=MessageStatus.WAITING,
            queued_at=now,
            attempted_at=None,
            sent_at=None,
            cost=Decimal(0),
            text=row.text,
            error_code=None,
            error_name=None,
            sender=row.sender,
            channel=MessageChannel(row.channel) if row.channel else None,
        )
