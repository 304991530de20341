"""Settings of the identity provider that are unsafe or incomplete stop the start with a sentence."""

from typing import Any

import pytest

from models import Role
from services import texts
from services.oidc.oidc_settings import DEFAULT_ROLES, is_issuer
from services.settings import InvalidSettingError, Settings
from services.settings_loader import load_settings

COMPLETE = {'oidc_issuer': 'https://login.test', 'oidc_client_id': 'journal', 'oidc_client_secret': 's'}


def load(monkeypatch: pytest.MonkeyPatch, **values: Any) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(f'JOURNAL_{name.upper()}', value)
    return load_settings(Settings, [])


@pytest.mark.parametrize(
    ('url', 'expected'),
    [
        ('https://login.test', True),
        ('https://login.test/realms/health', True),
        ('http://127.0.0.1:8081', True),
        ('http://localhost:8081', True),
        ('http://[::1]:8081', True),
        ('http://login.test', False),
        ('http://127.0.0.1.evil.test', False),
        ('https://login.test?a=b', False),
        ('https://login.test/?', False),
        ('https://login.test#a', False),
        ('https://user:password@login.test', False),
        ('https://login.test:port', False),
        ('https://', False),
        ('login.test', False),
        ('https://login.test/a b', False),
    ],
)
def test_only_an_encrypted_issuer_is_accepted(url: str, expected: bool) -> None:
    assert is_issuer(url) == expected


def test_complete_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    oidc = load(monkeypatch, **COMPLETE, oidc_acr_values='2, 3', oidc_roles='{"op": "User"}').oidc
    assert oidc
    assert oidc.scopes == 'openid profile'
    assert oidc.acr_values == {'2', '3'}
    assert dict(oidc.roles) == {'op': Role.USER}
    assert 's' not in repr(oidc.client_secret and oidc).partition('client_secret')[2]
    monkeypatch.setenv('JOURNAL_OIDC_ROLES', '{}')
    oidc = load(monkeypatch).oidc
    assert oidc
    assert oidc.roles == DEFAULT_ROLES


def test_without_an_issuer_there_is_no_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch).oidc is None


@pytest.mark.parametrize(
    ('values', 'expected'),
    [
        ({'oidc_issuer': 'http://login.test'}, 'http:// бывает только на этом компьютере'),
        ({'oidc_issuer': 'https://login.test'}, 'JOURNAL_OIDC_CLIENT_ID, JOURNAL_OIDC_CLIENT_SECRET'),
        ({**COMPLETE, 'oidc_scopes': 'profile'}, texts.SETTING_NO_OPENID),
        ({**COMPLETE, 'oidc_scopes': 'openid,"a"'}, 'нужны слова латиницей'),
        ({**COMPLETE, 'oidc_roles': '{"a": "Chief"}'}, 'Admin, WebAdmin, User'),
        ({**COMPLETE, 'oidc_roles': '{" ": "Admin"}'}, texts.SETTING_EMPTY),
        ({**COMPLETE, 'oidc_label': ' '}, 'нужно название системы'),
        ({**COMPLETE, 'oidc_label': 'a' * 41}, 'нужно название системы'),
        ({**COMPLETE, 'oidc_refresh_minutes': '0'}, 'не меньше 1'),
        ({**COMPLETE, 'local_accounts': 'two names'}, 'имя одной учётной записи'),
        ({**COMPLETE, 'require_second_factor': 'true'}, texts.SETTING_NO_FACTOR_VALUES),
        ({'local_accounts': 'chief'}, texts.SETTING_LOCAL_WITHOUT_OIDC),
    ],
)
def test_unsafe_settings_stop_the_start(values: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidSettingError) as caught:
        load(monkeypatch, **values)
    assert expected in str(caught.value)
    assert '\n' not in str(caught.value)
