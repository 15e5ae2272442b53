# SPDX-License-Identifier: BSD-3-Clause
"""The virtio-net device of vfu-nic, driven from Python."""

import struct

import pytest
import vio_driver as vd
from vfu_client import Client
from vio_driver import Driver, bits

MAC = bytes.fromhex("02aabbccdd01")


@pytest.fixture(params=["split", "packed"])
def device(vfu_nic, request):
    """device(*options, wire=) -> (server, driver)"""
    made, packed = [], request.param == "packed"

    def start(*opts, **kw):
        opts = ["--packed", *opts] if packed else opts
        nic = vfu_nic("--mac", MAC.hex(":"), *opts, name=f"nic{len(made)}", **kw)
        c = Client(nic.sock)
        made.append(c)
        return nic, Driver(c, packed=packed)

    yield start
    for c in made:
        c.close()


def csum(data):
    """RFC 1071, written for this test."""
    data += b"\0" * (len(data) % 2)
    s = sum(struct.unpack(f">{len(data) // 2}H", data))
    while s >> 16:
        s = (s & 0xFFFF) + (s >> 16)
    return s


def check_generated(frame, size, flows):
    """@return (flow, sequence number)"""
    assert len(frame) == size
    assert frame[:6] == MAC and frame[12:14] == b"\x08\x00"
    assert struct.unpack(">H", frame[16:18])[0] == size - 14
    assert struct.unpack(">H", frame[38:40])[0] == size - 34
    assert csum(frame[14:34]) == 0xFFFF
    pseudo = frame[26:34] + struct.pack(">HH", 17, size - 34)
    assert csum(pseudo + frame[34:]) == 0xFFFF
    flow, magic, seq, length = struct.unpack(">IHQI", frame[42:60])
    assert magic == 0x5347 and length == size and flow < flows
    assert struct.unpack(">I", frame[26:30])[0] == 0xC6120000 + flow
    assert frame[60:] == bytes((7 * i + 3) & 0xFF for i in range(60, size))
    return flow, seq


def test_registers_at_rest(device):
    _, d = device("--queues", "3", "--ring-size", "128", "--mtu", "1400")
    assert d.status == 0 and d.reg(18, "<H") == 7
    for i in range(7):
        d.set(22, i, "<H")
        assert d.reg(24, "<H") == 128 and d.reg(26, "<H") == 0xFFFF and d.reg(28, "<H") == 0
        assert d.reg(30, "<H") == i
    d.set(22, 7, "<H")
    assert d.reg(24, "<H") == 0
    cfg = d.c.read(0, vd.DEVCFG, 24)
    mac, status, pairs, mtu = struct.unpack_from("<6sHHH", cfg)
    assert (mac, status & 1, pairs, mtu) == (MAC, 1, 3, 1400)
    assert struct.unpack_from("<BHI", cfg, 17) == (40, 128, 0x3F)


def test_features_and_their_refusal(device):
    _, d = device()
    offered = d.features()
    assert offered & bits(vd.VERSION_1, vd.MRG, vd.CTRL_VQ, vd.MQ, vd.RSS, 33, 3, 5, 16, 28) == \
        bits(vd.VERSION_1, vd.MRG, vd.CTRL_VQ, vd.MQ, vd.RSS, 33, 3, 5, 16, 28)
    assert not d.accept(bits(vd.MRG)) & vd.FEATURES_OK
    assert bool(d.accept(bits(vd.VERSION_1, vd.PACKED)) & vd.FEATURES_OK) == d.packed
    assert not d.accept(bits(vd.VERSION_1, vd.MQ)) & vd.FEATURES_OK  # needs the control queue
    assert d.accept(bits(vd.VERSION_1)) & vd.FEATURES_OK
    d.set(8, 0, "<I")
    d.set(12, 0xFFFFFFFF, "<I")
    assert d.reg(12, "<I") == 0, "features changed after FEATURES_OK"
    _, d = device("--no-mrg-rxbuf", "--no-rss")
    assert not d.features() & bits(vd.MRG, vd.RSS)
    _, d = device("--no-ctrl-vq")
    assert not d.features() & bits(vd.CTRL_VQ, vd.MQ, vd.RSS, vd.CTRL_MAC)


