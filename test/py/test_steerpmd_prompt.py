# SPDX-License-Identifier: BSD-3-Clause
"""dpdk-steerpmd's prompt: forwarding, moving queues, devices that come and go."""

import collections
import pathlib
import re

import pcapfile
import pytest
import steerlab

import steerpmd
from patience import wait_for

pytestmark = pytest.mark.sanitize
CAPTURE = steerlab.ROOT / "test" / "data" / "real.pcap"
TWO = ["--rxq=2", "--txq=2", "--nb-cores=2"]


@pytest.fixture
def app(rundir, env):
    """Start an interactive dpdk-steerpmd: app(*options, devices=)."""
    started = []

    def start(*opts, devices=()):
        p = steerpmd.prompt(rundir, env, *opts, devices=devices)
        started.append(p)
        return p

    yield start
    for p in started:
        p.stop()


def ask(p, line):
    """The answer to a command, without echo and prompt."""
    p.expect(r"\Z")
    p.send(line)
    p.expect(re.escape(line))
    start = p._seen
    end = p.expect(r"steerpmd> ").start()
    return p.output[start:end]


def queues(p):
    """show steer: {"rxq 0": [mode, lcore, CPU, tag, ...], ...}."""
    rows = {}
    for line in ask(p, "show steer").splitlines():
        found = re.match(r"\s+([rt]xq \d+)\s+(.*)", line)
        if found:
            rows[found[1]] = found[2].split()
    return rows


def finish(p):
    p.send("quit")
    assert p.wait() == 0, p.output


def test_follow_a_moved_queue(app, vfu_nic):
    nic = vfu_nic("--queues", "2", lcores="0@0")
    p = app(*TWO, devices=[steerpmd.vfio(nic, ",steer=palette")])
    ask(p, "start")
    wait_for("tags", lambda: all(q[2] != "-" for q in queues(p).values()))
    before = queues(p)
    assert [before["rxq 0"][1], before["rxq 1"][1]] == ["1", "2"]
    assert before["rxq 0"][3] != before["rxq 1"][3]
    writes = re.search(r"ST writes: (\d+)", ask(p, "show steer"))[1]
    assert ask(p, "set port 0 rxq 1 lcore 1").strip() == ""
    wait_for("move", lambda: {queues(p)[q][1] for q in ("rxq 1", "txq 1")} == {"1"})
    after = queues(p)
    assert after["rxq 1"][2:4] == before["rxq 0"][2:4]
    assert after["txq 1"][2:4] == before["txq 0"][2:4]
    assert int(after["rxq 1"][5]) == int(before["rxq 1"][5]) + 1
    # the palette stands since attach: no entry was written for it
    assert re.search(r"ST writes: (\d+)", ask(p, "show steer"))[1] == writes
    finish(p)


def test_no_packet_is_lost_by_moving(app, vfu_nic):
    nic = vfu_nic("--queues", "2", "--check", wire="gen,size=imix,flows=64,count=30000")
    p = app(*TWO, "--lockstep=32", devices=[steerpmd.vfio(nic)])
    ask(p, "start")
    moves = 0
    while "30000" not in re.findall(r"RX-packets: (\d+)", ask(p, "show port stats all")):
        ask(p, f"set port 0 rxq {moves % 2} lcore {1 + moves // 2 % 2}")
        moves += 1
    assert moves >= 2
    wait_for("the last window", lambda: "TX-packets: 30000" in ask(p, "show port stats all"))
    finish(p)
    nic.stop()
    line = next(x for x in nic.text().splitlines() if "wire gen: sent" in x)
    assert "sent 30000 received 30000" in line
    assert "good 30000 lost 0 reordered 0 damaged 0" in line


def forwarded(app, vfu_nic, rundir, mode):
    """Frames of the capture, and what came back through a forward mode, in lockstep."""
    out = rundir / "out.pcap"
    nic = vfu_nic("--queues", "2", wire=f"net_pcap0,rx_pcap={CAPTURE},tx_pcap={out}")
    p = app(*TWO, "--lockstep=32", f"--forward-mode={mode}", "-a", devices=[steerpmd.vfio(nic)])
    frames = pcapfile.read(CAPTURE)
    wait_for("packets", lambda: f"RX-packets: {len(frames)} " in ask(p, "show port stats all"))
    finish(p)
    nic.stop()
    return [f.data for f in frames], [f.data for f in pcapfile.read(out)]


