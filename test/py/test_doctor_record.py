# SPDX-License-Identifier: BSD-3-Clause
"""steer-doctor --record: what is read is recorded, reads the same elsewhere, and nothing else is
in it."""
import io
import json
import subprocess
import tarfile

import pytest

from doctor_tree import (CARD, GUID, NIC, PORT, SERIAL, TOOL, Files, Machine, root_port, steerable)

from steer_doctor import examine
from steer_doctor.record import members, record
from steer_doctor.text import report
from steer_pci import Refused
from steer_pci.bus import Bus
from steer_pci.store import FILE, MOST_IN_ALL, Archive, Disk


def busy_machine():
    """With all that should stay at home."""
    m = steerable()
    m.interface(NIC, "enx0250b6aabbcc", route=True)
    m.put("proc/cmdline", "root=UUID=0f0e secret=hush pci=nomsi")
    m.put(f"{m.real(NIC)}/virtio0/net/enx0250b6aabbcc/address", "02:50:b6:aa:bb:cc")
    m.put("proc/net/ipv6_route", f"{'0' * 32} 00 {'0' * 32} 00 fe80{'0' * 12}0250b6fffeaabbcc "
          "00000400 00000001 00000000 00000003 enx0250b6aabbcc")
    m.put("sys/firmware/acpi/tables/MSDM", "product-key")
    m.put("sys/firmware/acpi/tables/DSDT", b"DSDT serial-of-board" + GUID + b"more code")
    m.put("proc/self/status", "Name:\tpython3\nUid:\t1000\nCapEff:\t000001ffffffffff")
    return m


def recorded(machine):
    tree = machine.tree()
    examined = examine(tree)
    return examined, {path: content for path, kind, content in members(tree) if kind == FILE}, tree


def test_it_reads_the_same_elsewhere(tmp_path):
    for name, m in (("plain", Machine()), ("steerable", steerable())):
        examined, _, tree = recorded(m)
        path = tmp_path / f"{name}.tar"
        record(tree, path)
        again = Bus(Archive(path))
        assert examine(again) == examined
        record(again, tmp_path / "again.tar")  # and recording a recording loses nothing
        assert examine(Bus(Archive(tmp_path / "again.tar"))) == examined


def test_unpacked_it_reads_the_same(tmp_path):
    examined, _, tree = recorded(steerable())
    record(tree, tmp_path / "m.tar")
    with tarfile.open(tmp_path / "m.tar") as tar:
        tar.extractall(tmp_path / "m")
    assert examine(Bus(Disk(tmp_path / "m"))) == examined


def test_nothing_that_tells_whose_machine_it_is():
    _, files, tree = recorded(busy_machine())
    whole = repr(list(members(tree))).encode() + b"".join(files.values())
    for secret in (b"0250b6", b"02:50:b6", b"0f0e", b"hush", b"product-key", b"serial-of-board",
                   b"Uid", b"010200C0", SERIAL, SERIAL[:4], b"virtio_net"):
        assert secret not in whole, secret
    assert files["proc/cmdline"] == b"pci=nomsi\n"
    assert files["sys/firmware/acpi/tables/DSDT"] == GUID
    assert files["proc/self/status"] == b"CapEff:\t000001ffffffffff\n"
    assert not any(path.endswith("/address") for path in files)


def test_interface_keeps_its_meaning_without_its_address(tmp_path):
    examined, _, tree = recorded(busy_machine())
    record(tree, tmp_path / "m.tar")
    device, = examine(Bus(Archive(tmp_path / "m.tar")))["devices"]
    assert device["interfaces"] == ["enx000000000000"] and device["default_route"] == \
        "enx000000000000"
    assert device["verdict"] == examined["devices"][0]["verdict"]


def test_configuration_space_keeps_what_was_looked_at():
    m = steerable()
    config = bytearray(CARD)
    config[0xc0:0xd0] = config[0xf00:0xf10] = b"vendor's secrets"
    m.put(f"{m.real(NIC)}/config", bytes(config))
    _, files, _ = recorded(m)
    kept = files[f"{m.real(NIC)}/config"]
    assert len(kept) == 4096 and b"secret" not in kept and SERIAL not in kept
    for at, size in ((0, 2), (0x34, 1), (0x40, 8), (0x80, 4), (0x100, 0x1c), (0x150, 4)):
        assert kept[at:at + size] == CARD[at:at + size]
    # a port that is examined as a device, too
    tree = m.tree()
    examined = examine(tree, [NIC, PORT])
    assert examine(Bus(Files({p: c for p, k, c in members(tree) if k == FILE} | {
        p: w for p, w in m.files.items() if isinstance(w, tuple)})), [NIC, PORT])["devices"][1][
            "express"] == examined["devices"][1]["express"]


