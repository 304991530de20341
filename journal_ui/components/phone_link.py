"""A phone number: a link that dials it, and a button that copies it as it is dialled."""

import json
from typing import Final

from nicegui import ui

from journal_ui.components.buttons import TextButton
from journal_ui.components.copy_script import COPY_TEXT_JS
from journal_ui.components.html_element import TextTag
from services import texts
from services.formats import phone

COPY_JS: Final = """(e) => {
  const button = e.currentTarget, label = button.querySelector('.block');
  const copied = button.parentElement.querySelector('a').getAttribute('href').slice('tel:'.length);
  COPY_TEXT_JS
  label.textContent = COPIED;
  clearTimeout(button.timer);
  button.timer = setTimeout(() => { label.textContent = COPY }, 1500);
}""".replace('COPY_TEXT_JS', COPY_TEXT_JS)
"""The button itself says that the number was copied, so that nothing is covered."""


def draw_phone_link(number: str) -> None:
    """Draw a number in E.164 into the current container; nothing for the number of an anonymized person."""
    if not number:
        return
    written = phone(number)
    with ui.element('div').classes('dialled'):
        TextTag('a', written).props(f'href=tel:{number}')
        button = TextButton(texts.COPY).classes('linklike')
        button.props['aria-label'] = texts.COPY_PHONE.format(phone=written)
        button.on(
            'click',
            js_handler=COPY_JS.replace('COPIED', json.dumps(texts.COPIED)).replace('COPY', json.dumps(texts.COPY)),
        )
