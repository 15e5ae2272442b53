# SPDX-License-Identifier: BSD-3-Clause
"""Evidence with a byte changed, or with bytes put in, taken out, doubled or cut off; by a seed."""
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


def insert(rng, data, at):
    data[at:at] = bytes(rng.choice((0, 255, rng.randrange(256))) for _ in range(rng.randint(1, 8)))


def remove(rng, data, at):
    del data[at:at + rng.randint(1, 8)]


def double(rng, data, at):
    data[at:at] = data[at:at + rng.randint(1, 64)]


def cut(_, data, at):
    del data[at:]


def count(rng, data, at):
    """A number that may be a length or a count."""
    data[at:at + 4] = rng.choice((0, 1, 4096, 1 << 31, (1 << 32) - 1)).to_bytes(4, "little")


@dataclasses.dataclass
class Splice(Change):
    """As Change, and of another length most of the time."""
    what: str = ""

    def apply(self, rng, e):
        data = bytearray(getattr(e, self.obj))
        self.at, splice = rng.randrange(len(data)), rng.choice((insert, remove, double, cut, count))
        self.what = splice.__name__
        splice(rng, data, self.at)
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


def make(rng, ca, obj, how, kind=Change):
    """@return evidence, its time, and what was changed"""
    base = rng.choice(ALLOWED)
    parts, change = spdm_ref.Parts(ca), kind(base, obj)
    KNOBS[base][0](parts)
    how(rng, parts, change)
    return parts.evidence(), parts.time, change
