# SPDX-License-Identifier: BSD-3-Clause
"""Running our programs: where the build is, the environment they need, and a line-wise dialogue.

For ./demo and for the tests. STEER_BUILD names the build folder (default build/release).
"""
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = Path(os.environ.get("STEER_BUILD", ROOT / "build" / "release")).resolve()
LONG = bool(os.environ.get("STEER_LONG"))
VFU_NIC = BUILD / "app" / "vfu-nic" / "vfu-nic"
STEERPMD = BUILD / "app" / "steerpmd" / "dpdk-steerpmd"
PATIENCE = 60  # seconds; a busy machine is no failure, and sanitizers are slow


def environment(rundir):
    """Environment of one process: EAL's run-time folder (root's would be below /var/run) is ours."""
    return dict(os.environ, XDG_RUNTIME_DIR=str(rundir), RUNTIME_DIRECTORY=str(rundir))


def eal_args(prefix, lcores="0@0,1@1", memory=64):
    """No huge pages, nothing shared on disk, never a PCI device of this machine."""
    return ["--lcores", lcores, "--no-huge", "--no-shconf", "-m", str(memory), "--no-pci",
            "--no-telemetry", "--file-prefix", prefix]


def private_dir():
    """A folder of this user only, with a name short enough for Unix sockets."""
    base = os.environ.get("XDG_RUNTIME_DIR") or "/tmp"
    if len(base) > 40 or not os.access(base, os.W_OK):
        base = "/tmp"
    return Path(tempfile.mkdtemp(prefix="steer-", dir=base))


class Process:
    """A child process: send lines, wait for text, count what it holds."""

    def __init__(self, argv, env=None, cwd=None):
        self.argv = [str(a) for a in argv]
        self.output = ""
        self._seen = 0
        self._news = threading.Condition()
        self._closed = False
        self.proc = subprocess.Popen(self.argv, env=env, cwd=cwd, stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0)
        self.pid = self.proc.pid
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        while chunk := self.proc.stdout.read(65536):
            with self._news:
                self.output += chunk.decode(errors="replace")
                self._news.notify_all()
        with self._news:
            self._closed = True
            self._news.notify_all()

    def send(self, line):
        self.proc.stdin.write((line + "\n").encode())

    def expect(self, pattern, timeout=None):
        """Wait for a regular expression in output not yet consumed; consumes up to its end."""
        deadline = time.monotonic() + (timeout or PATIENCE)
        regex = re.compile(pattern, re.M)
        with self._news:
            while True:
                found = regex.search(self.output, self._seen)
                if found:
                    self._seen = found.end()
                    return found
                left = deadline - time.monotonic()
                if left <= 0 or self._closed:
                    state = "ended" if self._closed else "is silent"
                    raise AssertionError(f"{self.argv[0]} {state} before {pattern!r}; it said:\n"
                                         f"{self.output[-6000:]}")
                self._news.wait(left)

    def wait(self, timeout=None):
        """Exit status; all output is in .output then."""
        code = self.proc.wait(timeout or PATIENCE)
        self._reader.join(5)
        return code

    def running(self):
        return self.proc.poll() is None

    def kill(self, sig=signal.SIGKILL):
        if self.running():
            self.proc.send_signal(sig)
        return self.wait()

    def stop(self):
        """End it whatever it does; for clean-up."""
        if self.running():
            self.proc.terminate()
            try:
                self.proc.wait(5)
            except subprocess.TimeoutExpired:
                self.proc.kill()
        self.wait()
        self.proc.stdin.close()

    def fds(self):
        """What its descriptors point to, sorted; anonymous inodes by kind."""
        folder = Path(f"/proc/{self.pid}/fd")
        links = []
        for fd in folder.iterdir():
            try:
                links.append(re.sub(r":\[\d+\]", "", os.readlink(fd)))
            except FileNotFoundError:
                continue
        return sorted(links)

    def mappings(self):
        """Number of its memory mappings."""
        return len(Path(f"/proc/{self.pid}/maps").read_text().splitlines())


def remove(path):
    shutil.rmtree(path, ignore_errors=True)
