# SPDX-License-Identifier: BSD-3-Clause
"""Debian's own dpdk-testpmd, unmodified, with our plug-ins and its prompt."""

import os
import re
import subprocess
import time

from conftest import PATIENCE, Process, eal_args, need
from patience import Patience, wait_for

PROMPT = "testpmd> "
PLUGINS = ("librte_bus_vfio.so", "librte_net_vfio_virtio.so")


def plugin_env(build, env):
    """Plug-ins by bare name: EAL checks no permissions then, so a clone may lie below /tmp."""
    dirs = [build / "lib" / x for x in ("cache", "pci", "steer", "tph", "tsm", "vfio")]
    dirs += [build / "drivers" / x for x in ("bus/vfio", "misc/steer", "net/virtio")]
    dirs += filter(None, [env.get("LD_LIBRARY_PATH")])
    env = dict(env, LD_LIBRARY_PATH=":".join(map(str, dirs)))
    ldd = subprocess.run(["ldd", str(build / "drivers/net/virtio/librte_net_vfio_virtio.so")], env=env,
                         capture_output=True, text=True, check=True).stdout
    asan = re.search(r"/\S*libasan\.so\S*", ldd)
    if asan:  # a program built without it must load it first; what it leaks itself is not ours
        env.update(LD_PRELOAD=asan.group(),
                   ASAN_OPTIONS=env.get("ASAN_OPTIONS", "detect_leaks=0"))
    return env


class Testpmd(Process):
    """Ready at its prompt when the constructor returns."""

    __test__ = False  # not a class of tests

    def __init__(self, build, rundir, env, devices, *app, name="pmd", mem=192, lcores="0@0,1@1",
                 eal=(), ready=True, memory=None, telemetry=False, plugins=PLUGINS, **popen):
        prefix = f"{rundir.name}-{name}"
        args = eal_args(prefix, mem=mem, lcores=lcores, telemetry=telemetry)
        if memory is not None:  # other memory than --no-huge
            args = ["--no-pci", "--file-prefix", prefix, "--lcores", lcores, *memory]
            args += [] if telemetry else ["--no-telemetry"]
        argv = ["stdbuf", "-oL", need("dpdk-testpmd"), *args, *eal]
        for plugin in plugins:
            argv += ["-d", plugin]
        for device in devices:
            argv += ["-a", device]
        argv += ["--", "-i", "--total-num-mbufs=8192", "--no-flush-rx", *app]
        env = plugin_env(build, env)
        self.asan = "LD_PRELOAD" in env
        super().__init__(argv, rundir / f"{name}.log", env, stdin=subprocess.PIPE, **popen)
        self.seen = 0
        if ready:
            self.wait_started(PROMPT)
            self.prompt()

    def prompt(self, timeout=PATIENCE):
        """Output up to the next prompt."""
        patience = Patience(timeout)
        while patience.lasts():
            done = self.p.poll() is not None
            text = self.text()
            at = text.find(PROMPT, self.seen)
            if at >= 0:
                part, self.seen = text[self.seen:at], at + len(PROMPT)
                return part
            if done:
                break
            time.sleep(0.005)
        raise AssertionError(f"no prompt after:\n{self.text()[self.seen:]}")

    def say(self, line):
        self.p.stdin.write(line.encode() + b"\n")
        self.p.stdin.flush()

    def ask(self, line, timeout=PATIENCE):
        """Run a command. @return what it printed."""
        self.say(line)
        return self.prompt(timeout)

    def stats(self, port=0):
        """Numbers of "show port stats"."""
        text = self.ask(f"show port stats {port}")
        return {k: int(v) for k, v in re.findall(r"([RT]X-[a-z]+): +(\d+)", text)}

    def xstats(self, port=0):
        text = self.ask(f"show port xstats {port}")
        return {k: int(v) for k, v in re.findall(r"^(\w+): (\d+)$", text, re.M)}

    def wait_packets(self, port, key, more, timeout=PATIENCE):
        """Wait until a counter of "show port stats" has grown by this much."""
        first = self.stats(port)[key]
        wait_for(f"{more} more {key} of port {port}",
                 lambda: self.stats(port)[key] >= first + more, timeout, 0.02)

    def wait_tags(self, port=0):
        """Wait until every queue has a tag, which the scan thread gives it when it was polled."""
        def untagged():
            return [k for k, v in self.xstats(port).items() if k.endswith("_steer_tag") and v == 0]
        wait_for("tags", lambda: not untagged(), every=0.02)

    def memory(self):
        """What must not grow: EAL heap in use, memzones, fds, mappings (AddressSanitizer, which
        keeps what was freed, opens some of its own at any time: not counted there)."""
        heap = self.ask("dump_malloc_stats")
        zones = self.ask("dump_memzone")
        return {"heap": re.findall(r"(Alloc_size|Alloc_count):(\d+)", heap),
                "zones": len(re.findall(r"^Zone \d+:", zones, re.M)),
                "fds": len(os.listdir(f"/proc/{self.pid}/fd")),
                "maps": 0 if self.asan else self.maps()}

    def quit(self):
        """@return exit code."""
        self.say("quit")
        return self.p.wait(PATIENCE)
