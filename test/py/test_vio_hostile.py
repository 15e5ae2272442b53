# SPDX-License-Identifier: BSD-3-Clause
"""Rings that lie: the queue stops, the device asks for a reset, the process lives."""

import random
import struct

import pytest
import vio_driver as vd
from vfu_client import Client
from vio_driver import IOVA, Driver, bits

pytestmark = pytest.mark.sanitize

FAR = 0xDEAD0000000


def desc(ring, i, addr=None, length=64, flags=0, nxt=0):
    ring.set_desc(i, ring.buf_at(0) if addr is None else addr, length, flags, nxt)


def table(d, ring, entries, head_flags=vd.INDIR, length=None):
    at = d.alloc(16 * max(len(entries), 1), 16)
    for i, e in enumerate(entries):
        d.put(at + 16 * i, struct.pack("<QIHH", *e))
    ring.set_desc(0, at, 16 * len(entries) if length is None else length, head_flags)


def jump(d, r):
    r.avail_idx = 300
    r.kick()


def bad_id(d, r):
    r.offer(64)


def outside(d, r):
    desc(r, 0, FAR)
    r.offer(0)


def across_the_end(d, r):
    desc(r, 0, IOVA + d.size - 10, 64)
    r.offer(0)


def wraps(d, r):
    desc(r, 0, 0xFFFFFFFFFFFFFFF0, 64)
    r.offer(0)


def endless(d, r):
    for i in range(64):
        desc(r, i, flags=vd.NEXT, nxt=(i + 1) % 64, length=1)
    r.offer(0)


def own_next(d, r):
    desc(r, 0, flags=vd.NEXT, nxt=0, length=0)
    r.offer(0)


def next_outside(d, r):
    desc(r, 0, flags=vd.NEXT, nxt=9999)
    r.offer(0)


def writable_first(d, r):
    desc(r, 0, flags=vd.NEXT | vd.WRITE, nxt=1)
    desc(r, 1)
    r.offer(0)


def writable(d, r):
    desc(r, 0, flags=vd.WRITE)
    r.offer(0)


def short(d, r):
    desc(r, 0, length=11)
    r.offer(0)


def huge(d, r):
    desc(r, 0, length=0xFFFFFFFF)
    r.offer(0)


def many_bytes(d, r):
    for i in range(63):
        desc(r, i, length=2048, flags=vd.NEXT, nxt=i + 1)
    desc(r, 63, length=2048)
    r.offer(0)


def nested(d, r):
    table(d, r, [(r.buf_at(0), 16, vd.INDIR, 0)])
    r.offer(0)


def odd_table(d, r):
    table(d, r, [(r.buf_at(0), 64, 0, 0)], length=17)
    r.offer(0)


def empty_table(d, r):
    table(d, r, [], length=0)
    r.offer(0)


def long_table(d, r):
    table(d, r, [(r.buf_at(0), 64, 0, 0)], length=16 * 65)
    r.offer(0)


def table_loop(d, r):
    table(d, r, [(r.buf_at(0), 1, vd.NEXT, 1), (r.buf_at(0), 1, vd.NEXT, 0)])
    r.offer(0)


def table_next_outside(d, r):
    table(d, r, [(r.buf_at(0), 64, vd.NEXT, 5)])
    r.offer(0)


def table_far(d, r):
    r.set_desc(0, FAR, 32, vd.INDIR)
    r.offer(0)


def table_with_next(d, r):
    table(d, r, [(r.buf_at(0), 64, 0, 0)], head_flags=vd.INDIR | vd.NEXT)
    r.offer(0)


def table_in_chain(d, r):
    at = d.alloc(16, 16)
    d.put(at, struct.pack("<QIHH", r.buf_at(0), 64, 0, 0))
    desc(r, 0, flags=vd.NEXT, nxt=1)
    r.set_desc(1, at, 16, vd.INDIR)
    r.offer(0)


TRICKS = [jump, bad_id, outside, across_the_end, wraps, endless, own_next, next_outside,
          writable_first, writable, short, huge, many_bytes, nested, odd_table, empty_table,
          long_table, table_loop, table_next_outside, table_far, table_with_next, table_in_chain]


@pytest.fixture
def driver(vfu_nic):
    nic = vfu_nic(wire="gen,size=64")
    with Client(nic.sock) as c:
        yield Driver(c)
        assert nic.p.poll() is None, "the server died"


def test_every_trick_on_transmit(driver):
    d = driver
    for trick in TRICKS:
        d.next = 0
        _, tx, _ = d.start(bits(vd.INDIRECT), n=64)
        trick(d, tx[0])
        d.wait_reset_wanted()
        assert tx[0].done() == [], trick.__name__
        d.wait_isr(2)
    d.works()


def test_every_trick_on_receive(driver):
    d = driver
    for trick in TRICKS:
        if trick in (writable, huge, many_bytes, own_next):  # other cases on this side
            continue
        d.next = 0
        rx, _, _ = d.start(bits(vd.INDIRECT), n=64)
        trick(d, rx[0])
        d.wait_reset_wanted()
        assert rx[0].done() == [], trick.__name__
    d.works()


def test_every_trick_on_control(driver):
    d = driver
    for trick in TRICKS:
        if trick in (writable,):
            continue
        d.next = 0
        _, _, cq = d.start(bits(vd.INDIRECT, vd.CTRL_VQ, vd.MQ), n=64, ctrl=True)
        cq.buf = d.rings[0].buf
        trick(d, cq)
        d.wait_reset_wanted()
    d.works()


def test_indirect_without_the_feature(driver):
    d = driver
    _, tx, _ = d.start(0, n=64)
    table(d, tx[0], [(tx[0].buf_at(0), 64, 0, 0)])
    tx[0].offer(0)
    d.wait_reset_wanted()


def test_random_rings(driver):
    """Random descriptors, many times over: whatever happens, the next start works."""
    d, rnd = driver, random.Random(7)
    for _ in range(60):
        d.next = 0
        rx, tx, _ = d.start(bits(vd.MRG, vd.INDIRECT), n=16)
        for r in (rx[0], tx[0]):
            for i in range(16):
                r.set_desc(i, rnd.choice((r.desc, r.used, r.buf_at(0), FAR, r.avail)) +
                           rnd.choice((0, 1, 16, 4000)), rnd.choice((0, 1, 12, 64, 300, 1 << 31)),
                           rnd.getrandbits(3), rnd.choice((0, 1, 5, 15, 16, 500)))
            r.offer(*(rnd.randrange(20) for _ in range(rnd.randrange(17))))
        assert d.reg(18, "<H") == 3
    d.works()
