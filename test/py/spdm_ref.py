# SPDX-License-Identifier: BSD-3-Clause
"""
The builder: complete evidence of a device, honest unless a knob (spdm_knobs.py, or any function
that takes Parts) says otherwise.
"""
import copy
import os
import time

import spdm_measure
import spdm_sign
import spdm_vca
import tdisp_report as tdisp
from spdm_ca import Ca
from spdm_chain import build as build_chain
from spdm_folder import Evidence
from spdm_wire import sha384

# A network function: registers, MSI-X in a BAR of its own, and 16 KiB for doorbells.
DEVICE = {
    "bars": [{"bar": 0, "size": 0x4000}, {"bar": 2, "size": 0x3000}, {"bar": 4, "size": 0x4000}],
    "msix-vectors": 257, "msix-table-bar": 2, "msix-table-offset": 0, "msix-table-size": 257 * 16,
    "msix-pba-bar": 2, "msix-pba-offset": 0x2800, "msix-pba-size": 40,
    "msix-control": 0x8100, "tph-control": 0x101,
}
OFFSET = 0x1000_0000_0000  # MMIO reporting offset of LOCK
BASES = {0: 0x20_0000_0000, 2: 0x30_0000_0000, 4: 0xFF00_0000}
TABLE, PBA = tdisp.MSIX_TABLE, tdisp.MSIX_PBA
# BAR, page, pages, attributes
RANGES = ((0, 0, 4, 0), (2, 0, 2, TABLE), (2, 2, 1, PBA), (4, 0, 4, 0))
TYPES = {1: 0, 2: 1, 3: 2, 4: 3 | spdm_measure.RAW}  # ROM, firmware, hardware, configuration
VALUES = {1: b"reference rom", 2: b"reference firmware", 3: b"reference hardware",
          4: b"reference configuration: fast"}
INFO = tdisp.bits(("no-fw-update", "dma-without-pasid"))


def block(index, data=None, **kw):
    """A block over this: its digest, or itself where it is raw."""
    kind, data = TYPES.get(index, 1), VALUES.get(index, b"") if data is None else data
    return spdm_measure.block(index, kind, data if kind & spdm_measure.RAW else sha384(data), **kw)


def ranges(rows=RANGES, unit=tdisp.PAGE):
    return [[(BASES[bar] + OFFSET) // tdisp.PAGE * unit + page * unit, n, attributes, bar]
            for bar, page, n, attributes in rows]


def policy(ca):
    return {"tsm": "tsm0", "arch": "cca", "roots": [sha384(ca.root.der).hex()], "max-age-s": 60,
            "measurements": [{"index": i, "digest": sha384(v).hex()} for i, v in VALUES.items()],
            "report": {"required": ["no-fw-update"], "forbidden": ["ats", "prs"]}}


class Parts:
    """Everything that evidence is put together from. Knobs change these; after: what they do to the
    bytes when all is signed and measured."""

    def __init__(self, ca, now=None):
        self.ca, self.leaf = ca, ca.leaf
        self.vca = spdm_vca.vca()
        self.chain = {"certificates": ca.chain()}
        self.key = ca.leaf.key
        self.nonce = os.urandom(32)
        self.request = {"nonce": self.nonce}
        self.response = {"blocks": [block(i) for i in TYPES], "nonce": os.urandom(32)}
        self.what = spdm_sign.signed_bytes
        self.report = {"info": INFO, "msix": DEVICE["msix-control"], "tph": DEVICE["tph-control"],
                       "ranges": ranges()}
        self.device, self.policy = copy.deepcopy(DEVICE), policy(ca)
        self.head = {}  # tsm, arch, time of the folder
        self.time = int(time.time()) if now is None else now
        self.before_sign, self.after, self.digested = [], [], True

    def evidence(self):
        request = spdm_measure.request(**self.request)
        response = spdm_measure.response(**self.response)
        e = Evidence(self.vca, build_chain(**self.chain), request + response,
                     tdisp.build(**self.report), self.nonce, self.time, {}, self.device,
                     self.policy)
        for change in self.before_sign:
            change(e)
        cut = len(request)
        e.measurements += spdm_sign.sign(self.key, e.vca, e.measurements[:cut],
                                         e.measurements[cut:], self.what)
        if self.digested:
            e.digests = {n: sha384(getattr(e, n)) for n in ("chain", "measurements", "report")}
        for change in self.after:
            change(e)
        for n, v in self.head.items():
            setattr(e, n, v)
        return e


def make(ca=None, knob=None):
    """Evidence of now."""
    parts = Parts(ca or Ca())
    if knob:
        knob(parts)
    return parts.evidence()