def by_flow(frames):
    flows = collections.defaultdict(list)
    for data in frames:
        flows[pcapfile.flow(data)].append(data)
    return flows


def test_io_is_byte_for_byte(app, vfu_nic, rundir):
    sent, got = forwarded(app, vfu_nic, rundir, "io")
    assert by_flow(got) == by_flow(sent)


def test_mac_changes_the_addresses_only(app, vfu_nic, rundir):
    sent, got = forwarded(app, vfu_nic, rundir, "mac")
    assert {data[:6].hex() for data in got} == {"020000000000"}
    assert len({data[6:12] for data in got}) == 1

    def rest(flows):
        return {key: [data[12:] for data in frames] for key, frames in flows.items()}
    assert rest(by_flow(got)) == rest(by_flow(sent))


def test_macswap_swaps(app, vfu_nic, rundir):
    sent, got = forwarded(app, vfu_nic, rundir, "macswap")
    back = [data[6:12] + data[:6] + data[12:] for data in got]
    assert by_flow(back) == by_flow(sent)


def test_rxonly_sends_nothing(app, vfu_nic, rundir):
    _, got = forwarded(app, vfu_nic, rundir, "rxonly")
    assert got == []


def test_touching_writes_change_nothing(app, vfu_nic):
    nic = vfu_nic("--queues", "2", "--check", wire="gen,size=61+1513,flows=8,count=5000")
    p = app(*TWO, "--lockstep=32", "--touch=rw", "-a", devices=[steerpmd.vfio(nic)])
    wait_for("packets", lambda: "TX-packets: 5000" in ask(p, "show port stats all"))
    finish(p)
    nic.stop()
    assert "good 5000 lost 0 reordered 0 damaged 0" in nic.text()


def test_txonly_makes_packets(app, vfu_nic):
    nic = vfu_nic("--queues", "2")
    p = app("--rxq=2", "--txq=2", "--forward-mode=txonly", "--txpkts=200",
            devices=[steerpmd.vfio(nic)])
    ask(p, "start")
    wait_for("packets", lambda: int(re.search(
        r"TX-packets: (\d+)", ask(p, "show port stats 0"))[1]) > 1000)
    text = ask(p, "stop")
    assert "Accumulated forward statistics" in text
    stats = ask(p, "show port stats 0")
    packets = int(re.search(r"TX-packets: (\d+)", stats)[1])
    assert int(re.search(r"TX-bytes:  (\d+)", stats)[1]) == 200 * packets
    finish(p)


def test_show_cache_is_modelled(app, vfu_nic):
    nic = vfu_nic("--queues", "2")
    p = app(*TWO, "--lockstep=32", "--touch=header", "-a", devices=[steerpmd.vfio(nic)])
    wait_for("packets", lambda: int(ask(p, "show cache").split()[-1]) > 1000)
    text = ask(p, "show cache")
    assert "zen5" in text and "modelled" in text
    finish(p)


def test_show_cache_without_a_session(app, vfu_nic):
    p = app(devices=["--vdev=net_null0"])
    assert "No model session" in ask(p, "show cache")
    finish(p)


def test_steer_by_hand(app, vfu_nic):
    nic = vfu_nic("--queues", "2")
    p = app(*TWO, devices=[steerpmd.vfio(nic)])
    ask(p, "start")
    wait_for("tags", lambda: all(q[2] != "-" for q in queues(p).values()))
    right = queues(p)
    ask(p, "set steer wrong")
    wrong = queues(p)
    assert [wrong["rxq 0"][3], wrong["rxq 1"][3]] == [right["rxq 1"][3], right["rxq 0"][3]]
    ask(p, "set steer off")
    assert {q[3] for q in queues(p).values()} == {"0x0000"}
    ask(p, f"set port 0 rxq 0 steer {right['rxq 0'][2]}")
    assert queues(p)["rxq 0"][3] == right["rxq 0"][3]
    assert queues(p)["rxq 1"][3] == "0x0000"
    ask(p, "set port 0 rxq 0 steer off")
    assert queues(p)["rxq 0"][3] == "0x0000"
    ask(p, "set steer auto")
    wait_for("tags again", lambda: [q[3] for q in queues(p).values()]
             == [q[3] for q in right.values()])
    finish(p)


