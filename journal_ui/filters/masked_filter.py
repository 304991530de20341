"""Fields with an input mask for digits; a number pasted in any notation is parsed before the mask applies."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from nicegui import events

from journal_ui.components.control import Control
from journal_ui.components.fields import TextField
from journal_ui.filters.basic_filters import FIELD_PROPS, FilterControl, QueryDraft, SingleInputControl
from services.documents import snils


@dataclass(frozen=True)
class InputMask:
    """The format of the digits."""

    pattern: str
    """The mask with # for each digit that the user types; the text before the first # is constant."""
    parse_digits: Callable[[str], str]
    """Returns the digits of a number in any notation."""


SNILS_MASK = InputMask('###-###-### ##', snils.extract_digits)


@dataclass(frozen=True)
class MaskedFilter:
    """Digits with an input mask; the query receives the digits only."""

    field: str
    label: str
    mask: InputMask
    css_flex: str = '0.4 1 178px'

    def draw(self, draft: QueryDraft[Any]) -> FilterControl:
        """See `Filter.draw`."""
        text_field = TextField(draft.get_value(self.field), partial(draft.set_value, self.field), self.label)
        text_field.props.update(FIELD_PROPS | MASK_PROPS | {'mask': self.mask.pattern})
        text_field.classes('digits').style(f'flex: {self.css_flex}')

        def apply_digits(e: events.GenericEventArguments) -> None:
            """Parse a number in any notation, which the mask would distort."""
            text_field.value = digits = self.mask.parse_digits(str(e.args))
            draft.set_value(self.field, digits)

        text_field.on('paste', apply_digits, js_handler=_fill_template(ON_PASTE_JS, self.mask))
        return MaskedControl(text_field, lambda: draft.get_value(self.field))


class MaskedControl(SingleInputControl):
    """A field with a mask on one page."""

    def __init__(self, element: Control, get_value: Callable[[], Any]) -> None:
        super().__init__(element, get_value)
        self.mark_blank()
        element.on('focusout', self.mark_blank, [])

    def reset(self) -> None:
        """See FilterControl."""
        super().reset()
        self.mark_blank()

    def mark_blank(self) -> None:
        """Hide the button that clears the field while the field has only the empty mask."""
        is_blank = not self._get_value()
        self._element.classes(add='blank' if is_blank else None, remove=None if is_blank else 'blank')


@cache
def _fill_template(text: str, mask: InputMask) -> str:
    """Return a script with the values of the mask, shared by all pages."""
    replacements = {
        'BEFORE': str(mask.pattern.index('#')),
        'DIGITS': str(mask.pattern.count('#')),
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
"""A complete number replaces the field; a part of a number is appended."""
