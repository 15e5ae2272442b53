# SPDX-License-Identifier: BSD-3-Clause
"""The vfio bus in EAL, with a driver that only holds the device (bus-tool)."""

import errno
import os
import shutil
import subprocess
import time

import pytest

from bus_tool import tool  # noqa: F401 (fixture)
from conftest import eal_args, need

pytestmark = pytest.mark.sanitize


def lines_with(text, what):
    return [x for x in text.split("\n") if what in x]


def test_device_named_at_start(vfu_nic, tool):
    nic = vfu_nic()
    t = tool("-a", f"vfio:nic0,sock={nic.sock},steer=off,tool-key=7")
    assert "probed vfio:nic0 1af4:1041 args=tool-key=7" in t.text()
    text, n = t.ask("list")
    assert n == 1 and "device vfio:nic0" in text
    assert t.quit() == 0
    assert "released vfio:nic0" in t.text()


def test_several_devices(vfu_nic, tool):
    a, b = vfu_nic(name="a"), vfu_nic(name="b")
    t = tool("-a", f"vfio:a,sock={a.sock}", "-a", f"vfio:b,sock={b.sock}")
    assert t.ask("list")[1] == 2
    assert t.ask("detach vfio:a")[1] == 0
    text, n = t.ask("list")
    assert n == 1 and "device vfio:b" in text
    assert t.ask(f"attach vfio:a,sock={a.sock}")[1] == 0
    assert t.ask("list")[1] == 2
    text, _ = t.ask(f"attach vfio:a,sock={a.sock}")  # is there already: EAL takes that for success
    assert "probed" not in text
    assert t.ask("list")[1] == 2
    assert t.quit() == 0


def test_layered_devargs(vfu_nic, tool):
    nic = vfu_nic()
    t = tool("-a", f"bus=vfio,name=nic0,sock={nic.sock}")
    assert "probed vfio:nic0" in t.text()
    assert t.ask("detach vfio:nic0")[1] == 0
    assert t.ask(f"attach bus=vfio,name=vfio:nic0,sock={nic.sock}")[1] == 0
    assert t.quit() == 0


def test_attach_and_detach_leave_nothing(vfu_nic, tool):
    nic = vfu_nic()
    t = tool()
    for i in range(40):
        assert t.ask(f"attach vfio:nic0,sock={nic.sock}")[1] == 0
        assert t.ask("detach vfio:nic0")[1] == 0
        if i == 2:
            before = t.held(), nic.fds()
    assert t.held() == before[0]
    assert abs(nic.fds() - before[1]) <= 1  # the last connection may be closing
    assert t.ask("list")[1] == 0


def test_refused_probe_leaves_nothing(vfu_nic, tool):
    nic = vfu_nic()
    t = tool()
    t.ask(f"attach vfio:nic0,sock={nic.sock}")
    t.ask("detach vfio:nic0")
    t.ask("probe-fails 1")
    before = t.held()
    for _ in range(5):
        text, rc = t.ask(f"attach vfio:nic0,sock={nic.sock}")
        assert rc == -5
        assert len(lines_with(text, "vfio:nic0: probe: driver bus_tool refused")) == 1
    assert t.held() == before
    t.ask("probe-fails 0")
    assert t.ask(f"attach vfio:nic0,sock={nic.sock}")[1] == 0


