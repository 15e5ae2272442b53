# SPDX-License-Identifier: BSD-3-Clause
"""Packed rings of vfu-nic (virtio 1.2, 2.8): bytes by hand, and drivers that lie."""

import os
import random
import select
import struct

import pytest
import vio_driver as vd
from patience import PATIENCE
from vfu_client import Client
from vio_driver import IOVA, Driver, bits

pytestmark = pytest.mark.sanitize

FAR = 0xDEAD0000000
N = 16


@pytest.fixture
def driver(vfu_nic):
    nic = vfu_nic("--packed", wire="gen,size=64,flows=1")
    with Client(nic.sock) as c:
        yield Driver(c, packed=True)
        assert nic.p.poll() is None, "the server died"


def raw(ring, slot):
    """Address, length, id, flags."""
    return struct.unpack("<QIHH", ring.drv.get(ring.desc + 16 * slot, 16))


def test_used_descriptors_byte_by_byte(driver):
    """Two laps: flags 0x8080 in the first, 0x0000 in the second; ids are the driver's."""
    d = driver
    _, tx, _ = d.start(0, n=N)
    t, buf = tx[0], tx[0].buf_at(0)
    assert d.get(t.used, 4) == b"\0\0\1\0"  # the device wants no doorbells
    d.put(buf, bytes(12 + 60))
    for lap in range(2):
        for pos in range(N):
            flags = "8000" if lap == 0 else "0080"  # AVAIL, then USED
            slot = t.desc + 16 * pos
            d.put(slot, struct.pack("<Q", buf))
            d.put(slot + 8, bytes.fromhex(f"48000000{pos:02x}{0xa0 + lap:02x}{flags}"))
            t.avail_idx += 1
            t.slots = {(0xA0 + lap) << 8 | pos: 1}
            assert t.wait(1) == [((0xA0 + lap) << 8 | pos, 0)]
            assert d.get(slot + 14, 2) == (b"\x80\x80" if lap == 0 else b"\0\0")


def test_a_chain_goes_round_the_end(driver):
    d = driver
    _, tx, _ = d.start(0, n=N)
    t = tx[0]
    for _ in range(5):  # of 16 slots three at a time: chains start everywhere
        for start in (0, 3, 6, 9, 12):
            t.set_desc(start, t.buf_at(0), 12, vd.NEXT, start + 1)
            t.set_desc(start + 1, t.buf_at(0), 20, vd.NEXT, start + 2)
            t.set_desc(start + 2, t.buf_at(0), 40)
            t.offer(start)
            assert t.wait(1) == [(start, 0)]
    assert t.avail_idx == 75


def test_the_id_of_the_last_descriptor_counts(driver):
    d = driver
    _, tx, _ = d.start(0, n=N)
    t = tx[0]
    t.put_slot(1, t.buf_at(0), 60, 777, 0)
    t.put_slot(0, t.buf_at(0), 12, 9, vd.NEXT)
    t.avail_idx, t.slots = 2, {777: 2}
    assert t.wait(1) == [(777, 0)]


@pytest.mark.parametrize("flags, wanted", [(0, True), (1, False)])
def test_driver_event_flags(driver, flags, wanted):
    d = driver
    efd = [os.eventfd(0) for _ in range(3)]
    d.c.set_irqs(0x24, 0, 3, efd)
    _, tx, _ = d.start(0, n=N)
    d.put(tx[0].avail, struct.pack("<HH", 0, flags))
    d.set(22, 1, "<H")
    d.set(26, 2, "<H")
    d.send(tx[0], [bytes(60)] * 4)
    assert bool(select.select([efd[2]], [], [], PATIENCE if wanted else 0.05)[0]) == wanted
    for fd in efd:
        os.close(fd)


def put(r, *descs, pos=0):
    """Descriptors (address, length, flags) from a position on, the first one last."""
    for i, (addr, length, flags) in reversed(list(enumerate(descs, pos))):
        r.put_slot(i, r.buf_at(0) if addr is None else addr, length, i, flags)
    r.avail_idx = pos + len(descs)


def table(r, entries, flags=vd.INDIR, length=None):
    at, size = r.table(entries)
    put(r, (at, size if length is None else length, flags))


def endless(r):
    put(r, *[(None, 1, vd.NEXT)] * N)


def half_a_chain(r):
    put(r, (None, 12, vd.NEXT))


def outside(r):
    put(r, (FAR, 64, 0))


def across_the_end(r):
    put(r, (IOVA + r.drv.size - 10, 64, 0))


def wraps(r):
    put(r, (0xFFFFFFFFFFFFFFF0, 64, 0))


def writable_first(r):
    put(r, (None, 64, vd.NEXT | vd.WRITE), (None, 64, 0))


def writable(r):
    put(r, (None, 64, vd.WRITE))


def short(r):
    put(r, (None, 11, 0))


def huge(r):
    put(r, (None, 0xFFFFFFFF, 0))


