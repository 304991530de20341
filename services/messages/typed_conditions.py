"""What a user meant by what they typed: a code in any field, digits in the field of the name, a name as a phone."""

import re
from collections.abc import Collection
from dataclasses import replace
from typing import Final

from services import names, phones, texts
from services.lists.query_protocol import Interpretation
from services.lists.recorded_conditions import hide_snils
from services.messages.message_codes import find_code, format_code
from services.messages.message_query import MessageQuery

MIN_PHONE_DIGITS: Final = 7
MIN_DIGITS_NEXT_TO_NAME: Final = 10
"""Digits next to a name may also be a year or a number of a record."""
NUMBER: Final = re.compile(r'\+?[\d(][\d \u00a0().\u2010-\u2015-]{5,40}\d')
MAX_DIGITS_IN_NAME: Final = 2
"""Digits among the letters of a name that was typed as a phone."""


def interpret(query: MessageQuery, edited_fields: Collection[str] = ()) -> Interpretation[MessageQuery]:
    """Interpret the conditions that a user submits.

    Args:
        query: the conditions as they were typed.
        edited_fields: the fields that were edited since the last search: a code that was searched for before gives way.
    """
    if code := find_code(query.name):
        return _interpret_code(replace(query, name=''), code)
    if code := find_code(query.phone):
        return _interpret_code(replace(query, phone=''), code)
    if query.code and set(edited_fields) - {'code'}:
        query = replace(query, code=None)
    if query.code:
        return _interpret_code(query, query.code)
    if not query.phone and (parts := _split_phone(query.name)):
        name, phone = parts
        return Interpretation(replace(query, name=name, phone=phone), texts.UNDERSTOOD_AS_PHONE)
    if not query.name and _is_name(query.phone):
        name = query.phone.strip()
        return Interpretation(replace(query, name=name, phone=''), texts.UNDERSTOOD_AS_NAME)
    return Interpretation(query)


def interpret_pasted(query: MessageQuery, text: str) -> Interpretation[MessageQuery] | None:
    """Interpret a text that was pasted into any field: None if it is no code."""
    code = find_code(text)
    return _interpret_code(query, code) if code else None


def _interpret_code(query: MessageQuery, code: str) -> Interpretation[MessageQuery]:
    return Interpretation(replace(query, code=code), texts.UNDERSTOOD_AS_CODE.format(code=format_code(code)))


def _split_phone(typed: str) -> tuple[str, str] | None:
    """Split the text in the field of the name into the name and a phone; None if it has no phone."""
    text = names.visible_text(typed[: names.MAX_TYPED_LENGTH])
    if hide_snils(text) != text or names.BIRTH_DATE.search(text):
        return None
    has_letters = any(letter.isalpha() for letter in text)
    for match in NUMBER.finditer(text):
        digits = sum(sign.isdecimal() for sign in match[0])
        if digits >= (MIN_DIGITS_NEXT_TO_NAME if has_letters else MIN_PHONE_DIGITS):
            rest = ' '.join(f'{text[: match.start()]} {text[match.end() :]}'.split()).strip(phones.NOTE_EDGES)
            return (rest if any(letter.isalpha() for letter in rest) else ''), match[0].strip()
    return None


def _is_name(typed: str) -> bool:
    """Return whether the text in the field of the phone is a name."""
    letters = sum(sign.isalpha() for sign in typed)
    digits = sum(sign.isdecimal() for sign in typed)
    return letters > digits and digits <= MAX_DIGITS_IN_NAME and bool(names.parse_name(typed))
