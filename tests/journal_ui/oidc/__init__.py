"""Tests of sign-in and sign-out with an identity provider, against a certified one."""
