# SPDX-License-Identifier: BSD-3-Clause
"""A vfio-user client for tests, written from the specification by hand: it shares no code and no
constant with the programs under test."""

import json
import mmap
import os
import socket
import struct

from patience import PATIENCE

VERSION, DMA_MAP, DMA_UNMAP, GET_INFO, GET_REGION_INFO, GET_IO_FDS = 1, 2, 3, 4, 5, 6
GET_IRQ_INFO, SET_IRQS, REGION_READ, REGION_WRITE, DMA_READ, DMA_WRITE = 7, 8, 9, 10, 11, 12
RESET, WRITE_MULTI, FEATURE = 13, 15, 16
REPLY, NO_REPLY, ERROR = 1, 1 << 4, 1 << 5
GET, SET, PROBE = 1 << 16, 1 << 17, 1 << 18
CONFIG = 7
TPH_ST = 0xFE00
CLEAR = 0xFFFFFFFF


class VfuError(OSError):
    """An error reply."""


class Gone(Exception):
    """The server closed the connection."""


class Client:
    def __init__(self, path, version=True, timeout=PATIENCE, caps=None):
        self.s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.s.connect(path)  # waits while the server's backlog is full
        self.s.settimeout(timeout)
        self.id = 0x100
        self.fds = []
        if version:
            self.caps = self.version(caps)

    def close(self):
        for fd in self.fds:
            os.close(fd)
        self.fds = []
        self.s.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    # -- framing
    def header(self, cmd, length, flags=0, size=None):
        self.id = (self.id + 1) & 0xFFFF
        return struct.pack("<HHIII", self.id, cmd, 16 + length if size is None else size, flags, 0)

    def raw(self, data, fds=()):
        try:
            if fds:
                sent = socket.send_fds(self.s, [data], list(fds))
                data = data[sent:]
            if data:
                self.s.sendall(data)
        except (BrokenPipeError, ConnectionResetError) as e:
            raise Gone from e

    def send(self, cmd, payload=b"", fds=(), flags=0):
        self.raw(self.header(cmd, len(payload), flags) + payload, fds)
        return self.id

    def take(self, n, fds):
        data = b""
        while len(data) < n:
            try:
                part, got, _, _ = socket.recv_fds(self.s, n - len(data), 32)
            except ConnectionResetError as e:
                raise Gone from e
            fds += got
            if not part:
                raise Gone
            data += part
        return data

    def recv(self):
        """@return (id, cmd, flags, error, payload, fds)"""
        fds = []
        mid, cmd, size, flags, error = struct.unpack("<HHIII", self.take(16, fds))
        payload = self.take(size - 16, fds)
        self.fds += fds
        return mid, cmd, flags, error, payload, fds

    def call(self, cmd, payload=b"", fds=()):
        """@return (payload, fds); raises VfuError(errno)."""
        want = self.send(cmd, payload, fds)
        mid, rcmd, flags, error, data, got = self.recv()
        assert (mid, rcmd) == (want, cmd), "reply to another command"
        assert flags & 0xF == REPLY
        if flags & ERROR:
            assert data == b"" and not got, "an error reply is a header alone"
            raise VfuError(error, os.strerror(error))
        assert error == 0
        return data, got

    # -- commands
    def version(self, caps=None, major=0, minor=0):
        if caps is None:
            caps = {"max_msg_fds": 8, "max_data_xfer_size": 1 << 20}
        text = json.dumps({"capabilities": caps}).encode() + b"\0"
        data, _ = self.call(VERSION, struct.pack("<HH", major, minor) + text)
        assert struct.unpack("<HH", data[:4]) == (0, 0)
        assert data[-1:] == b"\0"
        return json.loads(data[4:-1])["capabilities"]

    def dma_map(self, iova, size, fd=None, offset=0, prot=3, argsz=32):
        fds = [] if fd is None else [fd]
        data, _ = self.call(DMA_MAP, struct.pack("<IIQQQ", argsz, prot, offset, iova, size), fds)
        assert data == b""

    def dma_unmap(self, iova, size, flags=0, fds=()):
        req = struct.pack("<IIQQ", 24, flags, iova, size)
        data, _ = self.call(DMA_UNMAP, req, fds)
        assert data == req

    def info(self):
        data, _ = self.call(GET_INFO, struct.pack("<IIII", 16, 0, 0, 0))
        return struct.unpack("<IIII", data)

    def region_info(self, index, argsz=4096):
        """@return (dict, areas, fds)"""
        data, fds = self.call(GET_REGION_INFO, struct.pack("<IIIIQQ", argsz, 0, index, 0, 0, 0))
        names = ("argsz", "flags", "index", "cap_offset", "size", "offset")
        info = dict(zip(names, struct.unpack_from("<IIIIQQ", data)))
        areas, off = [], info["cap_offset"]
        if off:
            cid, ver, nxt, nr, _ = struct.unpack_from("<HHIII", data, off)
            assert (cid, ver, nxt) == (1, 1, 0)
            areas = [struct.unpack_from("<QQ", data, off + 16 + 16 * i) for i in range(nr)]
            assert len(data) == off + 16 + 16 * nr
        return info, areas, fds

    def irq_info(self, index):
        data, _ = self.call(GET_IRQ_INFO, struct.pack("<IIII", 16, 0, index, 0))
        return struct.unpack("<IIII", data)

    def set_irqs(self, flags, start, count, fds=(), data=b"", index=2):
        self.call(SET_IRQS, struct.pack("<IIIII", 20, flags, index, start, count) + data, fds)

    def read(self, region, offset, count):
        data, _ = self.call(REGION_READ, struct.pack("<QII", offset, region, count))
        assert data[:16] == struct.pack("<QII", offset, region, count)
        assert len(data) == 16 + count
        return data[16:]

    def write(self, region, offset, data):
        head = struct.pack("<QII", offset, region, len(data))
        reply, _ = self.call(REGION_WRITE, head + data)
        assert reply == head

    def reset(self):
        assert self.call(RESET)[0] == b""

    # -- configuration space
    def cfg(self, offset, fmt="<I"):
        return struct.unpack(fmt, self.read(CONFIG, offset, struct.calcsize(fmt)))[0]

    def cfg_write(self, offset, value, fmt="<I"):
        self.write(CONFIG, offset, struct.pack(fmt, value))

    def ext_cap(self, cap):
        """Offset of an extended capability, None."""
        pos = 0x100
        while pos:
            head = self.cfg(pos)
            if head & 0xFFFF == cap:
                return pos
            pos = head >> 20
        return None

    def cap(self, cap, nth=0):
        pos = self.cfg(0x34, "<B")
        while pos:
            if self.cfg(pos, "<B") == cap:
                if nth == 0:
                    return pos
                nth -= 1
            pos = self.cfg(pos + 1, "<B")
        return None

    # -- TPH
    def tph_enable(self, mode, req=1):
        """@return what the control register reads afterwards."""
        pos = self.ext_cap(0x17)
        self.cfg_write(pos + 8, mode | req << 8)
        return self.cfg(pos + 8)

    def feature(self, flags, data=b"", index=TPH_ST, argsz=None):
        head = struct.pack("<II", 8 + len(data) if argsz is None else argsz, index | flags)
        reply, _ = self.call(FEATURE, head + data)
        return reply

    def st_set(self, index, cpus, flags=0):
        data = struct.pack("<IHH", flags, index, len(cpus)) + struct.pack(f"<{len(cpus)}I", *cpus)
        self.feature(SET, data)

    def st_get(self, index, cpus, flags=0):
        data = struct.pack("<IHH", flags, index, len(cpus)) + struct.pack(f"<{len(cpus)}I", *cpus)
        reply = self.feature(GET, data)
        assert struct.unpack_from("<I", reply)[0] == len(reply) == 16 + 4 * len(cpus)
        return list(struct.unpack_from(f"<{len(cpus)}I", reply, 16))

    def st_table(self, n):
        """The ST table of the capability."""
        pos = self.ext_cap(0x17)
        return list(struct.unpack(f"<{n}H", self.read(CONFIG, pos + 12, 2 * n)))


def memfd(size, seals=0):
    fd = os.memfd_create("vfu-test", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(fd, size)
    return fd


def view(fd, size, offset=0):
    return mmap.mmap(fd, size, offset=offset)
