"""Sign-in and sign-out with the identity provider (OpenID Connect)."""
