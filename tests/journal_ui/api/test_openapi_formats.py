"""The OpenAPI document types what is submitted as it types what is returned, so that a generated client has types."""

from typing import Any

import pytest
from pydantic import BaseModel

from journal_ui.api.api_app import EXTRA_SCHEMAS
from journal_ui.api.document_endpoints import DocumentIn, DocumentOut
from journal_ui.api.schemas import FactOut, MessageIn, MessageOut, MessageStatusIn, StatusIn

MESSAGE_TYPES = {'id', 'appointment_at', 'queued_at', 'attempted_at', 'sent_at', 'status', 'channel'}


def value_types(model: type[BaseModel]) -> dict[str, tuple[object, object]]:
    """Return the format and the allowed values of each property, whether it may be null or not; not of the provider.

    In a history the provider may be one that the program does not know any more.
    """

    def value_type(schema: dict[str, Any]) -> tuple[object, object]:
        variants = [variant for variant in schema.get('anyOf', [schema]) if variant.get('type') != 'null']
        return variants[0].get('format'), variants[0].get('enum')

    properties = model.model_json_schema()['properties']
    return {name: value_type(schema) for name, schema in properties.items() if name != 'provider'}


@pytest.mark.parametrize(
    ('submitted', 'returned', 'typed'),
    [
        (MessageIn, MessageOut, MESSAGE_TYPES),
        (MessageStatusIn, MessageOut, {'id', 'status'}),
        (StatusIn, FactOut, {'at', 'status'}),
        (DocumentIn, DocumentOut, {'id', 'at', 'operation', 'status'}),
    ],
)
def test_what_is_submitted_has_the_types_of_what_is_returned(
    submitted: type[BaseModel], returned: type[BaseModel], typed: set[str]
) -> None:
    assert submitted in EXTRA_SCHEMAS
    types, expected = value_types(submitted), value_types(returned)
    common = types.keys() & expected.keys()
    assert {name: types[name] for name in common} == {name: expected[name] for name in common}
    assert {name for name in common if types[name] != (None, None)} == typed