def test_vector_of_a_running_queue(device):
    _, d = device("--queues", "2", "--vectors", "5")
    d.start(0)
    d.set(22, 0, "<H")
    for vector, want in ((3, 3), (4, 4), (5, 0xFFFF), (0, 0), (0xFFFF, 0xFFFF)):
        d.set(26, vector, "<H")
        assert d.reg(26, "<H") == want
    d.set(16, 4, "<H")
    assert d.reg(16, "<H") == 4
    d.status = 0
    d.set(22, 0, "<H")
    assert d.reg(26, "<H") == 0xFFFF and d.reg(16, "<H") == 0xFFFF


@pytest.mark.parametrize("size", [60, 64, 65, 777, 1514])
@pytest.mark.parametrize("mrg", [True, False])
def test_generator_frames(device, size, mrg):
    _, d = device(wire=f"gen,size={size},flows=8,count=500")
    rx, _, _ = d.start(bits(vd.MRG) if mrg else 0, n=64)
    rx[0].fill()
    seen, seq = 0, {}
    while seen < 500:
        used = rx[0].wait(1)
        for f in d.frames(rx[0], used):
            flow, n = check_generated(f, size, 8)
            assert n == seq.get(flow, 0), "sequence"
            seq[flow] = n + 1
            seen += 1
        rx[0].offer(*(i for i, _ in used))
    assert seen == 500 and not rx[0].done()
    assert len(seq) == 8


def test_big_frames_in_small_buffers(device):
    _, d = device(wire="gen,size=1514,flows=4,count=100")
    rx, _, _ = d.start(bits(vd.MRG), n=64, bufsize=256)
    rx[0].fill()
    used = []
    while len(used) < 600:  # 6 buffers a frame
        got = rx[0].wait(1)
        used += got
        assert len(got) % 6 == 0
        for f in d.frames(rx[0], got):
            check_generated(f, 1514, 4)
        rx[0].offer(*(i for i, _ in got))


def test_imix_sizes(device):
    _, d = device(wire="gen,size=imix,flows=1,count=48")
    rx, _, _ = d.start(bits(vd.MRG), n=64)
    rx[0].fill()
    sizes = sorted(len(f) for f in d.frames(rx[0], rx[0].wait(48)))
    assert sizes == [64] * 28 + [594] * 16 + [1514] * 4


def test_chained_and_indirect_receive_buffers(device):
    _, d = device(wire="gen,size=300,flows=1,count=2")
    rx, _, _ = d.start(bits(vd.INDIRECT), n=8)
    r = rx[0]
    r.set_desc(0, r.buf_at(0), 12, vd.WRITE | vd.NEXT, 1)
    r.set_desc(1, r.buf_at(0) + 12, 100, vd.WRITE | vd.NEXT, 2)
    r.set_desc(2, r.buf_at(0) + 112, 1000, vd.WRITE)
    table = r.table([(r.buf_at(4), 20, vd.WRITE), (r.buf_at(4) + 20, 600, vd.WRITE)])
    r.set_desc(4, *table, vd.INDIR)
    r.offer(0, 4)
    used = r.wait(2)
    assert used == [(0, 312), (4, 312)]
    assert [check_generated(f, 300, 1) for f in d.frames(r, used)] == [(0, 0), (0, 1)]


