"""A journal of a few messages and documents that every story knows by heart, and the accounts of those who read it."""

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
from services.database.timezone_lock import keep_zone
from services.demo.demo_data import MANUAL_ROW
from services.documents import document_ingest as exchange
from services.documents.document_parsing import IncomingDocument
from services.ingest import message_ingest
from services.ingest.message_parsing import Incoming
from tests.helpers.factories import document, incoming
from tests.helpers.journal_operator import CLERK, PASSWORD

ZONE = ZoneInfo('Europe/Moscow')
ROLES = {'chief': 'Admin', CLERK: 'WebAdmin', 'guest': 'User'}

KHIMKI = 'ГБУЗ МО «Химкинская областная больница»'
PODOLSK = 'ГБУЗ МО «Подольская областная больница»'
DUBNA = 'ГАУЗ МО «Дубненская городская больница»'

KOROLYOV = 'Королёв Иван Петрович'
KOROLEVA = 'Королева Анна Сергеевна'
IVANOV = 'Иванов Сергей Юрьевич'
IVANOVA = 'Иванова-Петрова Ольга Игоревна'
SEMYONOV = 'Семёнов Пётр Алексеевич'
SIGNS = 'Проверка 100%_Знаков*'
SOKOLOVA = 'Соколова Мария Викторовна'
"""Beyond the month that a page begins with."""
MANUAL = MANUAL_ROW.recipient_name
MONTH = (KOROLYOV, KOROLEVA, IVANOV, IVANOVA, SEMYONOV, SIGNS)
"""Everybody who was written to in the month that a page begins with, the newest first."""
EVERYBODY = (*MONTH, SOKOLOVA, MANUAL)


def today() -> date:
    """Give the present day in Moscow."""
    return datetime.now(ZONE).date()


def moment(days_ago: int, hour: int = 12, minute: int = 0) -> datetime:
    """Give a moment of the Moscow clock, some days ago, in UTC."""
    local = datetime.combine(today() - timedelta(days=days_ago), time(hour, minute), ZONE)
    return local.astimezone(UTC)


def messages() -> list[Incoming]:
    """Give the messages, the newest first."""
    sent = partial(incoming, queued_at=None)
    unsent = partial(incoming, cost=Decimal(0))
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
        sent(recipient_name=SIGNS, phone='+79990000001', organization=DUBNA, sent_at=moment(6)),
        sent(recipient_name=SOKOLOVA, phone='+79168881122', organization=KHIMKI, sent_at=moment(40)),
        MANUAL_ROW,
    ]


def documents() -> list[IncomingDocument]:
    """Give what «Журнал ИЭМК» has, the newest first."""
    taken = partial(document, snils='11223344595', doctor='Павлов Иван Ильич')
    failed = partial(taken, patient_name=KOROLEVA, organization=PODOLSK, kind='Эпикриз в стационаре выписной')
    refused = uuid4()
    return [
        taken(patient_name=KOROLYOV, organization=KHIMKI, at=moment(1, 13, 56), remd_number='50.26.11.000000017'),
        failed(
            id=refused,
            snils='08765430300',
            at=moment(2, 11),
            status=DocumentStatus.FAILED,
            error_code='E7',
            error_text='Подпись не верна',
        ),
        failed(id=refused, snils='08765430300', at=moment(2, 10), status=DocumentStatus.PROCESSING),
        taken(patient_name=IVANOV, snils=None, at=moment(3), status=DocumentStatus.PROCESSING),
        taken(patient_name=SOKOLOVA, at=moment(40)),
    ]


def fill(url: str, incoming: Sequence[Incoming], roles: dict[str, str] = ROLES) -> str:
    """Put messages and accounts into the migrated database at `url`; give its address."""
    with closing(Database(url)) as database:
        keep_zone(database, ZONE)
        database.write_now(lambda session: message_ingest.record(session, incoming, zone=ZONE, now=datetime.now(UTC)))
        database.write_now(lambda session: exchange.record(session, documents()))
        for name, role in roles.items():
            Accounts(database).add(name, role, PASSWORD, must_change=False)
    return url
