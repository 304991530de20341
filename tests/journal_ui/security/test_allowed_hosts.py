"""The host names that are allowed by the settings."""

import logging

import pytest

from journal_ui.security import allowed_hosts
from journal_ui.security.allowed_hosts import ANY_HOST, LOOPBACK_NAMES, allowed_names, host_name
from services.settings import Settings
from services.settings_loader import load_settings


def names(**changes: str) -> frozenset[str]:
    return allowed_names(Settings(**changes), lambda: 'Desk.hospital.ru')  # type: ignore[arg-type]


def test_without_a_setting_the_listening_address_is_allowed() -> None:
    machine = {'desk.hospital.ru', 'desk'}
    assert names() == LOOPBACK_NAMES | machine
    assert names(host='10.0.0.5') == LOOPBACK_NAMES | machine | {'10.0.0.5'}
    assert names(host='fd00::5') == LOOPBACK_NAMES | machine | {'fd00::5'}


@pytest.mark.parametrize('changes', [{'host': '0.0.0.0'}, {'host': '::'}, {'trusted_proxy': '127.0.0.1'}])
def test_where_the_names_cannot_be_known_any_is_allowed_and_that_is_logged(
    changes: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    assert names(**changes) == {ANY_HOST}
    with caplog.at_level(logging.WARNING):
        allowed_hosts.install(Settings(**changes))  # type: ignore[arg-type]
    assert 'JOURNAL_ALLOWED_HOSTS' in caplog.text


def test_a_setting_names_the_hosts() -> None:
    allowed = names(allowed_hosts='Journal.Hospital.ru, 10.0.0.5:8080,[fd00::5]', trusted_proxy='127.0.0.1')
    assert allowed == LOOPBACK_NAMES | {'journal.hospital.ru', '10.0.0.5', 'fd00::5'}
    assert ANY_HOST in names(allowed_hosts='*')


def test_a_host_header_is_read_without_port_and_case() -> None:
    assert [host_name(value) for value in ('A.ru:80', 'a.ru.', ' a.ru', '[::1]:8080', '[::1]', '')] == [
        'a.ru', 'a.ru', 'a.ru', '::1', '::1', '',
    ]  # fmt: skip


def test_a_url_is_no_host_name() -> None:
    with pytest.raises(Exception, match=r'JOURNAL_ALLOWED_HOSTS .*journal\.example\.ru'):
        load_settings(Settings, ['--allowed-hosts', 'https://journal.hospital.ru/'])
