"""The authentication of a request with receipts that has no key in its URL, as the file of a provider describes it."""

import base64
import binascii
import hmac
from urllib.parse import parse_qsl

from services.providers.declaration import ProviderDeclaration, Signature
from services.providers.provider import SignedRequest


def is_authentic(declaration: ProviderDeclaration, request: SignedRequest, key: str) -> bool:
    """Check that each receipt has the key in its field, or that the request is signed with the key."""
    field = declaration.key_field
    if field and request.forms and all(_are_equal(form.get(field, ''), key) for form in request.forms):
        return True
    return declaration.signature is not None and _is_signed(declaration.signature, request, key)


def _is_signed(signature: Signature, request: SignedRequest, key: str) -> bool:
    """Check the HMAC in the header."""
    value = request.headers.get(signature.header.lower(), '')
    expected = hmac.digest(key.encode(), _signed_content(signature, request), signature.hmac)
    actual = _decode(value.removeprefix(signature.prefix).strip(), signature.encoding)
    return value.startswith(signature.prefix) and hmac.compare_digest(actual, expected)


def _signed_content(signature: Signature, request: SignedRequest) -> bytes:
    if signature.content == 'body':
        return request.body
    fields = sorted(parse_qsl(request.body.decode(errors='replace'), keep_blank_values=True))
    return (request.url + ''.join(name + value for name, value in fields)).encode(errors='replace')


def _are_equal(text: str, key: str) -> bool:
    return hmac.compare_digest(text.encode(errors='replace'), key.encode())


def _decode(text: str, encoding: str) -> bytes:
    """Decode a signature; one that is not in the encoding equals none."""
    try:
        return bytes.fromhex(text) if encoding == 'hex' else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return b''
