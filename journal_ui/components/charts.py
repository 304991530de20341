"""Pictures of figures, drawn by ECharts in the product's own colours: each bar leads where its figure leads.

They are drawn as SVG, which takes the colours of the page's own style: a switch to dark needs no new picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from journal_ui.layout.theme.palette import TEXT_FONT

WHOLE = "v => Number(v).toLocaleString('ru-RU')"
MONEY = "v => Number(v).toLocaleString('ru-RU', {minimumFractionDigits: 2, maximumFractionDigits: 2}) + '\\u00a0руб.'"
SHORT_DAY = r"v => v.replace(/^(\d\d\.\d\d)\.\d{4}$/, '$1')"
FOLLOW = '(e) => { if (e.data && e.data.address) window.location.assign(e.data.address) }'
BAR_ROOM = 29
"""Pixels of a lying bar and what parts it from the next."""
AXIS = {
    'axisTick': {'show': False},
    'axisLine': {'lineStyle': {'color': 'var(--line)'}},
    'axisLabel': {'color': 'var(--muted)', 'fontSize': 12},
    'splitLine': {'lineStyle': {'color': 'var(--line)'}},
}
TOOLTIP = {
    'trigger': 'axis',
    'axisPointer': {'type': 'shadow', 'z': 0, 'shadowStyle': {'color': 'var(--hover)', 'opacity': 0.7}},
    'backgroundColor': 'var(--raised)',
    'borderColor': 'var(--line)',
    'textStyle': {'color': 'var(--text)', 'fontSize': 13},
    'confine': True,
    'transitionDuration': 0,
}


@dataclass(frozen=True)
class Bar:
    """One bar, or one part of a bar."""

    value: float
    address: str = ''
    """Where a click on it leads; nothing: nowhere."""


@dataclass(frozen=True)
class Series:
    """Bars of one meaning."""

    name: str
    colour: str
    """The name of a colour of the theme, and the class of its mark."""
    bars: Sequence[Bar]


def stacked(name: str, titles: Sequence[str], series: Sequence[Series]) -> None:
    """Draw standing bars, one for each title, of a part for each series; `name` is what a screen reader says of it."""
    options = {
        'grid': {'left': 4, 'right': 8, 'top': 12, 'bottom': 4, 'containLabel': True},
        'xAxis': AXIS | {'type': 'category', 'data': list(titles), 'axisLabel': _label(SHORT_DAY)},
        'yAxis': AXIS | {'type': 'value', 'minInterval': 1, 'axisLabel': _label(WHOLE)},
        'series': [_series(each) | {'stack': 'all', 'barCategoryGap': '25%'} for each in series],
    }
    with ui.element('div').classes('charted'):
        with ui.element('div').classes('legend').props('aria-hidden=true'):
            for each in series:
                ui.label(each.name).classes(f'tone {each.colour}')
        _draw(name, options, WHOLE, height=260)


def lying(name: str, titles: Sequence[str], series: Series) -> None:
    """Draw lying bars of money, one for each title, from top to bottom."""
    names = {'width': 190, 'overflow': 'truncate', 'interval': 0, 'color': 'var(--text)'}
    options = {
        'grid': {'left': 4, 'right': 24, 'top': 4, 'bottom': 4, 'containLabel': True},
        'xAxis': AXIS | {'type': 'value', 'splitNumber': 3, 'axisLabel': _label(WHOLE)},
        'yAxis': AXIS | {'type': 'category', 'inverse': True, 'data': list(titles), 'axisLabel': names},
        'series': [_series(series) | {'barMaxWidth': BAR_ROOM * 0.6}],
        'media': [{'query': {'maxWidth': 480}, 'option': {'yAxis': {'axisLabel': {'width': 110}}}}],
    }
    _draw(name, options, MONEY, height=len(titles) * BAR_ROOM + 34)


def _draw(name: str, options: dict[str, Any], written: str, *, height: int) -> None:
    shared = {
        'animation': False,
        'textStyle': {'fontFamily': TEXT_FONT},
        'tooltip': TOOLTIP | {':valueFormatter': written},
    }
    chart = ui.echart(shared | options, renderer='svg').classes('chart').style(f'height: {height}px')
    chart.props['role'], chart.props['aria-label'] = 'img', name
    chart.on('componentClick', js_handler=FOLLOW)


def _series(series: Series) -> dict[str, Any]:
    return {
        'type': 'bar',
        'name': series.name,
        'color': f'var(--{series.colour})',
        'emphasis': {'disabled': True},
        # Parts of a bar are told apart by a gap too, where colours look alike to a person.
        'itemStyle': {'borderColor': 'var(--surface)', 'borderWidth': 1},
        'cursor': 'pointer',
        'data': [_datum(bar) for bar in series.bars],
    }


def _datum(bar: Bar) -> dict[str, Any]:
    style: dict[str, Any] = {} if bar.address else {'color': 'var(--edge)'}
    if not bar.value:
        style['borderWidth'] = 0  # a gap around nothing would be seen
    return {'value': bar.value, 'address': bar.address, 'itemStyle': style}


def _label(written: str) -> dict[str, Any]:
    return {'color': 'var(--muted)', 'fontSize': 12, ':formatter': written}
