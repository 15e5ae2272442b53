# SPDX-License-Identifier: BSD-3-Clause
"""An ethdev as the wire: what goes in comes out, byte for byte and in order."""

import pathlib
import random
import struct
import time

import pytest
import vio_driver as vd
from patience import PATIENCE, Patience
from vfu_client import Client
from vio_driver import Driver, bits

pytestmark = pytest.mark.threads
REAL = pathlib.Path(__file__).resolve().parents[1] / "data" / "real.pcap"


def pcap_write(path, frames):
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for i, data in enumerate(frames):
            f.write(struct.pack("<IIII", i, 0, len(data), len(data)) + data)


def pcap_read(path):
    data, out = pathlib.Path(path).read_bytes(), []
    fmt = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at = 24
    while at < len(data):
        n, full = struct.unpack_from(fmt + "II", data, at + 8)
        assert n == full
        out.append(data[at + 16:at + 16 + n])
        at += 16 + n
    return out


def udp(rnd, flow, n):
    """Frame n of a UDP flow with random payload; the device must not care about checksums."""
    body = struct.pack(">II", flow, n) + rnd.randbytes(rnd.choice((10, 100, 700, 1400)))
    ip = struct.pack(">BBHHHBBHII", 0x45, 0, 28 + len(body), n, 0, 64, 17, 0,
                     0x0A000000 + flow, 0x0B000000 + flow * 40503 % 65536)
    l4 = struct.pack(">HHHH", 1000 + flow, 2000, 8 + len(body), 0)
    return b"\xff" * 6 + b"\2" * 6 + b"\x08\x00" + ip + l4 + body


def forward(d, rx, tx, count, timeout=PATIENCE):
    """Every frame that comes on queue i goes out on queue i. @return queue -> frames."""
    seen, n, patience = {i: [] for i in range(len(rx))}, 0, Patience(timeout)
    while n < count:
        assert patience.lasts(), f"{n} of {count} frames came"
        for i, r in enumerate(rx):
            used = r.done()
            if not used:
                continue
            frames = d.frames(r, used)
            d.send(tx[i], frames)
            seen[i] += frames
            n += len(frames)
            r.offer(*(x for x, _ in used))
    return seen


@pytest.fixture
def wired(vfu_nic, rundir):
    """wired(frames, *options) -> (server, driver, output file)"""
    made = []

    def start(frames, *opts):
        src, dst = rundir / "in.pcap", rundir / "out.pcap"
        pcap_write(src, frames)
        nic = vfu_nic(*opts, wire=f"net_pcap0,rx_pcap={src},tx_pcap={dst}", eal=("-m", "96"))
        c = Client(nic.sock)
        made.append(c)
        return nic, Driver(c), dst

    yield start
    for c in made:
        c.close()


@pytest.mark.parametrize("mrg", [True, False])
def test_one_queue_keeps_bytes_and_order(wired, mrg):
    rnd = random.Random(1)
    frames = [udp(rnd, rnd.randrange(5), i) for i in range(600)]
    nic, d, out = wired(frames)
    rx, tx, _ = d.start(bits(vd.MRG) if mrg else 0, n=64)
    rx[0].fill()
    assert forward(d, rx, tx, 600)[0] == frames
    d.c.close()
    assert nic.stop() == 0
    assert pcap_read(out) == frames


def test_real_traffic(wired):
    frames = pcap_read(REAL)
    nic, d, out = wired(frames)
    rx, tx, _ = d.start(bits(vd.MRG), n=64, bufsize=512)
    rx[0].fill()
    assert forward(d, rx, tx, len(frames))[0] == frames
    d.c.close()
    assert nic.stop() == 0
    assert pcap_read(out) == frames


