"""Answers of Билайн: the forms that public clients know, and what cannot be read."""

from datetime import datetime

import pytest

from services.providers.built_in.beeline import URL, BeelineAccount
from services.providers.provider import ProviderUnavailableError, StatusAnswer
from services.receipts.delivery_report import DeliveryReport
from tests.helpers.fake_status_provider import WRONG_PASSWORD, message_xml

ACCOUNT = BeelineAccount('userX', 'secret')


def parse(content: str, encoding: str = 'utf-8') -> StatusAnswer:
    return ACCOUNT.parse_response('6666', content.encode(encoding))


def output(*messages: str) -> str:
    return f'<output><MESSAGES>{"".join(messages)}</MESSAGES></output>'


def test_the_request_has_the_documented_fields() -> None:
    request = ACCOUNT.build_request('6666')
    assert request.url == URL
    assert request.form == {
        'user': 'userX', 'pass': 'secret', 'gzip': 'none', 'action': 'status', 'sms_id': '6666',
    }  # fmt: skip
    assert 'secret' not in repr(ACCOUNT)


@pytest.mark.parametrize('closed_at', ['24.12.07 15:57:45', '24.12.2007 15:57:45'])
def test_a_closed_message_has_a_time(closed_at: str) -> None:
    report = DeliveryReport('6666', 'delivered', at=datetime(2007, 12, 24, 15, 57, 45))
    assert parse(output(message_xml('6666', 'delivered', closed_at))) == StatusAnswer(report)


@pytest.mark.parametrize('closed_at', ['', 'вчера', '24.12.0001 15:57:45', '2007-12-24 15:57:45'])
def test_a_time_that_cannot_be_read_is_none(closed_at: str) -> None:
    answer = parse(output(message_xml('6666', 'accepted', closed_at)))
    assert answer == StatusAnswer(DeliveryReport('6666', 'accepted'))


def test_the_message_is_found_among_others_and_in_another_encoding() -> None:
    content = output(message_xml('5', 'rejected'), message_xml('0006666', 'delivered'))
    declared = f'<?xml version="1.0" encoding="windows-1251"?>{content}'
    answer = ACCOUNT.parse_response('6666', declared.encode('cp1251'))
    assert answer == StatusAnswer(DeliveryReport('6666', 'delivered'))


@pytest.mark.parametrize(
    ('content', 'expected'),
    [
        (output(), StatusAnswer()),
        (output(message_xml('5', 'delivered')), StatusAnswer()),
        ('<output/>', StatusAnswer()),
        ('<output><errors><error code="-20200">Нет</error></errors></output>', StatusAnswer(error='-20200')),
        ('<output><errors><error>+79990000001</error></errors></output>', StatusAnswer(error='unknown')),
        ('<output><errors><error code="+79990000001"/></errors></output>', StatusAnswer(error='unknown')),
    ],
)
def test_an_unknown_message_and_an_error_about_it_are_no_failure(content: str, expected: StatusAnswer) -> None:
    assert parse(content) == expected


@pytest.mark.parametrize(
    'content',
    [
        WRONG_PASSWORD,
        '',
        'Service unavailable',
        '<output><MESSAGES>',
        '<?xml version="1.0" encoding="no-such"?><output/>',
        output('<MESSAGE SMS_ID="6666"/>'),
        output(message_xml('6666', ' ')),
        output(message_xml('6666', 'x' * 100)),
    ],
)
def test_what_cannot_be_read_is_a_failure_without_the_content(content: str) -> None:
    with pytest.raises(ProviderUnavailableError) as raised:
        parse(content)
    assert str(raised.value) in (
        'error -20107', 'unreadable: no XML', 'unreadable: no SMSSTC_CODE',
    )  # fmt: skip


@pytest.mark.parametrize('encoding', ['utf-8', 'utf-16'])
@pytest.mark.parametrize(
    'document_type',
    [
        '<!DOCTYPE output [<!ENTITY a "delivered">]>',
        '<!DOCTYPE output SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE output>',
    ],
)
def test_a_document_type_is_refused(document_type: str, encoding: str) -> None:
    with pytest.raises(ProviderUnavailableError, match='a document type'):
        parse(document_type + output(message_xml('6666', '&a;').replace('&amp;', '&')), encoding)
