"""The API with random valid and invalid requests: no server error, and no response outside the OpenAPI document."""

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable

from journal_ui.api import api_app
from services.accounts.api_tokens import ApiTokens
from services.composition import compose
from services.database.engine import Database
from services.settings import Settings

if TYPE_CHECKING:
    from schemathesis import BaseSchema, Case
    from schemathesis.checks import CheckFunction

EXAMPLES = 15
"""Requests to each endpoint."""


@pytest.fixture
def api_schema(sqlite_url: str) -> Iterator['BaseSchema']:
    """The OpenAPI schema of an API with an empty journal and a token."""
    # Imported here, because the import takes a second, in every process that collects the tests.
    import schemathesis

    with closing(Database(sqlite_url)) as database:
        keys = dict.fromkeys(('smsc', 'smsru', 'smsaero', 'kannel'), 'k-kannel-0123456789')
        services = compose(Settings(database_url=sqlite_url, api_rate=1_000_000, receipt_keys=keys), database)
        loaded = schemathesis.openapi.from_asgi('/openapi.json', api_app.build_api(services))
        loaded.config.headers = {'Authorization': f'Bearer {ApiTokens(database).add("fuzz")}'}
        yield loaded


@pytest.mark.parametrize('requests', ['positive', 'negative'])
def test_no_answer_outside_its_documentation(api_schema: 'BaseSchema', requests: str) -> None:
    from schemathesis import GenerationMode
    from schemathesis.core.result import Ok

    mode, checks, tested = GenerationMode(requests), _checks(), set()
    for result in api_schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        tested.add(operation.label)

        @given(operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=EXAMPLES, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
        )
        @seed(1)
        def send_request(case: 'Case[Any]') -> None:
            if 'receipts' in case.path:
                case.query = {**(case.query or {}), 'key': 'k-kannel-0123456789'}
            case.call_and_validate(checks=checks)

        try:
            send_request()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE, 'no invalid request exists for this endpoint'
    assert len(tested) == 17


def _checks() -> list['CheckFunction']:
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    return [
        not_a_server_error,
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_schema_conformance,
    ]
