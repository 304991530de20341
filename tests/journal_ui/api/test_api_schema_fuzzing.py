"""The API with random valid and invalid requests: no server error, and no response outside the OpenAPI document."""

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
from services.accounts.api_tokens import ApiTokens
from services.composition import compose
from services.database.engine import Database
from services.settings import Settings

CHECKS: list[CheckFunction] = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 40
"""Requests to each endpoint."""


@pytest.fixture
def api_schema(sqlite_url: str) -> Iterator[schemathesis.BaseSchema]:
    """The OpenAPI schema of an API with an empty journal and a token."""
    with closing(Database(sqlite_url)) as database:
        keys = dict.fromkeys(('smsc', 'smsru', 'smsaero', 'kannel'), 'k-kannel-0123456789')
        services = compose(Settings(database_url=sqlite_url, api_rate=1_000_000, receipt_keys=keys), database)
        loaded = schemathesis.openapi.from_asgi('/openapi.json', api_app.build_api(services))
        loaded.config.headers = {'Authorization': f'Bearer {ApiTokens(database).add("fuzz")}'}
        yield loaded


@pytest.mark.parametrize('mode', list(schemathesis.GenerationMode))
def test_no_answer_outside_its_documentation(
    api_schema: schemathesis.BaseSchema, mode: schemathesis.GenerationMode
) -> None:
    tested = set()
    for result in api_schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        tested.add(operation.label)

        @given(operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=EXAMPLES, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
        )
        @seed(1)
        def send_request(case: schemathesis.Case[Any]) -> None:
            if 'receipts' in case.path:
                case.query = {**(case.query or {}), 'key': 'k-kannel-0123456789'}
            case.call_and_validate(checks=CHECKS)

        try:
            send_request()
        except Unsatisfiable:
            assert mode is schemathesis.GenerationMode.NEGATIVE, 'no invalid request exists for this endpoint'
    assert len(tested) == 17
