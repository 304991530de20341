"""Fields whose digits stand under a mask: what is typed or pasted in any notation is understood first."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from nicegui import events, ui

from journal_ui.filters.basic_filters import FIELD_PROPS, FilterControl, QueryDraft, SingleInputControl
from services import phones
from services.documents import snils


@dataclass(frozen=True)
class InputMask:
    """How the digits stand."""

    pattern: str
    """With # for each digit that a person gives; what stands before the first # is no part of them."""
    parse_digits: Callable[[str], str]
    """Gives the digits for anything typed or pasted."""
    optional_prefixes: str = ''
    """With such a digit before it, a number that is full may get one digit more: it was no part of the number."""


PHONE_MASK = InputMask('+7 (###) ###-##-##', phones.to_national_digits, optional_prefixes='78')
SNILS_MASK = InputMask('###-###-### ##', snils.extract_digits)


@dataclass(frozen=True)
class MaskedFilter:
    """Digits under a mask (spec S5); the query gets the digits alone."""

    field: str
    label: str
    mask: InputMask
    css_flex: str = '0.4 1 178px'

    def draw(self, draft: QueryDraft[Any]) -> FilterControl:
        """See Filter."""
        input_element = ui.input(
            self.label,
            value=draft.get_value(self.field),
            on_change=lambda e: draft.set_value(self.field, e.value or ''),
        )
        input_element.props.update(FIELD_PROPS | MASK_PROPS | {'mask': self.mask.pattern})
        input_element.classes('digits').style(f'flex: {self.css_flex}')

        def apply_digits(e: events.GenericEventArguments) -> None:
            """Take a number in any notation instead of what the mask would make of it."""
            input_element.value = ''  # the browser may show a mask that the server does not know of yet
            input_element.value = self.mask.parse_digits(str(e.args))

        input_element.on('paste', apply_digits, js_handler=_fill_template(ON_PASTE_JS, self.mask))
        if self.mask.optional_prefixes:
            input_element.on('keydown', apply_digits, js_handler=_fill_template(ON_EXTRA_DIGIT_JS, self.mask))
        return SingleInputControl(input_element, lambda: draft.get_value(self.field))


@cache
def _fill_template(text: str, mask: InputMask) -> str:
    """Put into a script what it needs to know of the mask: once for all pages."""
    replacements = {
        'BEFORE': str(mask.pattern.index('#')),
        'DIGITS': str(mask.pattern.count('#')),
        'LEADING': mask.optional_prefixes,
    }
    for name, value in replacements.items():
        text = text.replace(name, value)
    return text


MASK_PROPS = {'fill-mask': '_', 'unmasked-value': True, 'inputmode': 'tel', 'autocomplete': 'off'}
ON_PASTE_JS = r"""(e) => {
  const text = e.clipboardData?.getData('text'), box = e.target;
  if (!text) return;
  e.preventDefault();
  const goesOn = text.replace(/\D/g, '').length < DIGITS && box.selectionStart === box.selectionEnd;
  emit((goesOn ? box.value.slice(BEFORE).replace(/\D/g, '') : '') + text);
}"""
"""A whole number takes the place of what was there; a part of one goes on from it."""
ON_EXTRA_DIGIT_JS = r"""(e) => {
  const digits = e.target.value.slice(BEFORE).replace(/\D/g, '');
  if (/^\d$/.test(e.key) && digits.length === DIGITS && /^[LEADING]/.test(digits)
      && e.target.selectionStart === e.target.selectionEnd) { e.preventDefault(); emit(digits + e.key) }
}"""
"""The mask is full and began with the 8 or 7 of the country: one digit more, and that was no part of the number."""
