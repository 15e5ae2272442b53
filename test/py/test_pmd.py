# SPDX-License-Identifier: BSD-3-Clause
"""The virtio PMD under Debian's testpmd: forwarding modes, control operations, bad use."""

import os
import re

import pytest

from pmd import ring_nic, testpmd, tool, wire_sums  # noqa: F401 (fixtures)
from vfu_proxy import Proxy

pytestmark = pytest.mark.sanitize


MODES = {  # forward mode: (receives, sends)
    "io": (True, True),
    "mac": (True, True),
    "macswap": (True, True),
    "rxonly": (True, False),
    "txonly": (False, True),
    "flowgen": (True, True),
    "icmpecho": (True, False),  # the generator sends no ARP and no ping
}


@pytest.mark.parametrize("merge", [False, True])
def test_forward_modes(ring_nic, testpmd, merge):
    nic = ring_nic("--queues", "2")
    t = testpmd([f"vfio:nic0,sock={nic.sock}"], "--rxq=2", "--txq=2",
                *(["--enable-scatter"] if merge else []))
    mode = t.ask("show rxq info 0 0")
    assert ("mergeable" if merge else "one buffer per packet") in mode
    assert ("packed ring" in mode) == ring_nic.packed
    assert ("packed ring" in t.ask("show txq info 0 1")) == ring_nic.packed
    for mode, (receives, sends) in MODES.items():
        t.ask(f"set fwd {mode}")
        t.ask("clear port stats 0")
        t.ask("start")
        for key, wanted in (("RX-packets", receives), ("TX-packets", sends)):
            if wanted:
                t.wait_packets(0, key, 2000)
        t.ask("stop")
        stats = t.stats()
        assert stats["RX-errors"] == stats["TX-errors"] == stats["RX-nombuf"] == 0
        assert receives or stats["RX-packets"] == 0
        assert sends or stats["TX-packets"] == 0
    x = t.xstats()
    assert all(v == 0 for k, v in x.items() if "violations" in k or "errors" in k)
    assert t.quit() == 0


def test_packed_argument(vfu_nic, testpmd):
    """packed=off on a device that offers packed rings, packed=on where it does not, and nonsense."""
    nics = [vfu_nic(*opts, name=f"n{i}") for i, opts in enumerate((["--packed"], []))]
    t = testpmd([])
    for i, (nic, arg, said) in enumerate((
            (0, "off", None), (0, "on", None), (0, "auto", None), (1, "auto", None),
            (1, "on", "packed=on: the device offers no packed rings; leave it out"),
            (0, "yes", "packed= takes auto, on or off"))):
        name = f"vfio:nic{i}"
        text = t.ask(f"port attach {name},sock={nics[nic].sock},packed={arg}")
        if said is not None:
            assert "is attached" not in text
            assert len([x for x in t.text().splitlines() if name + ": " in x and said in x]) == 1
            continue
        assert "is attached" in text
        assert "Fail" not in t.ask("port start 0")
        packed = nic == 0 and arg != "off"
        assert ("packed ring" in t.ask("show rxq info 0 0")) == packed
        t.ask("set fwd io")
        t.ask("start")
        t.wait_packets(0, "TX-packets", 1000)
        t.ask("stop")
        t.ask("port stop 0")
        t.ask("port detach 0")
    assert t.quit() == 0


def test_io_is_loss_free_while_forwarding(ring_nic, testpmd):
    """Each packet comes back whole, in order and once; a stop leaves at most a ring behind."""
    nic = ring_nic("--queues", "4", "--check", wire="gen,size=imix,flows=64")
    t = testpmd([f"vfio:nic0,sock={nic.sock}"], "--rxq=4", "--txq=4")
    t.ask("set fwd io")
    t.ask("start")
    t.wait_packets(0, "TX-packets", 20000)
    t.ask("stop")
    assert t.quit() == 0
    nic.stop()
    wire = wire_sums(nic)
    assert wire["good"] == wire["received"] > 20000
    assert wire["reordered"] == wire["damaged"] == wire["foreign"] == 0
    assert wire["lost"] <= 4 * 256


@pytest.mark.parametrize("merge", [False, True])
def test_large_frames(ring_nic, testpmd, merge):
    """Frames above the buffers arrive in segments and leave in chains."""
    nic = ring_nic("--check", "--mtu", "9000", *([] if merge else ["--no-mrg-rxbuf"]),
                  wire="gen,size=imix")
    t = testpmd([f"vfio:nic0,sock={nic.sock}"], "--mbuf-size=1024",
                ready=merge)
    if not merge:
        t.wait_text("does not fit the Rx buffers, and the device cannot merge them")
        return
    t.ask("set fwd io")
    t.ask("start")
    t.wait_packets(0, "TX-packets", 5000)
    t.ask("stop")
    assert "RX scattered packets: on" in t.ask("show rxq info 0 0")
    assert t.quit() == 0
    nic.stop()
    wire = wire_sums(nic)
    assert wire["good"] == wire["received"] > 5000
    assert wire["damaged"] == wire["reordered"] == wire["foreign"] == 0


