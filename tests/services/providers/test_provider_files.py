"""Files that describe providers: a wrong one stops the start with a line that names the file, the place, the reason."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.providers import smpp_receipt
from services.providers.message_ids import normalize_number
from services.providers.provider import Providers
from services.providers.provider_files import (
    SHIPPED_FOLDER,
    InvalidProviderFileError,
    load_provider,
    load_providers,
)
from services.providers.receipt_zones import parse_receipt_zones
from services.providers.registry import PROVIDERS
from services.settings import InvalidSettingError, Settings
from services.settings_loader import load_settings

VALID = """title = "Шлюз"
[fields]
id = "id"
status = "status"
time = "at"
[time]
format = "unix"
[statuses]
1 = { name = "Доставлено", status = "sent", final = true }
"""


def write(folder: Path, text: str, name: str = 'gate.toml') -> Path:
    path = folder / name
    path.write_text(text, encoding='utf-8')
    return path


def test_the_shipped_files_name_their_source() -> None:
    for path in SHIPPED_FOLDER.glob('*.toml'):
        assert '# Source: ' in path.read_text(encoding='utf-8').partition('\ntitle = ')[0], path


def test_every_failure_of_a_shipped_provider_has_advice() -> None:
    for key, provider in load_providers(None).items():
        for (_, code), meaning in provider.codes.items():
            is_failure = meaning.status is not None and meaning.status.name == 'FAILED'
            assert meaning.advice.endswith('.') or not is_failure, (key, code)


def test_a_file_of_the_administrator_adds_a_provider_or_replaces_a_shipped_one(tmp_path: Path) -> None:
    write(tmp_path, VALID)
    write(tmp_path, VALID, 'twilio.toml')
    providers = load_providers(tmp_path)
    assert set(providers) == {*load_providers(None), 'gate'}
    assert (providers['gate'].title, providers['twilio'].title) == ('Шлюз', 'Шлюз')
    assert load_providers(None)['twilio'].title == 'Twilio'


def test_a_failure_without_advice_is_a_question_for_the_provider(tmp_path: Path) -> None:
    provider = load_provider(write(tmp_path, VALID + '2 = { name = "Нет", status = "failed" }\n'))
    assert provider.codes['status', '2'].advice == 'Что делать, спросите в поддержке Шлюз.'


@pytest.mark.parametrize(
    ('old', 'new', 'reason'),
    [
        ('title = "Шлюз"', 'title = Шлюз', ', строка 1: это не TOML.'),
        ('status = "status"', 'status = "status', ', строка 4: это не TOML.'),
        ('title = "Шлюз"', '', ': title: не хватает этого ключа.'),
        ('title = "Шлюз"', 'title = 7', ': title: нужен текст в кавычках.'),
        ('title = "Шлюз"', 'title = ""', ': title: не заполнено.'),
        ('title = "Шлюз"', 'tittle = "Шлюз"', ': title: не хватает этого ключа.'),
        ('title = "Шлюз"', 'title = """Наш\nшлюз"""', ': title: «Наш шлюз» не подходит.'),
        ('id = "id"', '', ': fields.id: не хватает этого ключа.'),
        ('id = "id"', 'id = "id"\nstate = "s"', ': fields.state: нет такого ключа.'),
        ('id = "id"', 'id = "id"\ncurrency = "c"', ': fields: currency — валюта поля cost, а его нет.'),
        ('[fields]', 'methods = ["PUT"]\n[fields]', ": methods.0: «PUT» — бывает: 'GET' или 'POST'."),
        ('[fields]', 'no_error = "0"\n[fields]', ': no_error: нужен список в квадратных скобках.'),
        ('[fields]', '[smpp]\n[fields]', ': нужна таблица [fields] или таблица [smpp], и только одна из них.'),
        ('format = "unix"', 'format = "HH:MM"', ': time.format: «HH:MM» — нужно unix, unix_ms, iso или формат'),
        ('format = "unix"', 'format = "%d.%m %H:%M"', ': time.format: «%d.%m %H:%M» — нужно unix, unix_ms, iso'),
        ('format = "unix"', 'zone = "Москва"', ': time.zone: «Москва» — нет такого часового пояса.'),
        (
            'status = "sent"',
            'status = "sended"',
            ": statuses.1.status: «sended» — бывает: 'pending', 'sent' или 'failed'.",
        ),
        ('final = true', 'final = 1', ': statuses.1.final: «1» — нужно true или false.'),
        ('[statuses]', '[statuses]\nA = { name = "а" }\na = { name = "а" }', ': statuses: код a описан дважды.'),
        (
            '[statuses]',
            '[signature]\nheader = "X"\nhmac = "md4"\n[statuses]',
            ": signature.hmac: «md4» — бывает: 'sha1'",
        ),
        ('1 = { name', '1 = "да" #', ': statuses.1: нужна таблица.'),
    ],
)
def test_a_wrong_file_is_refused_with_its_place_and_the_reason(tmp_path: Path, old: str, new: str, reason: str) -> None:
    assert old in VALID
    path = write(tmp_path, VALID.replace(old, new, 1))
    with pytest.raises(InvalidProviderFileError) as caught:
        load_providers(tmp_path)
    assert str(caught.value).startswith(f'{path}{reason}')
    assert '\n' not in str(caught.value)


def test_an_unreadable_file_and_a_wrong_name_are_refused(tmp_path: Path) -> None:
    for name, content, reason in (
        ('gate.toml', 'title = "Шлюз"'.encode('cp1251'), 'файл не читается'),
        ('smsc.toml', b'', 'провайдер smsc уже есть в программе'),
        ('My gate.toml', b'', 'имя файла не подходит'),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(InvalidProviderFileError, match=reason):
            load_provider(path)


def test_a_wrong_file_stops_the_start(tmp_path: Path) -> None:
    path = write(tmp_path, 'title = 1')
    with pytest.raises(InvalidSettingError) as caught:
        load_settings(Settings, ['--providers-folder', str(tmp_path), '--receipt-keys', '{"gate": "0123456789abcdef"}'])
    name = 'JOURNAL_PROVIDERS_FOLDER (--providers-folder)'
    assert str(caught.value) == f'{name}: {path}: title: нужен текст в кавычках.'
    with pytest.raises(InvalidSettingError, match='нет такой папки'):
        load_settings(Settings, ['--providers-folder', str(tmp_path / 'none')])


def test_the_zones_of_receipts_are_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    settings, parsed = Settings(receipt_zones='smsc=Asia/Omsk'), []

    def parse(text: str, providers: Providers) -> dict[str, ZoneInfo]:
        parsed.append(text)
        return parse_receipt_zones(text, providers)

    monkeypatch.setattr('services.settings.parse_receipt_zones', parse)
    zones = [settings.receipt_zone(settings.providers[key]).key for key in ('smsc', 'smsc', 'kannel')]
    assert (zones[:2], parsed) == (['Asia/Omsk'] * 2, ['smsc=Asia/Omsk'])


def test_keys_and_zones_are_those_of_known_providers(tmp_path: Path) -> None:
    write(tmp_path, VALID.replace('format', 'zone = "Asia/Omsk"\nformat'))
    keys = ['--receipt-keys', '{"gate": "0123456789abcdef", "twilio": "0123456789abcdef"}']
    settings = load_settings(Settings, ['--providers-folder', str(tmp_path), *keys])
    assert settings.receipt_zone(settings.providers['gate']).key == 'Asia/Omsk'
    settings = load_settings(Settings, ['--providers-folder', str(tmp_path), '--receipt-zones', 'gate=Asia/Tomsk'])
    assert settings.receipt_zone(settings.providers['gate']).key == 'Asia/Tomsk'
    with pytest.raises(InvalidSettingError, match=r'«gate» — бывает: smsc, smsru, .*twilio, vonage\.$'):
        load_settings(Settings, keys)


@given(st.text())
def test_any_text_of_an_smpp_receipt_is_read(text: str) -> None:
    smpp_receipt.find_id(text)
    smpp_receipt.find_state(text)
    assert smpp_receipt.find_error(f'err:000 text:err:5 {text}') is None


@pytest.mark.parametrize(
    ('value', 'error'), [('030000', None), ('03000b', '11'), ('0x030045', '69'), ('000', None), ('E17', 'E17')]
)
def test_the_error_of_a_network(value: str, error: str | None) -> None:
    assert smpp_receipt.error_of_parameter(value) == error


@pytest.mark.parametrize(
    ('identifier', 'normal'),
    [
        ('0042', '42'),
        ('0042-2', '42-2'),
        ('000', '0'),
        ('0x2A', '0x2A'),
        ('A' * 32, f'{"a" * 8}-{"-".join(["a" * 4] * 3)}-{"a" * 12}'),
    ],
)
def test_a_number_has_no_leading_zeros_also_before_its_part(identifier: str, normal: str) -> None:
    assert normalize_number(identifier) == normal


def test_the_keys_of_code_and_of_files_differ() -> None:
    assert not {path.stem for path in SHIPPED_FOLDER.glob('*.toml')} & set(PROVIDERS)
