"""docs/statuses.md lists every code, and its table of two receipts is what the rules result in."""

import re
from dataclasses import replace
from itertools import product

import pytest

from models import MessageStatus
from services import texts
from services.ingest.status_rules import with_status_of_events
from services.providers.registry import PROVIDERS
from services.receipts.delivery_report import STATUS_LIST
from services.receipts.provider_codes import ProviderCodes
from services.settings import PROJECT_ROOT
from tests.helpers.status_events import sender_event, status_event, waiting_message

PAGE = (PROJECT_ROOT / 'docs' / 'statuses.md').read_text(encoding='utf-8')
CODES = ProviderCodes.load(PROJECT_ROOT / 'data' / 'provider_codes.csv')
REPORTS = {
    'queued': (MessageStatus.WAITING, False),
    'sent': (MessageStatus.SENT, False),
    'failed': (MessageStatus.FAILED, False),
    'delivered, final': (MessageStatus.SENT, True),
    'failed, final': (MessageStatus.FAILED, True),
    'unknown code': (None, False),
}


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip('|').split('|')]


def table(heading: str) -> list[list[str]]:
    """Return the rows of the first table that begins with a heading, without it."""
    lines = PAGE[PAGE.index(f'| {heading} |') :].partition('\n\n')[0].splitlines()
    return [cells(line) for line in lines[2:]]


def test_every_code_of_a_provider_is_documented() -> None:
    expected = [
        [f'`{provider}`', f'`{text}`', code.name, f'«{texts.STATUSES[code.status]}»', 'yes' if code.final else 'no']
        for (provider, kind, text), code in CODES.by_code.items()
        if kind == STATUS_LIST and code.status
    ]
    assert table('provider | code | meaning | status | final') == expected


def test_every_final_code_has_an_outcome() -> None:
    for key, code in CODES.by_code.items():
        assert not code.final or code.status in (MessageStatus.SENT, MessageStatus.FAILED), key


@pytest.mark.parametrize(('first', 'then'), list(product(REPORTS, REPORTS)))
def test_the_result_of_two_receipts(first: str, then: str) -> None:
    rows = {
        row[0]: dict(zip(REPORTS, row[1:], strict=True)) for row in table('first ↓, then → | ' + ' | '.join(REPORTS))
    }
    events = [
        status_event(minutes, status, final=final)
        for minutes, (status, final) in enumerate((REPORTS[first], REPORTS[then]), 1)
    ]
    created = sender_event(0, MessageStatus.WAITING)
    for arrived in (events, events[::-1]):
        message = with_status_of_events(waiting_message(), [created, *arrived])
        assert rows[first][then] == f'«{texts.STATUSES[message.status]}»'


def test_the_result_of_the_receipts_of_parts() -> None:
    for written, *results in table('final receipts, oldest first | one part | two parts | three parts'):
        receipts = []
        for minutes, (result, _, part) in enumerate((each.partition(' ') for each in written.split(', ')), 1):
            status, final = REPORTS[f'{result}, final']
            receipts.append(replace(status_event(minutes, status, final=final), part=int(part) if part else None))
        for part_count, expected in enumerate(results, 1):
            message = with_status_of_events(
                replace(waiting_message(), parts=part_count), [sender_event(0, MessageStatus.WAITING), *receipts]
            )
            assert expected == f'«{message.error_name or texts.STATUSES[message.status]}»', (written, part_count)


def test_every_provider_and_its_phone_is_documented() -> None:
    rows = {row[0].strip('`'): row[1] for row in table('provider | phone in the receipt | identifiers are equal')}
    assert {key: text.startswith('yes') for key, text in rows.items()} == {
        key: provider.receipts_have_phone for key, provider in PROVIDERS.items()
    }


def test_the_zones_of_the_providers_are_documented() -> None:
    zones = {key: provider.time_zone for key, provider in PROVIDERS.items()}
    assert re.search(r'`smsc` and `beeline` Europe/Moscow, all others UTC', ' '.join(PAGE.split()))
    assert zones == {key: 'Europe/Moscow' if key in ('smsc', 'beeline') else 'UTC' for key in PROVIDERS}
