# SPDX-License-Identifier: BSD-3-Clause
"""10,000 moves under traffic: no packet is lost, doubled or overtaken, and in the end every queue
has the tag that it ought to have."""

import re
import subprocess

import pytest

from conftest import eal_args
from steerpmd import lcores
from pmd import wire_sums
from testpmd import plugin_env

MOVES = 10000
NONE = -1

pytestmark = [pytest.mark.sanitize, pytest.mark.timeout(600)]


def std(cpu):
    """vfu-nic's tag of a CPU, standard tags."""
    return 0x20 + cpu * 7 % 208


def move(build, rundir, env, nic, steer):
    """@return queues as the tool printed them at its end."""
    binary = build / "test" / "tools" / "move-tool"
    if not binary.exists():
        pytest.skip(f"{binary} is not built")
    done = subprocess.run([str(binary), *eal_args(f"{rundir.name}-move", 128, lcores()),
                           "-d", "librte_bus_vfio.so", "-d", "librte_net_vfio_virtio.so",
                           "-a", f"vfio:nic0,sock={nic.sock},steer={steer}", "--", str(MOVES), "1"],
                          env=plugin_env(build, env), capture_output=True, text=True, timeout=500,
                          check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"ok moves {MOVES} " in done.stdout
    return [{"dir": int(d), **dict(zip(rest[::2], map(int, rest[1::2])))}
            for d, rest in ((m[1], ["q", *m[2].split()]) for m in
                            re.finditer(r"^queue (\d) (.+)$", done.stdout, re.M))]


@pytest.mark.parametrize("steer, tph", [
    ("palette", "iv-cap"), ("per-queue", "iv-cap"), ("per-queue", "iv-msix"), ("auto", "ds-reg")])
def test_moves_under_traffic(build, vfu_nic, rundir, env, steer, tph):
    nic = vfu_nic("--queues", "4", "--check", "--tph", tph, wire="gen,size=imix,flows=64")
    queues = move(build, rundir, env, nic, steer)
    assert len(queues) == 8
    assert any(q["cpu"] != NONE for q in queues)
    for q in queues:
        assert q["cpu"] == q["wanted"], q
        assert q["tag"] == (0 if q["cpu"] == NONE else std(q["cpu"])), q
        assert q["errors"] == 0, q
    assert sum(q["resteers"] for q in queues) > MOVES / 4
    nic.stop()
    wire = wire_sums(nic)
    assert wire["good"] == wire["received"] > 10 * MOVES
    assert wire["lost"] == wire["reordered"] == wire["damaged"] == wire["foreign"] == 0
