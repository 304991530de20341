"""Run a command under the system call filter and the W^X rule of a systemd unit, without systemd and without root.

`python -m tests.helpers.systemd_sandbox deploy/journal@.service command...` installs the filter with libseccomp, as
systemd does, and replaces itself with the command. Every process that the command starts inherits the filter.
"""

import ctypes
import errno
import mmap
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from ctypes.util import find_library
from pathlib import Path
from typing import Final

PR_SET_NO_NEW_PRIVS: Final = 38
ALLOW: Final = 0x7FFF0000
"""SCMP_ACT_ALLOW."""
REFUSE: Final = 0x00050000
"""SCMP_ACT_ERRNO, to which the error number is added."""
MASKED_EQUAL: Final = 7
"""SCMP_CMP_MASKED_EQ."""
WRITE_AND_EXECUTE: Final = mmap.PROT_WRITE | mmap.PROT_EXEC
EXECUTABLE_MEMORY: Final = (
    ('mmap', WRITE_AND_EXECUTE),
    ('mprotect', mmap.PROT_EXEC),
    ('pkey_mprotect', mmap.PROT_EXEC),
)
"""The calls that MemoryDenyWriteExecute=yes refuses if all of these protection bits are set."""


class ArgumentTest(ctypes.Structure):
    """`struct scmp_arg_cmp` of libseccomp."""

    _fields_ = (
        ('argument', ctypes.c_uint),
        ('operator', ctypes.c_int),
        ('mask', ctypes.c_uint64),
        ('value', ctypes.c_uint64),
    )


def missing_tools() -> str:
    """Return the reason why this machine cannot install the filter of a unit; empty if it can."""
    missing = [name for name in ('systemd-analyze',) if not shutil.which(name)]
    missing += [name for name in ('seccomp',) if not find_library(name)]
    names = {'seccomp': 'libseccomp (libseccomp2)', 'systemd-analyze': 'systemd-analyze (systemd)'}
    return f'Not on this machine: {", ".join(names[name] for name in missing)}.' if missing else ''


def command_line(unit: Path, *command: str) -> list[str]:
    """Return the command line that runs a command under the filter of a unit; start it in the project's folder."""
    return [sys.executable, '-m', 'tests.helpers.systemd_sandbox', str(unit), *command]


def allowed_calls(unit: str, sets: dict[str, set[str]]) -> set[str]:
    """Return the names of the system calls that the text of a unit allows.

    The rules are those of systemd: the first line is an allow list; each later line adds calls, or removes them if it
    starts with a tilde.
    """
    lines = re.findall(r'^SystemCallFilter=(~?)(.+)$', unit, re.MULTILINE)
    assert lines, 'the unit filters no system calls'
    assert not lines[0][0], 'the first line has to list what is allowed'
    allowed = set(sets['@default'])
    for tilde, names in lines:
        calls = {call for name in names.split() for call in sets.get(name, {name})}
        allowed = allowed - calls if tilde else allowed | calls
    return allowed


def call_sets() -> dict[str, set[str]]:
    """Return the calls of each named set (`@system-service`) as the installed systemd defines them."""
    done = subprocess.run(['systemd-analyze', 'syscall-filter'], capture_output=True, text=True, check=True)
    members: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        word = line.strip()
        if line.startswith('@'):
            members[word] = []
        elif word and not word.startswith('#'):
            members[next(reversed(members))].append(word)

    def expand(names: Iterable[str]) -> set[str]:
        return {call for name in names for call in (expand(members[name]) if name.startswith('@') else {name})}

    return {name: expand(listed) for name, listed in members.items()}


def install(unit: str, allowed: Iterable[str]) -> None:
    """Install a filter in this process that refuses every other call with EPERM."""
    assert 'SystemCallErrorNumber=EPERM' in unit
    assert 'NoNewPrivileges=yes' in unit
    library = ctypes.CDLL(find_library('seccomp'))
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(REFUSE | errno.EPERM))
    executable = dict(EXECUTABLE_MEMORY) if 'MemoryDenyWriteExecute=yes' in unit else {}
    for name in allowed:
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:  # a call of another processor
            continue
        if name not in executable:
            _check(library.seccomp_rule_add_array(context, ALLOW, number, 0, None))
            continue
        # The filter is an allow list: a call is allowed if at least one of the bits is not set.
        bits = executable[name]
        for bit in (bit for bit in (mmap.PROT_WRITE, mmap.PROT_EXEC) if bits & bit):
            test = ArgumentTest(2, MASKED_EQUAL, bit, 0)
            _check(library.seccomp_rule_add_array(context, ALLOW, number, 1, ctypes.byref(test)))
    _check(ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _check(library.seccomp_load(context))


def _check(result: int) -> None:
    if result:
        raise OSError(abs(result), f'libseccomp or prctl failed: {result}')


if __name__ == '__main__':
    text = Path(sys.argv[1]).read_text()
    install(text, allowed_calls(text, call_sets()))
    os.execvp(sys.argv[2], sys.argv[2:])
