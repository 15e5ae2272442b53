# SPDX-License-Identifier: BSD-3-Clause
"""DPDK's own l2fwd and l3fwd, built from the source package as they are, with librte_steer.so."""

import os
import shutil
import struct
import subprocess

import pytest

from conftest import ROOT, Process, eal_args, need
from netns import NetNs
from patience import wait_for
from plugin import Placement, cpus_needed
from testpmd import plugin_env

SOURCES = ROOT / "build" / "sdk" / "examples"


@pytest.fixture(scope="module")
def example(build):
    """Path of a program of DPDK's examples: made by its own Makefile, in a copy of the sources."""
    if not SOURCES.is_dir():
        pytest.skip(f"no {SOURCES}: devtools/setup takes it from Debian's source package")
    copy = build / "test" / "dpdk-examples"
    shutil.copytree(SOURCES, copy, dirs_exist_ok=True)

    def make(name):
        done = subprocess.run([need("make"), "-C", copy / name, "shared"], capture_output=True,
                              text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return copy / name / "build" / f"{name}-shared"

    return make


@pytest.fixture
def run(build, rundir, env):
    """Start a program with the plug-in, EAL's options before its own."""
    started = []

    def start(program, eal, app, mem=192):
        argv = ["stdbuf", "-oL", program, *eal_args(rundir.name, mem, "0@0,1@1", telemetry=True),
                "-d", "librte_steer.so", *eal, "--", *app]
        p = Process([str(a) for a in argv], rundir / "example.log", plugin_env(build, env),
                    cwd=program.parents[1])  # where its tables are
        started.append(p)
        return p

    yield start
    for p in started:
        p.kill()


def test_l2fwd(example, run, rundir):
    """A port's packets are received by one lcore and sent by the other, which is shown per queue."""
    cpus_needed(2)
    p = run(example("l2fwd"), ["--vdev", "net_null0", "--vdev", "net_null1", "--vdev", "steer"],
            ["-p", "0x3", "-q", "1", "-T", "0"])
    seen = Placement(rundir, rundir.name)
    for port in (0, 1):
        seen.wait_lcores(port, 1, port, ["rx"])
        seen.wait_lcores(port, 1, 1 - port, ["tx"])
    assert p.stop() == 0


def test_l2fwd_by_environment(example, run, rundir, env):
    env["STEER"] = "auto"
    p = run(example("l2fwd"), ["--vdev", "net_null0", "--vdev", "net_null1"],
            ["-p", "0x3", "-q", "2", "-T", "0"])
    seen = Placement(rundir, rundir.name)
    for port in (0, 1):
        seen.wait_lcores(port, 1, 0)
    assert p.stop() == 0


@pytest.fixture
def netns():
    ns = NetNs()
    yield ns
    ns.close()


def packet(flow):
    """UDP over IPv4 to a network that l3fwd's own table sends to port 0."""
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 46, flow, 0, 64, 17, 0, bytes([198, 18, 9, flow]),
                     bytes([198, 18, 0, 1]))
    total = sum(struct.unpack("!10H", ip))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    ip = ip[:10] + struct.pack("!H", total ^ 0xffff) + ip[12:]
    return bytes.fromhex("020000000001" "020000000002" "0800") + ip + \
        struct.pack("!HHHH", 1000 + flow, 9, 26, 0) + bytes(18)


@pytest.mark.root
def test_l3fwd(example, run, rundir, netns):
    """Two lcores with a queue each, on a TAP: l3fwd wants checksum offload, which that has."""
    cpus_needed(2)
    if not os.path.exists("/dev/net/tun"):
        pytest.skip("no /dev/net/tun")
    program = example("l3fwd")
    with netns.inside():
        p = run(program, ["--vdev", "net_tap0,iface=l3tap", "--vdev", "steer,scan=500"],
                ["-p", "0x1", "-P", "--config=(0,0,0),(0,1,1)", "--parse-ptype",
                 "--rule_ipv4=lpm_default_v4.cfg", "--rule_ipv6=lpm_default_v6.cfg"],
                mem=512)  # its routes take 64 MB and more
        p.wait_text("entering main loop on lcore 1")
    netns.ip("link set l3tap up")
    seen = Placement(rundir, rundir.name)
    for q in (0, 1):
        wait_for(f"lcore of Rx queue {q}", lambda n=q: seen.lcores(0, 2, ["rx"])[n] == n)
    with netns.port("l3tap") as sock:
        def sent_by_both():
            for flow in range(64):
                sock.send(packet(flow))
            return seen.lcores(0, 2, ["tx"]) == [0, 1]
        wait_for("lcores of the Tx queues", sent_by_both, every=0.1)
    assert seen.port(0)["strategy"] == "none"
    assert p.stop() == 0
