"""The script that copies a text to the clipboard."""

from typing import Final

COPY_TEXT_JS: Final = """
    const put = e => { e.clipboardData.setData('text/plain', copied); e.preventDefault() };
    document.addEventListener('copy', put, {once: true});
    document.execCommand('copy');
    document.removeEventListener('copy', put);
""".strip()
"""Copies the constant `copied`. The Clipboard API is not available without TLS, as in some intranets."""
