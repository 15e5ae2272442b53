# SPDX-License-Identifier: BSD-3-Clause
"""One byte of evidence changed, by a seed."""
import dataclasses

import spdm_ref
from spdm_knobs import ALLOWED, KNOBS


@dataclasses.dataclass
class Change:
    """What was done, for the words of a failure."""
    base: str
    obj: str
    at: int = -1
    old: int = 0
    new: int = 0

    def apply(self, rng, e):
        data = bytearray(getattr(e, self.obj))
        self.at = rng.randrange(len(data))
        self.old = data[self.at]
        values = {self.old ^ 1 << rng.randrange(8), rng.randrange(256), self.old + 1 & 255,
                  self.old - 1 & 255, 0, 255} - {self.old}
        self.new = data[self.at] = rng.choice(sorted(values))
        setattr(e, self.obj, bytes(data))


def as_is(rng, parts, change):
    """As an attacker on the way could: all that is signed and measured stays."""
    parts.digested = True
    parts.after.append(lambda e: change.apply(rng, e))


def undigested(rng, parts, change):
    """The same, and the TSM has given no digest."""
    parts.digested = False
    parts.after.append(lambda e: change.apply(rng, e))


def signed_again(rng, parts, change):
    """As the device's maker could: signed with the change in it."""
    parts.before_sign.append(lambda e: change.apply(rng, e))


def make(rng, ca, obj, how):
    """@return evidence, its time, and what was changed"""
    base = rng.choice(ALLOWED)
    parts, change = spdm_ref.Parts(ca), Change(base, obj)
    KNOBS[base][0](parts)
    how(rng, parts, change)
    return parts.evidence(), parts.time, change
