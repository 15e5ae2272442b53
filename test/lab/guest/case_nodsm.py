# SPDX-License-Identifier: BSD-3-Clause
"""vfio-pci-tph where firmware knows no tags."""
from tphlib import CAP, MSIX, ON, STEERED, TEST, Loaded, Steerpmd, kernel_calls

import guestlib as g


def in_capability():
    """ST table in the capability, no _DSM"""
    kernel_calls(CAP, "nodsm", *ON, *TEST, label="no _DSM, table in the capability")


def in_msix():
    """ST table in MSI-X, no _DSM"""
    kernel_calls(MSIX, "nodsm", *ON, *TEST, label="no _DSM, table in MSI-X")


def our_application():
    """our application, no _DSM"""
    with Loaded(STEERED, *ON, *TEST) as bdf:
        app = Steerpmd(bdf)
        app.ask("start")
        got, said = app.receives(), app.ask("show steer")
        g.report(got and app.quit() == 0, "no _DSM: the application forwards all the same",
                 app.output[-3000:])
        g.report("0x0010" not in said and "0x0011" not in said, "no _DSM: and has no tags", said)
        g.note(" / ".join(x.strip() for x in said.splitlines() if "xq" in x))


TESTS = [in_capability, in_msix, our_application]
