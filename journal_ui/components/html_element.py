"""HTML elements with plain content: markup that is one element to NiceGUI, and text."""

from markupsafe import Markup
from nicegui.elements.mixins.text_element import TextElement

from journal_ui.nicegui_patches.lean_element import LeanElement

EMPTY_MARKUP = Markup()


class HtmlElement(LeanElement):
    """An element with HTML inside.

    NiceGUI keeps about 4 KB for each element of an open page, so that content without events is one element.
    """

    def __init__(self, tag: str, html: Markup = EMPTY_MARKUP) -> None:
        """Draw the element with `html` inside; insert texts into it by `Markup.format`, which escapes them."""
        super().__init__(tag)
        self.set_html(html)

    def set_html(self, html: Markup) -> None:
        """Replace the HTML; nothing is sent to the browser if it is the same."""
        if self.props.get('innerHTML') != html:
            self.props['innerHTML'] = html


class TextTag(TextElement):
    """An element with text inside, such as a heading or a table cell."""

    def __init__(self, tag: str, text: str = '') -> None:
        """Draw the element; the browser gets `text` as text, never as markup."""
        super().__init__(tag=tag, text=text)


def text_divs(*items: tuple[str, str]) -> Markup:
    """Return a `div` for each pair of CSS class and text, with the text escaped."""
    return EMPTY_MARKUP.join(Markup('<div class="{}">{}</div>').format(css_class, text) for css_class, text in items)
