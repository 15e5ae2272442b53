# SPDX-License-Identifier: BSD-3-Clause
"""test/lab/run: fetch, pack, boot, TAP."""
import argparse
import os
import signal
import sys
import time
from pathlib import Path

from . import build, debian, initramfs, side_by_side
from .cases import CASES
from .kernels import KERNELS
from .paths import OUT, ROOT
from .tap import Tap
from .vm import Machine


class Lab:
    """What a run has in common."""

    def __init__(self, args):
        self.kernel, self.keep = KERNELS[args.kernel](), args.keep
        self.words = f" lab.test={args.test}" if args.test else ""
        # The lane of each ./check has four minutes; the lanes of --long run everything.
        if args.kernel == "debian" and not args.test and not os.environ.get("STEER_LONG"):
            self.brief = " lab.brief"
        else:
            self.brief = ""
        self.build = Path(os.environ.get("STEER_BUILD", ROOT / "build" / "release")).resolve()
        if not (self.build / "build.ninja").exists():
            raise debian.Unavailable(f"no build in {self.build}: run meson setup and ninja")
        if os.geteuid() != 0:
            raise debian.Unavailable("needs root: makes network namespaces")
        debian.fetch("qemu")
        OUT.mkdir(parents=True, exist_ok=True)

    def prepare(self, cases):
        """What is built once for all runs; runs side by side must find it done."""
        self.kernel.image()
        for case in cases:
            case.prepare(self)

    def initrd(self, case):
        name = f"{self.kernel.name}-{case.name}.cpio"
        return initramfs.build(self.build, OUT / name,
                               self.kernel.modules(case.modules), case.later, case.files(self))


def run_case(lab, case, tap):
    start = time.monotonic()
    tap.note(f"{case.name}: {case.title}")
    image = lab.kernel.image()
    initrd = lab.initrd(case)
    machine = Machine(f"{lab.kernel.name}-{case.name}", image, initrd, case.name,
                      f"{case.append} {lab.kernel.append}{lab.words}{lab.brief}")
    why = case.boot(lab, machine, tap)
    done = tap.guest(machine.said())
    if not done and not why:
        why = "no end mark of its tests"
    tap.ok(not why, f"{case.name}: the guest ran to its end", f"{why}\n{machine.serial}: "
           f"{Machine.tail(machine.serial, 5)}")
    tap.note(f"{case.name}: {time.monotonic() - start:.0f} s")
    if not lab.keep:
        initrd.unlink()


def arguments(argv):
    p = argparse.ArgumentParser(prog="test/lab/run", description="tests on a real kernel in QEMU")
    p.add_argument("--kernel", choices=tuple(KERNELS), default="debian")
    p.add_argument("--case", action="append", metavar="NAME", help="this case only; repeatable")
    p.add_argument("--test", metavar="NAME[,...]", help="of the guest's tests these only")
    p.add_argument("--jobs", type=int, metavar="N", default=min(2, os.cpu_count()),
                   help="boots at a time (2; 1 on a single CPU)")
    p.add_argument("--list", action="store_true", help="list the cases")
    p.add_argument("--keep", action="store_true", help="keep the packed initramfs")
    args = p.parse_args(argv)
    unknown = set(args.case or ()) - {c.name for c in CASES}
    if unknown:
        p.error("no such case: " + ", ".join(sorted(unknown)))
    return args


def main(argv=None):
    args = arguments(argv)
    chosen = [c for c in CASES if args.kernel in c.kernels and c.name in (args.case or [c.name])]
    if args.list:
        print("\n".join(f"{c.name:10} {c.title}" for c in chosen))
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # unwind: nothing is left running
    tap = Tap(lambda line: print(line, flush=True))
    try:
        lab = Lab(args)
        lab.prepare(chosen)
        if args.jobs > 1 and len(chosen) > 1:
            options = ["--kernel", args.kernel, *(["--test", args.test] if args.test else []),
                       *(["--keep"] if args.keep else [])]
            names = [c.name for c in sorted(chosen, key=lambda c: -c.seconds)]
            side_by_side.run(names, args.jobs, options, tap)
        else:
            for case in chosen:
                run_case(lab, case, tap)
    except build.Broken as e:
        tap.ok(False, "what the guests need is built", e)
    except (debian.Unavailable, initramfs.Missing) as e:
        return tap.finish(str(e))
    return tap.finish()
