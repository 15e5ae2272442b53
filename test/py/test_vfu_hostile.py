# SPDX-License-Identifier: BSD-3-Clause
"""Hostile and dying clients: each gets an error reply or a clean close, and the next is served."""

import json
import os
import socket
import struct
import time

import pytest
import vfu_client as vc
from patience import wait_for
from vfu_client import Client, Gone, VfuError, memfd

pytestmark = pytest.mark.sanitize

EINVAL, EBADF, ENOTSUP = 22, 9, 95


@pytest.fixture
def nic(vfu_nic):
    return vfu_nic("--queues", "2")


def still_serves(nic):
    """The next client finds a device at power-on. @return the server's fds and mappings then."""
    with Client(nic.sock) as c:
        assert c.info() == (16, 3, 9, 5)
        assert c.cfg(4, "<H") == 0 and c.cfg(0x3C, "<B") == 0
        assert nic.counters()["dma_maps"] == "0"
        return nic.fds(), nic.maps()


def closed(c):
    """The server hangs up, having sent nothing."""
    with pytest.raises(Gone):
        c.recv()


def error_then_closed(c, errno):
    _, _, flags, error, data, fds = c.recv()
    assert flags & 0x2F == 0x21 and error == errno and data == b"" and not fds
    closed(c)


def version_text(text):
    return struct.pack("<HH", 0, 0) + text


JSON_NASTIES = {
    "no NUL": b'{"capabilities":{}}',
    "NUL inside": b'{"capab\0ilities":{}}\0',
    "two NULs": b'{"capabilities":{}}\0\0',
    "empty": b"\0",
    "not JSON": b"hello\0",
    "not an object": b"[]\0",
    "a number": b"7\0",
    "cut": b'{"capabilities":{\0',
    "capabilities is a list": b'{"capabilities":[]}\0',
    "fds is a string": b'{"capabilities":{"max_msg_fds":"8"}}\0',
    "fds is negative": b'{"capabilities":{"max_msg_fds":-1}}\0',
    "fds is real": b'{"capabilities":{"max_msg_fds":1.5}}\0',
    "fds is huge": b'{"capabilities":{"max_msg_fds":99999999999999999999}}\0',
    "size 0": b'{"capabilities":{"max_data_xfer_size":0}}\0',
    "deep": b'{"a":' * 9 + b"1" + b"}" * 9 + b"\0",
    "very deep": b"[" * 4000 + b"\0",
    "long": b'{"a":"' + b"x" * 5000 + b'"}\0',
    "twice": b'{"capabilities":{},"capabilities":{}}\0',
    "bad UTF-8": b'{"capabilities":{"\xff\xfe":1}}\0',
}


@pytest.mark.parametrize("name", JSON_NASTIES)
def test_version_json(nic, name):
    with Client(nic.sock, version=False) as c:
        c.send(vc.VERSION, version_text(JSON_NASTIES[name]))
        error_then_closed(c, EINVAL)
    still_serves(nic)


def test_unknown_capabilities_are_ignored(nic):
    caps = {"migration": {"pgsize": 4096}, "twin_socket": {"supported": True}, "x": [1, [2, {}]],
            "s": "}]{[\\\"", "max_msg_fds": 1024, "max_data_xfer_size": 1 << 40}
    with Client(nic.sock, caps=caps) as c:
        assert c.info()[0] == 16


def test_version_must_come_first_and_once(nic):
    with Client(nic.sock, version=False) as c:
        c.send(vc.GET_INFO, bytes(16))
        error_then_closed(c, EINVAL)
    with Client(nic.sock) as c:
        c.send(vc.VERSION, version_text(b""))
        error_then_closed(c, EINVAL)
    with Client(nic.sock, version=False) as c:
        c.send(vc.VERSION, b"\0\0\0")
        error_then_closed(c, EINVAL)
    fd = memfd(4096)
    with Client(nic.sock, version=False) as c:
        c.send(vc.VERSION, version_text(b""), [fd])
        error_then_closed(c, EINVAL)
    os.close(fd)
    still_serves(nic)


@pytest.mark.parametrize("size", [0, 1, 15, 16 + 16 + (1 << 20) + 1, 0x7FFFFFFF, 0xFFFFFFFF])
def test_bad_size_closes(nic, size):
    with Client(nic.sock) as c:
        c.raw(c.header(vc.GET_INFO, 0, size=size))
        closed(c)
    still_serves(nic)


@pytest.mark.parametrize("kind", [1, 2, 5, 15])
def test_reply_that_nobody_asked_for_closes(nic, kind):
    with Client(nic.sock) as c:
        c.send(vc.DMA_READ, bytes(16), flags=kind)
        closed(c)
    still_serves(nic)


