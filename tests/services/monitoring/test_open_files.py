"""Open files: one line near the limit, and one when that is over."""

import logging
import resource
import socket
from collections.abc import Iterator

import pytest

from services.monitoring.open_files import DESCRIPTORS_FOLDER, OpenFiles


@pytest.fixture
def limit() -> Iterator[int]:
    """A limit that is twice as high as the number of open files."""
    old, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    new = 2 * max(100, sum(1 for _ in DESCRIPTORS_FOLDER.iterdir()))
    resource.setrlimit(resource.RLIMIT_NOFILE, (new, hard))
    yield new
    resource.setrlimit(resource.RLIMIT_NOFILE, (old, hard))


def test_the_log_says_once_that_the_limit_is_near_and_once_that_it_is_not(
    limit: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, 'services.monitoring')
    open_files = OpenFiles()
    open_files.check()
    assert not caplog.messages
    sockets = [socket.socket() for _ in range(limit * 9 // 10 - sum(1 for _ in DESCRIPTORS_FOLDER.iterdir()))]
    open_files.check()
    open_files.check()
    for each in sockets:
        each.close()
    open_files.check()
    open_files.check()
    assert [f'are open of {limit}' in message for message in caplog.messages] == [True, True]
