"""Whatever a message holds, a file of it is read back as the same message."""

import csv
from datetime import datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from tempfile import TemporaryFile
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from models import MessageStatus
from services import formats, texts
from services.ingest.csv_import.csv_file import CsvFile
from services.ingest.csv_import.file_import import MESSAGES
from services.ingest.message_parsing import Incoming

MOSCOW = ZoneInfo('Europe/Moscow')
COLUMNS = (*MESSAGES.required, *MESSAGES.optional)

LETTERS = st.sampled_from('абвёЁЪя aZ09«»"\';,\t=+-@№|')
WORDS = st.text(LETTERS, min_size=1, max_size=40).map(lambda text: ' '.join(text.split())).filter(bool)
TEXTS = st.text(LETTERS | st.just('\n'), max_size=200)
# Moscow's clock has not been put back since: each of its minutes names one moment.
MINUTES = st.datetimes(datetime(2015, 1, 1), datetime(2100, 12, 31)).map(
    lambda when: when.replace(second=0, microsecond=0, tzinfo=MOSCOW)
)


@st.composite
def incoming_messages(draw: st.DrawFn) -> Incoming:
    """Any message that a file can tell of."""
    status = draw(st.sampled_from(MessageStatus))
    return Incoming(
        id=draw(st.uuids()),
        recipient_name=draw(WORDS),
        phone=f'+79{draw(st.integers(0, 999_999_999)):09}',
        appointment_at=draw(st.none() | MINUTES),
        organization=draw(WORDS),
        kind=draw(st.sampled_from(list(texts.KINDS))),
        status=status,
        queued_at=draw(st.none() | MINUTES),
        attempted_at=draw(st.none() | MINUTES),
        sent_at=draw(MINUTES) if status == MessageStatus.SENT else None,
        cost=Decimal(draw(st.integers(0, 100_000_000))) / 100,
        text=draw(TEXTS),
        error_code=draw(st.none() | WORDS),
        error_name=draw(st.none() | WORDS),
    )


def row(message: Incoming) -> list[str]:
    """Write a message as a file has it, in the order of COLUMNS."""
    return [
        str(message.id),
        message.recipient_name,
        formats.phone(message.phone),
        formats.minute(message.appointment_at, MOSCOW),
        message.organization,
        texts.KINDS[message.kind],
        formats.minute(message.sent_at, MOSCOW),
        texts.STATUSES[message.status],
        formats.amount(message.cost),
        message.text,
        message.error_code or '',
        message.error_name or '',
        formats.minute(message.queued_at, MOSCOW),
        formats.minute(message.attempted_at, MOSCOW),
    ]


@given(
    messages=st.lists(incoming_messages(), max_size=5),
    encoding=st.sampled_from(['utf-8', 'utf-8-sig', 'cp1251']),
    delimiter=st.sampled_from(';,\t'),
    line_end=st.sampled_from(['\r\n', '\n']),
)
def test_a_file_of_messages_is_read_back(
    messages: list[Incoming], encoding: str, delimiter: str, line_end: str
) -> None:
    content = StringIO(newline='')
    writer = csv.writer(content, delimiter=delimiter, lineterminator=line_end)
    writer.writerows([COLUMNS, *map(row, messages)])
    with TemporaryFile() as file:
        file.write(content.getvalue().encode(encoding))
        file.seek(0)
        read = CsvFile(file, Path('messages.csv'), required=MESSAGES.required, allowed=MESSAGES.optional)
        fields = [MESSAGES.fields[column] for column in read.columns]
        assert [MESSAGES.read(dict(zip(fields, each.cells, strict=True)), MOSCOW) for each in read] == messages
        assert read.position == read.size