@pytest.mark.parametrize("args, rc, words", [
    ("vfio:x,sock={d}/none.sock", -2, ["vfio:x: open", "none.sock", "No such file"]),
    ("vfio:x,sock={d}/dead.sock", -111, ["vfio:x: open", "dead.sock", "refused"]),
    ("vfio:x", -22, ["vfio:x: devargs: the name is no PCI address and there is no socket"]),
    ("vfio:fffe:1f:1f.7", -2, ["vfio:fffe:1f:1f.7: open: no PCI device", "lspci"]),
    ("vfio:fffe:1f:1f.7,transport=vfio", -22, ["devargs: transport=vfio is none of auto, group"]),
    ("vfio:fffe:1f:1f.7,transport=noiommu", -95, ["transport=noiommu needs huge pages", "-mode=pa"]),
    ("vfio:x,sock={s},transport=cdev", -22, ["vfio:x: devargs: transport= is for devices of the"]),
    ("vfio:x,sock={s},color=red", -22, ["vfio:x: devargs", '"color"']),
    ("vfio:x,sock={s},steer=on", -22, ["vfio:x: devargs: steer=on", "palette"]),
    ("vfio:x,sock={s},tph-feature=70000", -22, ["vfio:x: devargs: tph-feature=70000"]),
    ("vfio:x,sock={s},tph-dialect=v8", -22, ["vfio:x: devargs: tph-dialect=v8 is none of auto"]),
    ("vfio:x,sock={s},tph-dialect=direct", -22, ["vfio:x: devargs: tph-dialect=direct needs tph-t"]),
    ("vfio:x,sock={s},steer-scan=0", -22, ["vfio:x: devargs: steer-scan=0"]),
])
def test_one_line_says_what_is_wrong(vfu_nic, tool, rundir, args, rc, words):
    nic, dead = vfu_nic(), vfu_nic(name="dead")
    dead.kill()
    t = tool()
    before = t.held()
    text, got = t.ask("attach " + args.format(d=rundir, s=nic.sock))
    assert got == rc
    ours = [x for x in text.split("\n") if x.startswith("vfio")]
    assert len(ours) == 1, text
    for w in words:
        assert w in ours[0]
    # The first hot-plug leaves lists of EAL and a thread's stack and arena for the next ones.
    first = t.held()
    assert first[0] == before[0]
    t.ask("attach " + args.format(d=rundir, s=nic.sock))
    assert t.held() == first


def test_failure_at_start_is_visible(tool, rundir):
    t = tool("-a", f"vfio:x,sock={rundir}/none.sock")
    assert len(lines_with(t.text(), "vfio:x: open")) == 1
    assert t.ask("list")[1] == 0
    assert t.quit() == 0


def test_no_permission(vfu_nic, build, rundir, env):
    if os.geteuid() != 0:
        pytest.skip("needs root to become somebody else")
    need("setpriv")
    nic = vfu_nic()
    os.chmod(rundir, 0o755)
    env = dict(env, XDG_RUNTIME_DIR=str(rundir / "other"))
    (rundir / "other").mkdir()
    os.chown(rundir / "other", 65534, 65534)
    argv = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
            str(build / "test" / "tools" / "bus-tool"), *eal_args(f"{rundir.name}-o"),
            "-a", f"vfio:x,sock={nic.sock}"]
    r = subprocess.run(argv, env=env, input=b"quit\n", stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, timeout=60, check=False)
    text = r.stdout.decode()
    if "tool ready" not in text:
        pytest.skip("the build folder is not readable for other users")
    line, = lines_with(text, "vfio:x: open")
    assert "Permission denied" in line


def test_name_too_long(build, rundir, env):
    binary = build / "test" / "tools" / "bus-tool"
    r = subprocess.run([str(binary), *eal_args(f"{rundir.name}-l"), "-a",
                        f"vfio:{'n' * 70},sock=/x"], env=env, stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False)
    assert r.returncode != 0
    assert b"shorter than 64" in r.stdout


def test_second_copy_is_refused(vfu_nic, tool, build, rundir, env):
    nic = vfu_nic()
    shutil.copy(build / "drivers" / "bus" / "vfio" / "librte_bus_vfio.so",
                rundir / "libsecond.so")
    env["LD_LIBRARY_PATH"] = str(rundir)
    env["ASAN_OPTIONS"] = "detect_odr_violation=0"  # two copies are what this test is about
    t = tool("-d", "libsecond.so", "-a", f"vfio:nic0,sock={nic.sock}")
    line, = lines_with(t.text(), "loaded twice")
    assert "load only one" in line
    assert "probed vfio:nic0" in t.text()  # the first one works
    assert t.quit() == 0


