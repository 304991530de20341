"""Russian formats of money, numbers, dates and phones, by examples."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from services import formats

MOSCOW = ZoneInfo('Europe/Moscow')
SPACE = '\N{NO-BREAK SPACE}'


@pytest.mark.parametrize(
    ('value', 'written'),
    [
        ('0', '0,00'),
        ('3.1', '3,10'),
        ('339578.83', f'339{SPACE}578,83'),
        ('1234567.89', f'1{SPACE}234{SPACE}567,89'),
        ('-0.01', '-0,01'),
    ],
)
def test_an_amount(value: str, written: str) -> None:
    assert formats.amount(Decimal(value)) == written
    assert formats.money(Decimal(value)) == f'{written}{SPACE}руб.'


@pytest.mark.parametrize(('value', 'written'), [(0, '0'), (999, '999'), (12345, f'12{SPACE}345')])
def test_a_whole_number(value: int, written: str) -> None:
    assert formats.integer(value) == written


@pytest.mark.parametrize(
    ('value', 'written'),
    [(1, '1 час'), (2, '2 часа'), (5, '5 часов'), (11, '11 часов'), (21, '21 час'), (1024, '1 024 часа')],
)
def test_a_number_with_its_noun(value: int, written: str) -> None:
    forms = {'one': 'час', 'few': 'часа', 'many': 'часов'}
    assert formats.plural(value, forms) == written.replace(' ', SPACE)


@pytest.mark.parametrize(
    ('value', 'places', 'written'),
    [('0.0512', 1, f'5,1{SPACE}%'), ('0.0512', 0, f'5{SPACE}%'), ('26.67', 0, f'2{SPACE}667{SPACE}%')],
)
def test_a_percentage(value: str, places: int, written: str) -> None:
    assert formats.percent(Decimal(value), places) == written


def test_a_month() -> None:
    assert formats.month(date(2026, 11, 22)) == 'ноябрь 2026'


@pytest.mark.parametrize(
    ('minutes', 'written'),
    [(0, '0 мин'), (59, '59 мин'), (60, '1 ч'), (1439, '23 ч'), (1440, '1 дн.'), (-5, '0 мин'), (1440000, '1 000 дн.')],
)
def test_a_duration(minutes: int, written: str) -> None:
    assert formats.duration(timedelta(minutes=minutes)) == written.replace(' ', SPACE)


@pytest.mark.parametrize(('value', 'written'), [(date(2026, 11, 2), '02.11.2026'), (date(866, 1, 1), '01.01.0866')])
def test_a_day(value: date, written: str) -> None:
    assert formats.day(value) == written


@pytest.mark.parametrize(
    ('value', 'written'),
    [
        (datetime(2021, 10, 14, 15, 48, tzinfo=UTC), '14.10.2021 18:48'),
        (datetime(2026, 11, 22, 21, 0, 59, tzinfo=UTC), '23.11.2026 00:00'),
        (None, ''),
    ],
)
def test_a_date_and_minute(value: datetime | None, written: str) -> None:
    assert formats.date_and_minute(value, MOSCOW) == written


@pytest.mark.parametrize(
    ('value', 'written'),
    [
        ('+79161234567', '+7 (916) 123-45-67'),
        ('+375291234567', '+375 29 123-45-67'),
        ('nonsense', 'nonsense'),
    ],
)
def test_a_phone(value: str, written: str) -> None:
    assert formats.phone(value) == written


@pytest.mark.parametrize(
    ('name', 'written'),
    [
        ('Иванова Мария Игоревна', 'Иванова М. И.'),
        ('Салтыков-Щедрин Пётр', 'Салтыков-Щедрин П.'),
        ('Салтыков (Щедрин) пётр', 'Салтыков П.'),
        ('Мамедов Али Гасан оглы', 'Мамедов А. Г.'),
        ('Проверка', 'Проверка'),
        ('', ''),
    ],
)
def test_a_surname_with_initials(name: str, written: str) -> None:
    assert formats.surname_and_initials(name) == written


def test_a_day_without_its_year_is_that_of_the_time_zone() -> None:
    assert formats.day_and_month(datetime(2026, 11, 28, 22, tzinfo=UTC), MOSCOW) == '29.11'


@pytest.mark.parametrize(
    ('name', 'written'),
    [
        ('ГБУЗ МО «Химкинская областная больница»', 'Химкинская областная больница, ГБУЗ МО'),
        ('ГАУЗ "Дубненская ГБ"', 'Дубненская ГБ, ГАУЗ'),
        ('ООО «Центр "Здоровье"»', 'Центр "Здоровье", ООО'),
        ('ГБУЗ «Областная больница» филиал № 2', '«Областная больница» филиал № 2, ГБУЗ'),
        ('ГБУЗ МО «ЦРБ» и «Роддом»', '«ЦРБ» и «Роддом», ГБУЗ МО'),
        (
            'Государственное бюджетное учреждение здравоохранения Московской области «ЦРБ»',
            'ЦРБ, Государственное бюджетное учреждение здравоохранения Московской области',
        ),
        ('Больница имени «Семашко»', 'Больница имени «Семашко»'),
        ('ГБУЗ Химкинская больница', 'ГБУЗ Химкинская больница'),
        ('«Поликлиника»', '«Поликлиника»'),
        ('ГБУЗ «', 'ГБУЗ «'),
        ('', ''),
    ],
)
def test_an_organisation_in_a_narrow_column(name: str, written: str) -> None:
    assert formats.distinctive_part_first(name) == written
