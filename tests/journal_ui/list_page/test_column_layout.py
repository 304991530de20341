"""What a person kept of his columns is read with no trust in it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal_ui.list_page.grid.column_layout import NARROWEST, WIDEST, Arrangement

DECLARED = ('code', 'name', 'phone', 'cost')
NAMES = st.sampled_from([*DECLARED, 'gone'])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | NAMES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3) | NAMES, inner, max_size=4),
    max_leaves=8,
)
LIKELY = st.fixed_dictionaries(
    {},
    optional={
        'order': st.lists(NAMES) | ANYTHING,
        'hidden': st.lists(NAMES) | ANYTHING,
        'widths': st.dictionaries(NAMES, st.integers()) | ANYTHING,
        'roomy': st.booleans() | ANYTHING,
    },
)


@given(st.one_of(st.text(), st.one_of(ANYTHING, LIKELY).map(json.dumps)))
def test_whatever_was_kept_gives_columns_that_can_be_shown(kept: str) -> None:
    read = Arrangement.read(kept, DECLARED)
    assert sorted(read.order) == sorted(DECLARED)
    assert read.shown
    assert read.hidden < set(DECLARED)
    assert set(read.widths) <= set(DECLARED)
    assert all(NARROWEST <= width <= WIDEST for width in read.widths.values())
    assert Arrangement.read(read.written(), DECLARED) == read, 'what is written is read as it was'


@pytest.mark.parametrize('kept', ['', 'null', '[]', '{', '[' * 100_000, '{"order": 7, "hidden": {}, "widths": []}'])
def test_what_cannot_be_understood_leaves_all_as_declared(kept: str) -> None:
    assert Arrangement.read(kept, DECLARED) == Arrangement(DECLARED)


@pytest.mark.parametrize(
    ('order', 'becomes'),
    [
        (['cost', 'gone', 'code'], ('cost', 'code', 'name', 'phone')),
        (['phone', 'cost'], ('code', 'name', 'phone', 'cost')),
        (['name', 'name', 'code', 'cost', None, ['phone']], ('name', 'phone', 'code', 'cost')),
    ],
)
def test_a_column_that_is_new_stands_after_the_one_it_was_declared_after(order: Any, becomes: tuple[str, ...]) -> None:
    assert Arrangement.of({'order': order}, DECLARED).order == becomes


def test_the_last_column_in_sight_stays() -> None:
    arrangement = Arrangement(DECLARED)
    for name in DECLARED:
        arrangement = arrangement.showing(name, False)
    assert list(arrangement.shown) == ['cost']
    assert list(arrangement.showing('phone', True).shown) == ['phone', 'cost']
    assert Arrangement.of({'hidden': list(DECLARED)}, DECLARED).hidden == frozenset()


def test_a_column_moves_by_places_and_no_further_than_the_ends() -> None:
    arrangement = Arrangement(DECLARED)
    assert arrangement.moved('phone', -1).order == ('code', 'phone', 'name', 'cost')
    assert arrangement.moved('phone', 1).order == ('code', 'name', 'cost', 'phone')
    assert arrangement.moved('code', -1).order == arrangement.moved('cost', 1).order == DECLARED


def test_what_a_browser_tells_changes_only_what_it_tells_of() -> None:
    arrangement = Arrangement(DECLARED, frozenset({'cost'}), {'name': 300}, roomy=True)
    assert arrangement.ordered(['cost', 'phone', 'code', 'name', 'gone']) == Arrangement(
        ('cost', 'phone', 'code', 'name'), frozenset({'cost'}), {'name': 300}, roomy=True
    )
    assert arrangement.widened({'phone': 5, 'gone': 80, 'cost': '90', 'code': 10**9}) == Arrangement(
        DECLARED, frozenset({'cost'}), {'phone': NARROWEST, 'code': WIDEST}, roomy=True
    )
