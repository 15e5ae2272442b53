# SPDX-License-Identifier: BSD-3-Clause
"""A small virtio-net driver on vfu_client, for tests: registers and rings from virtio 1.2."""

import ctypes
import struct

import vfu_client as vc
from patience import wait_for

BAR, MODEL = 0, 4
COMMON, ISR, DEVCFG = 0x0000, 0x1000, 0x2000
ACK, DRIVER, DRIVER_OK, FEATURES_OK, NEEDS_RESET = 1, 2, 4, 8, 64
MRG, CTRL_VQ, CTRL_RX, CTRL_VLAN, MQ, CTRL_MAC, INDIRECT, VERSION_1, PACKED, RSS = \
    15, 17, 18, 19, 22, 23, 28, 32, 34, 60
NEXT, WRITE, INDIR, AVAIL, USED = 1, 2, 4, 1 << 7, 1 << 15
IOVA = 0x7F0000000000
HDR = 12


def bits(*features):
    return sum(1 << f for f in features)


class Ring:
    """One split virtqueue in the driver's memory; n buffers of bufsize bytes, one descriptor each."""

    def __init__(self, drv, index, n, bufsize):
        self.drv, self.index, self.n, self.bufsize = drv, index, n, bufsize
        self.desc, self.avail, self.used = (self.area(*x) for x in self.sizes())
        self.buf = drv.alloc(n * bufsize, 64) if bufsize else None
        self.avail_idx = self.used_idx = 0

    def sizes(self):
        """Size and alignment of the three areas."""
        return (16 * self.n, 16), (6 + 2 * self.n, 2), (6 + 8 * self.n, 4)

    def area(self, size, align):
        at = self.drv.alloc(size, align)
        self.drv.put(at, bytes(size))
        return at

    def buf_at(self, i):
        return self.buf + i * self.bufsize

    def set_desc(self, i, addr, length, flags=0, nxt=0):
        self.drv.put(self.desc + 16 * i, struct.pack("<QIHH", addr, length, flags, nxt))

    def table(self, entries):
        """Indirect table of (address, length, flags), with a hole after the first entry.
        @return address and length."""
        gap = [entries[0], (0, 0, 0), *entries[1:]] if len(entries) > 1 else entries
        at = self.area(16 * len(gap), 16)
        for i, (addr, length, flags) in enumerate(gap):
            nxt = 2 if i == 0 else i + 1
            self.drv.put(at + 16 * i, struct.pack("<QIHH", addr, length, flags |
                                                  (NEXT if i < len(gap) - 1 else 0), nxt))
        return at, 16 * len(gap)

    def no_interrupts(self):
        self.drv.put(self.avail, struct.pack("<H", 1))

    def offer(self, *ids):
        for i in ids:
            self.drv.put(self.avail + 4 + 2 * (self.avail_idx % self.n), struct.pack("<H", i))
            self.avail_idx = (self.avail_idx + 1) & 0xFFFF
        self.kick()

    def kick(self):
        self.drv.put(self.avail + 2, struct.pack("<H", self.avail_idx))

    def done(self):
        """Used elements since the last call: [(id, len)]."""
        idx, out = self.drv.u16(self.used + 2), []
        while self.used_idx != idx:
            at = self.used + 4 + 8 * (self.used_idx % self.n)
            out.append(struct.unpack("<II", self.drv.get(at, 8)))
            self.used_idx = (self.used_idx + 1) & 0xFFFF
        return out

    def wait(self, n):
        out = []
        while len(out) < n:
            out += wait_for(f"used buffer of queue {self.index} after {len(out)} of {n}", self.done,
                            every=0.001)
        return out

    def fill(self):
        """Give all buffers to the device to write into."""
        for i in range(self.n):
            self.set_desc(i, self.buf_at(i), self.bufsize, WRITE)
        self.offer(*range(self.n))


