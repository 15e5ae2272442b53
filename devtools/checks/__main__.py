# SPDX-License-Identifier: BSD-3-Clause
"""The parts of ./check, in order. The last line of the output is the sum over all of them."""
import argparse
import os
import sys

from . import builds, docs, fuzz, lab, layers, pytests, source, unit
from .report import Part, finish

# name, function, in --fast, in the plain run (the rest needs --long)
PARTS = [
    ("spdx", source.spdx, True, True),
    ("shell", source.shell, True, True),
    ("python", source.python, True, True),
    ("format", source.clang_format, True, True),
    ("layers", layers.check, True, True),
    ("gcc", builds.gcc, True, True),
    ("headers", source.headers, True, True),
    ("unit", unit.release, True, True),
    ("pytest", pytests.release, True, True),
    ("docs", docs.build, True, True),
    ("lab", lab.debian, False, True),
    ("clang", builds.clang, False, True),
    ("asan", builds.asan, False, True),
    ("tsan", builds.tsan, False, True),
    ("tidy", source.clang_tidy, False, True),
    ("cppcheck", source.cppcheck, False, True),
    ("unit-asan", unit.asan, False, True),
    ("pytest-asan", pytests.asan, False, True),
    ("unit-tsan", unit.tsan, False, True),
    ("pytest-tsan", pytests.tsan, False, True),
    ("valgrind", unit.valgrind, False, False),
    ("fuzz", fuzz.run_all, False, False),
    ("lab-own", lab.own, False, False),
]


def arguments():
    p = argparse.ArgumentParser(prog="./check", description="build and run every test")
    p.add_argument("--fast", action="store_true", help="one build, no sanitizers, no analysers")
    p.add_argument("--long", action="store_true",
                   help="also fuzzing, valgrind and the long forms of the tests")
    p.add_argument("--only", metavar="PART,...", help="these parts only: "
                   + " ".join(name for name, *_ in PARTS))
    args = p.parse_args()
    args.only = set(args.only.split(",")) if args.only else None
    unknown = (args.only or set()) - {name for name, *_ in PARTS}
    if unknown:
        p.error("unknown part: " + ", ".join(sorted(unknown)))
    return args


def wanted(args, name, fast, plain):
    if args.only is not None:
        return name in args.only
    if args.fast:
        return fast
    return plain or args.long


def main():
    args = arguments()
    if args.long:
        os.environ["STEER_LONG"] = "1"
    parts = []
    for name, function, fast, plain in PARTS:
        if not wanted(args, name, fast, plain):
            continue
        parts.append(Part(name))
        function(parts[-1])
        parts[-1].end()
    return finish(parts)


if __name__ == "__main__":
    sys.exit(main())
