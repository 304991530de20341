"""The journal component draws any table: this one knows nothing of messages."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from nicegui import ui
from nicegui.testing import Screen

from journal_ui.filters.basic_filters import CheckboxGroupFilter, TextFilter
from journal_ui.layout import keyboard_shortcuts
from journal_ui.layout.theme import stylesheet
from journal_ui.layout.user_preferences import DEFAULT_PREFERENCES, UserPreferences
from journal_ui.list_page.grid.data_grid import DetailField
from journal_ui.list_page.grid.grid_columns import Column, ColumnKind
from journal_ui.list_page.list_definition import ListDefinition
from journal_ui.list_page.list_page import ListPage
from services.lists.query_protocol import Order, Page, QueryCondition, Totals
from tests.helpers.browser_user import BrowserUser


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

    def describe(self) -> str:
        return f'растения с «{self.name}»'

    def conditions(self) -> tuple[QueryCondition, ...]:
        return ()

    def loosening_hint(self) -> str:
        return 'Сотрите название.'


class PlantSource:
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

    async def details(self, plant: Plant) -> Sequence[DetailField]:
        return (DetailField('Описание', f'{plant.key}: высота {plant.height} м', 'message'),)

    async def preferences(self, person_id: int) -> dict[str, Any]:
        return {}

    async def set_preference(self, person_id: int, name: str, value: Any) -> None:
        """Nothing is kept."""


@pytest.fixture
def garden() -> PlantSource:
    """What the toy shows."""
    return PlantSource()


@pytest.fixture
def browser_user(screen: Screen, garden: PlantSource) -> BrowserUser:
    """Somebody in front of the toy."""

    @ui.page('/')
    def page() -> None:
        stylesheet.install()
        keyboard_shortcuts.install()
        ListPage(
            ListDefinition(
                name='Растения',
                source=garden,
                default_query=PlantQuery,
                filters=(TextFilter('name', 'Название'), CheckboxGroupFilter('sizes', 'Размер', {'big': 'Деревья'})),
                columns=(
                    Column('key', 'Название', lambda plant: plant.key, 200, flex=1, phone_width=100),
                    Column('height', 'Высота, м', lambda plant: str(plant.height), 120, kind=ColumnKind.MONEY),
                ),
                load_details=garden.details,
                expand_labels=('Показать описание', 'Скрыть описание'),
                describe_row=lambda plant: plant.key,
            ),
            UserPreferences(garden, 1, DEFAULT_PREFERENCES),
        )

    screen.ui_run_kwargs.update(language='ru', tailwind=False)
    screen.open('/')
    return BrowserUser(screen.selenium, screen.url)


def test_a_toy_journal_is_searched_sorted_and_opened(browser_user: BrowserUser) -> None:
    browser_user.wait_for_text('Нет данных для отображения', 'Высота, м')
    browser_user.click('Найти')
    browser_user.wait_for_text('1–20 из 33')
    browser_user.click('Высота, м')
    browser_user.wait_for_text('Трава 0')
    browser_user.fill('Название', 'ИВА')
    browser_user.press('Enter')
    browser_user.wait_for_text('1–1 из 1', 'Ива <b>плакучая</b>')
    browser_user.click('Показать описание: Ива <b>плакучая</b>')
    browser_user.wait_for_text('Ива <b>плакучая</b>: высота 12 м')
    browser_user.click('Скрыть описание: Ива <b>плакучая</b>')
    browser_user.wait_for_no_text('высота 12 м')


def test_a_toy_journal_is_worked_by_the_same_keys(browser_user: BrowserUser) -> None:
    browser_user.click('Найти')
    browser_user.wait_for_text('1–20 из 33')
    browser_user.press('ArrowDown', 'PageDown')
    browser_user.wait_for_text('21–33 из 33', 'Трава 17')
    browser_user.press('/')
    browser_user.type('дуб')
    browser_user.press('Enter')
    browser_user.wait_for_text('1–1 из 1')
    browser_user.press('ArrowDown', 'Space')
    browser_user.wait_for_text('Дуб: высота 20 м')
    browser_user.press('Escape')
    browser_user.wait_for_no_text('Дуб: высота 20 м')
    browser_user.press('Escape')
    browser_user.wait_for_text('Нет данных для отображения')
    browser_user.wait_for_value('Название', '')


def test_a_toy_journal_says_what_to_loosen(browser_user: BrowserUser) -> None:
    browser_user.fill('Название', 'баобаб')
    browser_user.press('Enter')
    browser_user.wait_for_text('Ничего не найдено', 'Сотрите название.')
    browser_user.click('очистить')
    browser_user.wait_for_text('Нет данных для отображения')
    browser_user.wait_for_value('Название', '')


def test_what_one_page_has_is_not_counted_again(browser_user: BrowserUser, garden: PlantSource) -> None:
    browser_user.click('Найти')
    browser_user.wait_for_text('1–20 из 33')
    browser_user.fill('Название', 'ива')
    browser_user.press('Enter')
    browser_user.wait_for_text('1–1 из 1')
    assert garden.counted == ['']
