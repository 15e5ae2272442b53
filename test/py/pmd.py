# SPDX-License-Identifier: BSD-3-Clause
"""Fixtures of the virtio PMD's tests: Debian's testpmd, our pmd-tool, and both layouts of rings."""

import re
import subprocess

import pytest

from conftest import Process, eal_args
from patience import wait_for
from testpmd import Testpmd


@pytest.fixture
def testpmd(build, rundir, env):
    started = []

    def start(devices, *app, **kw):
        t = Testpmd(build, rundir, env, devices, *app, **kw)
        started.append(t)
        return t

    yield start
    for t in started:
        t.kill()
        if "Sanitizer" in t.text() or "runtime error" in t.text():
            pytest.fail(t.text())


@pytest.fixture(params=["split", "packed"])
def ring_nic(vfu_nic, request):
    """vfu_nic() with rings of each layout; the driver takes packed ones where it finds them."""
    packed = ["--packed"] if request.param == "packed" else []

    def start(*opts, **kw):
        return vfu_nic(*packed, *opts, **kw)

    start.packed = bool(packed)
    return start


@pytest.fixture
def tool(build, rundir, env):
    """pmd-tool on one device: tool(nic, command..., args=) gives (exit code, output)."""
    binary = build / "test" / "tools" / "pmd-tool"
    if not binary.exists():
        pytest.skip(f"{binary} is not built")

    def run(nic, *command, args=""):
        r = subprocess.run([str(binary), *eal_args(f"{rundir.name}-tool", lcores="0@1"), "-a",
                            f"vfio:nic0,sock={nic.sock}{args}", "--", *command], env=env,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                           check=False, text=True)
        return r.returncode, r.stdout

    return run


class Steps(Process):
    """pmd-tool steps; next() runs the next one."""

    def __init__(self, build, rundir, env, nic, *words, args=""):
        super().__init__([str(build / "test" / "tools" / "pmd-tool"),
                          *eal_args(f"{rundir.name}-steps", lcores="0@1"), "-a",
                          f"vfio:nic0,sock={nic.sock}{args}", "--", "steps", *words],
                         rundir / "steps.log", env, stdin=subprocess.PIPE)
        self.words, self.done = list(words[1:]), 0

    def next(self):
        if self.done > 0:
            self.p.stdin.write(b"\n")
            self.p.stdin.flush()
        word, self.done = self.words[self.done], self.done + 1

        def steps():
            return re.findall(r"^step (\w+) (-?\d+)$", self.text(), re.M)

        wait_for(word, lambda: len(steps()) >= self.done or self.p.poll() is not None)
        assert steps()[-1] == (word, "0"), self.text()
        return word


@pytest.fixture
def steps(build, rundir, env):
    """steps(nic, "intr" or "plain", step..., args=)."""
    started = []

    def start(nic, *words, args=""):
        started.append(Steps(build, rundir, env, nic, *words, args=args))
        return started[-1]

    yield start
    for t in started:
        t.kill()


def wire_sums(nic):
    """Words of the "wire gen:" line that the server ended with: all its clients together."""
    words = re.findall(r"wire gen: (.*)", nic.text())[-1].split()
    return dict(zip(words[::2], map(int, words[1::2])))
