# SPDX-License-Identifier: BSD-3-Clause
"""Ports of other drivers, without a device: they are registered, and say why they are not steered."""
import re
import subprocess

from conftest import PATIENCE, eal_args
from testpmd import plugin_env


def tool(build, env, rundir, *eal, commands):
    done = subprocess.run(
        [build / "test/tools/stock-tool", *eal_args(rundir.name, lcores="0@0,1@0"), *eal],
        env=plugin_env(build, env), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=PATIENCE, check=False,
        input="".join(f"{c}\n" for c in (*commands, "quit")).encode())
    text = done.stdout.decode(errors="replace")
    assert done.returncode == 0, text
    return text


def test_virtual_ports_are_registered_with_the_reason(build, env, rundir):
    text = tool(build, env, rundir, "--vdev", "net_null0", "--vdev", "net_ring1",
                commands=["configure 0 2 2 plain", "start 0", "attach 0", "show 0", "sync 0",
                          "attach 0", "attach 1", "attach 7", "stop 0", "sync 0", "detach 0",
                          "detach 0", "sync 0"])
    assert "tool ready, 2 ports" in text
    assert re.findall(r"^attach (-?\d+)$", text, re.M) == ["0", "-17", "0", "-19"]
    why = "unsupported: no PCI device behind it (bus vdev)"
    assert f"port 0 strategy none dialect none enabled 0 why {why}" in text
    assert len(re.findall(rf"^queue [rt]x \d cpu -1 tag 0x0 vector -1 why {re.escape(why)}$", text,
                          re.M)) == 4
    assert re.findall(r"^sync (-?\d+)$", text, re.M) == ["0", "1", "-19"]
    assert re.findall(r"^detach (-?\d+)$", text, re.M) == ["0", "-19"]


def test_a_port_closed_without_a_word(build, env, rundir):
    text = tool(build, env, rundir, "--vdev", "net_null0",
                commands=["configure 0 1 1 plain", "start 0", "attach 0", "stop 0", "close 0",
                          "sync 0", "detach 0", "attach 0"])
    assert "sync -19" in text and "detach 0" in text and "attach -19" in text


def test_our_own_pmds_port_is_left_alone(build, env, rundir, vfu_nic):
    device = vfu_nic("--tph", "iv-cap", "--queues", "2")
    text = tool(build, env, rundir, "-d", "librte_bus_vfio.so", "-d", "librte_net_vfio_virtio.so",
                "-a", f"vfio:n0,sock={device.sock}",
                commands=["configure 0 2 2 plain", "start 0", "attach 0", "show 0", "detach 0",
                          "stop 0", "close 0"])
    assert "attach -17" in text and "detach -19" in text
    assert re.search(r"^port 0 strategy (palette|per-queue) ", text, re.M)
