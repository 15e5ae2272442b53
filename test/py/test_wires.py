# SPDX-License-Identifier: BSD-3-Clause
"""Wires of every kind under Debian's testpmd: bytes out are bytes in, in order in each flow."""

import collections
import pathlib
import random

import pytest
import vio_driver as vd
from netns import NetNs, exchange
from patience import PATIENCE, wait_for
from pmd import testpmd  # noqa: F401 (fixture)
from test_vio_wire import pcap_read, pcap_write, udp
from vfu_client import Client
from vio_driver import Driver, bits

FLOWS, FRAMES = 24, 2000
RETRY_US = 20


@pytest.fixture
def netns():
    ns = NetNs()
    yield ns
    ns.close()


def traffic(seed, flows=range(FLOWS), n=FRAMES):
    rnd = random.Random(seed)
    return [udp(rnd, rnd.choice(flows), i) for i in range(n)]


def same(got, sent, mode):
    """Per flow, in order; mac rewrites the addresses and nothing else."""
    skip = 12 if mode == "mac" else 0
    flows = [collections.defaultdict(list), collections.defaultdict(list)]
    for by_flow, frames in zip(flows, (got, sent)):
        for f in frames:
            by_flow[f[42:46]].append(f[skip:])
    assert flows[0] == flows[1]
    if mode == "mac":
        assert {f[:6].hex() for f in got} == {"020000000000"}
        assert {f[6:12].hex() for f in got} == {"025354000001"}


def start(testpmd, nic, queues, mode):
    t = testpmd([f"vfio:nic0,sock={nic.sock}"], f"--rxq={queues}", f"--txq={queues}")
    # Forwarding may come to a full ring while the device waits for a CPU: it tries again, and drops
    # nothing that the test would then wait for.
    t.ask(f"set fwd {mode} retry")
    t.ask(f"set burst tx delay {RETRY_US} retry {PATIENCE * 1000000 // RETRY_US}")
    t.ask("start")
    return t


def finish(t, nic):
    t.ask("stop")
    x = t.xstats()
    assert all(v == 0 for k, v in x.items() if "violations" in k or "errors" in k)
    assert t.quit() == 0
    assert nic.stop() == 0
    return x


@pytest.mark.root
@pytest.mark.parametrize("mode", ["io", "mac"])
@pytest.mark.parametrize("queues, more", [(1, ""), (4, ",qpairs=1"), (4, ",qpairs=4")])
def test_af_packet(netns, vfu_nic, testpmd, mode, queues, more):
    netns.ip("link add v0 type veth peer name v1")
    netns.ip("link set v0 up")
    netns.ip("link set v1 up")
    with netns.inside():
        nic = vfu_nic("--queues", str(queues), wire=f"net_af_packet0,iface=v0{more}",
                      eal=("-m", "128"))
    t = start(testpmd, nic, queues, mode)
    sent = traffic(11)
    with netns.port("v1") as sock:
        same(exchange(sock, sent), sent, mode)
    x = finish(t, nic)
    assert sum(x[f"rx_q{q}_packets"] > 0 for q in range(queues)) == queues


@pytest.mark.root
@pytest.mark.parametrize("mode", ["io", "mac"])
@pytest.mark.parametrize("queues", [1, 4])
def test_tap(netns, vfu_nic, testpmd, mode, queues):
    if not pathlib.Path("/dev/net/tun").exists():
        pytest.skip("no /dev/net/tun")
    with netns.inside():
        nic = vfu_nic("--queues", str(queues), wire="net_tap0,iface=stap0", eal=("-m", "128"))
    netns.ip("link set stap0 up")
    t = start(testpmd, nic, queues, mode)
    sent = traffic(12)
    with netns.port("stap0") as sock:
        # The kernel moves a flow to the queue that its first frame came back by.
        first = [next(f for f in sent if f[45] == flow) for flow in range(FLOWS)]
        same(exchange(sock, first, window=1), first, mode)
        same(exchange(sock, sent), sent, mode)
    x = finish(t, nic)
    assert sum(x[f"rx_q{q}_packets"] for q in range(queues)) == len(first) + len(sent)


@pytest.mark.parametrize("mode", ["io", "mac"])
@pytest.mark.parametrize("queues", [2, 4])
def test_pcap_of_several_queues(vfu_nic, testpmd, rundir, mode, queues):
    """A file per queue in and out; a flow is in one of the files."""
    sent, wire = [], "net_pcap0"

    def size(way):
        return sum((rundir / f"{way}{q}.pcap").stat().st_size for q in range(queues))

    for q in range(queues):
        sent.append(traffic(20 + q, range(q, FLOWS, queues)))
        pcap_write(rundir / f"in{q}.pcap", sent[q])
    wire += "".join(f",rx_pcap={rundir}/in{q}.pcap" for q in range(queues))
    wire += "".join(f",tx_pcap={rundir}/out{q}.pcap" for q in range(queues))
    nic = vfu_nic("--queues", str(queues), wire=wire, eal=("-m", "128"))
    t = start(testpmd, nic, queues, mode)
    # In the files, and not only in the rings: there a reset of the device would lose them.
    wait_for(f"{size('in')} bytes on the wire", lambda: size("out") >= size("in"))
    finish(t, nic)
    got = [pcap_read(rundir / f"out{q}.pcap") for q in range(queues)]
    assert all(got), "a queue of the wire sent nothing"
    same(sum(got, []), sum(sent, []), mode)


def test_ring_gives_back_what_it_gets(vfu_nic):
    """net_ring's queues lead back to themselves: what the driver sends, it receives."""
    nic = vfu_nic("--queues", "2", wire="net_ring0", eal=("-m", "96"))
    sent = traffic(30, n=600)
    with Client(nic.sock) as c:
        d = Driver(c)
        rx, tx, cq = d.start(bits(vd.CTRL_VQ, vd.MQ, vd.MRG), pairs=2, n=32, ctrl=True)
        assert d.command(cq, 4, 0, b"\2\0") == 0
        for r in rx:
            r.fill()
        got = []
        for at in range(0, len(sent), 16):
            part = sent[at:at + 16]
            for q in range(2):
                d.send(tx[q], [f for f in part if f[45] % 2 == q])
            back = 0
            while back < len(part):
                for r in rx:
                    frames = d.frames(r, used := r.done())
                    got += frames
                    back += len(frames)
                    if used:
                        r.offer(*(i for i, _ in used))
    same(got, sent, "io")
    assert nic.stop() == 0


def test_ring_under_testpmd_turns_for_ever(vfu_nic, testpmd):
    nic = vfu_nic("--queues", "2", wire="net_ring0", eal=("-m", "96"))
    t = testpmd([f"vfio:nic0,sock={nic.sock}"], "--rxq=2", "--txq=2")
    t.ask("set fwd io")
    t.ask("start tx_first 2")
    t.wait_packets(0, "RX-packets", 20000)
    finish(t, nic)
