"""The field «Номер телефона» (docs/manual.md S5): Russian numbers are drawn in a mask, anything else as it was typed.

The mask is drawn by a script in the browser and not by Quasar's `mask`, which has room for Russian numbers only and
would draw the last four digits of a number as its beginning.
"""

import re
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from journal_ui.components.fields import TextField
from journal_ui.filters.basic_filters import FIELD_PROPS, FilterControl, QueryDraft
from journal_ui.filters.masked_filter import MaskedControl
from services import formats, phones

EMPTY_MASK = '+7 (___) ___-__-__'
MASK_START = EMPTY_MASK[:4]
SLOT_COUNT = EMPTY_MASK.count('_')
MASKED_DIGITS = re.compile(r'9(?!9[2-68])\d\d(\d{2,7})?')
"""Digits without a country code that are drawn in the mask: those of an operator, or more than the last four digits.

Numbers that may begin with one of the country codes 992 to 996 and 998 are left as they are typed.
"""

MASK_SCRIPT = r"""
(() => {
  const MASK = 'EMPTY_MASK', DRAWN = 'drawn';
  const SLOTS = [...MASK].flatMap((sign, index) => sign === '_' ? [index] : []);
  const isPhone = box => box.matches?.('.phone-number input');
  const digitsOf = text => text.replace(/\D/g, '');
  const fill = digits => MASK.replace(/_/g, (slot, index) => digits[SLOTS.indexOf(index)] ?? slot);
  const show = (box, text) => {
    box.value = text;
    box.dispatchEvent(new CustomEvent('input', {bubbles: true, detail: DRAWN}));
  };

  // a name, or a code of hexadecimal digits: the server understands them in this field, too
  const isOther = text => digitsOf(text).length < 7 && /^[^\d+]*\p{L}/u.test(text) || /[a-f]\d|\d[a-f]/i.test(text);

  // how many digits precede those that are drawn in the mask; null if the text is left as it is typed
  const skippedDigits = text => {
    if (isOther(text)) return null;
    const digits = digitsOf(text), hasPlus = text.includes('+');
    if (/^\s*\+7/.test(text) && (digits.length > 1 || text.includes('_'))) {
      return /^78[3-9]\d{9}$/.test(digits) ? 2 : 1;  // +7 8 916…
    }
    if (!hasPlus && /^[78][3-9]\d{9}$/.test(digits)) return 1;
    return !hasPlus && /^9(?!9[2-68])\d{2,9}$|^9\d{9}$/.test(digits) ? 0 : null;
  };

  let digitsBefore = '', hasCode = true;  // hasCode: whether the user has typed +7 or 8
  document.addEventListener('beforeinput', e => {
    if (isPhone(e.target)) digitsBefore = digitsOf(e.target.value);
  }, true);
  document.addEventListener('input', e => {
    const box = e.target;
    if (!isPhone(box) || e.isComposing || e.detail === DRAWN) return;
    let text = box.value;
    if (text.split('_').length > SLOTS.length) text = e.data ?? '';  // typed into the empty mask
    if (!/[\d+\p{L}]/u.test(text)) text = '';
    const skipped = skippedDigits(text);
    if (!text.startsWith('+7')) hasCode = skipped !== 0;
    if (skipped === null) {
      if (text !== box.value) box.value = text;
      return;
    }
    let digits = digitsOf(text).slice(skipped);
    let caret = Math.max(digitsOf(text.slice(0, box.selectionStart)).length - skipped, 0);
    if (e.inputType?.startsWith('delete') && digitsOf(text) === digitsBefore) {  // a sign: delete the digit next to it
      if (e.inputType !== 'deleteContentForward') caret = Math.max(caret - 1, 0);
      digits = digits.slice(0, caret) + digits.slice(caret + 1);
    }
    if (digits.length > SLOTS.length && /^99[2-68]/.test(digits)) {  // a foreign number without its plus
      box.value = digits;
      return;
    }
    digits = digits.slice(0, SLOTS.length);
    caret = Math.min(caret, digits.length);
    box.value = digits && fill(digits);
    const position = caret ? SLOTS[caret - 1] + 1 : SLOTS[0];
    box.setSelectionRange(position, position);
  }, true);

  document.addEventListener('paste', e => {
    const box = e.target, text = (e.clipboardData?.getData('text') ?? '').replace(/\s+/g, ' ').trim();
    if (!isPhone(box) || isOther(text) || digitsOf(text).length < SLOTS.length) return;
    e.preventDefault();  // a full number replaces what the field has
    box.value = text;
    box.dispatchEvent(new InputEvent('input', {bubbles: true, inputType: 'insertFromPaste', data: text}));
  }, true);

  const drawLastDigits = box => {
    const digits = digitsOf(box.value).slice(1);
    if (!hasCode && box.value.startsWith('+7') && digits.length === 4) show(box, digits);
  };
  document.addEventListener('keydown', e => {
    if (e.key === 'Enter' && isPhone(e.target)) drawLastDigits(e.target);
  }, true);
  document.addEventListener('focusin', e => {
    if (!isPhone(e.target)) return;
    hasCode = true;
    if (e.target.value === MASK) show(e.target, '');
  });
  document.addEventListener('focusout', e => {
    if (!isPhone(e.target)) return;
    if (/^(\+7?)?$/.test(e.target.value)) show(e.target, MASK);
    else drawLastDigits(e.target);
  }, true);
})();
"""
"""Draws the mask while a user types. The listeners of the document run before Quasar reads the value of the field.

Without a country code, the mask appears with the third digit of a number that begins like a Russian mobile number. If
there are four digits in the end, they are the last ones of a number more often than the first, and are drawn as typed.
"""


