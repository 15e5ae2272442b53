# SPDX-License-Identifier: BSD-3-Clause
"""A wire with real programs on it: two hosts and a TAP on a hub, all in network namespaces that end
with the processes that hold them. Needs root; changes nothing outside the namespaces.

The hub is a bridge that learns nothing, so the TAP gets a copy of every frame between the hosts.
"""
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

TAP = "steer0"
LEFT, RIGHT = "192.0.2.1", "192.0.2.2"
PROGRAMS = ("ip", "unshare", "nsenter", "ping", "iperf3", "curl", "ethtool")
SERVE = "iperf3 -s >/dev/null 2>&1 & exec python3 -m http.server -b {ip} 8080 >/dev/null 2>&1"
TALK = ("while :; do ping -q -c 3 -i 0.2 {ip}; curl -s -o /dev/null http://{ip}:8080/;"
        " iperf3 -c {ip} -t 2 -b 10M -P 4; iperf3 -c {ip} -u -l 200 -b 3M -P 4 -t 2;"
        " done >/dev/null 2>&1")


def why_not():
    """Reason in words why there can be no live wire here, or None."""
    if os.geteuid() != 0:
        return "it needs root"
    missing = [p for p in PROGRAMS if not shutil.which(p)]
    if missing:
        return "not installed: " + " ".join(missing)
    if not Path("/dev/net/tun").exists():
        return "no /dev/net/tun"
    if subprocess.run(["unshare", "--net", "true"], stderr=subprocess.DEVNULL,
                      check=False).returncode:
        return "no right to make network namespaces"
    return None


class LiveWire:
    """Context manager; .enter is the command prefix that runs a program beside the TAP."""

    def __init__(self):
        self.children = []
        self.enter = ()

    def _spawn(self, argv, **kw):
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, start_new_session=True, **kw)
        self.children.append(child)
        return child.pid

    def _namespace(self):
        pid = self._spawn(["unshare", "--net", "sleep", "infinity"])
        own = os.readlink("/proc/self/ns/net")
        for _ in range(200):
            if os.readlink(f"/proc/{pid}/ns/net") != own:
                return pid
            time.sleep(0.01)
        raise OSError("live wire: no new network namespace")

    @staticmethod
    def _inside(pid, *argv):
        return ["nsenter", f"--net=/proc/{pid}/ns/net", *argv]

    def _run(self, pid, command):
        done = subprocess.run(self._inside(pid, *command.split()), capture_output=True, text=True,
                              check=False)
        if done.returncode:
            raise OSError(f"live wire: {command}: {done.stderr.strip()}")

    def _host(self, hub, name, address):
        pid = self._namespace()
        self._run(hub, f"ip link add {name} type veth peer name eth0 netns {pid}")
        self._run(hub, f"ip link set {name} master hub up")
        self._run(pid, "ip link set lo up")
        self._run(pid, f"ip addr add {address}/24 dev eth0")
        self._run(pid, "ip link set eth0 up")
        self._run(pid, "ethtool -K eth0 tso off gso off gro off tx off rx off")
        return pid

    def __enter__(self):
        try:
            hub = self._namespace()
            self._run(hub, "ip link add hub type bridge ageing_time 0")
            self._run(hub, "ip link set hub up")
            self._run(hub, f"ip tuntap add dev {TAP} mode tap multi_queue")
            self._run(hub, f"ip link set {TAP} master hub up")
            left, right = self._host(hub, "left", LEFT), self._host(hub, "right", RIGHT)
            self._spawn(self._inside(right, "sh", "-c", SERVE.format(ip=RIGHT)))
            self._spawn(self._inside(left, "sh", "-c", TALK.format(ip=RIGHT)))
            self.enter = tuple(self._inside(hub))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        """End what was started here: each child leads a group of its own."""
        for child in reversed(self.children):
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        self.children = []
