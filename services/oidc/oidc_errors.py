"""What can go wrong between the program and the identity provider."""

from services.accounts.identity import AccountError
from services.errors import JournalError


class IdentityProviderError(JournalError):
    """The identity provider did not answer, or not as the standard requires; the message is for the log, no secret."""


class InvalidTokenError(JournalError):
    """A token is not valid; the message names what is wrong, and contains nothing of the token."""


class GrantRevokedError(JournalError):
    """The identity provider does not accept a token any more: the user is blocked, or signed out there."""


class OidcSignInError(AccountError):
    """A sign-in at the identity provider is refused; the message is for the user."""
