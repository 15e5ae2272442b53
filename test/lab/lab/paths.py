# SPDX-License-Identifier: BSD-3-Clause
"""Where things are, and which versions of Debian's packages are used."""
import os
import sys
from pathlib import Path

LAB = Path(__file__).resolve().parents[1]
ROOT = LAB.parents[1]
GUEST = LAB / "guest"
OUT = ROOT / "build" / "lab" / "out"

KERNEL = os.environ.get("STEER_LAB_KERNEL", "7.3.4+deb13-amd64")  # as in its package names
SOURCE = "linux-source-" + ".".join(KERNEL.split(".")[:2])
OLD_KERNEL = os.environ.get("STEER_LAB_OLD_KERNEL", "6.12.95+deb12-amd64")
OLD_SUITE = os.environ.get("STEER_LAB_OLD_SUITE", "bookworm")
SUITE = os.environ.get("STEER_LAB_SUITE", "trixie")  # QEMU, kernel, compiler; and its -backports

sys.path.insert(0, str(ROOT / "devtools"))


def cache():
    """Folder of what was fetched and built; outside the clone, shared by all of them."""
    default = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("STEER_LAB_CACHE") or Path(default) / "dpdk-steer" / "lab")


def qemu_root():
    return cache() / "qemu"
