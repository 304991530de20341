"""A few messages and documents with known values, and the accounts of their readers."""

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from uuid import uuid4
from zoneinfo import ZoneInfo

from models import DocumentStatus, MessageKind, MessageStatus
from services.accounts.accounts import Accounts
from services.database.engine import Database
from services.database.timezone_lock import ensure_time_zone
from services.demo.demo_data import MANUAL_EXAMPLE
from services.documents import document_ingest as exchange
from services.documents.document_parsing import IncomingDocument
from services.ingest import message_ingest
from services.ingest.message_parsing import IncomingMessage
from tests.helpers.auth_services import fast_password_hashing
from tests.helpers.factories import incoming_document, incoming_message
from tests.helpers.journal_operator import CLERK_NAME, PASSWORD

ZONE = ZoneInfo('Europe/Moscow')
ROLES = {'chief': 'Admin', CLERK_NAME: 'WebAdmin', 'guest': 'User'}

KHIMKI = 'ГБУЗ МО «Химкинская областная больница»'
PODOLSK = 'ГБУЗ МО «Подольская областная больница»'
DUBNA = 'ГАУЗ МО «Дубненская городская больница»'

KOROLYOV = 'Королёв Иван Петрович'
KOROLEVA = 'Королева Анна Сергеевна'
IVANOV = 'Иванов Сергей Юрьевич'
IVANOVA = 'Иванова-Петрова Ольга Игоревна'
SEMYONOV = 'Семёнов Пётр Алексеевич'
SPECIAL_CHARACTERS = 'Проверка 100%_Знаков*'
SOKOLOVA = 'Соколова Мария Викторовна'
"""The recipient of a message older than the month that a page shows first."""
MANUAL_NAME = MANUAL_EXAMPLE.recipient_name
MONTH = (KOROLYOV, KOROLEVA, IVANOV, IVANOVA, SEMYONOV, SPECIAL_CHARACTERS)
"""The recipients of the month that a page shows first, the newest first."""
EVERYBODY = (*MONTH, SOKOLOVA, MANUAL_NAME)


def today() -> date:
    """Return the current date in Moscow."""
    return datetime.now(ZONE).date()


def moment(days_ago: int, hour: int = 12, minute: int = 0) -> datetime:
    """Return a local time in Moscow, some days ago, converted to UTC."""
    local = datetime.combine(today() - timedelta(days=days_ago), time(hour, minute), ZONE)
    return local.astimezone(UTC)


def sample_messages() -> list[IncomingMessage]:
    """Return the messages, the newest first."""
    sent = partial(incoming_message, queued_at=None)
    unsent = partial(incoming_message, cost=Decimal(0))
    return [
        sent(recipient_name=KOROLYOV, phone='+79161234567', organization=KHIMKI, sent_at=moment(1, 13, 56)),
        unsent(
            recipient_name=KOROLEVA,
            phone='+79035554433',
            organization=KHIMKI,
            kind=MessageKind.ATTACHMENT,
            status=MessageStatus.FAILED,
            queued_at=moment(2, 10),
            attempted_at=moment(2, 11),
            error_code='1042',
            error_name='Абонент не в сети',
        ),
        sent(
            recipient_name=IVANOV,
            phone='+79261112233',
            organization=PODOLSK,
            kind=MessageKind.VACCINATION,
            sent_at=moment(3, 9, 5),
            cost=Decimal('4.65'),
        ),
        unsent(
            recipient_name=IVANOVA,
            phone='+79851234500',
            organization=PODOLSK,
            status=MessageStatus.WAITING,
            queued_at=moment(4),
        ),
        sent(
            recipient_name=SEMYONOV,
            phone='+79167654321',
            organization=DUBNA,
            kind=MessageKind.DAY_HOSPITAL,
            sent_at=moment(5),
            cost=Decimal('1.55'),
        ),
        sent(recipient_name=SPECIAL_CHARACTERS, phone='+79990000001', organization=DUBNA, sent_at=moment(6)),
        sent(recipient_name=SOKOLOVA, phone='+79168881122', organization=KHIMKI, sent_at=moment(40)),
        MANUAL_EXAMPLE,
    ]


def sample_documents() -> list[IncomingDocument]:
    """Return the documents of «Журнал ИЭМК», the newest first."""
    registered = partial(incoming_document, snils='11223344595', doctor='Павлов Иван Ильич')
    failed = partial(registered, patient_name=KOROLEVA, organization=PODOLSK, kind='Эпикриз в стационаре выписной')
    failed_id = uuid4()
    return [
        registered(patient_name=KOROLYOV, organization=KHIMKI, at=moment(1, 13, 56), remd_number='50.26.11.000000017'),
        failed(
            id=failed_id,
            snils='08765430300',
            at=moment(2, 11),
            status=DocumentStatus.FAILED,
            error_code='E7',
            error_text='Подпись не верна',
        ),
        failed(id=failed_id, snils='08765430300', at=moment(2, 10), status=DocumentStatus.PROCESSING),
        registered(patient_name=IVANOV, snils=None, at=moment(3), status=DocumentStatus.PROCESSING),
        registered(patient_name=SOKOLOVA, at=moment(40)),
    ]


def fill_journal(url: str, incoming: Sequence[IncomingMessage], roles: dict[str, str] = ROLES) -> str:
    """Insert messages, documents and accounts into the migrated database at `url`, and return the URL."""
    with closing(Database(url)) as database:
        ensure_time_zone(database, ZONE)
        database.write_sync(
            lambda session: message_ingest.ingest_imported_messages(session, incoming, zone=ZONE, now=datetime.now(UTC))
        )
        database.write_sync(lambda session: exchange.ingest_imported_documents(session, sample_documents()))
        # The first sign-in of an account renews its hash at full cost.
        with fast_password_hashing():
            for name, role in roles.items():
                Accounts(database).add(name, role, PASSWORD, must_change=False)
    return url
