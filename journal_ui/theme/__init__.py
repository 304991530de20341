"""How everything looks: colours, type, space and motion, written once."""

from nicegui import ui

from journal_ui.theme import boards, controls, desk, layout, listing, palette, sheets

CSS = '\n'.join((palette.css(), layout.CSS, controls.CSS, listing.CSS, desk.CSS, boards.CSS, sheets.CSS))


def install() -> None:
    """Give the look to every page of the program."""
    ui.add_head_html(f'<style>{CSS}</style>', shared=True)
