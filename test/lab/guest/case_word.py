# SPDX-License-Identifier: BSD-3-Clause
"""vfio-pci-tph on a kernel that was booted with pci=notph."""
from tphlib import CAP, ON, TEST, kernel_calls


def switched_off():
    """pci=notph"""
    kernel_calls(CAP, "off", *ON, *TEST, label="pci=notph: as with the switch off")


TESTS = [switched_off]
