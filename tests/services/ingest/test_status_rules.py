"""The status of a message follows from its events by the rules of docs/statuses.md."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import MessageStatus
from services.ingest.message_parsing import IncomingMessage
from services.ingest.status_history import StatusEvent
from services.ingest.status_rules import in_order, with_status_of_events
from services.providers.provider import ProviderCode
from services.providers.registry import PROVIDERS
from services.receipts.delivery_report import STATUS_LIST
from services.receipts.provider_codes import ProviderCodes
from services.settings import PROJECT_ROOT
from tests.helpers.status_events import QUEUED, sender_event, status_event, waiting_message

WAITING, SENT, FAILED = MessageStatus.WAITING, MessageStatus.SENT, MessageStatus.FAILED
CODES = ProviderCodes.load(PROJECT_ROOT / 'data' / 'provider_codes.csv')
UNKNOWN_CODE = '777'
MESSAGE = waiting_message()
CREATED = sender_event(0, WAITING)


def derive(*events: StatusEvent) -> IncomingMessage:
    """Return a message that was queued, with the status that follows from further events in their order of arrival."""
    return with_status_of_events(MESSAGE, [CREATED, *events])


def status_and_time(message: IncomingMessage) -> tuple[MessageStatus, float | None]:
    """Return the status, and the minutes from being queued to being sent."""
    return message.status, (message.sent_at - QUEUED).total_seconds() / 60 if message.sent_at else None


# Every pair of codes


def wins_over(newer: ProviderCode | None, older: ProviderCode | None) -> bool:
    """Return whether the newer of two receipts of a provider decides, according to docs/statuses.md."""
    if newer is None or newer.status in (None, WAITING):
        return False
    if older is None or older.status in (None, WAITING):
        return True
    return newer.final or not older.final


def code_pairs(provider: str) -> Iterator[tuple[str, str]]:
    """Return all pairs of the provider's codes, and of one that is not in its table."""
    codes = [code for key, kind, code in CODES.by_code if (key, kind) == (provider, STATUS_LIST)]
    all_codes = [*codes, UNKNOWN_CODE]
    return product(all_codes, all_codes)


@pytest.mark.parametrize('provider', PROVIDERS)
def test_every_pair_of_codes_in_every_order(provider: str) -> None:
    """The clock of the provider is ahead of the sender's, or behind it; receipts arrive in their order or not."""
    for (first, second), minutes, offset, arrives_late in product(
        code_pairs(provider), (0, 5), (-20, 1), (False, True)
    ):
        codes = [CODES.find(provider, STATUS_LIST, code) for code in (first, second)]
        older, newer = (
            status_event(
                offset + later,
                code.status if code else None,
                code=text,
                final=bool(code and code.final),
                source=provider,
                error_code=text if code and code.status == FAILED else None,
                provider_id='5001',
            )
            for text, code, later in zip((first, second), codes, (0, minutes), strict=True)
        )
        # Of two receipts with the same time, the one that arrives later is the newer one.
        arrived = [newer, older] if arrives_late and minutes else [older, newer]
        message = derive(*arrived)
        decides = codes[1] if wins_over(codes[1], codes[0]) else codes[0]
        expected = decides.status if decides and decides.status else WAITING
        case = (first, second, minutes, offset, arrives_late)
        assert message.status == expected, case
        sent_times = [event.at for event in (older, newer) if event.status == SENT]
        assert message.sent_at == (sent_times[0] if expected == SENT else None), case
        error = (second if decides is codes[1] else first) if expected == FAILED else None
        assert first == second or message.error_code == error, case


# Final is final, and being queued loses to any fact


@given(
    st.permutations(
        [
            status_event(1, SENT, code='0'),
            status_event(3, SENT, code='1', final=True),
            status_event(2, WAITING, code='-1'),
        ]
    )
)
def test_the_order_of_arrival_does_not_matter(events: Sequence[StatusEvent]) -> None:
    assert status_and_time(derive(*events)) == (SENT, 1)


def test_the_time_of_sending_is_not_the_time_of_delivery() -> None:
    assert status_and_time(derive(status_event(1, SENT), status_event(5, SENT, final=True))) == (SENT, 1)


