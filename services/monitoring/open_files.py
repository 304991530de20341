"""A warning before the process has as many open files and sockets as the system allows it."""

import logging
import resource
from pathlib import Path
from typing import Final

WARN_ABOVE: Final = 0.8
"""The share of the limit above which a line is logged."""
CALM_BELOW: Final = 0.7
"""The share below which another line says that it is over."""
DESCRIPTORS_FOLDER: Final = Path('/proc/self/fd')

log = logging.getLogger(__name__)


class OpenFiles:
    """Watches the open files and sockets of this process; every open page is a socket."""

    def __init__(self) -> None:
        self._is_warned = False

    def check(self) -> None:
        """Log a line when the process comes near its limit, and one when it is no longer there."""
        limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if limit == resource.RLIM_INFINITY:
            return
        count = sum(1 for _ in DESCRIPTORS_FOLDER.iterdir())
        if not self._is_warned and count > WARN_ABOVE * limit:
            log.warning('%d files and sockets are open of %d; see LimitNOFILE in journal@.service', count, limit)
            self._is_warned = True
        elif self._is_warned and count < CALM_BELOW * limit:
            log.warning('%d files and sockets are open of %d, which is enough again', count, limit)
            self._is_warned = False
