# SPDX-License-Identifier: BSD-3-Clause
"""The laboratory: tests on real kernels in QEMU, one result per line of TAP."""
import os
import re

from .report import FAIL, PASS, SKIP
from .tools import BUILD, ROOT, run

LINE = re.compile(r"^(ok|not ok) \d+ - (.*?)(?: # SKIP (.*))?$")


def take(report, kernel, code, out):
    """TAP into results; the comment lines behind a failure are its text."""
    count, name, why = 0, None, []
    for line in [*out.splitlines(), "1.."]:
        if name is not None and line.startswith("# "):
            why.append(line[2:])
            continue
        if name is not None:
            report.add(f"{kernel}: {name}", FAIL, "\n".join(why))
            name, why = None, []
        found = LINE.match(line)
        if not found:
            continue
        count += 1
        if found[1] == "not ok":
            name = found[2]
        elif found[3] is not None:
            report.add(f"{kernel}: {found[2]}", SKIP, found[3])
        else:
            report.add(f"{kernel}: {found[2]}", PASS)
    whole = re.search(r"^1\.\.\d+(?: # SKIP (.*))?$", out, re.M)
    if whole and whole[1]:
        report.add(f"kernel {kernel}", SKIP, whole[1])
    elif not whole or (code and not re.search(r"^not ok", out, re.M)) or not count:
        report.add(f"kernel {kernel}", FAIL, out[-3000:])


def lane(report, kernel):
    code, out = run(["python3", "test/lab/run", "--kernel", kernel], timeout=7200,
                    env=dict(os.environ, STEER_BUILD=str(BUILD / "release")))
    take(report, kernel, code, out)


def debian(report):
    lane(report, "debian")


def own(report):
    """Kernels with TPH and iommufd, without the kernel's TPH, and an older one for the module."""
    for kernel in ("own", "notph", "old"):
        lane(report, kernel)
