"""The interface under whatever its own documentation allows, and under what it does not: no fault, no other answer."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import CheckFunction
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from journal_ui.api import api_app
from services.accounts.api_tokens import Tokens
from services.composition import compose
from services.database.engine import Database
from services.settings import Settings

CHECKS: list[CheckFunction] = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 60
"""Of each address."""


@pytest.fixture
def interface(sqlite_url: str) -> Iterator[schemathesis.BaseSchema]:
    """The interface over an empty journal, with a token."""
    with closing(Database(sqlite_url)) as database:
        keys = {'smsc': 'k', 'smsru': 'k', 'smsaero': 'k', 'kannel': 'k'}
        services = compose(Settings(database_url=sqlite_url, api_rate=1_000_000, receipt_keys=keys), database)
        loaded = schemathesis.openapi.from_asgi('/openapi.json', api_app.build(services))
        loaded.config.headers = {'Authorization': f'Bearer {Tokens(database).add("fuzz")}'}
        yield loaded


@pytest.mark.parametrize('mode', list(schemathesis.GenerationMode))
def test_no_answer_outside_its_documentation(
    interface: schemathesis.BaseSchema, mode: schemathesis.GenerationMode
) -> None:
    asked = set()
    for found in interface.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        asked.add(operation.label)

        @given(operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=EXAMPLES, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
        )
        @seed(1)
        def ask(case: schemathesis.Case[Any]) -> None:
            if 'receipts' in case.path:
                case.query = {**(case.query or {}), 'key': 'k'}
            case.call_and_validate(checks=CHECKS)

        try:
            ask()
        except Unsatisfiable:
            assert mode is schemathesis.GenerationMode.NEGATIVE, 'an address without a wrong way to ask it'
    assert len(asked) == 7