def test_what_a_user_could_not_read_stays_unknown(tmp_path):
    class Locked(Files):
        def data(self, path):
            if path.endswith("DSDT"):
                raise PermissionError(13, "Permission denied")
            return super().data(path)

    tree = Bus(Locked(Machine().files))
    examined = examine(tree)
    assert examined["machine"]["acpi"]["unreadable"] == 1
    record(tree, tmp_path / "m.tar")
    assert examine(Bus(Archive(tmp_path / "m.tar"))) == examined
    with tarfile.open(tmp_path / "m.tar") as tar:  # root, who unpacks it, is not asked
        tar.extractall(tmp_path / "m")
    assert examine(Bus(Disk(tmp_path / "m"))) == examined


def test_hidden_bytes_stay_hidden(tmp_path):
    m = steerable()
    m.put(f"{m.real(NIC)}/config", CARD[:64])
    m.put(f"{m.real(PORT)}/config", root_port(1)[:64])
    examined, _, tree = recorded(m)
    record(tree, tmp_path / "m.tar.gz")
    assert (tmp_path / "m.tar.gz").read_bytes()[:2] == b"\x1f\x8b"
    again = examine(Bus(Archive(tmp_path / "m.tar.gz")))
    assert again == examined and "users see 64 bytes" in report(again)


# ---- tar files that somebody sent
def tar_with(path, *members_):
    with tarfile.open(path, "w") as tar:
        for name, kind, what in members_:
            info = tarfile.TarInfo(name)
            info.type = kind
            if kind == tarfile.REGTYPE:
                info.size = len(what)
                tar.addfile(info, io.BytesIO(what))
            else:
                info.linkname = what
                tar.addfile(info)
    return path


def test_member_that_leads_out(tmp_path):
    path = tar_with(tmp_path / "m.tar", ("sys/../../x", tarfile.REGTYPE, b"x"))
    with pytest.raises(Refused, match="leads out of it"):
        Archive(path)


def test_links_stay_inside(tmp_path):
    (tmp_path / "secret").write_text("0x1af4")
    base = "sys/bus/pci/devices"
    path = tar_with(tmp_path / "m.tar", (f"{base}/{NIC}/class", tarfile.REGTYPE, b"0x020000"),
                    (f"{base}/{NIC}/vendor", tarfile.SYMTYPE, str(tmp_path / "secret")),
                    (f"{base}/{NIC}/device", tarfile.SYMTYPE, "../" * 30 + "etc/hostname"),
                    (f"{base}/{NIC}/config", tarfile.LNKTYPE, "/etc/hostname"),
                    (f"{base}/{NIC}/numa_node", tarfile.CHRTYPE, ""))
    device, = examine(Bus(Archive(path)))["devices"]
    assert device["vendor"] is device["device"] is device["numa_node"] is None
    assert device["tph_state"] == "hidden"


def test_no_tar_file_and_a_huge_one(tmp_path):
    (tmp_path / "m.tar").write_bytes(b"no tar file at all")
    done = subprocess.run([str(TOOL), "--root", str(tmp_path / "m.tar")], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 1 and "no tar file" in done.stderr and done.stdout == ""
    info = tarfile.TarInfo("sys/x")
    info.size = MOST_IN_ALL + 1
    (tmp_path / "m.tar").write_bytes(info.tobuf())
    with open(tmp_path / "m.tar", "r+b") as f:
        f.truncate(MOST_IN_ALL + 4096)  # a hole
    with pytest.raises(Refused, match="over 64 MiB"):
        Archive(tmp_path / "m.tar")


def test_from_the_command_line(tmp_path):
    folder = steerable().save(tmp_path / "machine")
    args = [str(TOOL), "--json", "--root"]
    first = subprocess.run([*args, str(folder), "--record", str(tmp_path / "m.tar.gz")],
                           capture_output=True, text=True, check=False)
    again = subprocess.run([*args, str(tmp_path / "m.tar.gz")], capture_output=True, text=True,
                           check=False)
    assert first.stderr == again.stderr == "" and first.returncode == again.returncode == 0
    assert json.loads(first.stdout) == json.loads(again.stdout)
    done = subprocess.run([*args, str(folder), "--record", "/nowhere/m.tar"], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 1 and done.stderr.startswith("steer-doctor: ")
