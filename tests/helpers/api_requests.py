"""Bodies of requests to the API, its clock, and the check of its error responses."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
"""The time at which the requests of tests arrive."""
ORGANIZATION = 'ГБУЗ МО «Химкинская областная больница»'


class ApiClock:
    """The clock of the API: NOW, until a test advances it."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        return self.time


def message_json(**changes: object) -> dict[str, Any]:
    """Build the body of a message with an id of its own; a field changed to `...` is left out."""
    fields: dict[str, Any] = {
        'id': str(uuid4()),
        'recipient_name': 'Королёв Иван Петрович',
        'phone': '+7 999 000-00-01',
        'appointment_at': '2026-11-24T18:48:00+03:00',
        'organization': ORGANIZATION,
        'kind': 'Напоминание',
        'text': 'Ждём Вас',
        'cost': '3.10',
        'queued_at': '2026-11-22T10:00:00+03:00',
        'status': 'pending',
    }
    return {name: value for name, value in (fields | changes).items() if value is not ...}


def document_json(**changes: object) -> dict[str, Any]:
    """Return a valid document with changes; the value `...` removes a field."""
    document: dict[str, Any] = {
        'id': str(uuid4()),
        'at': '2026-11-22T10:00:00+03:00',
        'organization': ORGANIZATION,
        'patient_name': 'Королёв Иван Петрович',
        'snils': '112-233-445 95',
        'kind': 'Протокол консультации',
        'operation': 'registration',
        'status': 'processing',
    }
    return {name: value for name, value in (document | changes).items() if value is not ...}


def assert_problem(response: httpx.Response, status: int, code: str, field: str | None = None) -> bool:
    """Check that a response is a problem document (RFC 9457) with this status, code and field; always return True."""
    assert response.headers['content-type'] == 'application/problem+json', response.text
    problem = response.json()
    assert set(problem) <= {'type', 'title', 'status', 'code', 'detail', 'field'}
    assert problem['status'] == response.status_code == status, problem
    assert (problem['code'], problem.get('field')) == (code, field)
    assert problem['detail'].strip()
    return True
