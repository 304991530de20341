"""The main page: a tile for each section that the user may open (docs/manual.md S2)."""

from nicegui import ui

from journal_ui.components.html_element import TextTag
from journal_ui.layout.navigation import accessible_sections
from journal_ui.layout.page_layout import page_layout
from journal_ui.layout.viewer import Viewer
from journal_ui.pages import error_pages
from services import texts


def page(viewer: Viewer) -> None:
    """Draw the page; a section opens in a new tab."""
    with page_layout(texts.HOME_TITLE, viewer, path='/'):
        sections = accessible_sections(viewer)
        if not sections:
            error_pages.draw_message(texts.NO_SECTIONS, texts.NO_SECTIONS_NEXT, heading_tag='h2', home_link=False)
            return
        with ui.element('ul').classes('tiles'):
            for section in sections:
                with ui.element('li'), ui.link(target=section.path, new_tab=True).classes('tile') as tile:
                    if section.external:
                        tile.props('rel=noopener')
                    ui.icon(section.icon)
                    TextTag('h2', section.tile_title)
                    TextTag('p', section.hint)
