# SPDX-License-Identifier: BSD-3-Clause
"""Cases side by side: a boot keeps less than one CPU busy. Each case is a run of its own, which a
signal unwinds as ever; results are printed whole, case after case."""
import concurrent.futures
import subprocess
import sys
import threading

from .paths import LAB


class Runs:
    """The processes, so that all of them can be ended."""

    def __init__(self, options):
        self.argv = [sys.executable, LAB / "run", "--jobs", "1", *options]
        self.lock, self.alive, self.ended = threading.Lock(), set(), False

    def case(self, name):
        """@return exit status and all that it printed."""
        with self.lock:
            if self.ended:
                return -1, ""
            p = subprocess.Popen([*self.argv, "--case", name], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                 errors="replace")
            self.alive.add(p)
        out = p.communicate()[0]
        with self.lock:
            self.alive.discard(p)
        return p.returncode, out

    def end(self):
        with self.lock:
            self.ended = True
            for p in self.alive:
                p.terminate()


def run(names, jobs, options, tap):
    """names: the ones that take longest first."""
    runs = Runs(options)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        try:
            waiting = {pool.submit(runs.case, name): name for name in names}
            for done in concurrent.futures.as_completed(waiting):
                code, out = done.result()
                tap.child(waiting[done], code, out)
        finally:
            runs.end()