def test_a_message_that_failed_after_sending_was_attempted_when_it_was_sent() -> None:
    message = derive(status_event(1, SENT), status_event(9, FAILED, final=True, error_code='6'))
    assert (message.status, message.sent_at, message.attempted_at) == (FAILED, None, QUEUED + timedelta(minutes=1))
    assert message.error_code == '6'


def test_a_late_receipt_that_is_not_final_does_not_change_the_time_of_a_failure() -> None:
    message = derive(status_event(1, FAILED, final=True), status_event(120, SENT))
    assert (message.status, message.attempted_at) == (FAILED, QUEUED + timedelta(minutes=1))


def test_a_later_final_receipt_wins() -> None:
    delivered, failed = status_event(5, SENT, final=True), status_event(4, FAILED, final=True)
    for arrived in ((delivered, failed), (failed, delivered)):
        assert status_and_time(derive(*arrived)) == (SENT, 5)


def test_of_two_in_one_second_the_final_one_decides() -> None:
    assert derive(status_event(1, FAILED, final=True), status_event(1, SENT)).status == FAILED


def test_of_two_final_receipts_in_one_second_the_one_that_arrived_later_decides() -> None:
    delivered, failed = status_event(1, SENT, final=True), status_event(1, FAILED, final=True)
    assert derive(delivered, failed).status == FAILED
    assert derive(failed, delivered).status == SENT


def test_an_unknown_code_changes_no_status() -> None:
    assert derive(status_event(1, SENT), status_event(2, None, code=UNKNOWN_CODE)).status == SENT


@pytest.mark.parametrize('status', [SENT, FAILED])
@pytest.mark.parametrize('minutes', [-60, 0])
def test_being_queued_loses_whatever_the_clocks_say(status: MessageStatus, minutes: int) -> None:
    assert derive(status_event(minutes, status, final=True)).status == status
    assert derive(sender_event(minutes, status)).status == status


def test_the_history_begins_with_being_queued() -> None:
    receipt = status_event(-60, FAILED, final=True)
    assert in_order([CREATED, receipt]) == [CREATED, receipt]


# What the sender and the provider report


def test_the_sender_does_not_undo_a_final_status_of_the_provider() -> None:
    failed = status_event(5, FAILED, final=True, provider_id='5001')
    named = sender_event(9, SENT, provider='smsc', provider_id='5001')
    for arrived in ((failed, named), (named, failed), (failed, sender_event(9, SENT))):
        assert derive(*arrived).status == FAILED


def test_a_failure_without_a_cause_keeps_the_cause_that_the_provider_has_reported() -> None:
    assert derive(status_event(5, FAILED, final=True, error_code='6'), sender_event(9, FAILED)).error_code == '6'
    corrected = derive(
        status_event(5, FAILED, final=True, error_code='6'), status_event(9, FAILED, final=True, error_code='1')
    )
    assert corrected.error_code == '1'


def test_a_provider_corrects_a_failure_that_the_sender_has_reported_only_by_a_final_status() -> None:
    failed = sender_event(1, FAILED)
    assert derive(failed, status_event(2, SENT)).status == FAILED
    assert derive(failed, status_event(2, SENT), status_event(3, SENT, final=True)).status == SENT


# New attempts


def failed_receipt(minutes: float = 2, provider_id: str = '5001') -> StatusEvent:
    return status_event(minutes, FAILED, final=True, error_code='6', provider_id=provider_id)


def test_the_sender_queues_a_message_again() -> None:
    again = (failed_receipt(), sender_event(30, WAITING))
    message = derive(*again)
    assert (message.status, message.error_code) == (WAITING, None)
    assert message.attempted_at == QUEUED + timedelta(minutes=2)
    assert status_and_time(derive(*again, status_event(31, SENT, provider_id='5001'))) == (SENT, 31)
    assert derive(*again, failed_receipt(32)).status == FAILED


def test_a_sender_whose_clock_is_ahead_only_repeats_that_the_message_was_queued() -> None:
    """The failure was not known when the sender reported that the message was queued."""
    assert derive(sender_event(3, WAITING), failed_receipt()).status == FAILED
    assert derive(failed_receipt(), sender_event(2, WAITING)).status == FAILED
    assert derive(status_event(2, FAILED), sender_event(2, WAITING)).status == FAILED, 'in the same second'


