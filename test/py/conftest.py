# SPDX-License-Identifier: BSD-3-Clause
"""Fixtures: where the build is, a run folder with a short path, and vfu-nic as a process."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

import pytest

from patience import PATIENCE, Patience, wait_for

ROOT = pathlib.Path(__file__).resolve().parents[2]
WIRE = "gen,size=64"


@pytest.fixture(scope="session")
def build():
    """Build folder: $STEER_BUILD, or build/release."""
    path = pathlib.Path(os.environ.get("STEER_BUILD", ROOT / "build" / "release"))
    if not path.is_absolute():
        path = ROOT / path
    if not (path / "build.ninja").exists():
        pytest.skip(f"no build in {path}: run meson setup and ninja")
    return path


def need(program):
    """Skip, and say what is missing."""
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    return program


@pytest.fixture
def rundir(request):
    """A folder of this test alone; short, because socket paths end at 107 characters."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="st-", dir="/tmp"))
    xdg = path / "xdg"
    xdg.mkdir(mode=0o700)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def env(rundir):
    """Environment with a private XDG_RUNTIME_DIR, so that EAL shares nothing with others."""
    xdg = str(rundir / "xdg")  # root's EAL takes the other name
    return dict(os.environ, XDG_RUNTIME_DIR=xdg, RUNTIME_DIRECTORY=xdg)


def eal_args(prefix, mem=64, lcores=None, telemetry=False):
    """EAL without huge pages, files or PCI devices."""
    args = ["--no-huge", "--no-shconf", "-m", str(mem), "--no-pci", "--file-prefix", prefix]
    if not telemetry:
        args.append("--no-telemetry")
    if lcores is not None:
        args += ["--lcores", lcores]
    return args


class Process:
    """A program whose output goes to a file; kept by the fixture that started it."""

    def __init__(self, argv, log, env, **kw):
        self.argv, self.log = argv, pathlib.Path(log)
        with open(self.log, "wb") as out:
            self.p = subprocess.Popen(argv, stdout=out, stderr=subprocess.STDOUT, env=env,
                                      stdin=kw.pop("stdin", subprocess.DEVNULL), **kw)

    @property
    def pid(self):
        return self.p.pid

    def text(self):
        return self.log.read_text(errors="replace")

    def wait_text(self, what, timeout=PATIENCE):
        """Wait until the output has this text; its end without it is a failure."""
        patience = Patience(timeout)
        while patience.lasts():
            done = self.p.poll() is not None
            if what in self.text():
                return self.text()
            if done:
                break
            time.sleep(0.01)
        raise AssertionError(f"no '{what}' from {self.argv[0]}:\n{self.text()}")

    def wait_started(self, what):
        """As wait_text(); nobody else can end a process whose constructor fails."""
        try:
            self.wait_text(what)
        except AssertionError:
            self.kill()
            raise

    def fds(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def maps(self):
        with open(f"/proc/{self.pid}/maps", encoding="ascii", errors="replace") as f:
            return sum(1 for _ in f)

    def signal(self, sig):
        self.p.send_signal(sig)

    def kill(self):
        if self.p.poll() is None:
            self.p.kill()
        self.p.wait(PATIENCE)

    def stop(self, timeout=PATIENCE):
        """SIGTERM. @return exit code."""
        if self.p.poll() is None:
            self.p.send_signal(signal.SIGTERM)
        try:
            return self.p.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise


class VfuNic(Process):
    """vfu-nic; ready when the constructor returns."""

    def __init__(self, binary, rundir, env, name, log, opts, wire, eal, lcores, wait,
                 telemetry=False, **popen):
        self.sock = str(rundir / f"{name}.sock")
        lcores = lcores or os.environ.get("STEER_LCORES")
        argv = [str(binary), *eal_args(f"{rundir.name}-{name}", lcores=lcores, telemetry=telemetry),
                *eal, "--", "--sock", self.sock, "--wire", wire, *opts]
        super().__init__(argv, rundir / log, env, **popen)
        if wait:
            self.wait_started(" ready")

    def counters(self):
        """What SIGUSR1 prints, as a dictionary."""
        before = self.text().count(" counters: ")
        self.signal(signal.SIGUSR1)

        def printed():
            lines = [x for x in self.text().split("\n")[:-1] if " counters: " in x]
            return lines if len(lines) > before else None

        words = wait_for("counters", printed)[-1].split(" counters: ")[1].split()
        return dict(w.split("=", 1) for w in words if "=" in w)


@pytest.fixture
def vfu_nic(build, rundir, env):
    """Start vfu-nic: vfu_nic(*options, name=, wire=, eal=, lcores=, wait=,
    telemetry=, and what subprocess.Popen() takes)."""
    binary = build / "app" / "vfu-nic" / "vfu-nic"
    if not binary.exists():
        pytest.skip(f"{binary} is not built")
    started = []

    def start(*opts, name="nic", wire=WIRE, eal=(), lcores=None, wait=True, telemetry=False,
              **popen):
        log = f"{name}-{len(started)}.log"
        nic = VfuNic(binary, rundir, env, name, log, opts, wire, eal, lcores, wait,
                     telemetry, **popen)
        started.append(nic)
        return nic

    yield start
    for nic in started:
        nic.kill()
        if "Sanitizer" in nic.text() or "runtime error" in nic.text():
            pytest.fail(nic.text())


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Put the logs of the run folder into the report of a failed test."""
    report = (yield).get_result()
    path = item.funcargs.get("rundir") if hasattr(item, "funcargs") else None
    if not report.failed or path is None:
        return
    for log in sorted(path.glob("*.log")):
        report.sections.append((log.name, log.read_text(errors="replace")[-8000:]))
