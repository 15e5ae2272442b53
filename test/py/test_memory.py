# SPDX-License-Identifier: BSD-3-Clause
"""EAL's memory and the device: huge pages, memory that comes and goes, external memory."""

import errno
import os
import pathlib
import subprocess

import pytest

import tsm
from bus_tool import tool  # noqa: F401 (fixture)
from patience import wait_for
from telemetry import Telemetry
from pmd import testpmd, wire_sums  # noqa: F401 (fixture)

HUGE = pathlib.Path("/proc/sys/vm/nr_hugepages")
PAGES = 256


def free_pages():
    text = pathlib.Path("/proc/meminfo").read_text(encoding="ascii")
    return int(text.split("HugePages_Free:")[1].split()[0])


@pytest.fixture(scope="module")
def hugepages():
    """Room for PAGES more huge pages of 2 MiB; what is reserved here is given back."""
    text = pathlib.Path("/proc/meminfo").read_text(encoding="ascii")
    if text.split("Hugepagesize:")[1].split()[:2] != ["2048", "kB"]:
        pytest.skip("huge pages are not of 2 MiB")
    before, added = int(HUGE.read_text()), 0
    try:
        if free_pages() < PAGES:
            if os.geteuid() != 0:
                pytest.skip(f"needs {PAGES} free huge pages (root: sysctl vm.nr_hugepages)")
            HUGE.write_text(str(before + PAGES))
            added = int(HUGE.read_text()) - before
            if free_pages() < PAGES:
                pytest.skip(f"the kernel has no {PAGES} huge pages to give")
        yield
    finally:
        if added:  # by difference: somebody else may have reserved more in between
            HUGE.write_text(str(max(0, int(HUGE.read_text()) - added)))


@pytest.fixture
def hugetlbfs(hugepages, rundir):
    """A mounted hugetlbfs of this test alone."""
    path = rundir / "huge"
    path.mkdir()
    r = subprocess.run(["mount", "-t", "hugetlbfs", "none", str(path)], stderr=subprocess.PIPE,
                       check=False)
    if r.returncode != 0:
        pytest.skip("cannot mount hugetlbfs: " + r.stderr.decode().strip())
    yield path
    subprocess.run(["umount", "-l", str(path)], check=True)


def forward(t, packets=3000):
    t.ask("start")
    t.wait_packets(0, "TX-packets", packets)
    t.ask("stop")


def info(tele):
    return tele.ask("/vfu_nic/info")


def wait_unmapped(tele):
    """The server sees the end of a connection a moment later than the client."""
    wait_for("end of the maps", lambda: info(tele)["dma_maps"] == 0)


def drive(vfu_nic, testpmd, rundir, memory):
    """Traffic through start, stop, detach and attach. @return how many maps that took."""
    nic = vfu_nic("--queues", "2", "--check", wire="gen,size=imix,flows=16", telemetry=True)
    tele = Telemetry(rundir, f"{rundir.name}-nic")
    t = testpmd([f"vfio:nic0,sock={nic.sock}"], "--rxq=2", "--txq=2", memory=memory)
    t.ask("set fwd io")
    maps = []
    for _ in range(3):
        forward(t)
        t.ask("port stop all")
        assert "Fail" not in t.ask("port start all")
        maps.append(info(tele)["dma_maps"])
    assert maps[2] == maps[0] > 0
    t.ask("port stop all")
    assert "detached" in t.ask("port detach 0")
    wait_unmapped(tele)
    # Memory that came after start is there already when the device comes back.
    assert "is attached" in t.ask(f"port attach vfio:nic0,sock={nic.sock}")
    assert "Fail" not in t.ask("port start all")
    forward(t)
    assert info(tele)["dma_maps"] == maps[0]
    assert t.quit() == 0
    wait_unmapped(tele)
    assert info(tele)["faults"] == 0
    assert nic.stop() == 0
    wire = wire_sums(nic)
    received = int(nic.text().split(" received ")[-1].split()[0])  # of all clients together
    assert wire["good"] == received > 12000
    assert wire["reordered"] == wire["damaged"] == wire["foreign"] == 0
    assert "cannot be shared" not in t.text() and "unmap memory" not in t.text()
    return maps[0]


@pytest.mark.parametrize("memory, maps", [
    (["--in-memory"], (2, PAGES)),  # a file per page
    (["--in-memory", "-m", "256"], (128, 128)),
    (["--in-memory", "--single-file-segments"], (2, PAGES)),  # each page can go by itself
    (["--in-memory", "--single-file-segments", "-m", "256"], (1, 1)),  # these stay
], ids=str)
def test_huge_pages(hugepages, vfu_nic, testpmd, rundir, memory, maps):
    least, most = maps
    assert least <= drive(vfu_nic, testpmd, rundir, memory) <= most


@pytest.mark.parametrize("memory, maps", [
    ([], (2, PAGES)),
    (["--single-file-segments"], (2, PAGES)),
    (["--huge-unlink"], (2, PAGES)),
    (["--legacy-mem", "-m", "256"], (128, 128)),
], ids=str)
def test_hugetlbfs_files(hugetlbfs, vfu_nic, testpmd, rundir, memory, maps):
    least, most = maps
    got = drive(vfu_nic, testpmd, rundir, ["--huge-dir", str(hugetlbfs), *memory])
    assert least <= got <= most


