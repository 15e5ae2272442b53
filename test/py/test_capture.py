# SPDX-License-Identifier: BSD-3-Clause
"""The capture that tests and the demo replay, and the program that makes it."""
import struct
import subprocess
from pathlib import Path

import pytest

import livewire
import pcapfile

ROOT = Path(__file__).resolve().parent.parent.parent
CAPTURE = ROOT / "test" / "data" / "real.pcap"


def ones_sum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def checksum_bad(data):
    """Is the IPv4, or the TCP or UDP checksum over IPv4, wrong? Fragments are left out."""
    if data[12:14] != b"\x08\x00":
        return False
    ihl = 4 * (data[14] & 15)
    total = struct.unpack_from("!H", data, 16)[0]
    payload = data[14 + ihl:14 + total]
    pseudo = data[26:34] + struct.pack("!BBH", 0, data[23], len(payload))
    if ones_sum(data[14:14 + ihl]) != 0xFFFF:
        return True
    return data[23] in (6, 17) and ones_sum(pseudo + payload) != 0xFFFF


def check(path):
    frames = [f.data for f in pcapfile.read(path)]
    assert path.stat().st_size < 1_000_000
    assert max(map(len, frames)) == 1514  # full-size segments, and nothing that needed an offload
    assert len({pcapfile.flow(f) for f in frames}) > 100
    assert {"ARP", "ICMP/IPv4", "TCP/IPv4", "TCP/IPv6", "UDP/IPv4"} <= \
        {pcapfile.protocol(f) for f in frames}
    assert not [i for i, f in enumerate(frames) if checksum_bad(f)]


def test_capture_is_what_its_readme_says():
    check(CAPTURE)
    readme = (CAPTURE.parent / "README.md").read_text()
    frames = pcapfile.read(CAPTURE)
    flows = {pcapfile.flow(f.data) for f in frames} - {None}
    total = sum(len(f.data) for f in frames)
    assert f"| all | {len(frames)} | {len(flows)} | {total} |" in readme


def test_pcap_round_trip(tmp_path):
    copy = tmp_path / "copy.pcap"
    pcapfile.write(copy, pcapfile.read(CAPTURE))
    assert pcapfile.read(copy) == pcapfile.read(CAPTURE)


@pytest.mark.parametrize("cut", [10, 30, 100])
def test_pcap_refuses_a_torn_file(tmp_path, cut):
    torn = tmp_path / "torn.pcap"
    torn.write_bytes(CAPTURE.read_bytes()[:cut])
    with pytest.raises(OSError):
        pcapfile.read(torn)


@pytest.mark.root
def test_make_capture(tmp_path):
    why = livewire.why_not()
    if why:
        pytest.skip(why)
    make = ROOT / "devtools" / "make-capture"
    done = subprocess.run([make, "--out", tmp_path], capture_output=True, text=True, timeout=120,
                          check=False)
    assert done.returncode == 0, done.stderr
    check(tmp_path / "real.pcap")
