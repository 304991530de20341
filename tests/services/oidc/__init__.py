"""Tests of sign-in by OpenID Connect: against answers that no real provider gives."""
