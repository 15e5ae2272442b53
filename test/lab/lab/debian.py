# SPDX-License-Identifier: BSD-3-Clause
"""Unpacks Debian packages below the cache: QEMU with a kernel, and a root with its compiler."""
import os
import re
import shutil
import subprocess
from pathlib import Path

from .paths import KERNEL, SUITE, cache

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
# name -> (mmdebstrap's variant, packages)
ROOTS = {
    "qemu": ("extract", ["qemu-system-x86", "libc-bin", f"linux-binary-unsigned-{KERNEL}",
                         f"linux-modules-{KERNEL}", f"linux-base-{KERNEL}"]),
    "tools": ("apt", [f"linux-headers-{KERNEL}", "make", "gcc-14", "libc6-dev"]),
}
# QEMU of the release and of its backports must not be mixed: apt refuses that.
PIN = f"""Package: src:qemu src:seabios src:linux
Pin: release n={SUITE}-backports
Pin-Priority: 700
"""


class Unavailable(Exception):
    """The lane cannot run here; the text says why."""


def mirror():
    """The Debian mirror of this system's own apt configuration."""
    if os.environ.get("STEER_LAB_MIRROR"):
        return os.environ["STEER_LAB_MIRROR"]
    folder = Path("/etc/apt/sources.list.d")
    texts = [f.read_text(errors="replace") for f in
             [*sorted(folder.glob("*.sources")), Path("/etc/apt/sources.list"),
              *sorted(folder.glob("*.list"))] if f.is_file()]
    for line in "\n".join(texts).splitlines():
        if not re.match(r"URIs:|deb\s", line):
            continue
        for word in line.split():
            if re.fullmatch(r"\w+://\S*/debian/?", word):
                return word
    raise Unavailable("no Debian mirror in apt's configuration: set STEER_LAB_MIRROR")


def complete(name):
    """A root that was unpacked with at least these packages."""
    _, packages = ROOTS[name]
    stamp = cache() / f"{name}.done"
    if not (cache() / name).is_dir() or not stamp.is_file():
        return False
    return set(packages) <= set(stamp.read_text().strip().split(","))


def mmdebstrap(name):
    variant, packages = ROOTS[name]
    home, pin = cache(), cache() / "pin"
    pin.write_text(PIN)
    sources = [f"deb {mirror()} {SUITE}{tail} main" for tail in ("", "-backports")]
    argv = ["mmdebstrap", "--mode=root", f"--variant={variant}", "--architectures=amd64",
            f"--keyring={KEYRING}", "--aptopt=APT::Install-Recommends \"false\"",
            "--aptopt=Acquire::Languages \"none\"",
            "--aptopt=Acquire::Check-Valid-Until \"false\"",
            "--setup-hook=mkdir -p \"$1/etc/apt/preferences.d\"",
            f"--setup-hook=upload {pin} /etc/apt/preferences.d/lab",
            f"--include={','.join(packages)}", SUITE, str(home / name), *sources]
    log = home / f"{name}.log"
    with log.open("wb") as out:
        done = subprocess.run(argv, stdout=out, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        last = log.read_text(errors="replace").strip().splitlines()[-3:]
        raise Unavailable(f"cannot fetch {name}: {' / '.join(last)} (all of it: {log})")


def fetch(name):
    """Make sure that a root is there. Root only, when it is not. @return its folder."""
    folder = cache() / name
    if complete(name):
        return folder
    if os.geteuid() != 0:
        raise Unavailable(f"{folder} is not there, and fetching it needs root")
    if shutil.which("mmdebstrap") is None:
        raise Unavailable("mmdebstrap is not installed")
    cache().mkdir(parents=True, exist_ok=True)
    (cache() / f"{name}.done").unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    print(f"# fetching {name} into {folder}", flush=True)
    mmdebstrap(name)
    (cache() / f"{name}.done").write_text(",".join(ROOTS[name][1]) + "\n")
    return folder
