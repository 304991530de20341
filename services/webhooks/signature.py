"""Signatures of webhooks by the Standard Webhooks specification 1.0.0: HMAC-SHA256 over id, time and body."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Final

SECRET_PREFIX: Final = 'whsec_'
SECRET_BYTES: Final = 32


def create_secret() -> str:
    """Create the secret of a webhook, as both sides store it."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed_headers(secret: str, event_id: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """Return the headers by which the receiver verifies a request.

    Args:
        secret: the secret as `create_secret` returns it.
        event_id: the id of what is sent, the same at every attempt.
        at: the time of the attempt (aware).
        body: exactly what is sent.
    """
    timestamp = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signature = hmac.new(key, b'.'.join((event_id.encode(), timestamp.encode(), body)), hashlib.sha256).digest()
    return {
        'webhook-id': event_id,
        'webhook-timestamp': timestamp,
        'webhook-signature': f'v1,{base64.b64encode(signature).decode()}',
    }
