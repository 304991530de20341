"""The URL of a page of another system."""

from urllib.parse import urlsplit


def is_page_url(text: str) -> bool:
    """Return whether a text is the URL of a page that a browser opens, without a user name and a password."""
    try:
        parts = urlsplit(text)
        is_url = parts.scheme in {'http', 'https'} and bool(parts.hostname) and '@' not in parts.netloc
    except ValueError:
        return False
    return is_url and all(letter.isprintable() and not letter.isspace() for letter in text)
