"""The tables of codes: the lists of SMPP are complete, and unknown codes name whom to ask."""

from models import MessageStatus
from services.ingest.status_history import StatusEvent
from services.receipts.delivery_report import COMMAND_STATUS_LIST, STATE_LIST
from services.receipts.provider_codes import ProviderCodes
from services.settings import PROJECT_ROOT
from tests.helpers.reference_messages import NOON

CODES = ProviderCodes.load(PROJECT_ROOT / 'data' / 'provider_codes.csv')


def test_every_command_status_of_smpp_has_eight_digits() -> None:
    codes = [code for _, kind, code in CODES.by_code if kind == COMMAND_STATUS_LIST]
    assert all(len(code) == len('0x0000000b') and int(code, 16) for code in codes)
    assert len(codes) == 47  # SMPP 3.4, 5.1.3, without ESME_ROK and the reserved ranges
    assert {code for _, kind, code in CODES.by_code if kind == STATE_LIST} == {
        'expired', 'deleted', 'undeliv', 'unknown', 'rejectd'
    }  # fmt: skip


def test_the_reasons_of_a_provider_have_different_names() -> None:
    names = [
        code.name for (provider, kind, _), code in CODES.by_code.items() if provider == 'kannel' and kind != 'status'
    ]
    assert len(names) == len(set(names))


def test_an_unknown_status_is_shown_as_it_came_with_whom_to_ask() -> None:
    event = StatusEvent(NOON, 'smsc', None, provider='smsc', code='0077')
    assert (
        CODES.unknown_status_text(event) == 'Неизвестный код провайдера: 0077. Что он значит, спросите в поддержке SMSC'
    )


def test_a_failure_that_only_the_sender_reported_is_explained_by_its_name() -> None:
    event = StatusEvent(NOON, 'mailer', MessageStatus.FAILED, final=True, error_code='E7', error_name='Нет шаблона')
    assert (CODES.advice('Нет шаблона', event) or '').startswith('Оператор пропускает только согласованные шаблоны')
    assert CODES.advice('Что-то своё', event) is None
