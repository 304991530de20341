"""What a person kept of his columns is read with no trust in it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal_ui.list_page.grid.column_layout import MAX_COLUMN_WIDTH, MIN_COLUMN_WIDTH, ColumnLayout

DEFINED_COLUMNS = ('code', 'name', 'phone', 'cost')
NAMES = st.sampled_from([*DEFINED_COLUMNS, 'gone'])
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | NAMES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3) | NAMES, inner, max_size=4),
    max_leaves=8,
)
PLAUSIBLE_JSON = st.fixed_dictionaries(
    {},
    optional={
        'order': st.lists(NAMES) | ANY_JSON,
        'hidden': st.lists(NAMES) | ANY_JSON,
        'widths': st.dictionaries(NAMES, st.integers()) | ANY_JSON,
        'roomy': st.booleans() | ANY_JSON,
    },
)


@given(st.one_of(st.text(), st.one_of(ANY_JSON, PLAUSIBLE_JSON).map(json.dumps)))
def test_whatever_was_kept_gives_columns_that_can_be_shown(kept: str) -> None:
    read = ColumnLayout.from_json(kept, DEFINED_COLUMNS)
    assert sorted(read.order) == sorted(DEFINED_COLUMNS)
    assert read.visible_columns
    assert read.hidden < set(DEFINED_COLUMNS)
    assert set(read.widths) <= set(DEFINED_COLUMNS)
    assert all(MIN_COLUMN_WIDTH <= width <= MAX_COLUMN_WIDTH for width in read.widths.values())
    assert ColumnLayout.from_json(read.to_json(), DEFINED_COLUMNS) == read, 'what is written is read as it was'


@pytest.mark.parametrize('kept', ['', 'null', '[]', '{', '[' * 100_000, '{"order": 7, "hidden": {}, "widths": []}'])
def test_what_cannot_be_understood_leaves_all_as_declared(kept: str) -> None:
    assert ColumnLayout.from_json(kept, DEFINED_COLUMNS) == ColumnLayout(DEFINED_COLUMNS)


@pytest.mark.parametrize(
    ('order', 'becomes'),
    [
        (['cost', 'gone', 'code'], ('cost', 'code', 'name', 'phone')),
        (['phone', 'cost'], ('code', 'name', 'phone', 'cost')),
        (['name', 'name', 'code', 'cost', None, ['phone']], ('name', 'phone', 'code', 'cost')),
    ],
)
def test_a_column_that_is_new_stands_after_the_one_it_was_declared_after(order: Any, becomes: tuple[str, ...]) -> None:
    assert ColumnLayout.from_dict({'order': order}, DEFINED_COLUMNS).order == becomes


def test_the_last_column_in_sight_stays() -> None:
    arrangement = ColumnLayout(DEFINED_COLUMNS)
    for name in DEFINED_COLUMNS:
        arrangement = arrangement.with_visibility(name, False)
    assert list(arrangement.visible_columns) == ['cost']
    assert list(arrangement.with_visibility('phone', True).visible_columns) == ['phone', 'cost']
    assert ColumnLayout.from_dict({'hidden': list(DEFINED_COLUMNS)}, DEFINED_COLUMNS).hidden == frozenset()


def test_a_column_moves_by_places_and_no_further_than_the_ends() -> None:
    arrangement = ColumnLayout(DEFINED_COLUMNS)
    assert arrangement.with_column_moved('phone', -1).order == ('code', 'phone', 'name', 'cost')
    assert arrangement.with_column_moved('phone', 1).order == ('code', 'name', 'cost', 'phone')
    assert (
        arrangement.with_column_moved('code', -1).order
        == arrangement.with_column_moved('cost', 1).order
        == DEFINED_COLUMNS
    )


def test_what_a_browser_tells_changes_only_what_it_tells_of() -> None:
    arrangement = ColumnLayout(DEFINED_COLUMNS, frozenset({'cost'}), {'name': 300}, tall_rows=True)
    assert arrangement.with_column_order(['cost', 'phone', 'code', 'name', 'gone']) == ColumnLayout(
        ('cost', 'phone', 'code', 'name'), frozenset({'cost'}), {'name': 300}, tall_rows=True
    )
    assert arrangement.with_widths({'phone': 5, 'gone': 80, 'cost': '90', 'code': 10**9}) == ColumnLayout(
        DEFINED_COLUMNS, frozenset({'cost'}), {'phone': MIN_COLUMN_WIDTH, 'code': MAX_COLUMN_WIDTH}, tall_rows=True
    )


@pytest.mark.parametrize(
    ('kept', 'hidden'),
    [
        ('', {'cost'}),
        ('{"order": ["code", "name", "phone"], "hidden": ["name"]}', {'name', 'cost'}),
        ('{"order": ["code", "name", "phone", "cost"], "hidden": ["name"]}', {'name'}),
        ('{"order": ["code", "name", "phone"], "hidden": ["code", "name", "phone"]}', {'cost'}),
    ],
)
def test_an_optional_column_is_hidden_until_it_is_added(kept: str, hidden: set[str]) -> None:
    arrangement = ColumnLayout.from_json(kept, DEFINED_COLUMNS, {'cost'})
    assert arrangement.hidden == hidden
    added = arrangement.with_visibility('cost', True).with_widths({}).with_column_order(['cost'])
    assert ColumnLayout.from_json(added.to_json(), DEFINED_COLUMNS, {'cost'}).hidden == hidden - {'cost'}
