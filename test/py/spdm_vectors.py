# SPDX-License-Identifier: BSD-3-Clause
"""Bytes written by hand: test/data/tsm (its README.md says what they are)."""
import pathlib
import re

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "data" / "tsm"
# What measurements.txt and report.txt are about.
ASKED, ANSWERED = bytes(range(0xA0, 0xC0)), bytes(range(0xC0, 0xE0))
ROM, CONFIGURATION = bytes(range(48)), b"fast!"
DEVICE = {
    "bars": [{"bar": 0, "size": 0x4000}, {"bar": 2, "size": 0x2000}, {"bar": 4, "size": 2 << 20}],
    "msix-vectors": 3, "msix-table-bar": 2, "msix-table-offset": 0, "msix-table-size": 48,
    "msix-pba-bar": 2, "msix-pba-offset": 0x1000, "msix-pba-size": 8,
    "msix-control": 0x8002, "tph-control": 0x101,
}
REQUEST = 37  # bytes of GET_MEASUREMENTS at the start of measurements.txt


def load(name):
    text = (FOLDER / f"{name}.txt").read_text()
    return bytes.fromhex(re.sub("#.*", "", text))