class PackedRing(Ring):
    """The same over a packed virtqueue (2.8): set_desc() fills a table of the driver's own, and
    offer() writes the chain that starts there into the ring, with its head's number as id."""

    def __init__(self, drv, index, n, bufsize):
        super().__init__(drv, index, n, bufsize)
        self.own = [(0, 0, 0, 0)] * n
        self.slots = {}  # id in flight: its descriptors

    def sizes(self):
        return (16 * self.n, 16), (4, 4), (4, 4)

    def lap(self, pos):
        """The driver's wrap counter at a position that is counted from the start."""
        return pos // self.n % 2 == 0

    def set_desc(self, i, addr, length, flags=0, nxt=0):
        self.own[i] = (addr, length, flags, nxt)

    def table(self, entries):
        at = self.area(16 * len(entries), 16)
        for i, (addr, length, flags) in enumerate(entries):
            self.drv.put(at + 16 * i, struct.pack("<QIHH", addr, length, 7777, flags))
        return at, 16 * len(entries)

    def no_interrupts(self):
        self.drv.put(self.avail + 2, struct.pack("<H", 1))

    def put_slot(self, pos, addr, length, ident, flags):
        """One descriptor, available in the lap of this position."""
        at = self.desc + 16 * (pos % self.n)
        self.drv.put(at, struct.pack("<Q", addr))
        flags |= AVAIL if self.lap(pos) else USED
        self.drv.store64(at + 8, struct.pack("<IHH", length, ident, flags))

    def chain(self, head):
        out = [self.own[head]]
        while out[-1][2] & NEXT:
            out.append(self.own[out[-1][3]])
        return out

    def offer(self, *ids):
        for i in ids:
            parts = list(enumerate(self.chain(i), self.avail_idx))
            for pos, (addr, length, flags, _) in reversed(parts):  # the head last
                self.put_slot(pos, addr, length, i, flags)
            self.slots[i] = len(parts)
            self.avail_idx += len(parts)

    def done(self):
        out = []
        while self.slots:
            at = self.desc + 16 * (self.used_idx % self.n)
            length, ident, flags = struct.unpack("<IHH", self.drv.get(at + 8, 8))
            if {bool(flags & AVAIL), bool(flags & USED)} != {self.lap(self.used_idx)}:
                break
            out.append((ident, length))
            self.used_idx += self.slots.pop(ident)
        return out


