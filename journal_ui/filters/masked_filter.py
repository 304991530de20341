"""Fields whose digits stand under a mask: what is typed or pasted in any notation is understood first."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from nicegui import events, ui

from journal_ui.filters.basic_filters import FIELD, Control, Draft, Drawn
from services import phones
from services.documents import snils


@dataclass(frozen=True)
class Mask:
    """How the digits stand."""

    shown: str
    """With # for each digit that a person gives; what stands before the first # is no part of them."""
    understand: Callable[[str], str]
    """Gives the digits for anything typed or pasted."""
    leading: str = ''
    """With such a digit before it, a number that is full may get one digit more: it was no part of the number."""


PHONE = Mask('+7 (###) ###-##-##', phones.national_digits, leading='78')
SNILS = Mask('###-###-### ##', snils.digits)


@dataclass(frozen=True)
class MaskedFilter:
    """Digits under a mask (spec S5); the query gets the digits alone."""

    field: str
    label: str
    mask: Mask
    basis: str = '0.4 1 178px'

    def draw(self, draft: Draft[Any]) -> Control:
        """See Filter."""
        box = ui.input(
            self.label, value=draft.get(self.field), on_change=lambda e: draft.put(self.field, e.value or '')
        )
        box.props.update(FIELD | MASKED | {'mask': self.mask.shown})
        box.classes('digits').style(f'flex: {self.basis}')

        def understand(e: events.GenericEventArguments) -> None:
            """Take a number in any notation instead of what the mask would make of it."""
            box.value = ''  # the browser may show a mask that the server does not know of yet
            box.value = self.mask.understand(str(e.args))

        box.on('paste', understand, js_handler=_script(PASTED, self.mask))
        if self.mask.leading:
            box.on('keydown', understand, js_handler=_script(ONE_DIGIT_MORE, self.mask))
        return Drawn(box, lambda: draft.get(self.field))


@cache
def _script(text: str, mask: Mask) -> str:
    """Put into a script what it needs to know of the mask: once for all pages."""
    known = {'BEFORE': str(mask.shown.index('#')), 'DIGITS': str(mask.shown.count('#')), 'LEADING': mask.leading}
    for name, value in known.items():
        text = text.replace(name, value)
    return text


MASKED = {'fill-mask': '_', 'unmasked-value': True, 'inputmode': 'tel', 'autocomplete': 'off'}
PASTED = r"""(e) => {
  const text = e.clipboardData?.getData('text'), box = e.target;
  if (!text) return;
  e.preventDefault();
  const goesOn = text.replace(/\D/g, '').length < DIGITS && box.selectionStart === box.selectionEnd;
  emit((goesOn ? box.value.slice(BEFORE).replace(/\D/g, '') : '') + text);
}"""
"""A whole number takes the place of what was there; a part of one goes on from it."""
ONE_DIGIT_MORE = r"""(e) => {
  const digits = e.target.value.slice(BEFORE).replace(/\D/g, '');
  if (/^\d$/.test(e.key) && digits.length === DIGITS && /^[LEADING]/.test(digits)
      && e.target.selectionStart === e.target.selectionEnd) { e.preventDefault(); emit(digits + e.key) }
}"""
"""The mask is full and began with the 8 or 7 of the country: one digit more, and that was no part of the number."""
