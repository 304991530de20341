"""Ports for the servers that tests start."""

import os
import socket
from pathlib import Path
from random import SystemRandom

EPHEMERAL = Path('/proc/sys/net/ipv4/ip_local_port_range')
"""The ports that the kernel gives to outgoing connections."""
LOWEST = 10_000
_returned: set[int] = set()


def free_port() -> int:
    """Return a port of the loopback interface on which nothing listens, and that was not returned before.

    The port is not one that the kernel may give to an outgoing connection before the server listens on it, and
    workers of one run choose from different ports.
    """
    worker = int(os.environ.get('PYTEST_XDIST_WORKER', 'gw0').removeprefix('gw'))
    workers = int(os.environ.get('PYTEST_XDIST_WORKER_COUNT', '1'))
    end = int(EPHEMERAL.read_text().split()[0]) if EPHEMERAL.exists() else 32_768
    ports = range(LOWEST + worker, max(end, LOWEST + 1000), workers)
    for port in SystemRandom().sample(ports, len(ports)):
        if port in _returned:
            continue
        with socket.socket() as probe:
            # Connections of a server that has just stopped do not prevent another from listening.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(('127.0.0.1', port))
            except OSError:
                continue
        _returned.add(port)
        return port
    raise RuntimeError(f'No port of {ports} is free.')
