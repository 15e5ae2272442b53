# SPDX-License-Identifier: BSD-3-Clause
"""A small virtio-net driver on vfu_client, for tests: registers and split rings from virtio 1.2."""

import struct
import time

import vfu_client as vc

BAR, MODEL = 0, 4
COMMON, ISR, DEVCFG = 0x0000, 0x1000, 0x2000
ACK, DRIVER, DRIVER_OK, FEATURES_OK, NEEDS_RESET = 1, 2, 4, 8, 64
MRG, CTRL_VQ, CTRL_RX, CTRL_VLAN, MQ, CTRL_MAC, INDIRECT, VERSION_1, RSS = \
    15, 17, 18, 19, 22, 23, 28, 32, 60
NEXT, WRITE, INDIR = 1, 2, 4
IOVA = 0x7F0000000000
HDR = 12


def bits(*features):
    return sum(1 << f for f in features)


class Ring:
    """One split virtqueue in the driver's memory; n buffers of bufsize bytes, one descriptor each."""

    def __init__(self, drv, index, n, bufsize):
        self.drv, self.index, self.n, self.bufsize = drv, index, n, bufsize
        self.desc = drv.alloc(16 * n, 16)
        self.avail = drv.alloc(6 + 2 * n, 2)
        self.used = drv.alloc(6 + 8 * n, 4)
        for area, size in ((self.desc, 16 * n), (self.avail, 6 + 2 * n), (self.used, 6 + 8 * n)):
            drv.put(area, bytes(size))
        self.buf = drv.alloc(n * bufsize, 64) if bufsize else None
        self.avail_idx = self.used_idx = 0

    def buf_at(self, i):
        return self.buf + i * self.bufsize

    def set_desc(self, i, addr, length, flags=0, nxt=0):
        self.drv.put(self.desc + 16 * i, struct.pack("<QIHH", addr, length, flags, nxt))

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

    def wait(self, n, timeout=5):
        out, end = [], time.monotonic() + timeout
        while len(out) < n:
            assert time.monotonic() < end, f"queue {self.index}: {len(out)} of {n} buffers used"
            got = self.done()
            out += got
            if not got:
                time.sleep(0.001)
        return out

    def fill(self):
        """Give all buffers to the device to write into."""
        for i in range(self.n):
            self.set_desc(i, self.buf_at(i), self.bufsize, WRITE)
        self.offer(*range(self.n))


class Driver:
    def __init__(self, client, size=4 << 20):
        self.c, self.size = client, size
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
        ring = Ring(self, index, n, bufsize)
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

    def start(self, features, pairs=1, n=64, bufsize=2048, ctrl=False):
        """Whole initialisation. @return ([rx], [tx], ctrl)."""
        assert self.accept(features | bits(VERSION_1)) & FEATURES_OK
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

    def wait_reset_wanted(self, timeout=5):
        end = time.monotonic() + timeout
        while not self.status & NEEDS_RESET:
            assert time.monotonic() < end, "NEEDS_RESET never came"
            time.sleep(0.005)
