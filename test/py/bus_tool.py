# SPDX-License-Identifier: BSD-3-Clause
"""bus-tool: the vfio bus in EAL, with a driver that only holds the device."""

import os
import subprocess
import time

import pytest

from conftest import PATIENCE, Process, eal_args
from patience import Patience


class Tool(Process):
    """bus-tool: a prompt with one answer line per command."""

    def __init__(self, build, rundir, env, *eal, name="tool", memory=None, prefix=None):
        binary = build / "test" / "tools" / "bus-tool"
        if not binary.exists():
            pytest.skip(f"{binary} is not built")
        prefix = prefix or f"{rundir.name}-{name}"
        args = eal_args(prefix)
        if memory is not None:  # other memory than --no-huge
            args = ["--no-pci", "--no-telemetry", "--file-prefix", prefix, *memory]
        super().__init__([str(binary), *args, *eal], rundir / f"{name}.log", env,
                         stdin=subprocess.PIPE)
        self.seen = 0
        self.expect("tool ready")

    def expect(self, what, timeout=PATIENCE):
        """Output from the last match up to and with the line that has this text."""
        patience = Patience(timeout)
        while patience.lasts():
            done = self.p.poll() is not None
            text = self.text()
            at = text.find(what, self.seen)
            stop = text.find("\n", at + 1)
            if at >= 0 and stop >= 0:
                part, self.seen = text[self.seen:stop], stop
                return part
            if done:
                break
            time.sleep(0.005)
        raise AssertionError(f"no '{what}' after:\n{self.text()[self.seen:]}")

    def ask(self, line):
        """Run a command; what came up to its answer, and the answer's number."""
        self.p.stdin.write(line.encode() + b"\n")
        self.p.stdin.flush()
        word = line.split()[0]
        text = self.expect(f"\n{word} ")
        return text, int(text.rsplit(None, 1)[1])

    def threads(self):
        """Names and allowed CPUs of the threads."""
        found = []
        for task in os.listdir(f"/proc/{self.pid}/task"):
            with open(f"/proc/{self.pid}/task/{task}/status", encoding="ascii") as f:
                status = dict(x.split(":\t", 1) for x in f.read().splitlines() if ":\t" in x)
            found.append((status["Name"], status["Cpus_allowed_list"]))
        return found

    def say(self, line):
        self.p.stdin.write(line.encode() + b"\n")
        self.p.stdin.flush()

    def quit(self):
        self.say("quit")
        return self.p.wait(20)

    def held(self):
        """File descriptors and mappings; a sanitizer maps as it likes, so none there."""
        with open(f"/proc/{self.pid}/maps", encoding="ascii", errors="replace") as f:
            maps = f.read()
        return self.fds(), 0 if "libasan" in maps else maps.count("\n")

    def cpu_ticks(self):
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as f:
            stat = f.read().rsplit(")", 1)[1].split()
        return int(stat[11]) + int(stat[12])


@pytest.fixture
def tool(build, rundir, env):
    started = []

    def start(*eal, **kw):
        t = Tool(build, rundir, env, *eal, **kw)
        started.append(t)
        return t

    yield start
    for t in started:
        t.kill()
        if "Sanitizer" in t.text() or "runtime error" in t.text():
            pytest.fail(t.text())
