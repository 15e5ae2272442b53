# SPDX-License-Identifier: BSD-3-Clause
"""DEVICE_INTERFACE_REPORT of TDISP (PCIe 7.0, 11.3.11), built, read, and held against a device."""
import collections
import struct

from spdm_wire import Reader, Refused, malformed

FLAGS = {"no-fw-update": 1, "dma-without-pasid": 2, "dma-with-pasid": 4, "ats": 8, "prs": 0x10,
         "xt": 0x20}
KNOWN_INFO, KNOWN_ATTRIBUTES = 0x3F, 0xF
MSIX_TABLE, MSIX_PBA, NON_TEE, UPDATABLE = 1, 2, 4, 8
PAGE = 4096

Range = collections.namedtuple("Range", "first pages attributes bar")
Report = collections.namedtuple("Report", "info msix lnr tph ranges specific")


def build(info, msix, tph, ranges, lnr=0, specific=b"", reserved=0):
    return (struct.pack("<HHHHII", info, reserved, msix, lnr, tph, len(ranges)) +
            b"".join(struct.pack("<QIHH", *r) for r in ranges) +
            struct.pack("<I", len(specific)) + specific)


def read(data):
    if not data:
        raise Refused("EVIDENCE_MISSING", "report: empty")
    r = Reader(data, "report")
    info, reserved, msix, lnr = (r.number(2) for _ in range(4))
    tph, count = r.number(4), r.number(4)
    malformed(not reserved and not info & ~KNOWN_INFO, "report: reserved bits")
    malformed(count <= r.left() // 16, "report: more ranges than bytes")
    ranges = [Range(*struct.unpack("<QIHH", r.take(16))) for _ in range(count)]
    malformed(not any(x.attributes & ~KNOWN_ATTRIBUTES for x in ranges), "report: reserved bits")
    specific = r.take(r.number(4))
    r.end()
    return Report(info, msix, lnr, tph, ranges, specific)


def mismatch(condition, why):
    if not condition:
        raise Refused("REPORT_MISMATCH", "report: " + why)


def bits(names):
    return sum(FLAGS[n] for n in set(names))


def check_flags(report, wanted):
    mismatch(not bits(wanted.get("required", [])) & ~report.info, "a required flag is missing")
    mismatch(not bits(wanted.get("forbidden", [])) & report.info, "a forbidden flag is set")


def by_bar(report, unit):
    """
    BAR -> {page of the BAR: attributes}; the reporting offset of a BAR is that of its first range.
    """
    bars, last = {}, None
    for x in report.ranges:
        mismatch(x.pages, f"empty range of BAR {x.bar}")
        mismatch(x.first % unit == 0, f"range of BAR {x.bar} does not begin at a page")
        if x.bar != last:
            mismatch(x.bar not in bars, f"ranges of BAR {x.bar} are not together")
            bars[x.bar], start = {}, x.first // unit
        at = x.first // unit - start
        mismatch(at == len(bars[x.bar]), f"BAR {x.bar} has a gap, or ranges do not ascend")
        mismatch(x.first // unit + x.pages <= 1 << 52, f"range of BAR {x.bar} wraps around")
        mismatch(at + x.pages <= 1 << 20, f"range of BAR {x.bar} is beyond any BAR here")
        bars[x.bar].update((page, x.attributes) for page in range(at, at + x.pages))
        last = x.bar
    return bars


def check_ranges(report, device, unit=1):
    """unit: what first_page counts, as a divisor of a page: 1 page numbers, 4096 bytes."""
    bars = by_bar(report, unit)
    sizes = {b["bar"]: b["size"] for b in device["bars"]}
    mismatch(set(bars) == set(sizes), "other BARs than the device's")
    for bar, pages in bars.items():
        mismatch(len(pages) == -(-sizes[bar] // PAGE), f"BAR {bar} is not covered exactly")
        for attributes in pages.values():
            mismatch(not attributes & NON_TEE or attributes & (MSIX_TABLE | MSIX_PBA),
                     f"BAR {bar} is outside the TEE")


def check_marks(bars, bar, offset, size, mark):
    """Every page of a table has its mark, and no other BAR has one."""
    pages = range(offset // PAGE, -(-(offset + size) // PAGE) if size else 0)
    mismatch(all(bars.get(bar, {}).get(page, 0) & mark for page in pages), "MSI-X is not marked")
    mismatch(not any(a & mark for b, pages in bars.items() if b != bar for a in pages.values()),
             "MSI-X is marked in another BAR")


def check_msix(report, device, unit=1):
    bars = by_bar(report, unit)
    for name, mark in (("table", MSIX_TABLE), ("pba", MSIX_PBA)):
        bar, offset, size = (device[f"msix-{name}-{x}"] for x in ("bar", "offset", "size"))
        # Without vectors nobody minds a device's marks where its MSI-X is, and there alone.
        check_marks(bars, bar, offset, size if device["msix-vectors"] else 0, mark)
    mismatch(report.msix == device["msix-control"], "MSI-X message control differs")


def check_tph(report, device):
    if report.tph != device["tph-control"]:
        raise Refused("TPH_MISMATCH", f"report: TPH control is 0x{report.tph:x}")