def test_loop_through_the_sink(device):
    nic, d = device("--check", wire="gen,size=128,flows=16,count=640")
    rx, tx, _ = d.start(bits(vd.MRG), n=64)
    rx[0].fill()
    seen = 0
    while seen < 640:
        used = rx[0].wait(1)
        d.send(tx[0], d.frames(rx[0], used))
        seen += len(used)
        rx[0].offer(*(i for i, _ in used))
    d.send(tx[0], [b"\xff" * 60])
    d.c.close()
    assert nic.stop() == 0
    text = nic.text()
    assert "received 641 good 640 lost 0 reordered 0 damaged 0 foreign 1" in text


def test_sink_finds_loss_damage_and_order(device):
    nic, d = device("--check", wire="gen,size=64,flows=1,count=8")
    rx, tx, _ = d.start(bits(vd.MRG), n=8)
    rx[0].fill()
    f = d.frames(rx[0], rx[0].wait(8))
    bad = bytearray(f[4])
    bad[61] ^= 1
    d.send(tx[0], [f[0], f[3], f[1], bytes(bad), f[4]])
    d.c.close()
    assert nic.stop() == 0
    assert "good 3 lost 2 reordered 1 damaged 1 foreign 0" in nic.text()


def test_transmit_forms(device):
    """Header apart, header cut, indirect: the same frame each time."""
    nic, d = device("--check", wire="gen,size=200,flows=1,count=4")
    rx, tx, _ = d.start(bits(vd.MRG, vd.INDIRECT), n=16)
    rx[0].fill()
    f = d.frames(rx[0], rx[0].wait(4))
    t = tx[0]
    for i in range(4):
        d.put(t.buf_at(i), bytes(12) + f[i])
    t.set_desc(0, t.buf_at(0), 12, vd.NEXT, 1)
    t.set_desc(1, t.buf_at(0) + 12, 200)
    t.set_desc(2, t.buf_at(1), 5, vd.NEXT, 3)
    t.set_desc(3, t.buf_at(1) + 5, 50, vd.NEXT, 4)
    t.set_desc(4, t.buf_at(1) + 55, 157)
    t.set_desc(5, *t.table([(t.buf_at(2), 12, 0), (t.buf_at(2) + 12, 200, 0)]), vd.INDIR)
    t.set_desc(6, t.buf_at(3), 212)
    t.offer(0, 2, 5, 6)
    assert [i for i, _ in t.wait(4)] == [0, 2, 5, 6]
    d.c.close()
    assert nic.stop() == 0
    assert "good 4 lost 0 reordered 0 damaged 0" in nic.text()


def rss_command(reta, key=bytes(range(40)), types=0x3F, max_tx=4, extra=b""):
    return struct.pack("<IHH", types, len(reta) - 1, 0) + struct.pack(f"<{len(reta)}H", *reta) + \
        struct.pack("<HB", max_tx, len(key)) + key + extra