def test_device_without_tph_forwards(app, vfu_nic):
    nic = vfu_nic("--queues", "2", "--tph=none")
    p = app(*TWO, devices=[steerpmd.vfio(nic)])
    assert "steer: unsupported: no TPH capability" in ask(p, "start")
    shown = ask(p, "show steer")
    assert "steer: unsupported: no TPH capability" in shown
    assert "\n  TPH capability: none\n  dialect: none" in shown.replace("\r", "")
    wait_for("packets", lambda: int(re.search(
        r"RX-packets: (\d+)", ask(p, "show port stats 0"))[1]) > 1000)
    finish(p)


def test_what_the_prompt_refuses(app):
    p = app(devices=["--vdev=net_null0"])
    assert "Command not found" in ask(p, "frobnicate")
    assert "Invalid port 7" in ask(p, "show port stats 7")
    assert "not forwarded" in ask(p, "set port 0 rxq 0 lcore 1")
    ask(p, "start")
    assert "started already" in ask(p, "start")
    assert "stop it first" in ask(p, "set fwd mac")
    assert "stop it first" in ask(p, "port detach 0")
    assert "not a forwarding lcore" in ask(p, "set port 0 rxq 0 lcore 9")
    assert "Forward statistics for port 0" in ask(p, "stop")
    assert "not started" in ask(p, "stop")
    assert "Set mac" in ask(p, "set fwd mac")
    finish(p)


def test_ports_stop_start_detach_attach(app, vfu_nic):
    nic = vfu_nic("--queues", "2")
    p = app(*TWO, devices=[steerpmd.vfio(nic)])
    for _ in range(3):
        ask(p, "start")
        ask(p, "stop")
        assert "stopped" in ask(p, "port stop all")
        assert "no port is started" in ask(p, "start")
        assert "started" in ask(p, "port start all")
    for _ in range(3):
        assert "Now total ports is 0" in ask(p, "port detach 0")
        assert "Now total ports is 1" in ask(p, f"port attach {steerpmd.vfio(nic)}")
        assert "streams=2" in ask(p, "start")
        ask(p, "stop")
    finish(p)


def test_reset_brings_tags_and_packets_back(app, vfu_nic):
    nic = vfu_nic("--queues", "2", wire="gen,size=64,flows=16")
    p = app(*TWO, devices=[steerpmd.vfio(nic)])
    ask(p, "start")
    wait_for("tags", lambda: all(q[2] != "-" for q in queues(p).values()))
    before = [q[1:4] for q in queues(p).values()]
    assert "stop it first" in ask(p, "port reset 0")
    ask(p, "stop")
    assert "port 0 is started: 'port stop 0' first" in ask(p, "port reset all")
    assert nic.counters()["resets"] == "0"
    for n in range(1, 4):
        ask(p, "port stop all")
        assert "Port 0: reset" in ask(p, "port reset all")
        assert nic.counters()["resets"] == str(n)
        assert "Port 0: started" in ask(p, "port start all")
        ask(p, "clear port stats all")
        ask(p, "start")
        wait_for("tags again", lambda: [q[1:4] for q in queues(p).values()] == before)
        wait_for("packets", lambda: int(re.search(
            r"RX-packets: (\d+)", ask(p, "show port stats 0"))[1]) > 100)
        ask(p, "stop")
    finish(p)


def test_attach_of_what_does_not_fit_leaves_nothing(app, vfu_nic):
    small, large = vfu_nic("--queues", "1", name="small"), vfu_nic("--queues", "2", name="large")
    p = app(*TWO)
    for _ in range(2):  # a device left behind could not be probed again
        answer = ask(p, f"port attach {steerpmd.vfio(small)}")
        assert "has 1 Rx and 1 Tx queues, --rxq 2 --txq 2 asked for" in answer
    assert "Port 0 is attached. Now total ports is 1" in ask(
        p, f"port attach {steerpmd.vfio(large)}")
    finish(p)


def test_queues_and_rings_of_stopped_ports(app, vfu_nic):
    p = app("--nb-cores=2", devices=[steerpmd.vfio(vfu_nic("--queues", "2"))])
    assert "port 0 is started: 'port stop all' first" in ask(p, "port config all rxq 2")
    ask(p, "port stop all")
    for line in ("port config all rxq 2", "port config all txq 2", "port config all rxd 128"):
        assert "dpdk-steerpmd:" not in ask(p, line)
    assert "has 2 Rx and 2 Tx queues, --rxq 3" in ask(p, "port config all rxq 3")
    assert "Rx rings have 256 descriptors, 1024 asked for" in ask(p, "port config all rxd 1024")
    assert "Port 0: started" in ask(p, "port start all")
    assert "streams=2" in ask(p, "start")
    assert "RX queues: 2 of 2, 256 descriptors" in ask(p, "show port info 0")
    assert set(queues(p)) == {"rxq 0", "rxq 1", "txq 0", "txq 1"}
    finish(p)


