"""Pages of plain HTML: they need no script and no socket, so that a visitor who has not signed in cannot open one."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from fastapi.responses import HTMLResponse
from markupsafe import Markup
from nicegui.version import __version__ as nicegui_version

from journal_ui.layout.theme import controls_css, forms_css, layout_css, palette, plain_css
from journal_ui.root_path import public_path
from services import texts

FONTS_URL: Final = f'/_nicegui/{nicegui_version}/static/fonts.css'
STYLES: Final = Markup(
    f'<style>{palette.css()}{layout_css.CSS}{controls_css.CSS}{forms_css.CSS}{plain_css.CSS}</style>'
)
PAGE: Final = Markup(
    '<!doctype html><html lang="ru"><head><meta charset="utf-8"><title>{title}</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<link rel="icon" href="{icon_url}"><link rel="stylesheet" href="{fonts_url}">{styles}</head>'
    '<body><main class="sign-in">{content}</main></body></html>'
)
FORM: Final = Markup(
    '<form class="inner" method="post"{action}>{content}<div class="refusal" role="alert">{error_message}</div>'
    '<button type="submit" class="q-btn {button_class}">{label}</button></form>'
)
FIELD: Final = Markup(
    '<label class="entry"><span>{label}</span><input name="{name}" type="{input_type}" autocomplete="{autocomplete}"'
    ' maxlength="{max_length}" value="{value}" required autocapitalize="off" spellcheck="false"{autofocus}></label>'
)
LINK: Final = Markup('<a class="{css_class}" href="{url}">{label}</a>')
FOLDED: Final = Markup('<details{is_open}><summary>{label}</summary>{content}</details>')
OPEN: Final = Markup(' open')
ACTION: Final = Markup(' action="{path}"')
AUTOFOCUS: Final = Markup(' autofocus')
PRIMARY_LINK: Final = 'q-btn q-btn--unelevated'
PRIMARY_BUTTON: Final = 'q-btn--unelevated'
OUTLINED_BUTTON: Final = 'q-btn--outline'
LINK_BUTTON: Final = 'linklike'


def plain_page(title: str, *content: Markup) -> HTMLResponse:
    """Return a page with the name of the product, a heading and a box of content.

    Args:
        title: the title of the browser's tab, and the heading.
        content: the parts of the box under the heading.
    """
    heading = Markup('<p class="product">{}</p><h1>{}</h1>').format(texts.JOURNAL_TITLE, title)
    page = PAGE.format(
        title=title,
        icon_url=public_path('/favicon.ico'),
        fonts_url=public_path(FONTS_URL),
        styles=STYLES,
        content=Markup().join((heading, *content)),
    )
    return HTMLResponse(page, HTTPStatus.OK)


def paragraph(text: str) -> Markup:
    """Return a paragraph."""
    return Markup('<p>{}</p>').format(text)


def error_line(text: str) -> Markup:
    """Return the line that says what went wrong; it is empty, and takes no room, without a text."""
    return Markup('<div class="refusal" role="alert">{}</div>').format(text)


def plain_link(label: str, url: str, *, css_class: str = PRIMARY_LINK) -> Markup:
    """Return a link, by default one that looks like the main button."""
    return LINK.format(label=label, url=public_path(url), css_class=css_class)


def folded(label: str, *content: Markup, is_open: bool = False) -> Markup:
    """Return content that a click on its label unfolds."""
    return FOLDED.format(label=label, content=Markup().join(content), is_open=OPEN if is_open else '')


def plain_form(
    submit_label: str,
    fields: Iterable[Markup] = (),
    *,
    action: str = '',
    error_message: str = '',
    button_class: str = PRIMARY_BUTTON,
) -> Markup:
    """Return a form that is sent by POST.

    Args:
        submit_label: the text of the button.
        fields: see `plain_field`.
        action: the path that the form is sent to; empty for the URL of the page, with its query.
        error_message: the reason why the last submission was rejected; empty for none.
        button_class: PRIMARY_BUTTON or LINK_BUTTON.
    """
    return FORM.format(
        action=ACTION.format(path=public_path(action)) if action else '',
        content=Markup().join(fields),
        error_message=error_message,
        button_class=button_class,
        label=submit_label,
    )


def plain_field(
    label: str,
    name: str,
    autocomplete: str,
    *,
    input_type: str = 'password',
    max_length: int = 512,
    value: str = '',
    autofocus: bool = False,
) -> Markup:
    """Return a required input field with its label above; see components.forms.field for the arguments."""
    return FIELD.format(
        label=label,
        name=name,
        input_type=input_type,
        autocomplete=autocomplete,
        max_length=max_length,
        value=value,
        autofocus=AUTOFOCUS if autofocus else '',
    )
