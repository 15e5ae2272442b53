# SPDX-License-Identifier: BSD-3-Clause
"""PCI devices as Linux shows them in files; what steer-bind and steer-doctor share."""
import re

ADDRESS = r"[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]"
_TYPED = re.compile(r"(?:([0-9a-f]{4,8}):)?([0-9a-f]{2}:[0-9a-f]{2}\.[0-7])", re.I)


class Refused(Exception):
    """One line for the user: device, step, reason, what to do."""


def full(bdf):
    """Address with its domain, as sysfs has it."""
    found = _TYPED.fullmatch(bdf)
    if not found:
        raise Refused(f"{bdf}: not a PCI address: give one like 0000:01:00.0")
    return f"{found[1] or '0000'}:{found[2]}".lower()