def test_control_operations(ring_nic, testpmd):
    nic = ring_nic("--queues", "2")
    t = testpmd([f"vfio:nic0,sock={nic.sock}"], "--rxq=2", "--txq=2")
    for line in ("set promisc 0 off", "set promisc 0 on", "set allmulti 0 on",
                 "set allmulti 0 off", "mac_addr add 0 02:00:00:00:00:55",
                 "mac_addr remove 0 02:00:00:00:00:55", "mac_addr set 0 02:00:00:00:00:77",
                 "mcast_addr add 0 01:00:5e:00:00:09", "port config 0 rss reta (0,1),(1,1)"):
        text = t.ask(line)
        assert not re.search("fail|error|not support|refused", text, re.I), text
    info = t.ask("show port info 0")
    assert "02:00:00:00:00:77" in info
    assert "Redirection table size: 128" in info
    assert "Link status: up" in info
    reta = t.ask("show port 0 rss reta 128 (0x7,0x0)")
    assert re.findall(r"queue=(\d)", reta) == ["1", "1", "0"]
    assert "RSS key:" in t.ask("show port 0 rss-hash key")
    assert t.quit() == 0
    assert "refused" not in t.text()


def test_reta_moves_all_packets_to_one_queue(vfu_nic, testpmd):
    nic = vfu_nic("--queues", "2", wire="gen,size=64,flows=64")
    t = testpmd([f"vfio:nic0,sock={nic.sock}"], "--rxq=2", "--txq=2", "--rss-udp")
    for start in range(0, 128, 8):
        entries = ",".join(f"({i},1)" for i in range(start, start + 8))
        t.ask(f"port config 0 rss reta {entries}")
    t.ask("set fwd rxonly")
    t.ask("start")
    t.wait_packets(0, "RX-packets", 1000)  # what was on its way
    for _ in range(50):  # a reset may not be undone by a poll that it falls into
        t.ask("clear port xstats 0")
        assert t.xstats()["rx_q0_packets"] == 0
    t.wait_packets(0, "RX-packets", 5000)
    t.ask("stop")
    x = t.xstats()
    assert x["rx_q0_packets"] == 0
    assert x["rx_q1_packets"] > 0
    assert t.quit() == 0


@pytest.mark.parametrize("steer", ["palette", "per-queue"])
def test_all_queues_that_a_device_can_have(vfu_nic, testpmd, steer):
    nic = vfu_nic("--queues", "128", "--tph", "iv-msix", wire="gen,size=64,flows=1000",
                  eal=("-m", "256"))
    assert "queues=128 vectors=257" in nic.text()
    t = testpmd([f"vfio:nic0,sock={nic.sock},steer={steer}"], "--rxq=128", "--txq=128",
                "--rxd=64", "--txd=64", "--total-num-mbufs=40000", mem=512)
    t.ask("set fwd io")
    t.ask("start")
    t.wait_packets(0, "TX-packets", 20000)
    t.wait_tags()
    t.ask("stop")
    x = t.xstats()
    assert all(x[f"{way}_q{q}_packets"] > 0 for way in ("rx", "tx") for q in range(128))
    assert t.quit() == 0


def test_reconfigure_between_starts(ring_nic, testpmd):
    nic = ring_nic("--queues", "4")
    t = testpmd([f"vfio:nic0,sock={nic.sock}"])
    t.ask("set fwd io")
    for queues, ring in ((4, 64), (1, 256), (3, 128), (2, 32)):
        t.ask("port stop all")
        for what in ("rxq", "txq"):
            t.ask(f"port config all {what} {queues}")
        for what in ("rxd", "txd"):
            t.ask(f"port config all {what} {ring}")
        assert "Fail" not in t.ask("port start all")
        t.ask("start")
        t.wait_packets(0, "TX-packets", 2000)
        t.ask("stop")
        assert f"Number of RXDs: {ring}" in t.ask(f"show rxq info 0 {queues - 1}")
    assert t.quit() == 0


def test_cycles_and_reattach_leave_nothing_behind(ring_nic, testpmd):
    """2 ports of 4 queues: 10 starts and stops, then 3 times detached and attached."""
    nics = [ring_nic("--queues", "4", "--check", name=f"n{i}") for i in range(2)]
    names = [f"vfio:nic{i},sock={nic.sock}" for i, nic in enumerate(nics)]
    t = testpmd(names, "--rxq=4", "--txq=4")
    t.ask("set fwd io")

    def forward():
        t.ask("start")
        for port in range(2):
            t.wait_packets(port, "TX-packets", 2000)
        t.ask("stop")

    memory = []
    for _ in range(10):
        assert "Fail" not in t.ask("port start all")
        forward()
        t.ask("port stop all")
        memory.append(t.memory())
    assert memory[2] == memory[9]
    for _ in range(3):
        for port in range(2):
            assert "detached" in t.ask(f"port detach {port}")
        for name in names:
            assert "is attached" in t.ask(f"port attach {name}")
        assert "Fail" not in t.ask("port start all")
        forward()
        t.ask("port stop all")
        memory.append(t.memory())
    assert memory[10] == memory[12]
    assert t.quit() == 0
    for nic in nics:
        nic.stop()
        wire = wire_sums(nic)
        assert wire["damaged"] == wire["foreign"] == wire["reordered"] == 0


