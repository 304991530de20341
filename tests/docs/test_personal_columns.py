"""The table of `docs/operation.md` names every column with personal data of patients, and what `purge` does with it."""

import re

from sqlalchemy import JSON, LargeBinary, String
from sqlmodel import SQLModel

from services.settings import PROJECT_ROOT

SECTION = (PROJECT_ROOT / 'docs' / 'operation.md').read_text().partition('## Retention')[2].partition('\n## ')[0]
ROWS = re.findall(r'^\| `(\w+)` \| (.+?) \| ', SECTION, re.MULTILINE)
PERSONAL = {(table, column) for table, columns in ROWS for column in re.findall(r'`(\w+)`', columns)}
NO_TEXT = {('message', 'appointment_at')}
"""Personal data that is no text."""
NOT_PERSONAL = {
    'access_anchor': {'hash', 'mac'},
    'access_condition': {'digest'},
    'access_head': {'hash'},
    # Who did what, a description without the person, a key of a row.
    'access_record': {'name', 'address', 'section', 'about', 'previous', 'hash'},
    'access_shown': {'row_keys'},
    'account': {'name', 'password_hash', 'role', 'totp_secret', 'failed_address', 'oidc_issuer', 'oidc_subject'},
    'account_session': {'hash', 'address', 'agent', 'pending_secret'},
    # Counts and times; see services.notifications.notice.
    'alert_notice': {'channel', 'kind', 'text', 'path'},
    'alert_state': {'kind'},
    'api_token': {'name', 'hash'},
    'call_back': {'done_by'},
    'call_back_reopened': {'done_by', 'reopened_by'},
    'call_claim': {'claimed_by'},
    # A document is known by its number in РЭМД; the doctor is no patient.
    'document': {'remd_number', 'doctor', 'error_code'},
    'document_kind': {'name', 'name_key'},
    'draft': {'tab', 'journal'},
    'early_receipt': {'provider', 'provider_id', 'code', 'error_code', 'account'},
    'journal_state': {'timezone', 'data_key_check'},
    'kept_view': {'key'},
    'known_device': {'hash', 'address'},
    'message': {'error_code', 'sender'},
    'message_fact': {'told_by', 'provider', 'code', 'error_code', 'provider_id', 'account'},
    'message_kind': {'name', 'name_key', 'folded_name'},
    'oidc_session': {'hash', 'sid', 'tokens'},
    'oidc_used_value': {'hash'},
    'operator_error': {'operator', 'code', 'name', 'advice'},
    'organization': {'name', 'name_key', 'folded_name', 'sort_name'},
    'preference': {'name', 'value'},
    'provider_balance': {'provider'},
    'provider_message': {'provider', 'provider_id', 'account'},
    'recovery_code': {'hash'},
    # Ids, statuses and times; see services.webhooks.delivery_queue.
    'webhook': {'name', 'url', 'secret'},
    'status_poll': {'provider', 'provider_id', 'account'},
    'status_poll_position': {'provider'},
    'webhook_delivery': {'event_id', 'body', 'failure'},
}
"""The columns with text that contain no personal data of patients, by table."""


def test_every_column_with_text_is_personal_or_not() -> None:
    columns = {
        (table.name, column.name)
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String | JSON | LargeBinary)
    }
    not_personal = {(table, column) for table, names in NOT_PERSONAL.items() for column in names}
    assert not not_personal & PERSONAL
    assert columns | NO_TEXT == not_personal | PERSONAL, 'Describe a new column in docs/operation.md, or list it here.'
