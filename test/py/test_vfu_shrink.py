# SPDX-License-Identifier: BSD-3-Clause
"""A client whose DMA file shrinks while packets go in and out: it is dropped, the server lives."""

import faulthandler
import os
import signal

import pytest
import vfu_client as vc
import vio_driver as vd
from patience import wait_for
from vfu_client import Client, Gone
from vio_driver import HDR, IOVA, Driver, bits

PAIRS, N, SIZE, BUFFERS = 2, 64, 4 << 20, 1 << 20  # buffers from 1 MiB on, rings before


def offer(ring, i, addr, length, flags):
    ring.set_desc(i, addr, length, flags)
    ring.offer(i)


def forward_for_ever(sock, fd):
    """Received buffers are sent as they are: only the rings are touched here, never a buffer."""
    vc.memfd = lambda size: os.dup(fd)
    c = Client(sock)
    d = Driver(c, SIZE)
    assert d.accept(bits(vd.VERSION_1, vd.CTRL_VQ, vd.MQ)) & vd.FEATURES_OK
    rx = [d.queue(2 * i, N, 0) for i in range(PAIRS)]
    tx = [d.queue(2 * i + 1, N, 0) for i in range(PAIRS)]
    cq = d.queue(2 * PAIRS, 8, 512)
    d.go()
    assert d.command(cq, 4, 0, bytes([PAIRS, 0])) == 0

    def buf(q, i):
        return IOVA + BUFFERS + (q * N + i) * 4096
    for q, r in enumerate(rx):
        for i in range(N):
            offer(r, i, buf(q, i), 2048, vd.WRITE)
    while True:
        for q in range(PAIRS):
            for i, length in rx[q].done():
                assert length == HDR + 64
                offer(tx[q], i, buf(q, i), length, 0)
            for i, _ in tx[q].done():
                offer(rx[q], i, buf(q, i), 2048, vd.WRITE)


def client(sock, fd):
    """In a process of its own: it may get a SIGBUS itself. @return its pid."""
    pid = os.fork()
    if pid == 0:
        faulthandler.disable()  # the signal is expected; a traceback of it would look like a failure
        try:
            forward_for_ever(sock, fd)
        finally:
            os._exit(1)  # whatever it was: not a line of pytest's may run here
    return pid


def traffic(nic, more):
    """Wait until so many more packets came back."""
    def received():
        nic.counters()
        return int(nic.text().split(" received ")[-1].split()[0])
    first = received()
    wait_for("traffic", lambda: received() >= first + more)


def wait_dropped(nic):
    wait_for("end of the client", lambda: nic.counters()["dma_maps"] == "0")


@pytest.mark.parametrize("what, then", [("buffers", BUFFERS), ("a buffer", BUFFERS + 40 * 4096),
                                        ("rings", 0), ("a ring", 4096)])
def test_file_shrinks_under_traffic(vfu_nic, what, then):
    nic = vfu_nic("--queues", str(PAIRS), wire="gen,size=64", lcores="0@0,1@0,2@1")
    for _ in range(20):
        fd = os.memfd_create("vfu-test", os.MFD_CLOEXEC)
        os.ftruncate(fd, SIZE)
        pid = client(nic.sock, fd)
        try:
            traffic(nic, 500)
            os.ftruncate(fd, then)
            wait_dropped(nic)
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(fd)
    if "buffer" in what:  # with rings gone, the client may have died before the server looked
        assert nic.counters()["faults"] == "20"
        assert nic.text().count("DMA memory shrank under use") == 20
    with Client(nic.sock) as c:
        d = Driver(c)
        rx, _, _ = d.start(bits(vd.MRG), n=8)
        rx[0].fill()
        rx[0].wait(8)
        try:
            c.info()
        except Gone:
            pytest.fail("the next client was dropped")
    assert nic.stop() == 0