def test_small_pages(vfu_nic, testpmd, rundir):
    memory = ["--no-huge", "--no-shconf", "-m", "192"]
    assert drive(vfu_nic, testpmd, rundir, memory) == 1


@pytest.mark.parametrize("files", [[], ["--single-file-segments"]], ids=" ".join)
def test_memory_comes_and_goes(hugepages, vfu_nic, tool, rundir, files):
    """What EAL's heap takes in pages is mapped page by page, and unmapped when it goes."""
    nic = vfu_nic(telemetry=True)
    tele = Telemetry(rundir, f"{rundir.name}-nic")
    t = tool(memory=["--in-memory", "--iova-mode=va", *files])
    assert t.ask("grow 8")[1] == 0
    assert t.ask(f"attach vfio:nic0,sock={nic.sock}")[1] == 0
    base, refused = (info(tele)[key] for key in ("dma_maps", "errors"))
    assert base >= 4
    assert refused <= 1  # a GET of no CPU tells the form of TPH_ST, by its refusal
    for _ in range(3):
        assert t.ask("grow 16")[1] == 0
        assert t.ask("grow 16")[1] == 0
        grown = info(tele)["dma_maps"] - base
        assert 15 <= grown <= 18  # 32 MiB in pages of 2 MiB, a little of it there before
        assert t.ask("shrink")[1] == 0
        after = info(tele)["dma_maps"]
        assert after < base  # the first 8 MiB went, too
        assert t.ask("grow 8")[1] == 0
        assert info(tele)["dma_maps"] == base
    assert t.ask("detach vfio:nic0")[1] == 0
    assert t.quit() == 0
    assert info(tele)["errors"] == refused


def test_memory_of_a_confidential_device(hugepages, build, vfu_nic, tool, rundir):
    """Memory that EAL takes is not shared before RUN, and is from then on."""
    nic = vfu_nic("--tsm", "cca")
    t = tool(memory=["--in-memory", "--iova-mode=va"])
    empty = tsm.policy(build, rundir, "empty", roots=["ab" * 48])
    assert t.ask("grow 8")[1] == 0
    assert t.ask(f"attach {tsm.devargs(nic, empty)}")[1] == -errno.EACCES
    assert t.ask("grow 8")[1] == 0
    tsm.left_alone(nic)
    assert t.ask(f"attach {tsm.devargs(nic, tsm.policy(build, rundir))}")[1] == 0
    base = int(nic.counters()["dma_maps"])
    assert base >= 8 and t.ask("grow 16")[1] == 0
    assert int(nic.counters()["dma_maps"]) > base
    assert t.ask("detach vfio:nic0")[1] == 0
    assert t.ask("grow 16")[1] == 0
    tsm.left_alone(nic)
    assert t.quit() == 0


def test_physical_addresses_are_refused(hugepages, vfu_nic, tool):
    """EAL takes them where it can when no device wants something else at start."""
    if os.geteuid() != 0:
        pytest.skip("needs root to see physical addresses")
    nic = vfu_nic()
    t = tool(memory=["--in-memory", "--iova-mode=pa"])
    before = t.fds()
    text, rc = t.ask(f"attach vfio:nic0,sock={nic.sock}")
    assert rc == -errno.ENOTSUP
    line, = [x for x in text.splitlines() if x.startswith("vfio:nic0")]
    assert "IOVA as PA" in line and "--iova-mode=va" in line
    assert t.ask("list")[1] == 0
    assert t.fds() == before
    assert t.quit() == 0
    t = tool("-a", f"vfio:nic0,sock={nic.sock}", memory=["--in-memory"], name="named")
    assert "probed vfio:nic0" in t.text()  # named at start, it makes EAL choose VA
    assert t.quit() == 0


def test_secondary_process_is_refused(hugetlbfs, vfu_nic, tool, rundir):
    nic, other = vfu_nic(), vfu_nic(name="other")
    memory = ["--huge-dir", str(hugetlbfs), "--iova-mode=va"]
    t = tool("-a", f"vfio:nic0,sock={nic.sock}", memory=memory, prefix=rundir.name)
    s = tool("-a", f"vfio:nic1,sock={other.sock}", "--proc-type=secondary", memory=memory,
             prefix=rundir.name, name="second")
    line, = [x for x in s.text().splitlines() if x.startswith("vfio:nic1")]
    assert "secondary processes are not supported" in line and "in the primary" in line
    assert s.ask("list")[1] == 0
    assert s.quit() == 0
    assert t.ask("list")[1] == 1  # the primary never noticed
    assert t.ask("detach vfio:nic0")[1] == 0
    assert t.ask(f"attach vfio:nic0,sock={nic.sock}")[1] == 0
    assert t.quit() == 0
    assert other.stop() == 0
    assert " clients=0 " in other.text()