@dataclass(frozen=True)
class PhoneFilter:
    """A phone number, or a part of it; the query receives what was typed, without the empty places of the mask."""

    field: str
    label: str
    css_flex: str = '0.4 1 178px'

    def draw(self, draft: QueryDraft[Any]) -> FilterControl:
        """See `Filter.draw`."""
        text_field = TextField(
            draw_phone(draft.get_value(self.field)),
            lambda shown: draft.set_value(self.field, read_phone(shown)),
            self.label,
        )
        text_field.props.update(FIELD_PROPS | {'placeholder': EMPTY_MASK, 'inputmode': 'tel', 'autocomplete': 'off'})
        text_field.classes('digits phone-number').style(f'flex: {self.css_flex}')
        return PhoneControl(text_field, lambda: draft.get_value(self.field))


class PhoneControl(MaskedControl):
    """The field on one page."""

    def reset(self) -> None:
        """See FilterControl."""
        self._element.error = None
        self._element.value = draw_phone(self._get_value())
        self.mark_blank()


def draw_phone(typed: str) -> str:
    """Return a typed phone as the field shows it when it is not edited."""
    typed = typed.strip()
    if not typed:
        return EMPTY_MASK
    patterns = phones.parse_search(typed)
    if len(patterns) == 1 and patterns[0].is_full_number:
        return formats.phone(patterns[0].text)
    if typed.startswith('+7') and len(digits := re.sub(r'\D', '', typed[2:])) <= SLOT_COUNT:
        return _fill_mask(digits)
    return _fill_mask(typed) if MASKED_DIGITS.fullmatch(typed) else typed


def read_phone(shown: str) -> str:
    """Return what was typed from what the field shows."""
    if not shown.startswith(MASK_START):
        return shown.strip()
    digits = re.sub(r'\D', '', shown[len(MASK_START) :])
    return f'+7{digits}' if digits else ''


def install() -> None:
    """Add the script to every page."""
    ui.add_head_html(f'<script>{MASK_SCRIPT.replace("EMPTY_MASK", EMPTY_MASK)}</script>', shared=True)


def _fill_mask(digits: str) -> str:
    rest = iter(digits)
    return MASK_START + re.sub('_', lambda slot: next(rest, slot[0]), EMPTY_MASK[len(MASK_START) :])
