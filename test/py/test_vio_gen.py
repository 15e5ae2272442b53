# SPDX-License-Identifier: BSD-3-Clause
"""The generator's mixes and flows: how often each comes, against probabilities computed here, and
that every frame is whole. What is drawn depends on the seed alone, so these tests cannot fail by
chance."""

import collections
import errno
import struct

import pytest
import vio_driver as vd
from vfu_client import Client
from vio_driver import Driver, bits

COUNT = 12000
IMIX = {64: 7, 594: 4, 1514: 1}


@pytest.fixture
def generate(vfu_nic):
    """generate(wire, n) -> the first n frames of one queue"""
    def go(wire, n=COUNT):
        nic = vfu_nic(wire=wire)
        with Client(nic.sock) as c:
            d, frames = Driver(c), []
            rx, _, _ = d.start(bits(vd.MRG), n=256)
            rx[0].fill()
            while len(frames) < n:
                used = rx[0].wait(1)
                frames += d.frames(rx[0], used)
                rx[0].offer(*(i for i, _ in used))
        nic.stop()
        return frames[:n]
    return go


def ones_sum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def flow_of(frame):
    return struct.unpack_from(">I", frame, 42)[0]


def check_whole(frames):
    """Lengths, both checksums, and the sequence number of each flow."""
    nexts = collections.Counter()
    for f in frames:
        ip, udp = f[14:34], f[34:]
        assert struct.unpack_from(">H", ip, 2)[0] == len(f) - 14
        assert struct.unpack_from(">H", udp, 4)[0] == len(udp)
        assert ones_sum(ip) == 0xFFFF
        assert ones_sum(ip[12:20] + struct.pack(">HH", 17, len(udp)) + udp) == 0xFFFF
        flow, seq = flow_of(f), struct.unpack_from(">Q", f, 48)[0]
        assert seq == nexts[flow]
        nexts[flow] += 1


def check_shares(seen, weights):
    """Pearson's chi-square of the counts, within five of its standard deviations; outcomes that
    are expected less than five times are one."""
    n, total = sum(seen.values()), sum(weights.values())
    assert set(seen) <= set(weights)
    rare = {k for k, w in weights.items() if n * w / total < 5}
    cells = [(seen[k], n * weights[k] / total) for k in set(weights) - rare]
    if rare:
        cells.append((sum(seen[k] for k in rare), n * sum(weights[k] for k in rare) / total))
    chi2 = sum((got - want) ** 2 / want for got, want in cells)
    freedom = len(cells) - 1
    assert chi2 <= freedom + 5 * (2 * freedom) ** 0.5, (chi2, freedom)


@pytest.mark.parametrize("text,weights", [
    ("imix", IMIX), ("64:7/570:4/1514:1", {64: 7, 570: 4, 1514: 1}),
    ("60:1/61:1000", {60: 1, 61: 1000})])
def test_mix(generate, text, weights):
    frames = generate(f"gen,mix={text},flows=7")
    check_whole(frames)
    check_shares(collections.Counter(len(f) for f in frames), weights)
    # flows come in turn whatever the sizes are
    assert [flow_of(f) for f in frames[:14]] == 2 * list(range(7))


@pytest.mark.parametrize("flows,zipf", [(1, 1), (50, 0.5), (1000, 0.99), (65536, 1.2)])
def test_zipf(generate, flows, zipf):
    frames = generate(f"gen,size=64,flows={flows},zipf={zipf}")
    check_whole(frames)
    weights = {k: (k + 1) ** -zipf for k in range(flows)}
    check_shares(collections.Counter(flow_of(f) for f in frames), weights)


def test_the_check_tells_exponents_apart(generate):
    seen = collections.Counter(flow_of(f) for f in generate("gen,size=64,flows=100,zipf=0.99"))
    for other in (0.9, 1.1):
        with pytest.raises(AssertionError):
            check_shares(seen, {k: (k + 1) ** -other for k in range(100)})


def test_sizes_and_flows_are_drawn_apart(generate):
    frames = generate("gen,mix=64:1/200:1,flows=2,zipf=1")
    check_whole(frames)
    check_shares(collections.Counter((flow_of(f), len(f)) for f in frames),
                 {(0, 64): 2, (0, 200): 2, (1, 64): 1, (1, 200): 1})


def test_the_seed_decides(generate):
    wire = "gen,mix=imix,flows=100,zipf=0.9"
    first = generate(wire, 500)
    assert generate(wire, 500) == first
    other = generate(wire + ",seed=9", 500)
    assert [(flow_of(f), len(f)) for f in other] != [(flow_of(f), len(f)) for f in first]


def session_start(c, **gen):
    """START of a model session that wants this traffic. @return status."""
    mix = gen.get("mix", [])
    words = [gen.get(k, 0) for k in ("len", "flows", "zipf")] + [len(mix)]
    words += [v for pair in mix for v in pair] + [0] * (16 - 2 * len(mix))
    conf = struct.pack("<32sQQII128H16s20I", b"zen5", 1, 1, 32, 1, *[0] * 128, b"", *words)
    c.write(vd.MODEL, 16, conf)
    c.write(vd.MODEL, 8, struct.pack("<I", 1))
    return struct.unpack("<i", c.read(vd.MODEL, 12, 4))[0]


def test_a_session_asks_for_traffic(vfu_nic):
    with Client(vfu_nic(wire="gen,size=64").sock) as c:
        assert session_start(c) == 0
        assert session_start(c, len=1514, flows=65536, zipf=990) == 0
        assert session_start(c, mix=[(64, 7), (570, 4), (1514, 1)]) == 0
        assert session_start(c, len=59) == -errno.EINVAL
        assert session_start(c, len=1515) == -errno.EINVAL  # above the MTU


def test_another_wire_makes_no_traffic(vfu_nic):
    with Client(vfu_nic(wire="net_null0", eal=("-m", "96")).sock) as c:
        assert session_start(c) == 0
        assert session_start(c, len=64) == -errno.ENOTSUP
