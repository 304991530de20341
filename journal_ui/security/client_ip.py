"""The IP address of the client that sent a request."""

from starlette.requests import HTTPConnection


def client_ip(connection: HTTPConnection) -> str:
    """Return the client's IP address; empty if it is unknown, as for a Unix socket.

    Behind a trusted proxy the server has already replaced the proxy's address by the one in X-Forwarded-For.
    """
    return connection.client.host if connection.client else ''
