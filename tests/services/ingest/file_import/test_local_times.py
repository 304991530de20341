"""Times in a file, as people, programs and spreadsheets write them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.file_import.local_times import SERIAL_EPOCH, parse_local_time
from services.ingest.validation import InvalidValueError, InvalidValueReason, MessageField

FIELD = MessageField.SENT_AT
MOSCOW = ZoneInfo('Europe/Moscow')
BERLIN = ZoneInfo('Europe/Berlin')


@pytest.mark.parametrize(
    'typed',
    [
        '20.11.2026 10:00',
        '20.11.26 10:00',
        '20.11.2026, 10:00',
        '20/11/2026 10:00',
        '20-11-2026 10:00:00.000',
        ' 20.11.2026\N{NO-BREAK SPACE} 10:00:00,999 ',
        '2026-11-20 10:00',
        '2026-11-20 10:00:00',
        '2026-11-20T10:00:00.123456',
        '2026/11/20 10:00',
        '2026-11-20T10:00:00+03:00',
        '2026-11-20T07:00Z',
        '2026-11-20 05:00:00 -0200',
        '46346.4167',
        '46346,416666666664',
        '46346.4166666667',
    ],
)
def test_a_time_may_be_written_in_many_ways(typed: str) -> None:
    assert parse_local_time(typed, FIELD, MOSCOW) == datetime(2026, 11, 20, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ('typed', 'moment'),
    [
        ('', None),
        (' 1.2.2026  9:05 ', datetime(2026, 2, 1, 6, 5, tzinfo=UTC)),
        ('20.11.26 13:56:07', datetime(2026, 11, 20, 10, 56, 7, tzinfo=UTC)),
        ('46346.5807523148', datetime(2026, 11, 20, 10, 56, 17, tzinfo=UTC)),
        ('46346.5808', datetime(2026, 11, 20, 10, 56, tzinfo=UTC)),
        # Moscow put its clock back at two that night: 01:30 came twice, and the first is meant.
        ('26.10.2014 01:30', datetime(2014, 10, 25, 21, 30, tzinfo=UTC)),
    ],
)
def test_it_parses_local_time(typed: str, moment: datetime | None) -> None:
    assert parse_local_time(typed, FIELD, MOSCOW) == moment


@given(st.datetimes(datetime(2015, 1, 1), datetime(2100, 12, 31)))
def test_a_spreadsheet_loses_no_second(when: datetime) -> None:
    local = when.replace(microsecond=0)
    serial = f'{(local - SERIAL_EPOCH) / timedelta(days=1):.10f}'
    assert parse_local_time(serial, FIELD, MOSCOW) == local.replace(tzinfo=MOSCOW)


@pytest.mark.parametrize(
    ('typed', 'reason'),
    [
        ('31.02.2026 10:00', InvalidValueReason.NOT_TIME),
        ('20.11.2026', InvalidValueReason.NOT_TIME),
        ('2026-11-20', InvalidValueReason.NOT_TIME),
        ('46346', InvalidValueReason.NOT_TIME),
        ('20.11.2026 24:00', InvalidValueReason.NOT_TIME),
        ('11/20/2026 10:00', InvalidValueReason.NOT_TIME),
        ('20.11/2026 10:00', InvalidValueReason.NOT_TIME),
        ('2026-11-20T10:00+99:00', InvalidValueReason.NOT_TIME),
        ('20.11.20266 10:00', InvalidValueReason.NOT_TIME),
        ('20.11.1999 10:00', InvalidValueReason.YEAR_OUT_OF_RANGE),
        ('20.11.2101 10:00', InvalidValueReason.YEAR_OUT_OF_RANGE),
        ('36525.5', InvalidValueReason.YEAR_OUT_OF_RANGE),
        ('00.11.2026 10:00', InvalidValueReason.NOT_TIME),
    ],
)
def test_it_rejects_other_times(typed: str, reason: InvalidValueReason) -> None:
    with pytest.raises(InvalidValueError) as caught:
        parse_local_time(typed, FIELD, MOSCOW)
    assert (caught.value.field, caught.value.reason) == (FIELD, reason)


def test_it_rejects_an_hour_that_the_clock_skipped() -> None:
    with pytest.raises(InvalidValueError) as caught:
        parse_local_time('29.03.2026 02:30', FIELD, BERLIN)
    assert caught.value.reason == InvalidValueReason.SKIPPED_BY_CLOCK