class Driver:
    def __init__(self, client, size=4 << 20, packed=False):
        self.c, self.size, self.packed = client, size, packed
        self.fd = vc.memfd(size)
        client.fds.append(self.fd)
        self.mem = vc.view(self.fd, size)
        self.next = 0
        client.dma_map(IOVA, size, self.fd)
        self.bus_master()
        self.rings = {}

    def bus_master(self):
        self.c.cfg_write(4, 0x0406, "<H")  # memory, bus master, no INTx

    # -- memory
    def alloc(self, n, align):
        self.next = (self.next + align - 1) // align * align
        at, self.next = self.next, self.next + n
        assert self.next <= self.size
        return IOVA + at

    def put(self, iova, data):
        self.mem[iova - IOVA:iova - IOVA + len(data)] = data

    def store64(self, iova, data):
        """One store. put() is a memcpy(), and glibc's writes 8 bytes twice, so that the second time
        can fall on what the device has written meanwhile."""
        at = ctypes.c_uint64.from_buffer(self.mem, iova - IOVA)
        at.value = struct.unpack("<Q", data)[0]

    def get(self, iova, n):
        return self.mem[iova - IOVA:iova - IOVA + n]

    def u16(self, iova):
        return struct.unpack("<H", self.get(iova, 2))[0]

    # -- registers
    def reg(self, off, fmt):
        return struct.unpack(fmt, self.c.read(BAR, off, struct.calcsize(fmt)))[0]

    def set(self, off, value, fmt):
        self.c.write(BAR, off, struct.pack(fmt, value))

    @property
    def status(self):
        return self.reg(20, "<B")

    @status.setter
    def status(self, value):
        self.set(20, value, "<B")

    def features(self):
        out = 0
        for i in (0, 1):
            self.set(0, i, "<I")
            out |= self.reg(4, "<I") << (32 * i)
        return out

    def accept(self, features):
        """Reset up to FEATURES_OK. @return the status read back."""
        self.status = 0
        assert self.status == 0
        self.status = ACK
        self.status = ACK | DRIVER
        for i in (0, 1):
            self.set(8, i, "<I")
            self.set(12, features >> (32 * i) & 0xFFFFFFFF, "<I")
        self.status = ACK | DRIVER | FEATURES_OK
        return self.status

    def queue(self, index, n, bufsize=2048, vector=0xFFFF):
        ring = (PackedRing if self.packed else Ring)(self, index, n, bufsize)
        self.set(22, index, "<H")
        self.set(24, n, "<H")
        self.set(26, vector, "<H")
        for off, area in ((32, ring.desc), (40, ring.avail), (48, ring.used)):
            self.set(off, area & 0xFFFFFFFF, "<I")
            self.set(off + 4, area >> 32, "<I")
        self.set(28, 1, "<H")
        self.rings[index] = ring
        return ring

    def go(self):
        self.status = ACK | DRIVER | FEATURES_OK | DRIVER_OK

    def layout(self):
        """What every driver of these rings accepts."""
        return bits(VERSION_1, *[PACKED] * self.packed)

    def start(self, features, pairs=1, n=64, bufsize=2048, ctrl=False):
        """Whole initialisation. @return ([rx], [tx], ctrl)."""
        assert self.accept(features | self.layout()) & FEATURES_OK
        rx = [self.queue(2 * i, n, bufsize) for i in range(pairs)]
        tx = [self.queue(2 * i + 1, n, max(bufsize, 2048)) for i in range(pairs)]
        cq = self.queue(self.reg(18, "<H") - 1, n, 512) if ctrl else None
        self.go()
        assert self.status == ACK | DRIVER | FEATURES_OK | DRIVER_OK
        return rx, tx, cq

    def command(self, cq, klass, cmd, data, cut=None):
        """Control command in descriptors of cut bytes. @return ack."""
        body = bytes([klass, cmd]) + data
        base = cq.buf_at(0)
        cut = cut or len(body)
        self.put(base, body + b"\xaa")
        parts = [(base + i, min(cut, len(body) - i), 0) for i in range(0, len(body), cut)]
        parts.append((base + len(body), 1, WRITE))
        for i, (addr, length, flags) in enumerate(parts):
            last = i == len(parts) - 1
            cq.set_desc(i, addr, length, flags | (0 if last else NEXT), i + 1)
        cq.offer(0)
        assert cq.wait(1) == [(0, 1)]
        return self.get(base + len(body), 1)[0]

    def send(self, tx, frames):
        """Frames out, one descriptor each; waits until they are taken."""
        for i, f in enumerate(frames):
            self.put(tx.buf_at(i), bytes(HDR) + f)
            tx.set_desc(i, tx.buf_at(i), HDR + len(f))
        tx.offer(*range(len(frames)))
        return tx.wait(len(frames))

    def frames(self, ring, used):
        """Frames in used receive buffers, MRG_RXBUF chains joined."""
        out, left = [], 0
        for i, length in used:
            data = self.get(ring.buf_at(i), length)
            if left == 0:
                left = struct.unpack_from("<H", data, 10)[0]
                assert data[:10] == bytes(10) and left >= 1
                out.append(data[HDR:])
            else:
                out[-1] += data
            left -= 1
        assert left == 0
        return out

    def wait_reset_wanted(self):
        wait_for("NEEDS_RESET", lambda: self.status & NEEDS_RESET)

    def wait_isr(self, value):
        """Reading clears the register, so each reading counts; the device sets it after the status."""
        wait_for("ISR", lambda: self.c.read(BAR, ISR, 1)[0] == value)

    def works(self):
        """After a reset the same device moves packets."""
        self.next = 0
        self.mem[:] = bytes(self.size)
        rx, tx, _ = self.start(bits(MRG), n=64)
        rx[0].fill()
        rx[0].wait(64)
        self.send(tx[0], [bytes(60)] * 8)
