# SPDX-License-Identifier: BSD-3-Clause
"""The guides build without a warning."""
from .tools import BUILD, ROOT, run


def build(report):
    if not (ROOT / "doc" / "conf.py").exists():
        return
    code, out = run(["python3", "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "doc",
                     BUILD / "doc"])
    report.check("sphinx", code == 0, out)
