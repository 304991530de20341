"""The secrets of an installation: the key that encrypts data, and the secret that signs sessions."""
