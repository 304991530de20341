"""Bar charts, drawn by ECharts in the colours of the theme; a click on a bar follows its link.

The charts are SVG, so that the colours are CSS variables and follow the dark theme without a new drawing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from journal_ui.layout.theme.palette import TEXT_FONT
from journal_ui.nicegui_patches.chart import Chart
from journal_ui.root_path import public_path

FORMAT_INTEGER_JS = "v => Number(v).toLocaleString('ru-RU')"
FORMAT_MONEY_JS = (
    "v => Number(v).toLocaleString('ru-RU', {minimumFractionDigits: 2, maximumFractionDigits: 2}) + '\\u00a0руб.'"
)
FORMAT_SHORT_DATE_JS = r"v => v.replace(/^(\d\d\.\d\d)\.\d{4}$/, '$1')"
FOLLOW_LINK_JS = '(e) => { if (e.data && e.data.address) window.location.assign(e.data.address) }'
BAR_SLOT_HEIGHT = 29
"""Pixels of a horizontal bar and the gap to the next."""
AXIS_OPTIONS = {
    'axisTick': {'show': False},
    'axisLine': {'lineStyle': {'color': 'var(--line)'}},
    'axisLabel': {'color': 'var(--muted)', 'fontSize': 12},
    'splitLine': {'lineStyle': {'color': 'var(--line)'}},
}
TOOLTIP_OPTIONS = {
    'trigger': 'axis',
    'axisPointer': {'type': 'shadow', 'z': 0, 'shadowStyle': {'color': 'var(--hover)', 'opacity': 0.7}},
    'backgroundColor': 'var(--raised)',
    'borderColor': 'var(--line)',
    'textStyle': {'color': 'var(--text)', 'fontSize': 13},
    'confine': True,
    'transitionDuration': 0,
}


@dataclass(frozen=True)
class ChartBar:
    """A bar, or a segment of a stacked bar."""

    value: float
    url: str = ''
    """The link of the bar; empty for none."""


@dataclass(frozen=True)
class ChartSeries:
    """A series of bars."""

    name: str
    color_name: str
    """The name of a colour of the theme, which is also the CSS class in the legend."""
    bars: Sequence[ChartBar]


def draw_stacked_bars(aria_label: str, titles: Sequence[str], series: Sequence[ChartSeries]) -> None:
    """Draw vertical stacked bars, one for each title, with a segment for each series."""
    options = {
        'grid': {'left': 4, 'right': 8, 'top': 12, 'bottom': 4, 'containLabel': True},
        'xAxis': AXIS_OPTIONS
        | {'type': 'category', 'data': list(titles), 'axisLabel': _axis_label(FORMAT_SHORT_DATE_JS)},
        'yAxis': AXIS_OPTIONS | {'type': 'value', 'minInterval': 1, 'axisLabel': _axis_label(FORMAT_INTEGER_JS)},
        'series': [_series_options(each) | {'stack': 'all', 'barCategoryGap': '25%'} for each in series],
    }
    with ui.element('div').classes('charted'):
        with ui.element('div').classes('legend').props('aria-hidden=true'):
            for each in series:
                ui.label(each.name).classes(f'tone {each.color_name}')
        _draw_chart(aria_label, options, FORMAT_INTEGER_JS, height=260)


def draw_horizontal_bars(aria_label: str, titles: Sequence[str], series: ChartSeries) -> None:
    """Draw horizontal bars of sums in roubles, one for each title, from top to bottom."""
    title_label_options = {'width': 190, 'overflow': 'truncate', 'interval': 0, 'color': 'var(--text)'}
    options = {
        'grid': {'left': 4, 'right': 24, 'top': 4, 'bottom': 4, 'containLabel': True},
        'xAxis': AXIS_OPTIONS | {'type': 'value', 'splitNumber': 3, 'axisLabel': _axis_label(FORMAT_INTEGER_JS)},
        'yAxis': AXIS_OPTIONS
        | {'type': 'category', 'inverse': True, 'data': list(titles), 'axisLabel': title_label_options},
        'series': [_series_options(series) | {'barMaxWidth': BAR_SLOT_HEIGHT * 0.6}],
        'media': [{'query': {'maxWidth': 480}, 'option': {'yAxis': {'axisLabel': {'width': 110}}}}],
    }
    _draw_chart(aria_label, options, FORMAT_MONEY_JS, height=len(titles) * BAR_SLOT_HEIGHT + 34)


def _draw_chart(aria_label: str, options: dict[str, Any], value_formatter: str, *, height: int) -> None:
    shared = {
        'animation': False,
        'textStyle': {'fontFamily': TEXT_FONT},
        'tooltip': TOOLTIP_OPTIONS | {':valueFormatter': value_formatter},
    }
    chart = Chart(shared | options, renderer='svg').classes('chart').style(f'height: {height}px')
    chart.props['role'], chart.props['aria-label'] = 'img', aria_label
    chart.on('componentClick', js_handler=FOLLOW_LINK_JS)


def _series_options(series: ChartSeries) -> dict[str, Any]:
    return {
        'type': 'bar',
        'name': series.name,
        'color': f'var(--{series.color_name})',
        'emphasis': {'disabled': True},
        # A gap separates segments for users to whom the colours look alike.
        'itemStyle': {'borderColor': 'var(--surface)', 'borderWidth': 1},
        'cursor': 'pointer',
        'data': [_bar_options(bar) for bar in series.bars],
    }


def _bar_options(bar: ChartBar) -> dict[str, Any]:
    style: dict[str, Any] = {} if bar.url else {'color': 'var(--edge)'}
    if not bar.value:
        style['borderWidth'] = 0  # the gap of an empty segment would be visible
    return {'value': bar.value, 'address': public_path(bar.url), 'itemStyle': style}


def _axis_label(value_formatter: str) -> dict[str, Any]:
    return {'color': 'var(--muted)', 'fontSize': 12, ':formatter': value_formatter}
