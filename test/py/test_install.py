# SPDX-License-Identifier: BSD-3-Clause
"""What `meson install` leaves: an application builds against it, and the plug-ins find each other."""

import os
import re
import shlex
import shutil
import subprocess

import pytest

from conftest import ROOT, Process, eal_args, need
from patience import wait_for

PROGRAM = """
#include <stdio.h>
#include <string.h>
#include <steer.h>
#include <steer_driver.h>
#include <steer_tph.h>
#include <steer_vfio.h>

int
main(void)
{
	struct steer_port_info info;

	if (steer_port_info_get(0, &info) == 0)
		return 1;
	if (steer_mode_parse("palette") < 0 || steer_mode_parse("sideways") >= 0)
		return 2;
	printf("%s %u\\n", steer_mode_name(STEER_MODE_AUTO), steer_lcore_cpu(0) == STEER_CPU_NONE);
	return 0;
}
"""
HEADERS = {"bus_vfio_driver.h", "bus_vfio_tsm.h", "steer.h", "steer_cache.h", "steer_driver.h",
           "steer_pci.h", "steer_pmu.h", "steer_shape.h", "steer_source.h", "steer_stash.h",
           "steer_stat.h", "steer_stock.h", "steer_tally.h", "steer_timing.h", "steer_timing_probe.h",
           "steer_topology.h", "steer_tph.h", "steer_trace.h", "steer_tsm.h", "steer_tsm_evidence.h",
           "steer_tsm_policy.h", "steer_tsm_verdict.h", "steer_tsm_vmm.h", "steer_vfio.h",
           "steer_virtio.h"}


def run(argv, **kw):
    r = subprocess.run([str(x) for x in argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       timeout=120, check=False, **kw)
    text = r.stdout.decode(errors="replace")
    assert r.returncode == 0, f"{argv}\n{text}"
    return text


class Tree:
    """An installation below dest."""

    def __init__(self, dest):
        self.dest = dest
        self.pc, = dest.rglob("libsteer.pc")
        self.lib = self.pc.parents[1]
        self.include, = dest.rglob("dpdk-steer")
        text = self.pc.read_text()
        prefix = re.search(r"^prefix=(.*)$", text, re.M).group(1)
        self.pmds = dest / re.search(r"^pmddir=(.*)$", text, re.M).group(1).lstrip("/")
        self.bin = dest / prefix.lstrip("/") / "bin"
        # The tree is not where it thinks it is.
        self.pc.write_text(text.replace(f"prefix={prefix}\n", f"prefix={dest}{prefix}\n", 1))

    def flags(self, *what):
        path = f"{self.pc.parent}:{os.environ.get('PKG_CONFIG_PATH', '')}"
        return shlex.split(run([need("pkg-config"), *what, "libsteer"],
                               env=dict(os.environ, PKG_CONFIG_PATH=path)))


@pytest.fixture(scope="module")
def installed(build, tmp_path_factory):
    dest = tmp_path_factory.mktemp("dest")
    meson = shutil.which("meson", path="/usr/bin:" + os.environ["PATH"])
    if meson is None:
        pytest.skip("meson is not installed")
    run([meson, "install", "-C", build, "--no-rebuild", "--destdir", dest])
    return Tree(dest)


def test_what_is_there(installed):
    assert {x.name for x in installed.include.iterdir()} == HEADERS
    assert {x.name for x in installed.pmds.iterdir()} == {
        "librte_bus_vfio.so", "librte_net_vfio_virtio.so", "librte_steer.so"}
    assert {x.name for x in installed.bin.iterdir()} >= {
        "dpdk-steerpmd", "steer-tsm-policy", "steer-tsm-verify", "vfu-nic"}
    for name in ("", "_cache", "_pci", "_tph", "_tsm", "_vfio"):
        assert (installed.lib / f"libsteer{name}.so").exists()


@pytest.mark.parametrize("compiler, standard, suffix", [
    ("gcc", "-std=gnu11", "c"), ("g++", "-std=gnu++17", "cpp")])
def test_an_application_builds_out_of_tree(installed, tmp_path, compiler, standard, suffix):
    source, program = tmp_path / f"app.{suffix}", tmp_path / "app"
    source.write_text(PROGRAM)
    run([need(compiler), standard, "-Wall", "-Wextra", "-Werror", source, "-o", program,
         *installed.flags("--cflags", "--libs")], cwd=tmp_path)
    env = dict(os.environ, LD_LIBRARY_PATH=str(installed.lib))
    assert run([program], env=env) == "auto 1\n"


@pytest.mark.parametrize("compiler, standard, language", [
    ("gcc", "-std=gnu11", "c"), ("g++", "-std=gnu++17", "c++")])
def test_a_driver_builds_out_of_tree(installed, compiler, standard, language):
    flags = [x for x in installed.flags("--cflags") if str(ROOT) not in x]
    sdk = ROOT / "build" / "sdk"
    run([need(compiler), standard, "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror",
         "-DALLOW_INTERNAL_API", *flags, *(["-isystem", sdk] if sdk.is_dir() else []),
         "-fsyntax-only", "-x", language, "-include", "bus_vfio_driver.h", os.devnull])


def test_plugins_find_each_other(installed):
    """EAL loads the folder in any order: the driver must bring the bus of its own folder."""
    env = dict(os.environ, LD_LIBRARY_PATH=str(installed.lib))
    text = run(["ldd", installed.pmds / "librte_net_vfio_virtio.so"], env=env)
    assert "not found" not in text
    assert f"librte_bus_vfio.so => {installed.pmds}/librte_bus_vfio.so" in text


def test_installed_programs_work_together(installed, rundir, env):
    env = dict(env, LD_LIBRARY_PATH=f"{installed.lib}:{installed.pmds}")
    sock = rundir / "nic.sock"
    nic = Process([installed.bin / "vfu-nic", *eal_args(f"{rundir.name}-n"), "--", "--sock", sock,
                   "--wire", "gen"], rundir / "nic.log", env)
    try:
        nic.wait_text(" ready")
        pmd = Process(["stdbuf", "-oL", need("dpdk-testpmd"), *eal_args(f"{rundir.name}-t", mem=192),
                       "-d", "librte_net_vfio_virtio.so", "-a", f"vfio:nic0,sock={sock}", "--",
                       "--total-num-mbufs=4096", "--stats-period=1"], rundir / "pmd.log", env)
        try:
            wait_for("packets", lambda: re.search(r"RX-packets: [1-9]", pmd.text()))
        finally:
            pmd.kill()
    finally:
        nic.kill()
