"""The frame of every page: title, header, drawer and footer as landmarks (docs/manual.md S3)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nicegui import ui

from journal_ui.components.html_element import HtmlElement
from journal_ui.layout.header import draw_header_and_drawer
from journal_ui.layout.viewer import Viewer
from journal_ui.monitoring import error_reporting


@contextmanager
def page_layout(
    title: str,
    viewer: Viewer | None,
    *,
    path: str = '',
    draw_footer: Callable[[HtmlElement], None] | None = None,
) -> Iterator[None]:
    """Draw the frame of a page; the content is drawn inside the `with` block.

    Args:
        title: the title of the browser's tab, and the heading of the first level.
        viewer: the signed-in user; without one there is no header.
        path: the path of the page; empty for an error page, which draws a heading of its own.
        draw_footer: fills the footer, which is always visible; without it there is no footer.
    """
    ui.page_title(title)
    if path:  # an error page has reported its error already
        ui.on_exception(error_reporting.notify_exception)
    with ui.context.client.layout:
        if viewer:
            draw_header_and_drawer(viewer, title, path)
            if viewer.notice:
                # after the header in the document too, so that screen readers read it before the content
                ui.label(viewer.notice).classes('attempts').props('role=status').move(target_index=1)
        if draw_footer:
            draw_footer(HtmlElement('footer').classes('foot'))
    yield


@contextmanager
def form_page(title: str, viewer: Viewer, path: str) -> Iterator[None]:
    """Draw the frame of a page of one column, for forms and short lists; see `page_layout` for the arguments."""
    with page_layout(title, viewer, path=path), ui.element('div').classes('sheets'):
        yield
