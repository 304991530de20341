"""The status of a message of several SMS parts: someone who received only some of them did not receive it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import MessageStatus
from services.ingest.message_parsing import IncomingMessage
from services.ingest.status_history import StatusEvent
from services.ingest.status_rules import with_status_of_events
from tests.helpers.status_events import QUEUED, sender_event, status_event, waiting_message

WAITING, SENT, FAILED = MessageStatus.WAITING, MessageStatus.SENT, MessageStatus.FAILED
MESSAGE = waiting_message()
CREATED = sender_event(0, WAITING)
ONE, TWO, THREE = 'я' * 70, 'я' * 90, 'я' * 180


def delivered(minutes: float, part: int | None = None) -> StatusEvent:
    """Build the receipt of a part that was delivered."""
    return replace(status_event(minutes, SENT, code='1', final=True, source='kannel', provider_id='x'), part=part)


def undelivered(minutes: float, part: int | None = None, error_code: str = '012') -> StatusEvent:
    """Build the receipt of a part that was not delivered."""
    event = status_event(
        minutes, FAILED, code='2', final=True, source='kannel', error_code=error_code, error_name='нет', provider_id='x'
    )
    return replace(event, part=part)


def accepted(minutes: float) -> StatusEvent:
    """Build the receipt of a message that was passed to the operator."""
    return status_event(minutes, SENT, code='8', source='kannel', provider_id='x')


def derive(text: str, events: Sequence[StatusEvent], parts: int | None = None) -> IncomingMessage:
    return with_status_of_events(replace(MESSAGE, text=text, parts=parts), [CREATED, *events])


PARTIAL_ONE_OF_TWO = (FAILED, '012', 'Доставлено частично: 1 из 2')
PLAIN_FAILURE = (FAILED, '012', 'нет')
DELIVERED = (SENT, None, None)


@pytest.mark.parametrize(
    ('text', 'events', 'expected'),
    [
        # The two receipts of two parts, in either order of what happened.
        (TWO, [undelivered(1), delivered(2)], PARTIAL_ONE_OF_TWO),
        (TWO, [delivered(1), undelivered(2)], PARTIAL_ONE_OF_TWO),
        (TWO, [delivered(1), undelivered(1)], PARTIAL_ONE_OF_TWO),
        (TWO, [delivered(1), delivered(2)], DELIVERED),
        (TWO, [undelivered(1), undelivered(2)], PLAIN_FAILURE),
        (TWO, [accepted(1), undelivered(2), delivered(3), accepted(9)], PARTIAL_ONE_OF_TWO),
        # A gateway may send one receipt for the whole message.
        (TWO, [accepted(1), delivered(2)], DELIVERED),
        (TWO, [accepted(1), undelivered(2)], PLAIN_FAILURE),
        # More receipts than parts: the oldest one has been corrected.
        (TWO, [undelivered(1), delivered(2), delivered(3)], DELIVERED),
        (TWO, [delivered(1), delivered(2), undelivered(3)], PARTIAL_ONE_OF_TWO),
        (THREE, [delivered(1), undelivered(2)], (FAILED, '012', 'Доставлено частично: 1 из 3')),
        (THREE, [delivered(1), undelivered(2), delivered(3)], (FAILED, '012', 'Доставлено частично: 2 из 3')),
        # One part: a later final receipt is a correction.
        (ONE, [undelivered(1), delivered(2)], DELIVERED),
        (ONE, [delivered(1), undelivered(2)], PLAIN_FAILURE),
        ('', [undelivered(1), delivered(2)], DELIVERED),
        # Numbered parts: a correction is recognized by its number.
        (TWO, [undelivered(1, 1), delivered(2, 2)], PARTIAL_ONE_OF_TWO),
        (TWO, [undelivered(1, 1), delivered(2, 1)], DELIVERED),
        (TWO, [undelivered(1, 1), delivered(2, 1), delivered(3, 2)], DELIVERED),
        (TWO, [delivered(1, 1), delivered(2, 2), undelivered(3, 1)], PARTIAL_ONE_OF_TWO),
        (TWO, [delivered(1, 1), delivered(1, 2)], DELIVERED),
        # The gateway has split the text into more parts than it needs.
        (ONE, [delivered(1, 1), undelivered(2, 2)], PARTIAL_ONE_OF_TWO),
        (TWO, [delivered(1, 1), undelivered(2, 3)], (FAILED, '012', 'Доставлено частично: 1 из 3')),
    ],
)
def test_the_status_in_every_order_of_arrival(
    text: str, events: list[StatusEvent], expected: tuple[MessageStatus, str | None, str | None]
) -> None:
    for arrived in permutations(events):
        message = derive(text, arrived)
        assert (message.status, message.error_code, message.error_name) == expected


def test_the_sender_may_know_the_number_of_parts_better() -> None:
    receipts = [undelivered(1), delivered(2)]
    assert derive(TWO, receipts, parts=1).status == SENT
    assert derive(ONE, receipts, parts=2).error_name == 'Доставлено частично: 1 из 2'
    assert derive('', receipts, parts=2).error_name == 'Доставлено частично: 1 из 2'


def test_the_time_of_sending_and_the_cost_stay() -> None:
    message = derive(TWO, [accepted(1), delivered(5), undelivered(7)])
    assert (message.sent_at, message.attempted_at) == (None, QUEUED + timedelta(minutes=1))
    assert message.cost == MESSAGE.cost


def test_the_code_is_that_of_the_newest_failure() -> None:
    message = derive(THREE, [undelivered(1, error_code='1'), delivered(2), undelivered(3, error_code='2')])
    assert (message.error_code, message.error_name) == ('2', 'Доставлено частично: 1 из 3')


def test_a_message_that_is_queued_again_after_a_partial_delivery_starts_over() -> None:
    again = sender_event(10, WAITING)
    assert derive(TWO, [undelivered(1), delivered(2), again]).status == WAITING
    assert derive(TWO, [undelivered(1), delivered(2), again, delivered(12), delivered(13)]).status == SENT


def test_a_sender_who_reports_the_failure_too_does_not_hide_that_it_is_partial() -> None:
    for minutes in (0.5, 1.5, 3):
        message = derive(TWO, [undelivered(1), delivered(2), sender_event(minutes, FAILED)])
        assert message.error_name == 'Доставлено частично: 1 из 2'


def test_receipts_of_another_attempt_are_no_parts_of_this_one() -> None:
    other = [
        sender_event(5, SENT, provider='smsru', provider_id='y'),
        status_event(6, SENT, code='103', final=True, source='smsru', provider_id='y'),
    ]
    assert derive(TWO, [undelivered(1), *other]).status == SENT


PART_RECEIPTS = st.lists(
    st.builds(
        lambda minutes, is_delivered, part: (delivered if is_delivered else undelivered)(minutes, part),
        st.integers(1, 30),
        st.booleans(),
        st.none() | st.integers(1, 3),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda event: event.at,
)


@given(PART_RECEIPTS, st.sampled_from([ONE, TWO, THREE]), st.data())
def test_the_order_of_arrival_does_not_matter_and_a_partial_delivery_is_no_delivery(
    receipts: list[StatusEvent], text: str, data: st.DataObject
) -> None:
    first = derive(text, receipts)
    assert derive(text, data.draw(st.permutations(receipts))) == first
    numbered = {event.part or 0: event.status for event in sorted(receipts, key=lambda event: event.at)}
    if 0 not in numbered and len(set(numbered.values())) == 2:
        count = max(first.part_count or 1, *numbered)
        delivered_count = list(numbered.values()).count(SENT)
        assert (first.status, first.error_name) == (FAILED, f'Доставлено частично: {delivered_count} из {count}')
