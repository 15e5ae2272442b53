# SPDX-License-Identifier: BSD-3-Clause
"""Interface reports."""
import tdisp_report as tdisp
from spdm_knob import edit, knob
from spdm_ref import RANGES, ranges


def report(code, name, **fields):
    knob(code, name)(lambda p: p.report.update(fields))


def rows(code, name, *new):
    report(code, name, ranges=ranges(new))


R0, R2, R2P, R4 = RANGES
TABLE, PBA, NON_TEE = tdisp.MSIX_TABLE, tdisp.MSIX_PBA, tdisp.NON_TEE
report("REPORT_MISMATCH", "required-flag-missing", info=2)
report("REPORT_MISMATCH", "forbidden-flag", info=3 | tdisp.FLAGS["ats"])
report("OK", "flag-nobody-minds", info=3 | tdisp.FLAGS["xt"])
report("MALFORMED", "flag-reserved", info=3 | 0x40)
report("MALFORMED", "report-reserved", reserved=1)
report("REPORT_MISMATCH", "msix-control-differs", msix=0x8101)
report("OK", "lnr-control", lnr=7)
report("OK", "device-specific", specific=b"anything")
rows("REPORT_MISMATCH", "bar-short", (0, 0, 3, 0), R2, R2P, R4)
rows("REPORT_MISMATCH", "bar-long", (0, 0, 5, 0), R2, R2P, R4)
rows("REPORT_MISMATCH", "bar-with-a-gap", (0, 0, 1, 0), (0, 2, 2, 0), R2, R2P, R4)
rows("REPORT_MISMATCH", "ranges-overlap", (0, 0, 2, 0), (0, 1, 3, 0), R2, R2P, R4)
rows("REPORT_MISMATCH", "ranges-descend", (0, 2, 2, 0), (0, 0, 2, 0), R2, R2P, R4)
rows("REPORT_MISMATCH", "range-empty", (0, 0, 4, 0), (0, 4, 0, 0), R2, R2P, R4)
rows("REPORT_MISMATCH", "bar-in-two-places", (0, 0, 2, 0), R2, R2P, (0, 2, 2, 0), R4)
rows("OK", "bar-in-pieces", (0, 0, 1, 0), (0, 1, 1, 0), (0, 2, 2, 0), R2, R2P, R4)
rows("REPORT_MISMATCH", "no-range-at-all")
rows("REPORT_MISMATCH", "outside-the-tee", (0, 0, 4, NON_TEE), R2, R2P, R4)
rows("OK", "msix-outside-the-tee", R0, (2, 0, 2, TABLE | NON_TEE), (2, 2, 1, PBA | NON_TEE), R4)
rows("REPORT_MISMATCH", "table-half-marked", R0, (2, 0, 1, TABLE), (2, 1, 1, 0), R2P, R4)
rows("REPORT_MISMATCH", "pba-not-marked", R0, R2, (2, 2, 1, 0), R4)
rows("REPORT_MISMATCH", "table-marked-elsewhere", R0, R2, R2P, (4, 0, 4, TABLE))
rows("OK", "updatable", (0, 0, 4, tdisp.UPDATABLE), R2, R2P, R4)
rows("MALFORMED", "attribute-reserved", (0, 0, 4, 0x10), R2, R2P, R4)


@knob("OK")
def page_numbers(p):
    p.policy["report"]["unit"] = "pages"
    p.report["ranges"] = ranges(unit=1)


@knob("REPORT_MISMATCH")
def bytes_taken_for_page_numbers(p):
    p.policy["report"]["unit"] = "pages"


@knob("REPORT_MISMATCH")
def page_numbers_taken_for_bytes(p):
    p.report["ranges"] = ranges(unit=1)


@knob("MALFORMED")
def report_tail(p):
    p.after.append(edit("report", lambda b: b + b"\0"))


@knob("MALFORMED")
def more_ranges_than_bytes(p):
    p.after.append(edit("report", lambda b: b[:12] + b"\xff\xff\xff\xff" + b[16:]))


def no_msix(p):
    p.device.update({"msix-vectors": 0, "msix-table-bar": -1, "msix-pba-bar": -1,
                     "msix-table-size": 0, "msix-pba-size": 0, "msix-control": 0})


@knob("OK")
def without_msix(p):
    no_msix(p)
    p.report.update(msix=0, ranges=ranges((R0, (2, 0, 3, 0), R4)))


@knob("REPORT_MISMATCH")
def without_msix_but_marked(p):
    no_msix(p)
    p.report.update(msix=0, ranges=ranges((R0, (2, 0, 3, TABLE), R4)))


@knob("OK")
def msix_without_vectors(p):
    p.device["msix-vectors"] = 0


@knob("REPORT_MISMATCH")
def marked_elsewhere_without_vectors(p):
    p.device["msix-vectors"] = 0
    p.report["ranges"] = ranges(((0, 0, 4, TABLE | NON_TEE), R2, R2P, R4))


def bars(code, name, rows_, *sizes, **device):
    """A device of other BARs."""
    def change(p):
        p.device["bars"] = [{"bar": bar, "size": size} for bar, size in sizes]
        p.device.update({k.replace("_", "-"): v for k, v in device.items()})
        p.report["ranges"] = ranges(rows_)
    knob(code, name)(change)


REST = (2, 0x3000), (4, 0x4000)
bars("OK", "bar-of-256-bytes", ((0, 0, 1, 0), R2, R2P, R4), (0, 0x100), *REST)
bars("OK", "bar-of-a-page-and-a-byte", ((0, 0, 2, 0), R2, R2P, R4), (0, 0x1001), *REST)
bars("OK", "bars-listed-in-other-order", (R4, R0, R2, R2P), *REST, (0, 0x4000))
bars("OK", "msix-among-registers", ((0, 0, 1, 0), (0, 1, 1, TABLE), (0, 2, 1, PBA), (0, 3, 1, 0)),
     (0, 0x4000), msix_vectors=2, msix_table_bar=0, msix_table_offset=0x1000, msix_table_size=32,
     msix_pba_bar=0, msix_pba_offset=0x2000, msix_pba_size=8)
bars("OK", "table-and-pba-in-one-page", ((2, 0, 1, TABLE | PBA), (2, 1, 2, 0)), (2, 0x3000),
     msix_vectors=2, msix_table_size=32, msix_pba_offset=0x800, msix_pba_size=8)
bars("REPORT_MISMATCH", "table-over-a-page-half-marked", ((2, 0, 1, TABLE), (2, 1, 1, 0), R2P),
     (2, 0x3000), msix_vectors=2, msix_table_offset=0xFF0, msix_table_size=32)
