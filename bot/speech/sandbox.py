"""Takes away from the process that calls it whatever hearing a recording does not need.

`enter` bounds memory, time and files and forbids sockets and other programs, before any code from
elsewhere is loaded; `seal` forbids opening files as well, before the first byte of a recording is
looked at. On Linux both are seccomp filters (seccomp(2)), which hold for native code and for every
thread, need no rights, and cannot be taken off again. Elsewhere Python's own audit hook must do.

Errors: SandboxError when Linux refuses: nothing is heard then.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import signal
import sys
from collections.abc import Callable, Iterable

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_SET_MODE_FILTER = 1
_EVERY_THREAD = 1
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | errno.EPERM
_NO_SUCH_CALL = 0x00050000 | errno.ENOSYS
_CLONE3 = 435
_CLONE_THREAD = 0x00010000
#: What begins a program, tells of another process, changes files, or reaches the network.
_FIRST = (
    *("socket", "socketpair", "connect", "bind", "listen", "accept", "accept4"),
    *("sendto", "sendmsg", "io_uring_setup", "execve", "execveat", "fork", "vfork"),
    *("ptrace", "process_vm_readv", "process_vm_writev", "kill"),
    *("unlink", "unlinkat", "rename", "renameat", "renameat2", "mkdir", "mkdirat", "rmdir"),
    *("link", "linkat", "symlink", "symlinkat", "truncate", "mount", "unshare", "bpf"),
)
_FILES = ("open", "openat", "openat2", "creat", "open_by_handle_at")
#: By machine: its AUDIT_ARCH, the numbers of seccomp and clone, and of the calls (asm/unistd.h);
#: one that a machine does not have is left out.
_NUMBERS: dict[str, tuple[int, int, int, dict[str, int]]] = {
    "x86_64": (
        0xC000003E,
        317,
        56,
        {
            **{"socket": 41, "connect": 42, "accept": 43, "sendto": 44, "sendmsg": 46},
            **{"bind": 49, "listen": 50, "socketpair": 53, "fork": 57, "vfork": 58},
            **{"execve": 59, "kill": 62, "truncate": 76, "rename": 82, "mkdir": 83, "rmdir": 84},
            **{"creat": 85, "link": 86, "unlink": 87, "symlink": 88, "ptrace": 101},
            **{"mount": 165, "mkdirat": 258, "unlinkat": 263, "renameat": 264, "linkat": 265},
            **{"symlinkat": 266, "unshare": 272, "accept4": 288, "process_vm_readv": 310},
            **{"process_vm_writev": 311, "renameat2": 316, "bpf": 321, "execveat": 322},
            **{"io_uring_setup": 425, "open": 2, "openat": 257, "openat2": 437},
            **{"open_by_handle_at": 304},
        },
    ),
    "aarch64": (
        0xC00000B7,
        277,
        220,
        {
            **{"mkdirat": 34, "unlinkat": 35, "symlinkat": 36, "linkat": 37, "renameat": 38},
            **{"mount": 40, "truncate": 45, "unshare": 97, "ptrace": 117, "kill": 129},
            **{"socket": 198, "socketpair": 199, "bind": 200, "listen": 201, "accept": 202},
            **{"connect": 203, "sendto": 206, "sendmsg": 211, "execve": 221, "accept4": 242},
            **{"process_vm_readv": 270, "process_vm_writev": 271, "renameat2": 276, "bpf": 280},
            **{"execveat": 281, "io_uring_setup": 425, "openat": 56, "openat2": 437},
            **{"open_by_handle_at": 265},
        },
    ),
}
#: Events of Python that stand for the same, where there is no seccomp.
_EVENTS = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "os.kill")


class SandboxError(Exception):
    """The bounds could not be drawn."""


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_ushort),
        ("jt", ctypes.c_ubyte),
        ("jf", ctypes.c_ubyte),
        ("k", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.POINTER(_Instruction)))


def enter(memory_mb: int, cpu_seconds: int) -> None:
    """Bound address space and processor time; no sockets, no other programs, nothing written."""
    for what, most in (
        (resource.RLIMIT_AS, memory_mb * 1024 * 1024),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    if sys.platform == "linux":
        # It must not go on alone when whoever waits for it is killed.
        _call("prctl", _PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _forbid(_FIRST)
    sys.addaudithook(_refuse(_EVENTS))


def seal() -> None:
    """From here on no file is opened either."""
    _forbid(_FILES)
    sys.addaudithook(_refuse(("open",)))


def _forbid(names: Iterable[str]) -> None:
    if sys.platform != "linux":
        return
    known = _NUMBERS.get(platform.machine())
    if known is None:
        raise SandboxError(f"the calls of {platform.machine()} are not known here")
    arch, seccomp, clone, numbers = known
    program = _program(arch, clone, sorted(numbers[name] for name in names if name in numbers))
    _call("syscall", seccomp, _SET_MODE_FILTER, _EVERY_THREAD, ctypes.byref(program))


def _program(arch: int, clone: int, refused: list[int]) -> _Program:
    """Classic BPF over struct seccomp_data: number at 0, machine at 4, first argument at 16."""
    load, equal, at_least, any_of, give = 0x20, 0x15, 0x35, 0x45, 0x06
    body = [
        (load, 0, 0, 4),
        (equal, 1, 0, arch),
        (give, 0, 0, _REFUSE),
        (load, 0, 0, 0),
        # A new process is refused, a thread is not: clone says which it is to be, clone3 says it
        # where no filter can look, so that it must seem not to be there.
        (equal, 0, 1, _CLONE3),
        (give, 0, 0, _NO_SUCH_CALL),
        (equal, 0, 3, clone),
        (load, 0, 0, 16),
        (any_of, 1, 0, _CLONE_THREAD),
        (give, 0, 0, _REFUSE),
        (load, 0, 0, 0),
        # The numbers of x32 (x86 only) are other names of the same calls.
        (at_least, len(refused) + 1, 0, 0x40000000),
    ]
    for left, number in zip(range(len(refused), 0, -1), refused, strict=True):
        body.append((equal, left, 0, number))
    # What is refused jumps over the line that allows.
    body += [(give, 0, 0, _ALLOW), (give, 0, 0, _REFUSE)]
    lines = (_Instruction * len(body))(*(_Instruction(*line) for line in body))
    return _Program(len(body), ctypes.cast(lines, ctypes.POINTER(_Instruction)))


def _call(name: str, *values: object) -> None:
    function = getattr(ctypes.CDLL(None, use_errno=True), name)
    given = [ctypes.c_ulong(v) if isinstance(v, int) else v for v in values]
    if function(*given) != 0:
        raise SandboxError(f"{name}: {os.strerror(ctypes.get_errno())}")


def _refuse(prefixes: tuple[str, ...]) -> Callable[[str, object], None]:
    def hook(event: str, _: object) -> None:
        if event.startswith(prefixes):
            raise PermissionError(errno.EPERM, f"{event} is not allowed here")

    return hook
