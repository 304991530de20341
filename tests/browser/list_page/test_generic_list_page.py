"""The journal component draws any table: this one knows nothing of messages."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from nicegui import ui
from nicegui.testing import Screen

from journal_ui.filters.basic_filters import FlagsFilter, TextFilter
from journal_ui.layout import keyboard_shortcuts
from journal_ui.layout.theme import stylesheet
from journal_ui.layout.user_preferences import DEFAULTS, Preferences
from journal_ui.list_page.grid.data_grid import Detail
from journal_ui.list_page.grid.grid_columns import Column, Kind
from journal_ui.list_page.list_definition import Declaration
from journal_ui.list_page.list_page import Journal
from services.lists.query_protocol import Order, Page, Totals
from tests.helpers.browser_user import Person


@dataclass(frozen=True)
class Plant:
    """A row of the toy."""

    key: str
    height: int


@dataclass(frozen=True)
class PlantQuery:
    """Conditions of the toy."""

    name: str = ''
    sizes: frozenset[str] = frozenset()
    order: Order | None = None

    def with_order(self, order: Order | None) -> 'PlantQuery':
        return replace(self, order=order)

    def check(self) -> None:
        """Every condition will do."""

    def sentence(self) -> str:
        return f'растения с «{self.name}»'

    def advice(self) -> str:
        return 'Сотрите название.'


class Garden:
    """The toy's Source, and its preferences' Store."""

    plants = (
        Plant('Дуб', 20),
        Plant('Ива <b>плакучая</b>', 12),
        Plant('Мята', 1),
        *(Plant(f'Трава {n}', 0) for n in range(30)),
    )

    def __init__(self) -> None:
        self.counted: list[str] = []

    async def page(self, query: PlantQuery, *, number: int, size: int, count: int | None = None) -> Page[Plant]:
        found = self.find(query)
        whole = Totals(len(found)) if len(found) < size else None
        return Page(number, found[(number - 1) * size : number * size], whole)

    async def totals(self, query: PlantQuery) -> Totals:
        self.counted.append(query.name)
        return Totals(len(self.find(query)))

    def find(self, query: PlantQuery) -> list[Plant]:
        found = [plant for plant in self.plants if query.name.lower() in plant.key.lower()]
        if order := query.order:
            found.sort(key=lambda plant: getattr(plant, order.column), reverse=order.descending)
        return found

    async def details(self, plant: Plant) -> Sequence[Detail]:
        return (Detail('Описание', f'{plant.key}: высота {plant.height} м', 'message'),)

    async def preferences(self, person_id: int) -> dict[str, Any]:
        return {}

    async def set_preference(self, person_id: int, name: str, value: Any) -> None:
        """Nothing is kept."""


@pytest.fixture
def garden() -> Garden:
    """What the toy shows."""
    return Garden()


@pytest.fixture
def person(screen: Screen, garden: Garden) -> Person:
    """Somebody in front of the toy."""

    @ui.page('/')
    def page() -> None:
        stylesheet.install()
        keyboard_shortcuts.install()
        Journal(
            Declaration(
                name='Растения',
                source=garden,
                query=PlantQuery,
                filters=(TextFilter('name', 'Название'), FlagsFilter('sizes', 'Размер', {'big': 'Деревья'})),
                columns=(
                    Column('key', 'Название', lambda plant: plant.key, 200, grow=1, narrow=100),
                    Column('height', 'Высота, м', lambda plant: str(plant.height), 120, kind=Kind.MONEY),
                ),
                details=garden.details,
                opener=('Показать описание', 'Скрыть описание'),
            ),
            Preferences(garden, 1, DEFAULTS),
        )

    screen.ui_run_kwargs.update(language='ru', tailwind=False)
    screen.open('/')
    return Person(screen.selenium, screen.url)


def test_a_toy_journal_is_searched_sorted_and_opened(person: Person) -> None:
    person.see('Нет данных для отображения', 'Высота, м')
    person.click('Найти')
    person.see('1–20 из 33')
    person.click('Высота, м')
    person.see('Трава 0')
    person.fill('Название', 'ИВА')
    person.press('Enter')
    person.see('1–1 из 1', 'Ива <b>плакучая</b>')
    person.click('Показать описание')
    person.see('Ива <b>плакучая</b>: высота 12 м')
    person.click('Скрыть описание')
    person.not_see('высота 12 м')


def test_a_toy_journal_is_worked_by_the_same_keys(person: Person) -> None:
    person.click('Найти')
    person.see('1–20 из 33')
    person.press('ArrowDown', 'PageDown')
    person.see('21–33 из 33', 'Трава 17')
    person.press('/')
    person.type('дуб')
    person.press('Enter')
    person.see('1–1 из 1')
    person.press('ArrowDown', 'Space')
    person.see('Дуб: высота 20 м')
    person.press('Escape')
    person.not_see('Дуб: высота 20 м')
    person.press('Escape')
    person.see('Нет данных для отображения')
    person.see_value('Название', '')


def test_a_toy_journal_says_what_to_loosen(person: Person) -> None:
    person.fill('Название', 'баобаб')
    person.press('Enter')
    person.see('Ничего не найдено', 'Сотрите название.')
    person.click('очистить')
    person.see('Нет данных для отображения')
    person.see_value('Название', '')


def test_what_one_page_has_is_not_counted_again(person: Person, garden: Garden) -> None:
    person.click('Найти')
    person.see('1–20 из 33')
    person.fill('Название', 'ива')
    person.press('Enter')
    person.see('1–1 из 1')
    assert garden.counted == ['']
