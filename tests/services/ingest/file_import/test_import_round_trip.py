"""Any message that is written to a file is imported as the same message."""

import csv
from datetime import datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from tempfile import TemporaryFile
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from models import MessageChannel, MessageStatus
from services import formats, texts
from services.ingest.file_import.message_format import MESSAGE_FORMAT
from services.ingest.message_parsing import IncomingMessage
from services.ingest.table_files.column_titles import ColumnTitles
from services.ingest.table_files.csv_file import CsvFile

MOSCOW = ZoneInfo('Europe/Moscow')
COLUMNS = (*MESSAGE_FORMAT.required, *MESSAGE_FORMAT.optional)

LETTERS = st.sampled_from('абвёЁЪя aZ09«»"\';,\t=+-@№|')
WORDS = st.text(LETTERS, min_size=1, max_size=40).map(lambda text: ' '.join(text.split())).filter(bool)
TEXTS = st.text(LETTERS | st.just('\n'), max_size=200)
# Moscow has not set its clock back since 2014, so each local minute is unique.
MINUTES = st.datetimes(datetime(2015, 1, 1), datetime(2100, 12, 31)).map(
    lambda when: when.replace(second=0, microsecond=0, tzinfo=MOSCOW)
)


@st.composite
def incoming_messages(draw: st.DrawFn) -> IncomingMessage:
    """Generate any message that a file can contain."""
    status = draw(st.sampled_from(MessageStatus))
    return IncomingMessage(
        id=draw(st.uuids()),
        recipient_name=draw(WORDS),
        phone=draw(st.sampled_from(('+799', '+770', '+9989', '+3752'))) + f'{draw(st.integers(0, 99_999_999)):08}',
        appointment_at=draw(st.none() | MINUTES),
        organization=draw(WORDS),
        kind=draw(st.sampled_from(list(texts.KINDS.values()))),
        status=status,
        queued_at=draw(st.none() | MINUTES),
        attempted_at=draw(st.none() | MINUTES),
        sent_at=draw(MINUTES) if status == MessageStatus.SENT else None,
        cost=Decimal(draw(st.integers(0, 100_000_000))) / 100,
        text=draw(TEXTS),
        error_code=draw(st.none() | WORDS),
        error_name=draw(st.none() | WORDS),
        phone_note=draw(st.none() | WORDS),
        parts=draw(st.none() | st.integers(1, 255)),
        sender=draw(st.sampled_from((None, 'MosOblMed', '0122', '+74951234567'))),
        channel=draw(st.none() | st.sampled_from(MessageChannel)),
    )


def csv_row(message: IncomingMessage) -> list[str]:
    """Format a message as a row of a file, in the order of COLUMNS."""
    return [
        str(message.id),
        message.recipient_name,
        formats.phone(message.phone),
        formats.date_and_minute(message.appointment_at, MOSCOW),
        message.organization,
        message.kind,
        formats.date_and_minute(message.sent_at, MOSCOW),
        texts.STATUSES[message.status],
        formats.amount(message.cost),
        message.text,
        message.error_code or '',
        message.error_name or '',
        formats.date_and_minute(message.queued_at, MOSCOW),
        formats.date_and_minute(message.attempted_at, MOSCOW),
        message.phone_note or '',
        str(message.parts or ''),
        message.sender or '',
        texts.CHANNELS[message.channel] if message.channel else '',
    ]


@given(
    messages=st.lists(incoming_messages(), max_size=5),
    encoding=st.sampled_from(['utf-8', 'utf-8-sig', 'cp1251', 'utf-16']),
    delimiter=st.sampled_from(';,\t'),
    line_end=st.sampled_from(['\r\n', '\n']),
)
def test_a_file_of_messages_is_read_back(
    messages: list[IncomingMessage], encoding: str, delimiter: str, line_end: str
) -> None:
    content = StringIO(newline='')
    writer = csv.writer(content, delimiter=delimiter, lineterminator=line_end)
    writer.writerows([COLUMNS, *map(csv_row, messages)])
    with TemporaryFile() as file:
        file.write(content.getvalue().encode(encoding))
        file.seek(0)
        read = CsvFile(
            file, Path('messages.csv'), titles=ColumnTitles(MESSAGE_FORMAT.required, MESSAGE_FORMAT.optional)
        )
        fields = [MESSAGE_FORMAT.fields[column] for column in read.columns]
        assert [
            MESSAGE_FORMAT.parse_row(dict(zip(fields, each.cells, strict=True)), MOSCOW) for each in read
        ] == messages
