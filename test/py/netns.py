# SPDX-License-Identifier: BSD-3-Clause
"""A network namespace of a test alone, and packet sockets in it. Needs root; ends with its last fd."""

import contextlib
import ctypes
import os
import select
import socket
import subprocess

import pytest

from conftest import need

CLONE_NEWNET = 0x40000000
PACKET_OUTGOING = 4
libc = ctypes.CDLL(None, use_errno=True)


def call(name, *args):
    if getattr(libc, name)(*args) != 0:
        raise OSError(ctypes.get_errno(), name)


class NetNs:
    """Made here; commands and sockets go in by inside()."""

    def __init__(self):
        need("ip")
        if os.geteuid() != 0:
            pytest.skip("needs root: makes a network namespace")
        self.home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        try:
            call("unshare", CLONE_NEWNET)
        except OSError as e:
            os.close(self.home)
            pytest.skip(f"cannot make a network namespace: {e}")
        self.fd = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        with open("/proc/sys/net/ipv6/conf/all/disable_ipv6", "w", encoding="ascii") as f:
            f.write("1")  # nothing is sent there but by the test
        with open("/proc/sys/net/ipv6/conf/default/disable_ipv6", "w", encoding="ascii") as f:
            f.write("1")
        call("setns", self.home, CLONE_NEWNET)

    @contextlib.contextmanager
    def inside(self):
        """This thread, and the processes that it starts, are in the namespace."""
        call("setns", self.fd, CLONE_NEWNET)
        try:
            yield
        finally:
            call("setns", self.home, CLONE_NEWNET)

    def ip(self, line):
        with self.inside():
            subprocess.run(["ip", *line.split()], check=True)

    def port(self, name):
        """A packet socket on an interface: what is sent leaves by it, what comes in is received."""
        with self.inside():
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        s.bind((name, 3))
        return s

    def close(self):
        os.close(self.fd)
        os.close(self.home)


def exchange(sock, frames, window=32, timeout=30):
    """Send all, at most window on their way. @return what came, in order."""
    got, sent = [], 0
    while len(got) < len(frames):
        while sent < len(frames) and sent - len(got) < window:
            sock.send(frames[sent])
            sent += 1
        ready, _, _ = select.select([sock], [], [], timeout)
        assert ready, f"{len(got)} of {sent} frames came back"
        data, addr = sock.recvfrom(65536)
        if addr[2] != PACKET_OUTGOING:
            got.append(data)
    return got
