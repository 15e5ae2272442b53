# SPDX-License-Identifier: BSD-3-Clause
"""librte_steer.so in Debian's unmodified testpmd: how it is switched on, and how it refuses."""

import os
import pathlib
import re
import shutil
import stat

import pytest

from conftest import Process
from patience import PATIENCE, wait_for
from plugin import PLUGIN, following, ours, plugged, threads  # noqa: F401 (fixture)
from test_memory import hugepages, hugetlbfs  # noqa: F401 (fixtures)
from pmd import testpmd  # noqa: F401 (fixture)
from testpmd import plugin_env

pytestmark = pytest.mark.sanitize


def test_loaded_but_not_switched_on(plugged):
    """A file in EAL's plug-in folder is loaded into every program."""
    t, seen = plugged(steer=None)
    t.ask("start")
    t.wait_packets(0, "TX-packets", 1000)
    assert not following(t) and seen.ports() == [] and ours(t) == []
    assert t.quit() == 0


@pytest.mark.parametrize("value, args", [("auto", None), ("auto", "steer,scan=500")])
def test_environment_switches_it_on(plugged, env, value, args):
    """With --vdev as well: that one counts, and there is no second."""
    env["STEER"] = value
    t, seen = plugged(steer=args)
    assert following(t) and ours(t) == []
    wait_for("ports", lambda: seen.ports() == [0, 1])
    assert t.quit() == 0


@pytest.mark.parametrize("value", ["yes", "AUTO", "1", "", "x" * 500])
def test_environment_that_means_nothing(plugged, env, value):
    env["STEER"] = value
    t, seen = plugged(steer=None)
    line, = ours(t)
    assert line.startswith(f"steer: STEER={value[:64]}") and "only auto is allowed" in line
    assert not following(t) and seen.ports() == []
    assert t.quit() == 0


def safe_for_eal(path):
    return not any(p.stat().st_mode & stat.S_IWOTH for p in (path, *path.parents))


def test_two_copies_are_one(plugged, build, rundir, env):
    """One is installed and the other given by -d: both are asked, one follows."""
    shutil.copy(build / "drivers" / "misc" / "steer" / PLUGIN, rundir / "librte_steer_copy.so")
    env.update(STEER="auto", LD_LIBRARY_PATH=str(rundir))
    t, seen = plugged(steer=None, plugins=[PLUGIN, "librte_steer_copy.so"])
    assert threads(t).count("steer-follow") == 1 and ours(t) == []
    wait_for("ports", lambda: seen.ports() == [0, 1])
    assert t.quit() == 0


@pytest.mark.parametrize("folder", [False, True])
def test_by_path(plugged, build, folder):
    plugin = build / "drivers" / "misc" / "steer" / PLUGIN
    if not safe_for_eal(plugin.resolve()):
        pytest.skip("EAL loads nothing below a world-writable folder")
    t, seen = plugged(plugins=[str(plugin.parent if folder else plugin)])
    wait_for("ports", lambda: seen.ports() == [0, 1])
    assert t.quit() == 0


@pytest.mark.parametrize("args, reason", [
    ("steer,port=0", "port= is not known; ports= and scan= are"),
    ("steer,ports=0:x", "ports=0:x is neither all nor port numbers, 0 to 31, with : between"),
    ("steer,ports=32", "ports=32 is neither"),
    ("steer,scan=0", "scan=0 is not a number of microseconds, 1 to 10000000"),
    ("steer,scan=1,scan=2", "scan= is given twice"),
])
def test_arguments_that_are_refused(plugged, args, reason):
    t, seen = plugged(steer=args)
    line, = ours(t)
    assert line.startswith(f"steer: steer: {reason}")
    assert not following(t) and seen.ports() == []
    assert t.quit() == 0


def test_two_devices_are_one_too_many(plugged):
    t, seen = plugged(eal=["--vdev", "steer1"])
    line, = ours(t)
    assert line == "steer: steer1: ports are followed by device steer already; leave one out"
    assert threads(t).count("steer-follow") == 1
    wait_for("ports", lambda: seen.ports() == [0, 1])
    assert t.quit() == 0


def test_ordinary_user(plugged, rundir):
    """Nothing of it needs root; telemetry neither."""
    if os.geteuid() != 0:
        pytest.skip("this whole run is an ordinary user's")
    for path in (rundir, rundir / "xdg"):
        os.chown(path, 65534, 65534)
    t, seen = plugged(user=65534, group=65534, extra_groups=[])
    t.ask("start")
    seen.wait_lcores(0, 1, 1)
    status = pathlib.Path(f"/proc/{t.pid}/status").read_text()
    assert re.search(r"^Uid:\s+65534\s+65534", status, re.M)
    assert t.quit() == 0


def test_secondary_process_is_refused(plugged, hugetlbfs, build, rundir, env):  # noqa: F811
    """The vdev bus shows it the primary's devices; the primary follows on."""
    # an address that both have free, also with a sanitizer's shadow in them
    memory = ["--huge-dir", str(hugetlbfs), "--base-virtaddr", "0x200000000000"]
    t, seen = plugged(memory=memory)
    prefix = f"{rundir.name}-pmd"
    second = Process(["stdbuf", "-oL", "dpdk-testpmd", "--no-pci", "--file-prefix", prefix, *memory,
                      "--proc-type=secondary", "--no-telemetry", "--lcores", "0@0,1@1",
                      "-d", PLUGIN, "--", "-i", "--num-procs=2", "--proc-id=1"],
                     rundir / "second.log", plugin_env(build, env))
    try:
        second.wait_text("steer: steer: secondary process: ports are followed by the primary; give "
                         "--vdev=steer (or STEER=auto) to the primary only\n")
        second.p.wait(PATIENCE)  # not killed: it may hold a lock of the memory that is shared
    finally:
        second.kill()
    assert following(t)
    t.ask("start")
    seen.wait_lcores(0, 1, 1)
    assert t.quit() == 0