def test_counters_by_every_verb(app, vfu_nic):
    nic = vfu_nic("--queues", "1", wire="gen,size=64,count=500")
    p = app("--forward-mode=rxonly", "-a", devices=[steerpmd.vfio(nic)])
    wait_for("500 packets", lambda: "rx_good_packets: 500\n" in ask(
        p, "show port xstats 0").replace("\r", ""))
    assert "rx_q0_packets: 500" in ask(p, "show port xstats all")
    assert re.search(r"RX-packets: 500 .*RX-total: 500\b", ask(p, "show fwd stats all"))
    ask(p, "clear fwd stats all")
    assert re.search(r"RX-packets: 0 .*RX-total: 0\b", ask(p, "show fwd stats all"))
    assert "statistics for port 0 cleared" in ask(p, "clear port xstats 0")
    assert "rx_good_packets: 0" in ask(p, "show port xstats 0")
    assert re.search(r"^0 +[0-9a-fA-F:]{17} vfio:nic0 +net_vfio_virtio +up ",
                     ask(p, "show port summary all"), re.M)
    finish(p)


def test_promiscuous_mode_stays_as_it_was_set(app, vfu_nic):
    p = app(devices=[steerpmd.vfio(vfu_nic("--queues", "1"))])
    assert "Promiscuous mode: enabled" in ask(p, "show port info 0")
    assert "'maybe' is not on or off" in ask(p, "set promisc all maybe")
    ask(p, "set promisc all off")
    ask(p, "port stop all")
    ask(p, "port start all")
    assert "Promiscuous mode: disabled" in ask(p, "show port info 0")
    finish(p)


def test_auto_reaches_queues_that_no_stream_has(app, vfu_nic):
    p = app(devices=[steerpmd.vfio(vfu_nic("--queues", "1"))])
    ask(p, "set steer off")
    ask(p, "start")
    ask(p, "stop")
    assert queues(p)["rxq 0"][0] == "off"
    ask(p, "port stop all")
    ask(p, "port config all rxq 1")  # the streams are gone with it
    ask(p, "port start all")
    ask(p, "set steer auto")
    ask(p, "start")
    wait_for("the tag", lambda: queues(p)["rxq 0"][0:2] == ["auto", "1"])
    finish(p)


def test_a_verb_with_wrong_arguments_shows_the_right_ones(app):
    p = app()
    answer = ask(p, "show port")
    assert "Bad arguments; there are:" in answer and "  show port xstats <port|all>" in answer
    assert "port attach" not in answer
    assert "Command not found" in ask(p, "frobnicate")
    finish(p)


def test_attach_that_fails_is_one_line(app, rundir):
    p = app(devices=["--vdev=net_null0"])
    text = ask(p, f"port attach vfio:nic9,sock={rundir}/none.sock")
    assert len([x for x in text.splitlines() if x.startswith("dpdk-steerpmd: ")]) == 1
    finish(p)


def test_end_of_input_quits(rundir, env):
    done = steerpmd.run(rundir, env, "-i", devices=["--vdev=net_null0"], stdin="start\n")
    assert done.returncode == 0
    assert "Accumulated forward statistics" in done.stdout


def mappings(p):
    """A sanitizer maps as it likes, so none there."""
    return 0 if "libasan" in pathlib.Path(f"/proc/{p.pid}/maps").read_text() else p.mappings()


def test_killed_devices_are_replaced(app, vfu_nic):
    nic = vfu_nic("--queues", "2", name="nic0")
    p = app(*TWO, "-a", devices=[steerpmd.vfio(nic)])
    held = []
    for i in range(1, 8 if not steerlab.LONG else 201):
        p.expect(r"\Z")
        nic.kill()
        p.expect("the device is gone, closing the port")
        nic = vfu_nic("--queues", "2", name=f"nic{i}")
        assert "Now total ports is 1" in ask(p, f"port attach {steerpmd.vfio(nic)}")
        assert "streams=2" in ask(p, "start")
        wait_for("packets", lambda: int(re.search(
            r"RX-packets: (\d+)", ask(p, "show port stats 0"))[1]) > 100)
        held.append((len(p.fds()), mappings(p)))
    assert held[-1] == held[2], held
    finish(p)