def nested(r):
    table(r, [(r.buf_at(0), 16, vd.INDIR)])


def odd_table(r):
    table(r, [(r.buf_at(0), 64, 0)], length=17)


def empty_table(r):
    table(r, [(r.buf_at(0), 64, 0)], length=0)


def long_table(r):
    table(r, [(r.buf_at(0), 64, 0)], length=16 * (N + 1))


def table_far(r):
    put(r, (FAR, 32, vd.INDIR))


def table_with_next(r):
    table(r, [(r.buf_at(0), 64, 0)], flags=vd.INDIR | vd.NEXT)


def table_in_chain(r):
    at, size = r.table([(r.buf_at(0), 64, 0)])
    put(r, (None, 64, vd.NEXT), (at, size, vd.INDIR))


TRICKS = [endless, half_a_chain, outside, across_the_end, wraps, writable_first, writable, short,
          huge, nested, odd_table, empty_table, long_table, table_far, table_with_next,
          table_in_chain]


@pytest.mark.parametrize("side", ["tx", "rx", "ctrl"])
def test_every_trick(driver, side):
    d = driver
    skip = {"tx": (), "rx": (writable, huge), "ctrl": (writable,)}[side]
    for trick in TRICKS:
        if trick in skip:  # other cases on this side
            continue
        d.next = 0
        rx, tx, cq = d.start(bits(vd.INDIRECT, vd.CTRL_VQ, vd.MQ), n=N, ctrl=True)
        trick({"tx": tx[0], "rx": rx[0], "ctrl": cq}[side])
        d.wait_reset_wanted()
        assert {"tx": tx[0], "rx": rx[0], "ctrl": cq}[side].done() == [], trick.__name__
        d.wait_isr(2)
    d.works()


def test_more_available_than_the_ring_has(vfu_nic):
    """The wire has one frame: 15 buffers stay with the device, and one of them is given again."""
    nic = vfu_nic("--packed", wire="gen,size=64,flows=1,count=1")
    with Client(nic.sock) as c:
        d = Driver(c, packed=True)
        rx, _, _ = d.start(bits(vd.MRG), n=N)
        rx[0].fill()
        assert rx[0].wait(1) == [(0, 76)]
        rx[0].offer(0)
        assert not d.status & vd.NEEDS_RESET
        rx[0].offer(1)
        d.wait_reset_wanted()
        assert "more descriptors available than the ring has" in nic.text()
        assert nic.p.poll() is None


def test_flags_of_the_wrong_lap_say_nothing(driver):
    d = driver
    _, tx, _ = d.start(0, n=N)
    t = tx[0]
    for flags in (vd.USED, vd.AVAIL | vd.USED, 0):
        d.put(t.desc, struct.pack("<QIHH", t.buf_at(0), 72, 3, flags))
        d.set(22, 1, "<H")  # a message: the workers had time
        assert raw(t, 0) == (t.buf_at(0), 72, 3, flags)
    assert not d.status & vd.NEEDS_RESET
    t.set_desc(3, t.buf_at(0), 72)
    t.offer(3)
    assert t.wait(1) == [(3, 0)]


def test_chain_changed_after_it_was_seen(driver):
    """The device reads descriptors once more than their flags; it stays inside the ring."""
    d, rnd = driver, random.Random(3)
    for _ in range(30):
        d.next = 0
        _, tx, _ = d.start(0, n=N)
        for pos in range(N):
            tx[0].put_slot(pos, tx[0].buf_at(0), 16, pos, rnd.choice((0, vd.NEXT)))
            d.put(tx[0].desc + 16 * rnd.randrange(N) + 14, bytes((rnd.getrandbits(2), 0x80)))
        assert d.reg(18, "<H") == 3
    d.works()


def test_random_rings(driver):
    """Random descriptors, many times over: whatever happens, the next start works."""
    d, rnd = driver, random.Random(7)
    for _ in range(60):
        d.next = 0
        rx, tx, _ = d.start(bits(vd.MRG, vd.INDIRECT), n=N)
        for r in (rx[0], tx[0]):
            for pos in range(rnd.randrange(2 * N)):
                r.put_slot(pos, rnd.choice((r.desc, r.used, r.buf_at(0), FAR, r.avail)) +
                           rnd.choice((0, 1, 16, 4000)), rnd.choice((0, 1, 12, 64, 300, 1 << 31)),
                           rnd.getrandbits(16), rnd.getrandbits(3))
        assert d.reg(18, "<H") == 3
    d.works()


def test_off_when_not_asked_for(vfu_nic):
    nic = vfu_nic()
    with Client(nic.sock) as c:
        d = Driver(c)
        assert not d.features() & bits(vd.PACKED)
        assert not d.accept(bits(vd.VERSION_1, vd.PACKED)) & vd.FEATURES_OK
        d.queue(0, N)
        d.go()
        assert not d.status & vd.DRIVER_OK
