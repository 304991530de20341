"""Sign-in with the region's own system by OpenID Connect: the identity provider decides who enters, and as what."""