@pytest.mark.parametrize("cmd", [0, 11, 12, 14, 15, 17, 18, 19, 255, 0xFFFF])
def test_unknown_commands(nic, cmd):
    with Client(nic.sock) as c:
        for payload in (b"", bytes(16), bytes(4096)):
            with pytest.raises(VfuError) as e:
                c.call(cmd, payload)
            assert e.value.errno == ENOTSUP
        assert c.info()[0] == 16


FIXED = {vc.DMA_MAP: 32, vc.DMA_UNMAP: 24, vc.GET_INFO: 16, vc.GET_REGION_INFO: 32,
         vc.GET_IO_FDS: 16, vc.GET_IRQ_INFO: 16, vc.SET_IRQS: 20, vc.REGION_READ: 16,
         vc.REGION_WRITE: 16, vc.RESET: 0, vc.FEATURE: 8}


def test_wrong_lengths(nic):
    with Client(nic.sock) as c:
        for cmd, size in FIXED.items():
            lengths = {0, 1, size - 1, size // 2} - {size}
            if cmd != vc.FEATURE:
                lengths |= {size + 1, size + 4096}
            for n in sorted(x for x in lengths if x >= 0):
                with pytest.raises(VfuError) as e:
                    c.call(cmd, b"\x10" + bytes(n - 1) if n else b"")
                assert e.value.errno == EINVAL, (cmd, n)
        assert c.info()[0] == 16
    still_serves(nic)


def test_region_write_length_must_match_count(nic):
    with Client(nic.sock) as c:
        for count, data in ((4, b"123"), (4, b"12345"), (0xFFFFFFFF, b"1234"), (0, b"1")):
            with pytest.raises(VfuError) as e:
                c.call(vc.REGION_WRITE, struct.pack("<QII", 0, 7, count) + data)
            assert e.value.errno == EINVAL


def test_huge_reads(nic):
    with Client(nic.sock, caps={"max_data_xfer_size": 64}) as c:
        assert len(c.read(7, 0, 64)) == 64
        for count in (65, 4096, 1 << 20, (1 << 20) + 1, 0xFFFFFFFF):
            with pytest.raises(VfuError):
                c.read(7, 0, count)


@pytest.mark.parametrize("flags, start, count, nfds, data", [
    (0, 0, 1, 0, b""), (0x07, 0, 1, 0, b""), (0x38, 0, 1, 0, b""), (0x25, 0, 1, 0, b""),
    (0x34, 0, 1, 1, b""), (0x124, 0, 1, 1, b""), (0x24, 0, 2, 1, b""), (0x24, 0, 1, 2, b""),
    (0x24, 5, 1, 1, b""), (0x24, 4, 2, 2, b""), (0x24, 0xFFFFFFFF, 1, 1, b""),
    (0x24, 1, 0xFFFFFFFF, 0, b""), (0x24, 0, 0, 0, b""), (0x21, 1, 0, 0, b""),
    (0x21, 0, 1, 1, b""), (0x22, 0, 2, 0, b"\1"), (0x22, 0, 2, 0, b"\1\1\1"),
    (0x21, 0, 1, 0, b"\1"), (0x11, 0, 1, 0, b""), (0x09, 0, 1, 0, b""), (0x22, 0, 0, 0, b""),
    (0x22, 0, 0xFFFFFFFF, 0, b"\1"),
])
def test_bad_set_irqs(nic, flags, start, count, nfds, data):
    fds = [os.eventfd(0) for _ in range(nfds)]
    with Client(nic.sock) as c:
        before = nic.fds()
        with pytest.raises(VfuError) as e:
            c.set_irqs(flags, start, count, fds, data)
        assert e.value.errno == EINVAL
        assert nic.fds() == before
    for fd in fds:
        os.close(fd)


def test_irq_fd_must_be_an_eventfd(nic):
    good, bad = os.eventfd(0), memfd(4096)
    with Client(nic.sock) as c:
        before = nic.fds()
        with pytest.raises(VfuError) as e:
            c.set_irqs(0x24, 0, 2, [good, bad])
        assert e.value.errno == EBADF and nic.fds() == before
    os.close(good)
    os.close(bad)


def test_fds_where_none_belong(nic):
    fd = memfd(4096)
    with Client(nic.sock) as c:
        before = nic.fds()
        for cmd, size in FIXED.items():
            if cmd in (vc.DMA_MAP, vc.DMA_UNMAP, vc.SET_IRQS):
                continue
            with pytest.raises(VfuError) as e:
                c.call(cmd, b"\x20" + bytes(size - 1) if size else b"", [fd])
            assert e.value.errno == EINVAL
        with pytest.raises(VfuError):
            c.call(vc.DMA_MAP, struct.pack("<IIQQQ", 32, 3, 0, 0, 4096), [fd, fd])
        assert nic.fds() == before
        assert nic.counters()["dma_maps"] == "0"
    os.close(fd)


@pytest.mark.parametrize("n", [17, 18, 64, 250])
def test_too_many_fds_close(nic, n):
    fd = memfd(4096)
    before = still_serves(nic)
    with Client(nic.sock) as c:
        try:
            c.send(vc.GET_INFO, bytes(16), [fd] * n)
        except Gone:
            pass
        closed(c)
    os.close(fd)
    assert still_serves(nic) == before


def test_fds_spread_over_one_message_all_count(nic):
    """One descriptor with each byte of the header: collected, counted, closed."""
    fd = memfd(4096)
    with Client(nic.sock) as c:
        before = nic.fds()
        msg = c.header(vc.GET_INFO, 16) + struct.pack("<IIII", 16, 0, 0, 0)
        for i in range(8):
            socket.send_fds(c.s, [msg[i:i + 1]], [fd])
        c.raw(msg[8:])
        _, _, flags, error, _, _ = c.recv()
        assert flags & vc.ERROR and error == EINVAL
        assert nic.fds() == before
    os.close(fd)


def test_messages_split_at_every_byte(nic):
    with Client(nic.sock) as c:
        msg = c.header(vc.REGION_READ, 16) + struct.pack("<QII", 0, 7, 4)
        for cut in range(1, len(msg)):
            c.raw(msg[:cut])
            time.sleep(0.0005)
            c.raw(msg[cut:])
            assert c.recv()[4][16:] == b"\xf4\x1a\x41\x10"


def test_client_dies_at_every_byte(nic):
    fd = memfd(1 << 16)
    with Client(nic.sock) as c:
        hello = c.header(vc.VERSION, 24) + version_text(b'{"capabilities":{}}\0')
    message = struct.pack("<HHIII", 2, vc.DMA_MAP, 48, 0, 0) + struct.pack(
        "<IIQQQ", 32, 3, 0, 0x10000, 0x10000)
    before = still_serves(nic)
    stream = hello + message
    for cut in range(len(stream) + 1):
        c = Client(nic.sock, version=False)
        c.raw(stream[:min(cut, len(hello))])
        if cut > len(hello):
            c.raw(stream[len(hello):cut], [fd])
        c.close()
    assert still_serves(nic) == before
    assert int(nic.counters()["clients"]) >= len(stream) + 1
    os.close(fd)


def test_client_that_does_not_read(nic):
    """Replies pile up; the server gives it time, ends it, and serves the next."""
    c = Client(nic.sock)
    c.s.settimeout(0.2)
    read = struct.pack("<QII", 0, 7, 4096)
    with pytest.raises((TimeoutError, Gone)):
        for _ in range(100000):
            c.send(vc.REGION_READ, read)
    with Client(nic.sock, version=False) as d:
        try:
            d.version()
        except Gone:
            pass  # it came while the first was still there
    c.close()
    still_serves(nic)


def test_second_client_is_refused_and_the_first_undisturbed(nic):
    with Client(nic.sock) as c:
        c.cfg_write(4, 6, "<H")
        for _ in range(20):
            with Client(nic.sock, version=False) as d:
                with pytest.raises(Gone):
                    d.version()
        assert c.cfg(4, "<H") == 6
        assert nic.counters()["refused"] == "20"


def test_200_clients_leave_nothing_behind(nic):
    fd, ev = memfd(1 << 20), os.eventfd(0)
    before = still_serves(nic)
    for i in range(200):
        c = Client(nic.sock)
        c.dma_map(0, 1 << 20, fd)
        c.dma_map(1 << 20, 1 << 12, fd, offset=1 << 12)
        c.set_irqs(0x24, 0, 3, [ev] * 3)
        c.call(vc.GET_IO_FDS, struct.pack("<IIII", 4096, 0, 0, 0))
        c.cfg_write(4, 6, "<H")
        if i % 2:
            c.raw(c.header(vc.DMA_MAP, 32), [fd])
        c.close()
    assert still_serves(nic) == before
    os.close(fd)
    os.close(ev)


def test_ioevent_storm_does_not_outlive_its_client(nic):
    """The client keeps the eventfds; signalled for ever, they must not keep the server busy."""
    c = Client(nic.sock)
    _, fds = c.call(vc.GET_IO_FDS, struct.pack("<IIII", 4096, 0, 0, 0))
    keep = [os.dup(fd) for fd in fds]
    c.close()
    for fd in keep:
        os.eventfd_write(fd, 1)
    still_serves(nic)
    for fd in keep:
        assert os.eventfd_read(fd) == 1  # nobody drained it
        os.close(fd)


def test_map_limit(nic):
    fd = memfd(1 << 12)
    with Client(nic.sock) as c:
        limit = c.caps["max_dma_maps"]
        req = [struct.pack("<IIQQQ", 32, 3, 0, 0x2000 * i, 0x1000) for i in range(limit)]
        for i in range(0, limit, 64):
            for r in req[i:i + 64]:
                c.send(vc.DMA_MAP, r)
            for r in req[i:i + 64]:
                assert not c.recv()[2] & vc.ERROR
        with pytest.raises(VfuError) as e:
            c.dma_map(0x2000 * limit, 0x1000, fd)
        assert e.value.errno == 28
        c.dma_unmap(0, 0, flags=2)
    os.close(fd)
    still_serves(nic)


def test_sum_of_mappings_is_limited(nic):
    fd = memfd(0)
    os.ftruncate(fd, 1 << 43)
    with Client(nic.sock) as c:
        with pytest.raises(VfuError) as e:
            c.dma_map(0, 4096, fd)
        assert e.value.errno == 28
    os.close(fd)
    still_serves(nic)


def start_queue(c, queue, desc, avail, used, size=256):
    """virtio 1.2, 4.1.5: one queue of the common configuration."""
    c.write(0, 22, struct.pack("<H", queue))
    c.write(0, 24, struct.pack("<H", size))
    for off, addr in ((32, desc), (40, avail), (48, used)):
        c.write(0, off, struct.pack("<I", addr & 0xFFFFFFFF))
        c.write(0, off + 4, struct.pack("<I", addr >> 32))
    c.write(0, 28, struct.pack("<H", 1))


def start_device(c, queues=2, base=0x10000):
    c.cfg_write(4, 6, "<H")
    c.write(0, 20, b"\0")
    c.write(0, 20, b"\1")
    c.write(0, 20, b"\3")
    c.write(0, 8, struct.pack("<II", 1, 1))  # VERSION_1
    c.write(0, 20, b"\x0b")
    assert c.read(0, 20, 1) == b"\x0b"
    for q in range(queues):
        start_queue(c, q, base + 0x3000 * q, base + 0x3000 * q + 0x1000,
                    base + 0x3000 * q + 0x2000)
    c.write(0, 20, b"\x0f")
    assert c.read(0, 20, 1)[0] & 0x4F == 0x0F


def receive(c, fd, size):
    """Run queue 0 until a packet has come."""
    c.dma_map(0, size, fd)
    with vc.view(fd, size) as mem:
        for index in (0x11002, 0x12002):  # or the device takes what the last client left there
            struct.pack_into("<H", mem, index, 0)
        start_device(c)
        for i in range(256):  # receive buffers from 512 kB on
            struct.pack_into("<QIHH", mem, 0x10000 + 16 * i, 0x80000 + 2048 * i, 2048, 2, 0)
            struct.pack_into("<H", mem, 0x11000 + 4 + 2 * i, i)
        struct.pack_into("<H", mem, 0x11002, 255)
        wait_for("packet", lambda: struct.unpack_from("<H", mem, 0x12002)[0], every=0.001)


def test_200_clients_die_under_traffic(nic):
    size = 1 << 20
    fd, ev = memfd(size), os.eventfd(0)
    for i in range(205):
        if i == 5:
            before = still_serves(nic)
        c = Client(nic.sock)
        c.set_irqs(0x24, 0, 3, [ev] * 3)
        receive(c, fd, size)
        c.raw(c.header(vc.DMA_MAP, 32)[:i % 16])
        c.close()
    assert still_serves(nic) == before
    assert nic.counters()["faults"] == "0"
    os.close(fd)
    os.close(ev)


def shrink_under(nic, then):
    size = 1 << 20
    fd = memfd(size)
    with Client(nic.sock) as c:
        receive(c, fd, size)
        os.ftruncate(fd, then)
        with pytest.raises(Gone):
            wait_for("end of the connection", lambda: c.info() is None)
    os.close(fd)
    assert nic.p.poll() is None
    still_serves(nic)
    assert nic.counters()["faults"] == "1"
    assert "DMA memory shrank" in nic.text()


@pytest.mark.parametrize("then", [0, 4096, 0x11000])
def test_shrunk_dma_file_costs_the_client_not_the_server(nic, then):
    shrink_under(nic, then)


def test_json_caps_are_json(nic):
    with Client(nic.sock) as c:
        assert json.loads(json.dumps(c.caps)) == {
            "max_msg_fds": 16, "max_data_xfer_size": 1 << 20, "max_dma_maps": 16384,
            "pgsizes": 4096}
