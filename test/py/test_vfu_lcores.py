# SPDX-License-Identifier: BSD-3-Clause
"""Workers on several lcores while the control thread pauses them, maps, unmaps, and loses clients.

Worth a run with the ThreadSanitizer build too: STEER_BUILD=build/tsan.
"""

import os
import threading

import pytest
import vfu_client as vc
import vio_driver as vd
from patience import Patience
from vfu_client import Client
from vio_driver import IOVA, Driver, bits

LCORES = ["0@0,1@1", "0@0,1@0,2@1", "0@0,1@0,2@1,3@0,4@1"]
PAIRS = 4
FEATURES = bits(vd.CTRL_VQ, vd.MQ, vd.MRG)


@pytest.fixture(autouse=True)
def sanitizer(monkeypatch):
    """What is not ours is not instrumented: ThreadSanitizer shall not look at what it does."""
    monkeypatch.setenv("TSAN_OPTIONS", "ignore_noninstrumented_modules=1")


@pytest.fixture(params=LCORES)
def nic(request, sanitizer, vfu_nic):
    return vfu_nic("--queues", str(PAIRS), "--check", wire="gen,size=64+300,flows=64",
                   lcores=request.param)


def start(c):
    d = Driver(c)
    rx, tx, cq = d.start(FEATURES, pairs=PAIRS, n=64, ctrl=True)
    assert d.command(cq, 4, 0, bytes([PAIRS, 0])) == 0
    for r in rx:
        r.fill()
    return d, rx, tx


def turn(d, rx, tx):
    """Every frame that has come goes back. @return frames by queue."""
    done = []
    for r, t in zip(rx, tx):
        used = r.done()
        frames = d.frames(r, used)
        if frames:
            d.send(t, frames)
            r.offer(*(i for i, _ in used))
        done.append(len(frames))
    return done


def run(d, rx, tx, least, storm=None):
    """Turn until every queue has had this many frames, through at least 20 calls of a storm."""
    sums, patience = [0] * PAIRS, Patience()
    while min(sums) < least or (storm and storm.blows() and storm.calls < 20):
        assert patience.lasts(), sums
        sums = [a + b for a, b in zip(sums, turn(d, rx, tx))]


class Storm(threading.Thread):
    """Calls something again and again until it is told to stop."""

    def __init__(self, what):
        super().__init__()
        self.what, self.calls, self.error, self.over = what, 0, None, threading.Event()
        self.start()

    def run(self):
        try:
            while not self.over.is_set():
                self.what(self.calls)
                self.calls += 1
        except Exception as e:  # told to the test by stop()
            self.error = e

    def blows(self):
        return self.error is None

    def stop(self):
        self.over.set()
        self.join()
        if self.error:
            raise self.error


def test_traffic_under_a_storm_of_maps(nic):
    """Maps come and go beside the rings; not a frame is lost or damaged."""
    fd = vc.memfd(1 << 20)
    with Client(nic.sock) as c:
        d, rx, tx = start(c)

        def remap(i):
            at = IOVA + (1 << 32) + (i % 7 << 20)
            c.dma_map(at, 1 << 20, fd)
            c.dma_map(at + (1 << 24), 4096, fd, offset=4096, prot=1)
            c.dma_unmap(at, 1 << 20)
            c.dma_unmap(at + (1 << 24), 4096)

        storm = Storm(remap)
        run(d, rx, tx, 1500, storm)
        storm.stop()
    os.close(fd)
    assert nic.stop() == 0
    words = nic.text().split("wire gen: ")[-1].split()
    wire = dict(zip(words[::2], map(int, words[1::2])))
    assert wire["good"] == wire["received"] >= PAIRS * 1500
    assert wire["lost"] == wire["reordered"] == wire["damaged"] == wire["foreign"] == 0


def test_traffic_under_a_storm_of_everything_else(nic):
    """Interrupts are set up and taken away, registers and TPH are read and written."""
    ev = [os.eventfd(0, os.EFD_NONBLOCK) for _ in range(9)]
    with Client(nic.sock) as c:
        d, rx, tx = start(c)

        def change(i):
            c.set_irqs(0x24, 0, 9, ev)
            c.set_irqs(0x21, 0, 9)
            c.tph_enable(1)
            c.st_set(0, [i % 200, 1, 2, vc.CLEAR])
            c.read(0, 0, 64)
            c.write(4, 0x1000, bytes([i & 255, 0, 0, 0]))
            d.reg(20, "<B")
            c.set_irqs(0x21, 0, 0)

        storm = Storm(change)
        run(d, rx, tx, 1500, storm)
        storm.stop()
        nic.counters()
    for fd in ev:
        os.close(fd)
    assert nic.stop() == 0
    assert "damaged 0 foreign 0" in nic.text()


def test_memory_goes_and_comes_under_traffic(nic):
    """The rings' own memory: queues stop, a reset brings them back; and the next client is new."""
    for round_ in range(15):
        with Client(nic.sock) as c:
            d, rx, tx = start(c)
            run(d, rx, tx, 20)
            if round_ % 3 == 0:
                c.dma_unmap(IOVA, d.size)
                assert d.status & vd.NEEDS_RESET
                c.dma_map(IOVA, d.size, d.fd)
            elif round_ % 3 == 1:
                c.reset()
                d.bus_master()
            if round_ % 3 < 2:
                d.next = 0
                d.mem[:] = bytes(d.size)
                rx, tx, cq = d.start(FEATURES, pairs=PAIRS, n=64, ctrl=True)
                assert d.command(cq, 4, 0, bytes([PAIRS, 0])) == 0
                for r in rx:
                    r.fill()
                run(d, rx, tx, 20)
            # gone in the middle of it, with a message half sent
            c.raw(c.header(vc.DMA_MAP, 32)[:round_])
    assert nic.stop() == 0
    assert "faults=0" in nic.text()