def test_four_queues_keep_each_flow_together(wired):
    rnd = random.Random(2)
    frames = [udp(rnd, rnd.randrange(40), i) for i in range(800)]
    nic, d, out = wired(frames, "--queues", "4")
    rx, tx, cq = d.start(bits(vd.CTRL_VQ, vd.MQ, vd.MRG), pairs=4, n=32, ctrl=True)
    assert d.command(cq, 4, 0, b"\4\0") == 0
    for r in rx:
        r.fill()
    seen = forward(d, rx, tx, 800)
    assert sum(1 for x in seen.values() if x) == 4
    flow = {i: {f[42:46] for f in x} for i, x in seen.items()}
    assert sum(len(x) for x in flow.values()) == len({f[42:46] for f in frames})
    d.c.close()
    assert nic.stop() == 0
    for got in (sum(seen.values(), []), pcap_read(out)):
        assert len(got) == 800
        for key in {f[42:46] for f in frames}:
            assert [f for f in got if f[42:46] == key] == [f for f in frames if f[42:46] == key]


def test_frames_wait_for_buffers_and_survive_new_steering(wired):
    """No buffers, then a change of the queues, then buffers: nothing is lost."""
    rnd = random.Random(3)
    frames = [udp(rnd, i % 16, i) for i in range(400)]
    nic, d, _ = wired(frames, "--queues", "4")
    rx, tx, cq = d.start(bits(vd.CTRL_VQ, vd.MQ, vd.MRG), pairs=4, n=32, ctrl=True)
    assert d.command(cq, 4, 0, b"\4\0") == 0
    rx[0].fill()
    time.sleep(0.1)
    assert d.command(cq, 4, 0, b"\1\0") == 0
    got = forward(d, rx[:1], tx[:1], 400)[0]
    for i in range(16):
        assert [f for f in got if f[45] == i] == [f for f in frames if f[45] == i]


def test_filters(wired):
    mac = bytes.fromhex("020000000101")
    rest = b"\2" * 6 + b"\x08\x00" + bytes(46)
    tagged = b"\2" * 6 + b"\x81\x00\x00\x07\x08\x00" + bytes(46)
    frames = [mac + rest, b"\2\0\0\0\0\x77" + rest, b"\2\0\0\0\0\x78" + rest, b"\xff" * 6 + rest,
              b"\1\0\x5e\0\0\1" + rest, b"\1\0\x5e\0\0\2" + rest, mac + tagged,
              mac + tagged.replace(b"\0\7", b"\0\x08", 1), mac + b"\2" * 6 + b"\x08\x06" + bytes(50)]
    nic, d, _ = wired(frames, "--mac", mac.hex(":"))
    assert d.accept(bits(vd.VERSION_1, vd.CTRL_VQ, vd.CTRL_RX, vd.CTRL_VLAN)) & vd.FEATURES_OK
    cq = d.queue(2, 8, 512)
    d.go()
    two = struct.pack("<I", 1) + b"\2\0\0\0\0\x77" + struct.pack("<I", 1) + b"\1\0\x5e\0\0\1"
    for klass, cmd, data in ((0, 0, b"\0"), (1, 0, two), (2, 0, b"\7\0")):
        assert d.command(cq, klass, cmd, data) == 0
    rx = d.queue(0, 32)
    rx.fill()
    want = [frames[i] for i in (0, 1, 3, 4, 6, 8)]
    assert d.frames(rx, rx.wait(len(want))) == want
    time.sleep(0.05)
    assert rx.done() == []


@pytest.mark.parametrize("wire, word", [
    ("net_nothing_like_this", "cannot create the device"),
    ("net_pcap0,rx_pcap=/no/such/file", "cannot create the device"),
    ("cable", "unknown kind"), ("gen,size=5", "60..9018"), ("gen,flows=0", "flows"),
    ("gen,colour=red", "unknown or bad option"), ("gen,size=9000", "above the MTU")])
def test_bad_wire_is_one_line_and_an_error(vfu_nic, wire, word):
    nic = vfu_nic(wire=wire, wait=False)
    assert nic.p.wait(10) == 1
    ours = [x for x in nic.text().split("\n") if x.startswith("vfu-nic:")]
    assert len(ours) == 1 and word in ours[0]
