"""Moves this process into a network that has only loopback. Only Linux has such networks."""

import ctypes
import os
import socket
import struct
from fcntl import ioctl
from pathlib import Path

# From linux/sched.h, linux/sockios.h and linux/if.h. Python has unshare() since 3.12.
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_SET_FLAGS, _UP = 0x8914, 0x1


def leave() -> bool:
    """Leave the network, with all processes started from now on. Return False if the machine does not permit it."""
    for namespaces in (_NEW_NETWORK, _NEW_NETWORK | _NEW_USER):
        if _is_permitted(namespaces):
            _enter(namespaces)
            return True
    return False


def _is_permitted(namespaces: int) -> bool:
    # A child process tries it: some machines permit the new network, but not to set up loopback in it.
    child = os.fork()
    if not child:
        try:
            _enter(namespaces)
        except (OSError, AttributeError):
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def _enter(namespaces: int) -> None:
    user, group = os.getuid(), os.getgid()
    if ctypes.CDLL(None, use_errno=True).unshare(namespaces):
        raise OSError(ctypes.get_errno(), "unshare")
    if namespaces & _NEW_USER:
        process = Path("/proc/self")
        (process / "setgroups").write_text("deny")
        (process / "uid_map").write_text(f"{user} {user} 1")
        (process / "gid_map").write_text(f"{group} {group} 1")
    _set_up_loopback()


def _set_up_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        ioctl(any_socket, _SET_FLAGS, struct.pack("16sh14x", b"lo", _UP))
