"""Every function that is applied to typed text takes a short time, whatever the text and its length."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date

import pytest

from journal_ui.filters.phone_filter import draw_phone, read_phone
from journal_ui.filters.typed_date import parse_date
from services.accounts.identity import normalize_name
from services.audit.audit_query import AuditQuery
from services.dictionaries.name_folding import fold_entry_name
from services.documents.snils import extract_digits
from services.errors import InvalidInputError
from services.messages.message_query import MessageQuery
from services.messages.typed_conditions import interpret
from services.names import MAX_MARKS, fold, fold_name, is_too_long, parse_name
from services.phones import parse_number, parse_search

FRAME_LENGTH = 16_384
"""Characters of the longest text that a page can send."""
LENGTH = 250_000
"""Characters of a text that is cut in the folding itself, whatever calls it."""
MAX_SECONDS = 0.05
UNITS = (
    'а\u0301', '\u0301', '\u0345\u0301\u0323\u0334', '\u0f73', '\u0f71\u0f72\u0f74', '\uff9e', '\ufdfa',
    '\u1100\u1161\u11a8', ' ', '\u200b', '1', '1 ', '+1 (', '(', '٠', 'тел ', '1.', '01.01.', 'д.р. ', 'и. ', 'аa',
    'ivanov ', "'", '-', '\ud800', '№',
)  # fmt: skip
FOLDINGS: tuple[Callable[[str], object], ...] = (fold, fold_name, parse_name, fold_entry_name, normalize_name)
PARSERS: tuple[Callable[[str], object], ...] = (
    is_too_long,
    parse_search,
    parse_number,
    draw_phone,
    read_phone,
    lambda text: parse_date(text, date(2026, 11, 22)),
    extract_digits,
    lambda text: interpret(MessageQuery(name=text, phone=text)),
    lambda text: interpret(MessageQuery(phone=text)),
    lambda text: AuditQuery(name=text, words=text, address=text).describe(),
)


@pytest.mark.parametrize('function', [*FOLDINGS, *PARSERS], ids=lambda each: each.__qualname__)
def test_hostile_text_takes_a_short_time(function: Callable[[str], object]) -> None:
    length = LENGTH if function in FOLDINGS else FRAME_LENGTH
    for unit in UNITS:
        for text in (unit * (length // len(unit)), f'а {unit * 1000} б' * (length // 5000)):
            assert min(seconds(function, text) for _ in range(3)) < MAX_SECONDS, ascii(unit)


def seconds(function: Callable[[str], object], text: str) -> float:
    """Return the processor time that a call takes; an error that is meant for the user is a result too."""
    began = time.thread_time()
    with suppress(InvalidInputError, ValueError):
        function(text)
    return time.thread_time() - began


@pytest.mark.parametrize('function', [fold, fold_name, fold_entry_name])
def test_as_many_marks_as_any_language_has_are_folded_as_they_are(function: Callable[[str], str]) -> None:
    assert function('и\u0306') == 'й'
    marked = 'и' + '\u0f71' * MAX_MARKS
    assert function(marked) == function(marked + '\u0f71' * 500)