def test_plugin_is_silent_without_devargs(build, rundir, env):
    shutil.copy(build / "drivers" / "bus" / "vfio" / "librte_bus_vfio.so",
                rundir / "libquiet.so")
    libs = ":".join(str(build / "lib" / x) for x in ("pci", "steer", "tph", "tsm", "vfio"))
    env["LD_LIBRARY_PATH"] = f"{rundir}:{libs}"
    r = subprocess.run([need("dpdk-testpmd"), *eal_args(f"{rundir.name}-q"), "-d", "libquiet.so",
                        "--vdev", "net_null0", "--", "--total-num-mbufs=2048"], env=env,
                       input=b"\n", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                       check=False)
    if b"ASan runtime does not come first" in r.stdout:
        pytest.skip("a sanitizer build cannot be loaded into a stock program")
    assert r.returncode == 0, r.stdout
    assert b"vfio" not in r.stdout.replace(b"VFIO", b"")


def test_server_dies_at_idle(vfu_nic, tool):
    t = tool()
    for i in range(10):
        nic = vfu_nic(name=f"n{i}")
        assert t.ask(f"attach vfio:nic0,sock={nic.sock}")[1] == 0
        nic.kill()
        text = t.expect("removed vfio:nic0 0")
        assert text.index("gone vfio:nic0") < text.index("removed vfio:nic0")
        assert len(lines_with(text, "vfio:nic0: the device is gone")) == 1
        if i == 0:  # the fd stays readable: nobody may spin on it
            ticks = t.cpu_ticks()
            time.sleep(0.5)
            assert t.cpu_ticks() - ticks < 10
        assert t.ask("detach vfio:nic0")[1] == 0
        if i == 2:
            before = t.held()
    assert t.held() == before
    assert t.quit() == 0


def test_removed_from_the_callback(vfu_nic, tool):
    t = tool()
    t.say("remove-in-callback")
    t.expect("\nremove-in-callback")
    for i in range(5):
        nic = vfu_nic(name=f"n{i}")
        assert t.ask(f"attach vfio:nic0,sock={nic.sock}")[1] == 0
        nic.kill()
        text = t.expect("removed vfio:nic0 0")
        assert "released vfio:nic0" in text
        assert t.ask("list")[1] == 0
        if i == 2:
            before = t.held()
    assert t.held() == before
    assert t.quit() == 0


def test_threads_keep_off_the_lcores(vfu_nic, tool):
    """The reader is where EAL has its own control threads, however the device came."""
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("needs two CPUs")
    first, *rest = sorted(os.sched_getaffinity(0))
    a, b = vfu_nic(name="a"), vfu_nic(name="b")
    t = tool("-a", f"vfio:a,sock={a.sock}", "--lcores", f"0@{first}")
    assert t.ask(f"attach vfio:b,sock={b.sock}")[1] == 0
    threads = t.threads()
    eal, = [cpus for name, cpus in threads if name == "eal-intr-thread"]
    assert [cpus for name, cpus in threads if name == "steer-vfio"] == [eal, eal]
    assert (str(first) not in eal.replace("-", ",").split(",")) and eal[0] == str(rest[0])
    assert [cpus for name, cpus in threads if name == "bus-tool"] == [str(first)]  # unmoved
    assert t.quit() == 0


def test_threads_when_lcores_have_all_cpus(vfu_nic, tool):
    nic = vfu_nic()
    cpus = sorted(os.sched_getaffinity(0))
    t = tool("-a", f"vfio:a,sock={nic.sock}", "--lcores",
             ",".join(f"{i}@{c}" for i, c in enumerate(cpus)))
    threads = dict(t.threads())
    assert threads["steer-vfio"] == threads["eal-intr-thread"]
    assert t.quit() == 0


def test_memory_without_a_file_is_refused(vfu_nic, tool):
    nic = vfu_nic()
    t = tool("-a", f"vfio:nic0,sock={nic.sock}")
    text, rc = t.ask("extmem")
    assert rc == -errno.ENOTSUP
    line, = lines_with(text, "vfio:nic0: map external memory")
    assert "no file behind it" in line and "only memory of EAL" in line
    assert t.quit() == 0