def test_control_commands(device):
    _, d = device("--queues", "4", wire="gen,size=64,count=1")
    _, _, cq = d.start(d.features() & bits(vd.CTRL_VQ, vd.CTRL_RX, vd.CTRL_MAC, vd.CTRL_VLAN,
                                           vd.MQ, vd.RSS), pairs=4, ctrl=True)
    two = struct.pack("<I", 1) + b"\2" * 6 + struct.pack("<I", 2) + b"\1" * 12
    for want, klass, cmd, data in (
            (0, 0, 0, b"\1"), (0, 0, 1, b"\0"), (1, 0, 9, b"\0"), (1, 0, 0, b""),
            (0, 1, 0, two), (1, 1, 0, two[:-1]), (1, 1, 0, b"\xff" * 4 + two),
            (0, 1, 1, b"\2\2\3\4\5\6"), (1, 1, 1, b"\2\2\3"),
            (0, 2, 0, b"\x64\0"), (0, 2, 1, b"\x64\0"), (1, 2, 0, b"\0\x10"), (1, 2, 2, b"\0\0"),
            (0, 4, 0, b"\2\0"), (1, 4, 0, b"\0\0"), (1, 4, 0, b"\5\0"), (1, 4, 0, b"\1"),
            (0, 4, 1, rss_command([0, 1, 2, 3])), (0, 4, 1, rss_command([3] * 128, extra=b"\0")),
            (1, 4, 1, rss_command([0, 1, 2])), (1, 4, 1, rss_command([0, 4])),
            (1, 4, 1, rss_command([0], key=b"k" * 39)), (1, 4, 1, rss_command([0])[:-1]),
            (1, 4, 1, rss_command([0], types=0x40)), (1, 4, 1, rss_command([0], max_tx=5)),
            (1, 3, 0, b""), (1, 5, 0, bytes(8)), (1, 200, 7, b"x" * 300)):
        for cut in (None, 3 + len(data) // 50):
            assert d.command(cq, klass, cmd, data, cut) == want, (klass, cmd, data.hex(), cut)
    assert d.c.read(0, vd.DEVCFG, 6) == b"\2\2\3\4\5\6"


def generated_queues(d, rx, want):
    """queue -> set of flows over at least want frames."""
    out, n = {}, 0
    for r in rx:
        r.fill()
    while n < want:
        for q, r in enumerate(rx):
            used = r.done()
            for f in d.frames(r, used):
                out.setdefault(q, set()).add(struct.unpack(">I", f[42:46])[0])
                n += 1
            if used:
                r.offer(*(i for i, _ in used))
    return out


def test_rss_table_says_where_flows_go(device):
    _, d = device("--queues", "4", wire="gen,size=64,flows=64,rate=200k")
    rx, _, cq = d.start(bits(vd.CTRL_VQ, vd.MQ, vd.RSS, vd.MRG), pairs=4, ctrl=True)
    assert d.command(cq, 4, 1, rss_command([2] * 128)) == 0
    assert set(generated_queues(d, rx, 500)) == {2}
    for r in rx:
        r.done()


def test_flows_stay_on_their_queue(device):
    _, d = device("--queues", "4", wire="gen,size=64,flows=64,count=4000")
    rx, _, cq = d.start(bits(vd.CTRL_VQ, vd.MQ, vd.MRG), pairs=4, ctrl=True)
    assert d.command(cq, 4, 0, b"\4\0") == 0
    flows = generated_queues(d, rx, 4000)
    assert set(flows) == {0, 1, 2, 3}
    assert sum(len(f) for f in flows.values()) == 64, "a flow was seen on two queues"


def test_interrupts(device):
    import os
    import select
    _, d = device("--queues", "1", wire="gen,size=64,count=8")
    efd = [os.eventfd(0) for _ in range(3)]
    d.c.set_irqs(0x24, 0, 3, efd)
    rx, _, _ = d.start(bits(vd.MRG), n=8)
    d.set(22, 0, "<H")
    d.set(26, 2, "<H")
    rx[0].fill()
    rx[0].wait(8)
    assert select.select([efd[2]], [], [], 5)[0] and not select.select([efd[0], efd[1]], [], [], 0)[0]
    d.c.reset()
    d.bus_master()
    os.read(efd[2], 8)
    _, tx, _ = d.start(bits(vd.MRG), n=8)
    tx[0].no_interrupts()
    d.set(22, 1, "<H")
    d.set(26, 2, "<H")
    d.send(tx[0], [bytes(60)] * 4)
    assert not select.select([efd[2]], [], [], 0.05)[0]
    for fd in efd:
        os.close(fd)


def test_queue_reset_and_disable(device):
    _, d = device(wire="gen,size=64")
    rx, _, _ = d.start(bits(vd.MRG, 40), n=8)
    rx[0].fill()
    rx[0].wait(8)
    d.set(22, 0, "<H")
    d.set(58, 1, "<H")
    assert d.reg(58, "<H") == 0 and d.reg(28, "<H") == 0 and d.reg(24, "<H") == 256
    rx[0].offer(*range(8))
    ring = d.queue(0, 16)
    ring.fill()
    ring.wait(16)
    d.set(22, 0, "<H")
    d.set(28, 0, "<H")
    assert d.reg(28, "<H") == 0
    ring.offer(*range(16))
    d.status = 0
    assert ring.done() == []


def test_in_order(device):
    """2.7.9: buffers are used in the order in which they were made available, whatever their ids."""
    nic, d = device("--check", wire="gen,size=300,flows=4,count=64")
    assert d.features() & bits(35)
    rx, tx, _ = d.start(bits(vd.MRG, vd.INDIRECT, 35), n=64, bufsize=160)
    order = [(i * 37 + 5) % 64 for i in range(64)]
    for i in order:
        rx[0].set_desc(i, rx[0].buf_at(i), 160, vd.WRITE)
    got = []
    for _ in range(2):  # two buffers a frame: 64 frames take two rounds of the ring
        rx[0].offer(*order)
        used = rx[0].wait(64)
        assert [i for i, _ in used] == order
        got += d.frames(rx[0], used)
    assert len(got) == 64
    for start in (0, 32):  # one descriptor, two, and an indirect table, mixed
        t, heads = tx[0], []
        for k, f in enumerate(got[start:start + 32]):
            i = (start + k * 23) % 32 * 2
            d.put(t.buf_at(i), bytes(12) + f)
            if k % 3 == 0:
                t.set_desc(i, t.buf_at(i), 312)
            elif k % 3 == 1:
                t.set_desc(i, t.buf_at(i), 12, vd.NEXT, i + 1)
                t.set_desc(i + 1, t.buf_at(i) + 12, 300)
            else:
                t.set_desc(i, *t.table([(t.buf_at(i), 12, 0), (t.buf_at(i) + 12, 300, 0)]),
                           vd.INDIR)
            heads.append(i)
        t.offer(*heads)
        assert [i for i, _ in t.wait(32)] == heads
    d.c.close()
    assert nic.stop() == 0
    assert "received 64 good 64 lost 0 reordered 0" in nic.text()


def test_queue_reset_needs_its_feature(device):
    _, d = device(wire="gen,size=64")
    assert d.features() & bits(40)
    rx, _, _ = d.start(bits(vd.MRG), n=8)
    d.set(22, 0, "<H")
    d.set(58, 1, "<H")
    assert d.reg(58, "<H") == 0 and d.reg(28, "<H") == 1
    rx[0].fill()
    rx[0].wait(8)


@pytest.mark.parametrize("queues", [4, 16])
def test_default_flows_reach_every_queue(device, queues):
    _, d = device("--queues", str(queues), wire="gen,count=4096")
    rx, _, cq = d.start(bits(vd.CTRL_VQ, vd.MQ, vd.MRG), pairs=queues, n=32, ctrl=True)
    assert d.command(cq, 4, 0, struct.pack("<H", queues)) == 0
    assert set(generated_queues(d, rx, 4096)) == set(range(queues))


def test_one_summary_at_the_end(device):
    """Clients come and go in silence; what was sent counts over all of them."""
    nic, d = device("--check", wire="gen,size=64,flows=2,count=8")
    for i in range(3):
        if i > 0:
            d = Driver(Client(nic.sock), packed=d.packed)
        rx, tx, _ = d.start(bits(vd.MRG), n=8)
        rx[0].fill()
        d.send(tx[0], d.frames(rx[0], rx[0].wait(8)))
        d.c.close()
    assert "wire gen" not in nic.text()
    nic.counters()
    line = "wire gen: sent 24 received 24 good 24 lost 0 reordered 0 damaged 0 foreign 0\n"
    assert nic.wait_text("wire gen").count(line) == 1
    assert nic.stop() == 0
    ours = [x for x in nic.text().splitlines() if x.startswith("vfu-nic:")]
    assert [x.split()[2] for x in ours] == ["ready:", "counters:", "gen:", "done:", "gen:"]
    assert nic.text().count(line) == 2
