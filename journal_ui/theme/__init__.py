"""How everything looks: colours, type, space and motion, written once."""

from nicegui import ui

from journal_ui.theme import boards, controls, desk, guide, layout, listing, palette, paper, sheets

CSS = '\n'.join(
    (
        palette.css(),
        layout.CSS,
        controls.CSS,
        listing.CSS,
        desk.CSS,
        boards.CSS,
        sheets.CSS,
        guide.CSS,
        paper.CSS,
    )
)


def install() -> None:
    """Give the look to every page of the program."""
    ui.add_head_html(f'<style>{CSS}</style>', shared=True)
    ui.add_head_html(f'<script>{paper.SCRIPT}</script>', shared=True)
