"""Settings: three sources, and a one-line error for each invalid setting."""

from pathlib import Path

import pytest

from services import settings_loader
from services.providers.registry import PROVIDERS
from services.setting_fields import env_variable
from services.settings import PROJECT_ROOT, InvalidSettingError, Settings
from services.settings_loader import load_settings


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Isolate the settings from the machine that runs the tests; return the path of `.env`."""
    for field in Settings.model_fields:
        monkeypatch.delenv(env_variable(field), raising=False)
    env_file = tmp_path / '.env'
    monkeypatch.setattr(settings_loader, 'ENV_FILE', env_file)
    monkeypatch.setitem(Settings.model_config, 'env_file', env_file)
    return env_file


def test_defaults() -> None:
    settings = load_settings(Settings, [])
    assert (settings.host, settings.port, settings.timezone) == ('127.0.0.1', 8080, 'Europe/Moscow')
    assert settings.database_url == f'sqlite:///{PROJECT_ROOT}/data/journal.sqlite3'
    assert settings.storage_folder == PROJECT_ROOT / 'data'
    assert not settings.demo
    assert not settings.reload


def test_the_command_line_precedes_the_environment_and_the_environment_the_file(
    clean_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean_environment.write_text('JOURNAL_PORT=1001\nJOURNAL_HOST=file\nJOURNAL_TIMEZONE=Asia/Omsk\nSOMEBODY_ELSE=1\n')
    monkeypatch.setenv('JOURNAL_PORT', '1002')
    monkeypatch.setenv('JOURNAL_HOST', 'variable')
    settings = load_settings(Settings, ['--port', '1003', '--reload'])
    assert (settings.port, settings.host, settings.timezone, settings.reload) == (1003, 'variable', 'Asia/Omsk', True)


def test_the_url_of_the_regional_journal() -> None:
    url = 'https://iemk.region.ru:8443/journal?from=sms'
    assert load_settings(Settings, ['--iemk-url', url]).iemk_url == url
    assert load_settings(Settings, []).iemk_url == ''


def test_a_short_session_secret_is_rejected_and_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('JOURNAL_STORAGE_SECRET', 'f' * 31)
    with pytest.raises(
        InvalidSettingError, match=r'^JOURNAL_STORAGE_SECRET \(--storage-secret\): нужно не меньше 32 знаков\.$'
    ):
        load_settings(Settings, [])
    monkeypatch.setenv('JOURNAL_STORAGE_SECRET', 'f' * 32)
    settings = load_settings(Settings, [])
    assert settings.storage_secret == 'f' * 32
    assert 'f' * 32 not in repr(settings)


def test_the_state_folder_of_a_node(tmp_path: Path) -> None:
    assert load_settings(Settings, ['--state-folder', str(tmp_path / 'node')]).storage_folder == tmp_path / 'node'


def test_the_zones_of_receipts() -> None:
    defaults = load_settings(Settings, [])
    zones = {key: defaults.receipt_zone(provider).key for key, provider in PROVIDERS.items()}
    assert zones == {
        'smsc': 'Europe/Moscow',
        'smsru': 'UTC',
        'smsaero': 'UTC',
        'kannel': 'UTC',
        'beeline': 'Europe/Moscow',
    }
    settings = load_settings(Settings, ['--receipt-zones', ' smsc = Asia/Yekaterinburg , kannel=Asia/Omsk,'])
    assert settings.receipt_zones == 'smsc=Asia/Yekaterinburg,kannel=Asia/Omsk'
    assert settings.receipt_zone(PROVIDERS['smsc']).key == 'Asia/Yekaterinburg'


def test_an_empty_variable_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('JOURNAL_PORT', '')
    assert load_settings(Settings, []).port == 8080


@pytest.mark.parametrize(
    ('name', 'value', 'line'),
    [
        ('JOURNAL_PORT', 'abc', 'JOURNAL_PORT (--port): «abc» — нужно целое число.'),
        ('JOURNAL_PORT', '0', 'JOURNAL_PORT (--port): 0 — нужно не меньше 1.'),
        ('JOURNAL_PORT', '65536', 'JOURNAL_PORT (--port): 65536 — нужно не больше 65535.'),
        ('JOURNAL_DEMO', 'да', 'JOURNAL_DEMO (--demo): «да» — нужно true или false.'),
        ('JOURNAL_TIMEZONE', 'Москва', 'JOURNAL_TIMEZONE (--timezone): «Москва» — нет такого часового пояса.'),
        ('JOURNAL_TIMEZONE', '../etc', 'JOURNAL_TIMEZONE (--timezone): «../etc» — нет такого часового пояса.'),
        ('JOURNAL_TIMEZONE', 'Europe', 'JOURNAL_TIMEZONE (--timezone): «Europe» — нет такого часового пояса.'),
        ('JOURNAL_RECEIPT_ZONES', 'smsc', 'JOURNAL_RECEIPT_ZONES (--receipt-zones): «smsc» — нужно «провайдер=пояс»'),
        ('JOURNAL_RECEIPT_ZONES', 'mts=Asia/Omsk', 'JOURNAL_RECEIPT_ZONES (--receipt-zones): «mts=Asia/Omsk» — нужно'),
        ('JOURNAL_RECEIPT_ZONES', 'smsc=Омск', 'JOURNAL_RECEIPT_ZONES (--receipt-zones): «smsc=Омск» — нужно'),
        (
            'JOURNAL_RECEIPT_ZONES',
            'smsc=Asia/Omsk,smsc=Asia/Chita',
            'JOURNAL_RECEIPT_ZONES (--receipt-zones): «smsc=Asia/Omsk,smsc=Asia/Chita» — нужно',
        ),
        ('JOURNAL_DATABASE_URL', 'journal.db', 'JOURNAL_DATABASE_URL (--database-url): нужен адрес'),
        ('JOURNAL_DATABASE_URL', 'mysql://a:secret@b/c', 'JOURNAL_DATABASE_URL (--database-url): нужен адрес'),
        (
            'JOURNAL_DATABASE_URL',
            'postgresql://a:secret@b:c/d',
            'JOURNAL_DATABASE_URL (--database-url): нужен адрес',
        ),
        ('JOURNAL_DATABASE_URL', 'sqlite://', 'JOURNAL_DATABASE_URL (--database-url): у SQLite нужен путь'),
        ('JOURNAL_DATABASE_URL', 'sqlite:///:memory:', 'JOURNAL_DATABASE_URL (--database-url): у SQLite нужен путь'),
        (
            'JOURNAL_IEMK_URL',
            'iemk.region.ru',
            'JOURNAL_IEMK_URL (--iemk-url): «iemk.region.ru» — нужен адрес',
        ),
        ('JOURNAL_IEMK_URL', 'javascript:alert(1)', 'JOURNAL_IEMK_URL (--iemk-url): «javascript:alert(1)» — нужен'),
        ('JOURNAL_IEMK_URL', 'http:///journal', 'JOURNAL_IEMK_URL (--iemk-url): «http:///journal» — нужен адрес'),
        ('JOURNAL_IEMK_URL', 'https://a:b@c/', 'JOURNAL_IEMK_URL (--iemk-url): «https://a:b@c/» — нужен адрес'),
        ('JOURNAL_IEMK_URL', 'http://a/ b', 'JOURNAL_IEMK_URL (--iemk-url): «http://a/ b» — нужен адрес'),
        *(
            ('JOURNAL_ROOT_PATH', path, f'JOURNAL_ROOT_PATH (--root-path): «{path}» — нужен путь вида /journal')
            for path in ('journal', '/', '/journal/', '//host', '/a/../b', '/a b', '/a"b', '/журнал')
        ),
        *(
            ('JOURNAL_FRAME_ANCESTORS', text, f'JOURNAL_FRAME_ANCESTORS (--frame-ancestors): «{text}» — нужен адрес')
            for text in ('*', 'portal.example.ru', 'https://portal.example.ru/path', "https://a; script-src 'self'")
        ),
        ('JOURNAL_PROT', '1', 'JOURNAL_PROT: нет такой настройки. Возможно, имелась в виду JOURNAL_PORT.'),
        ('JOURNAL_XYZZY', '1', 'JOURNAL_XYZZY: нет такой настройки.'),
    ],
)
def test_an_invalid_variable_is_reported_in_one_line(
    name: str, value: str, line: str, monkeypatch: pytest.MonkeyPatch, clean_environment: Path
) -> None:
    clean_environment.write_text(f'{name}={value}\n')
    with pytest.raises(InvalidSettingError) as raised:
        load_settings(Settings, [])
    assert str(raised.value).startswith(line)
    clean_environment.unlink()
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSettingError) as raised:
        load_settings(Settings, [])
    assert str(raised.value).startswith(line)
    assert '\n' not in str(raised.value)
    assert 'secret' not in str(raised.value)


@pytest.mark.parametrize(
    ('arguments', 'line'),
    [
        (['--port', 'abc'], 'JOURNAL_PORT (--port): «abc» — нужно целое число.'),
        (['--port'], '--port: не указано значение.'),
        (['--prot', '1'], '--prot: нет такого параметра.'),
        (['--prot=1'], '--prot=1: нет такого параметра.'),
        (['--demo=yes'], '--demo/--no-demo: этот параметр пишется без значения.'),
        (['1'], '1: нет такого параметра.'),
    ],
)
def test_an_invalid_command_line_is_reported_in_one_line(arguments: list[str], line: str) -> None:
    with pytest.raises(InvalidSettingError) as raised:
        load_settings(Settings, arguments)
    assert str(raised.value).startswith(line)
    assert '\n' not in str(raised.value)


def test_a_file_in_another_encoding_is_reported(clean_environment: Path) -> None:
    clean_environment.write_bytes('JOURNAL_HOST=узел'.encode('cp1251'))
    with pytest.raises(InvalidSettingError, match='файл не читается'):
        load_settings(Settings, [])


def test_a_variable_of_systemd_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('JOURNAL_STREAM', '8:12345')
    load_settings(Settings, [])


@pytest.mark.parametrize('scheme', ['postgres', 'postgresql', 'postgresql+psycopg'])
def test_any_spelling_of_postgresql_selects_the_driver(scheme: str) -> None:
    settings = Settings(database_url=f'{scheme}://journal:secret@db:5433/journal?sslmode=require')
    assert settings.database_url == 'postgresql+psycopg://journal:secret@db:5433/journal?sslmode=require'
    assert settings.storage_folder == PROJECT_ROOT / 'data'
    assert settings.redacted_database_url == 'postgresql+psycopg://journal:***@db:5433/journal'
    assert 'secret' not in repr(settings)


def test_a_provider_is_asked_only_with_an_account_and_over_https() -> None:
    account = ['--poll-login', 'userX', '--poll-key', 'secret']
    settings = load_settings(Settings, ['--poll-source', 'beeline', *account])
    assert (settings.poll_source, settings.poll_url, settings.poll_interval_seconds) == ('beeline', '', 60)
    assert 'secret' not in repr(settings)
    assert load_settings(Settings, []).poll_source == 'none'
    for arguments, sentence in (
        (['--poll-source', 'smsc', *account], 'бывает: none, beeline'),
        (['--poll-source', 'beeline', *account[:2]], 'не хватает JOURNAL_POLL_KEY'),
        (['--poll-url', 'http://example.ru/proto/http/'], 'нужен адрес вида https'),
        (['--poll-url', 'https://'], 'нужен адрес вида https'),
        (['--receipt-keys', '{"beeline": "0123456789abcdef"}'], 'beeline'),
    ):
        with pytest.raises(InvalidSettingError, match=sentence):
            load_settings(Settings, arguments)


def test_a_direct_url_is_for_postgresql_alone() -> None:
    pooled, direct = 'postgresql://journal:secret@db:6432/journal', 'postgresql://journal:secret@db/journal'
    assert Settings(database_url=direct).direct_url == 'postgresql+psycopg://journal:secret@db/journal'
    settings = Settings(database_url=pooled, direct_database_url=direct)
    assert settings.database_url == 'postgresql+psycopg://journal:secret@db:6432/journal'
    assert settings.direct_url == 'postgresql+psycopg://journal:secret@db/journal'
    assert 'secret' not in repr(settings)
    for urls in (('sqlite:///journal.db', direct), (pooled, 'sqlite:///journal.db')):
        with pytest.raises(InvalidSettingError, match='PgBouncer'):
            load_settings(Settings, ['--database-url', urls[0], '--direct-database-url', urls[1]])


def test_a_relative_path_refers_to_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings(database_url='sqlite:///some/journal.db')
    assert settings.database_url == f'sqlite:///{tmp_path}/some/journal.db'
    assert settings.storage_folder == tmp_path / 'some'


def test_the_demonstration_uses_its_own_database_unless_one_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings(Settings, ['--demo']).database_url == f'sqlite:///{PROJECT_ROOT}/data/demo.sqlite3'
    monkeypatch.setenv('JOURNAL_DATABASE_URL', 'sqlite:////tmp/named.db')
    assert load_settings(Settings, ['--demo']).database_url == 'sqlite:////tmp/named.db'


@pytest.mark.parametrize('value', ['*', 'proxy.local', '10.0.0.5/24', '10.0.0.5;10.0.0.6'])
def test_an_invalid_proxy_address_is_rejected(value: str) -> None:
    with pytest.raises(InvalidSettingError, match='нужен адрес или сеть'):
        load_settings(Settings, ['--trusted-proxy', value])


def test_proxies_are_ip_addresses_and_networks() -> None:
    assert (
        load_settings(Settings, ['--trusted-proxy', ' 10.0.0.5, 10.1.0.0/16 ,']).trusted_proxy == '10.0.0.5,10.1.0.0/16'
    )


def test_every_setting_is_described() -> None:
    assert all(field.description for field in Settings.model_fields.values())
