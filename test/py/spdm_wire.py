# SPDX-License-Identifier: BSD-3-Clause
"""
Reading SPDM and TDISP bytes: little endian, never past the end. This and the other spdm_*.py and
tdisp_report.py are a second implementation, made from DSP0274 1.2 and PCIe 7.0 chapter 11 alone, to
hold against lib/tsm.
"""
import hashlib

OBJECT_MAX = 16 << 20
DIGEST = 48  # SHA-384


class Refused(Exception):
    """Evidence that does not hold: outcome code and words."""

    def __init__(self, code, why):
        super().__init__(f"{code}: {why}")
        self.code, self.why = code, why


def sha384(data):
    return hashlib.sha384(data).digest()


def malformed(condition, why):
    """Raise unless the condition holds."""
    if not condition:
        raise Refused("MALFORMED", why)


class Reader:
    """Takes bytes from the front; too few are MALFORMED."""

    def __init__(self, data, name):
        self.data, self.name, self.at = bytes(data), name, 0

    def left(self):
        return len(self.data) - self.at

    def take(self, n):
        malformed(n <= self.left(), f"{self.name}: cut short at byte {self.at}")
        self.at += n
        return self.data[self.at - n:self.at]

    def number(self, n):
        return int.from_bytes(self.take(n), "little")

    def end(self):
        malformed(not self.left(), f"{self.name}: {self.left()} bytes behind the end")
