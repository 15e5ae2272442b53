# SPDX-License-Identifier: BSD-3-Clause
"""A network namespace of the run alone, for the wires between the guest's cards. Needs root; it
ends with the process that holds it."""
import os
import signal
import subprocess
import time


class Namespace:
    """Context manager; .enter is the command prefix that runs a program inside."""

    def __enter__(self):
        self.holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"],
                                       stdin=subprocess.DEVNULL, start_new_session=True)
        own = os.readlink("/proc/self/ns/net")
        end = time.monotonic() + 60
        while os.readlink(f"/proc/{self.holder.pid}/ns/net") == own:
            if self.holder.poll() is not None or time.monotonic() > end:
                raise OSError("cannot make a network namespace")
            time.sleep(0.01)
        self.enter = ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net"]
        # nothing is on the wires but what the guest sends
        for which in ("all", "default"):
            self.run("sysctl", "-qw", f"net.ipv6.conf.{which}.disable_ipv6=1")
        return self

    def __exit__(self, *_):
        os.killpg(self.holder.pid, signal.SIGKILL)
        self.holder.wait()

    def run(self, *argv):
        done = subprocess.run([*self.enter, *argv], capture_output=True, text=True, check=False)
        if done.returncode:
            raise OSError(f"{' '.join(argv)}: {done.stderr.strip()}")

    def veth(self, a, b):
        """A cable between two interfaces."""
        self.run("ip", "link", "add", a, "type", "veth", "peer", "name", b)
        self.up(a)
        self.up(b)

    def up(self, name):
        self.run("ip", "link", "set", name, "up")