def test_a_delivered_message_is_not_queued_again() -> None:
    delivered = status_event(2, SENT, final=True)
    assert status_and_time(derive(delivered, sender_event(30, WAITING))) == (SENT, 2)


def test_a_second_attempt_is_sent_at_its_own_time() -> None:
    sent, failed = sender_event(1, SENT), sender_event(2, FAILED)
    assert status_and_time(derive(sent, failed, sender_event(30, SENT))) == (SENT, 30)


@pytest.mark.parametrize(('provider', 'provider_id'), [('smsc', '5002'), ('kannel', '5001')])
@pytest.mark.parametrize('status', [WAITING, SENT])
def test_the_sender_names_another_identifier(provider: str, provider_id: str, status: MessageStatus) -> None:
    named = sender_event(0, WAITING, provider='smsc', provider_id='5001')
    again = sender_event(30, status, provider=provider, provider_id=provider_id)
    late = [status_event(40, SENT, provider_id='5001'), failed_receipt(41)]
    assert derive(named, failed_receipt(), again, *late).status == status
    failed_again = status_event(42, FAILED, final=True, source=provider, provider_id=provider_id, error_code='1')
    message = derive(named, failed_receipt(), again, failed_again, *late)
    assert (message.status, message.error_code) == (FAILED, '1')


def test_a_late_receipt_of_a_former_attempt_begins_no_new_one() -> None:
    first = sender_event(1, SENT, provider='smsc', provider_id='5001')
    second = sender_event(30, SENT, provider='smsc', provider_id='5002')
    events = (first, failed_receipt(2), second, failed_receipt(31, '5002'))
    assert derive(*events, status_event(60, SENT, provider_id='5001')).status == FAILED


def test_a_receipt_that_is_ahead_of_the_name_of_its_attempt() -> None:
    """The provider's clock is behind: the receipt is dated before the sender names the identifier."""
    first = sender_event(1, SENT, provider='smsc', provider_id='5001')
    second = sender_event(30, SENT, provider='smsc', provider_id='5002')
    assert derive(first, second, failed_receipt(29.5, '5002')).status == FAILED


def test_a_message_passed_to_another_provider_under_its_own_id() -> None:
    id = str(MESSAGE.id)
    failed = status_event(2, FAILED, final=True, source='kannel', provider_id=id)
    queued, sent = (status_event(minutes, status, provider_id=id) for minutes, status in ((30, WAITING), (31, SENT)))
    assert derive(failed, queued).status == FAILED
    assert derive(failed, queued, sent).status == SENT
    assert derive(failed, queued, sent, status_event(60, SENT, source='kannel', provider_id=id)).status == SENT


def test_events_recorded_without_an_identifier_belong_to_the_attempt_of_their_provider() -> None:
    named = sender_event(0, SENT, provider='smsc', provider_id='5001')
    old = status_event(2, FAILED, final=True)
    assert derive(named, old, status_event(60, SENT, provider_id='5001')).status == FAILED


# Any history

MINUTES = st.integers(-5, 60)
EVENTS = st.lists(
    st.one_of(
        st.builds(sender_event, MINUTES, st.sampled_from(MessageStatus)),
        st.builds(
            status_event,
            MINUTES,
            st.sampled_from((None, *MessageStatus)),
            final=st.booleans(),
            source=st.sampled_from(['smsc', 'kannel']),
            provider_id=st.sampled_from(['1', '2', None]),
        ),
    ),
    max_size=8,
)


@given(EVENTS)
def test_the_result_is_always_a_valid_message(events: list[StatusEvent]) -> None:
    message = derive(*events)
    assert (message.sent_at is not None) == (message.status == SENT)
    if len({event.at for event in events}) == len(events):  # in the same second, the order of arrival decides
        assert derive(*events, *events) == message, 'a repetition changes nothing'
    if any(event.status in (SENT, FAILED) for event in events if event.is_receipt):
        statements = [event for event in events if not event.is_receipt]
        assert message.status != WAITING or WAITING in {event.status for event in statements}


@given(EVENTS, st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)))
def test_the_time_at_which_a_message_was_queued_decides_nothing(events: list[StatusEvent], queued: datetime) -> None:
    moved = replace(CREATED, at=queued.replace(tzinfo=QUEUED.tzinfo))
    assert with_status_of_events(MESSAGE, [moved, *events]).status == derive(*events).status
