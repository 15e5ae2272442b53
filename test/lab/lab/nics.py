# SPDX-License-Identifier: BSD-3-Clause
"""vfu-nic processes on the host that a guest's devices are."""
import steerlab

from .paths import OUT

LCORES = "0@0,1@1"


class Nic:
    """One card; its output goes to a log below build/lab/out."""

    def __init__(self, build, folder, name, wire, *options, enter=()):
        self.name, self.sock = name, folder / f"{name}.sock"
        argv = [*enter, build / "app" / "vfu-nic" / "vfu-nic",
                *steerlab.eal_args(f"{folder.name}-{name}", LCORES), "--", "--sock", self.sock,
                "--wire", wire, *options]
        self.process = steerlab.Process(argv, env=steerlab.environment(folder))
        try:
            self.process.expect(" ready: ")
        except AssertionError:
            self.process.stop()
            raise

    def stop(self, prefix):
        """@return all that it printed."""
        self.process.stop()
        (OUT / f"{prefix}.{self.name}.log").write_text(self.process.output)
        return self.process.output
