"""nginx with the configuration in `deploy/`, as a process of the test on ports of the loopback interface."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import httpx
import trustme

from services.settings import PROJECT_ROOT
from tests.helpers.ports import free_port
from tests.helpers.server_process import launch_server, wait_until_ready

SITE_CONFIG = PROJECT_ROOT / 'deploy' / 'nginx.conf'
SUBPATH_CONFIG = PROJECT_ROOT / 'deploy' / 'nginx-subpath.conf'
MAIN_CONFIG = """
{user}daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
worker_processes 1;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    access_log off;
    include {folder}/site.conf;
}}
"""


class Nginx:
    """nginx in front of two nodes; a context manager."""

    def __init__(self, folder: Path, ports: tuple[int, int], neighbour_port: int = 0) -> None:
        """Write the shipped configuration, with ports and a certificate of the test's own.

        Args:
            folder: the folder for its files.
            ports: the ports of the nodes.
            neighbour_port: the port of another application at `/`; the journal is then under `/journal/`. 0 for none.
        """
        self.folder = folder
        self.plain_port, port = free_port(), free_port()
        self.url = f'https://127.0.0.1:{port}'
        certificate = trustme.CA().issue_cert('127.0.0.1')
        certificate.private_key_and_cert_chain_pem.write_to_path(str(folder / 'both.pem'))
        changes = {
            'listen 80;': f'listen 127.0.0.1:{self.plain_port};',
            'listen 443 ssl http2;': f'listen 127.0.0.1:{port} ssl http2;',
            'server 127.0.0.1:8081 ': f'server 127.0.0.1:{ports[0]} ',
            'server 127.0.0.1:8082 ': f'server 127.0.0.1:{ports[1]} ',
            '/etc/ssl/certs/journal.pem': str(folder / 'both.pem'),
            '/etc/ssl/private/journal.key': str(folder / 'both.pem'),
        }
        if neighbour_port:
            changes['127.0.0.1:9000'] = f'127.0.0.1:{neighbour_port}'
        config = SUBPATH_CONFIG if neighbour_port else SITE_CONFIG
        (folder / 'site.conf').write_text(replace_each_once(config.read_text(), changes))
        # Only the user of the tests may enter the folder, so that workers must run as this user.
        user = 'user root;\n' if os.geteuid() == 0 else ''
        (folder / 'nginx.conf').write_text(MAIN_CONFIG.format(folder=folder, user=user))
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        # On Debian, the PATH of a user has no folders of servers.
        binary = shutil.which('nginx', path=f'{os.environ["PATH"]}:/usr/sbin:/sbin')
        assert binary, 'nginx is not installed: run .ci/server nginx'
        log = self.folder / 'output'
        command: list[str | Path] = [
            binary,
            '-p',
            self.folder,
            '-e',
            self.folder / 'error.log',
            '-c',
            self.folder / 'nginx.conf',
        ]
        self._process = launch_server(command, log)
        wait_until_ready('nginx', self._process, self._is_ready, log=log, stop=self.__exit__)
        return self

    def __exit__(self, *_: object) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f'http://127.0.0.1:{self.plain_port}/').status_code == httpx.codes.PERMANENT_REDIRECT
        except httpx.TransportError:
            return False


def replace_each_once(text: str, changes: Mapping[str, str]) -> str:
    """Replace each key of `changes`, which must occur exactly once, by its value."""
    for old, new in changes.items():
        assert text.count(old) == 1, f'«{old}» occurs {text.count(old)} times in the configuration of nginx'
        text = text.replace(old, new)
    return text
