"""A chart that may be removed as soon as it was drawn.

Reason: NiceGUI's chart creates its ECharts object in a later task of the browser, but disposes of the object when it is
removed, although it may not exist yet: who clicks again at once causes an error in the console of the browser, and the
chart that is created afterwards, with its observer, stays in memory. Here the object is created as soon as the element
stands on the page. The events of the mouse that nothing listens to are left out.
Private part: the component of `ui.echart` imports ECharts by the name `nicegui-echart`, and `dynamic_properties.js`.
Gain: no error, and nothing kept (tests/browser/pages/test_summary.py).
Contract test: tests/journal_ui/nicegui_patches/test_patch_contracts.py.
"""

from nicegui import ui


class Chart(ui.echart, component='chart.js'):
    """A chart of ECharts; its options are those of `ui.echart`, without a theme and 3D."""
