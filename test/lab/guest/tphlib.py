# SPDX-License-Identifier: BSD-3-Clause
"""vfio-pci-tph and our application over it: what the cases of the module share."""
import re
import time

import guestlib as g

# root ports of the cards, by where their tags live; one is for our application alone, one drops
# what is written to its table
CAP, MSIX, DS, STEERED, DEAF = range(5)
NAME = "vfio-pci-tph"
ON = ["enable_unsafe_tph=1", "ioctl_v8=1"]
CORE = "lab.core" in g.command_line()  # this kernel has TPH, and completers in its root ports
TEST = [] if CORE else ["test_ignore_completer=1"]
STOCK = (g.PCI / "drivers" / "vfio-pci").is_dir()  # then the name is taken


class Loaded:
    """The module with these parameters, on a card; gone afterwards."""

    def __init__(self, port, *parameters, name=NAME):
        self.bdf, self.parameters, self.name = g.behind(port), parameters, name

    def __enter__(self):
        g.modprobe(" ".join(("vfio_pci_tph", *self.parameters)))
        g.bind(self.name, self.bdf)
        return self.bdf

    def __exit__(self, *_):
        g.bind(None, self.bdf)
        g.run("rmmod", "vfio_pci_tph")


def kernel_calls(port, how, *parameters, label):
    """The module's own test program; its points are ours."""
    with Loaded(port, *parameters) as bdf:
        said = g.run("/lab/tph-test", bdf, how, *(["core"] if CORE else []), ok=False)
    print(said, flush=True)
    points = re.findall(r"^(ok|not ok) \d+ - (.*)$", said, re.M)
    bad = [name for word, name in points if word == "not ok"]
    g.report(points and not bad and f"1..{len(points)}" in said,
             f"{label}: {len(points)} calls answer as documented", said if bad else said[-1500:])


# ---- our application
PROMPT = "steerpmd> "
TAG = 0x10  # of the CPU whose ACPI UID is 0 (tphdsm.asl)
BOTH = {"rxq 0": 1, "rxq 1": 2, "txq 0": 1, "txq 1": 2}  # CPU by queue


class Steerpmd(g.Process):
    """dpdk-steerpmd with two queues on lcores 1 and 2."""

    def __init__(self, bdf, more=""):
        super().__init__([g.STEER / "app/steerpmd/dpdk-steerpmd", *g.eal("steer", "0,1,2"),
                          "--no-pci", "-a", f"vfio:{bdf}{more}", "--", "-i", "--rxq=2", "--txq=2",
                          "--nb-cores=2"], env=g.environment())
        self.expect(PROMPT, g.PATIENCE)

    def ask(self, line):
        self.send(line)
        self.expect(re.escape(line), g.PATIENCE)
        at = self._seen
        self.expect(PROMPT, g.PATIENCE)
        return self.output[at:self._seen]

    def tags(self):
        """Tag by queue, as the application shows it."""
        found = {}
        for line in self.ask("show steer").splitlines():
            row = re.match(r"\s+([rt]xq \d+)\s+\S+\s+\S+\s+\S+\s+(\S+)", line)
            if row:
                found[row[1]] = row[2]
        return found

    def reach(self, label, want):
        """Wait until the queues have these CPUs' tags."""
        want = {q: f"0x{TAG + cpu:04x}" for q, cpu in want.items()}
        end = time.monotonic() + g.PATIENCE
        while self.tags() != want and time.monotonic() < end:
            time.sleep(0.2)
        got = self.tags()
        g.report(got == want, label, f"{got} is not {want}\n{self.output[-3000:]}")

    def receives(self):
        """Wait for packets."""
        end = time.monotonic() + g.PATIENCE
        while not (found := re.search(r"RX-packets: [1-9]", self.ask("show port stats all"))) and \
                time.monotonic() < end:
            time.sleep(0.2)
        return bool(found)

    def quit(self):
        self.send("quit")
        return self.wait(g.PATIENCE)