def test_server_death_removes_the_port(ring_nic, testpmd):
    nic = ring_nic("--queues", "2")
    t = testpmd([f"vfio:nic0,sock={nic.sock}"], "--rxq=2", "--txq=2")
    t.ask("set fwd io")
    t.ask("start")
    t.wait_packets(0, "TX-packets", 2000)
    nic.kill()
    t.wait_text("Port 0 is closed")
    t.wait_text("Now total ports is 0")
    t.wait_text("nb forwarding ports=0")  # it starts again, with no ports
    t.seen = len(t.text())
    t.ask("stop")
    new = ring_nic("--queues", "2", name="n1")
    assert "is attached" in t.ask(f"port attach vfio:nic1,sock={new.sock}")
    assert "Fail" not in t.ask("port start all")
    t.ask("start")
    t.wait_packets(0, "TX-packets", 2000)
    t.ask("stop")
    assert t.quit() == 0


@pytest.mark.parametrize("app, reason", [
    (["--rxq=5", "--txq=5"], "rxq .5. can't be greater than max_rx_queues .4."),
    (["--rxd=96"], "ring of 96 descriptors.*power of two up to 256"),
    (["--rxd=512"], "nb_rx_desc.*512.*<= 256"),
])
def test_bad_configuration_is_refused(vfu_nic, testpmd, app, reason):
    nic = vfu_nic("--queues", "4")
    t = testpmd([f"vfio:nic0,sock={nic.sock}"], *app, ready=False)
    t.wait_text("Start ports failed" if "--rxq=5" not in app else "Cause")
    assert len([x for x in t.text().splitlines() if re.search(reason, x)]) == 1


def test_doorbells_must_be_mappable(vfu_nic, testpmd, rundir):
    """A store rings; a message or a system call per burst is refused with one line."""
    nic = vfu_nic()
    with Proxy(rundir / "p.sock", nic.sock) as proxy:
        t = testpmd([], ready=True)
        proxy.hide_mmap = True
        t.ask(f"port attach vfio:nic0,sock={proxy.path}")
        lines = [x for x in t.text().splitlines() if "doorbells" in x]
        assert len(lines) == 1 and re.search(
            r"vfio:nic0: map the doorbells \(BAR 0\): .*; the device must offer them for mmap",
            lines[0])
        fds = len(os.listdir(f"/proc/{t.pid}/fd"))
        t.ask(f"port attach vfio:nic0,sock={proxy.path}")
        assert len(os.listdir(f"/proc/{t.pid}/fd")) == fds
        proxy.hide_mmap = False
        assert "is attached" in t.ask(f"port attach vfio:nic0,sock={proxy.path}")
        assert "Fail" not in t.ask("port start all")
        assert t.quit() == 0


def test_reset_at_the_prompt(ring_nic, testpmd):
    nic = ring_nic("--queues", "2", "--tph", "ds-reg")
    t = testpmd([f"vfio:nic0,sock={nic.sock}"], "--rxq=2", "--txq=2")
    t.ask("set fwd io")
    for n in range(3):
        t.ask("start")
        t.wait_packets(0, "TX-packets", 2000)
        t.wait_tags()
        t.ask("stop")
        x = t.xstats()
        assert all(x[f"{d}_q{q}_steer_tag"] != 0 for d in ("rx", "tx") for q in range(2)), x
        t.ask("port stop 0")
        text = t.ask("port reset 0")
        assert "Done" in text and "Failed" not in text
        assert nic.counters()["resets"] == str(n + 1)
        assert "Fail" not in t.ask("port start 0")
    assert t.quit() == 0


def test_device_without_model_or_tph_forwards(vfu_nic, testpmd, tool):
    nic = vfu_nic("--tph", "none")
    t = testpmd([f"vfio:nic0,sock={nic.sock}"])
    t.ask("set fwd io")
    t.ask("start")
    t.wait_packets(0, "TX-packets", 1000)
    t.ask("stop")
    assert t.quit() == 0
    assert "no TPH capability" in t.text()


def test_device_specific_mode_steers_by_registers(vfu_nic, testpmd):
    nic = vfu_nic("--tph", "ds-reg", "--queues", "2")
    t = testpmd([f"vfio:nic0,sock={nic.sock}"], "--rxq=2", "--txq=2")
    t.ask("set fwd io")
    for _ in range(2):  # the tags outlive a stop, which resets the device
        t.ask("start")
        t.wait_packets(0, "TX-packets", 2000)
        t.wait_tags()
        t.ask("stop")
        x = t.xstats()
        assert all(x[f"{d}_q{q}_steer_tag"] != 0 for d in ("rx", "tx") for q in range(2)), x
        t.ask("port stop 0")
        t.ask("port start 0")
    assert t.quit() == 0
