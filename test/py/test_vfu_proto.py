# SPDX-License-Identifier: BSD-3-Clause
"""The vfio-user server of vfu-nic: golden messages of a well-behaved client."""

import fcntl
import json
import os
import socket
import stat
import struct
import subprocess

import pytest
import vfu_client as vc
from vfu_client import Client, VfuError, memfd

EINVAL, EEXIST, ENOTSUP = 22, 17, 95


@pytest.fixture
def nic(vfu_nic):
    return vfu_nic("--queues", "2")


@pytest.fixture
def client(nic):
    with Client(nic.sock) as c:
        yield c


def refused(errno, call, *args, **kw):
    with pytest.raises(VfuError) as e:
        call(*args, **kw)
    assert e.value.errno == errno


def test_version_reply_is_short_and_complete(nic):
    with Client(nic.sock, version=False) as c:
        text = b'{"capabilities":{"max_msg_fds":8}}\0'
        c.send(vc.VERSION, struct.pack("<HH", 0, 0) + text)
        mid, cmd, flags, error, data, fds = c.recv()
        assert (mid, cmd, flags, error, fds) == (c.id, 1, 1, 0, [])
        assert 16 + len(data) <= 214  # QEMU takes no more
        assert data == (b'\0\0\0\0{"capabilities":{"max_msg_fds":16,"max_data_xfer_size":1048576,'
                        b'"max_dma_maps":16384,"pgsizes":4096}}\0')


def test_version_without_json(nic):
    with Client(nic.sock, version=False) as c:
        data, _ = c.call(vc.VERSION, struct.pack("<HH", 0, 0))
        assert data[:4] == b"\0\0\0\0"


def test_minor_is_capped_and_major_refused(nic):
    with Client(nic.sock, version=False) as c:
        data, _ = c.call(vc.VERSION, struct.pack("<HH", 0, 7))
        assert struct.unpack("<HH", data[:4]) == (0, 0)
    with Client(nic.sock, version=False) as c:
        refused(EINVAL, c.call, vc.VERSION, struct.pack("<HH", 1, 0))


def test_tph_feature_key_only_on_request(nic):
    with Client(nic.sock) as c:
        assert "steer_tph_feature" not in c.caps
    with Client(nic.sock, caps={"steer_tph_feature": True}) as c:
        assert c.caps["steer_tph_feature"] == 0xFE00


def test_no_tph_feature_key_without_tph(vfu_nic):
    nic = vfu_nic("--tph", "none")
    with Client(nic.sock, caps={"steer_tph_feature": True}) as c:
        assert "steer_tph_feature" not in c.caps


def test_device_info(client):
    assert client.info() == (16, 3, 9, 5)


def test_regions(client):
    sizes = {i: client.region_info(i)[0]["size"] for i in range(9)}
    model = sizes.pop(4)
    assert model >= 0x2000 and model & (model - 1) == 0
    assert sizes == {0: 0x4000, 1: 0, 2: 0x4000, 3: 0, 5: 0, 6: 0, 7: 4096, 8: 0}
    assert client.region_info(1)[0]["flags"] == 0
    assert client.region_info(7)[0]["flags"] == 3
    refused(EINVAL, client.region_info, 9)
    refused(EINVAL, client.region_info, 0, argsz=31)


def test_notify_page_is_mappable(client):
    info, areas, fds = client.region_info(0)
    assert info["flags"] == 0xF and info["argsz"] == 64 and info["cap_offset"] == 32
    assert areas == [(0x3000, 0x1000)] and len(fds) == 1
    assert os.fstat(fds[0]).st_size >= info["offset"] + 0x4000
    assert fcntl.fcntl(fds[0], fcntl.F_GET_SEALS) & fcntl.F_SEAL_SHRINK
    with vc.view(fds[0], 0x1000, info["offset"] + 0x3000) as page:
        page[0:2] = b"\1\0"


def test_region_info_that_does_not_fit(client):
    info, areas, fds = client.region_info(0, argsz=32)
    assert (info["argsz"], info["cap_offset"], areas, fds) == (64, 0, [], [])
    assert info["flags"] == 0x7  # a capability flag without an offset stops QEMU


def test_io_fds_one_per_queue_or_shared(client):
    req = struct.pack("<IIII", 16, 0, 0, 0)
    data, fds = client.call(vc.GET_IO_FDS, req)
    need = 16 + 5 * 40
    assert struct.unpack("<IIII", data) == (need, 0, 0, 0) and not fds
    for _ in range(2):
        data, fds = client.call(vc.GET_IO_FDS, struct.pack("<IIII", need, 0, 0, 0))
        assert struct.unpack_from("<IIII", data) == (need, 0, 0, 5) and len(fds) == 5
        for i in range(5):
            assert struct.unpack_from("<QQIIIIQ", data, 16 + 40 * i) == (
                0x3000 + 4 * i, 2, i, 0, 0, 0, 0)
            os.write(fds[i], struct.pack("<Q", 1))
    assert client.info()[2] == 9
    data, fds = client.call(vc.GET_IO_FDS, struct.pack("<IIII", 16, 0, 7, 0))
    assert struct.unpack("<IIII", data) == (16, 0, 7, 0) and not fds


def test_io_fds_never_exceed_what_the_client_can_receive(nic):
    with Client(nic.sock, caps={"max_msg_fds": 2}) as c:
        data, fds = c.call(vc.GET_IO_FDS, struct.pack("<IIII", 4096, 0, 0, 0))
        assert len(fds) == 2
        assert {struct.unpack_from("<I", data, 16 + 40 * i + 16)[0] for i in range(5)} == {0, 1}


def test_irq_info(client):
    assert [client.irq_info(i)[3] for i in range(5)] == [0, 0, 5, 0, 0]
    assert client.irq_info(2) == (16, 1, 2, 5)


def test_irq_loop_back(client):
    fds = [os.eventfd(0, os.EFD_NONBLOCK) for _ in range(3)]
    ctrl = client.cap(0x11) + 2
    assert client.cfg(ctrl, "<H") == 4
    client.set_irqs(0x24, 1, 3, fds)
    assert client.cfg(ctrl, "<H") == 0x8004
    client.set_irqs(0x21, 1, 2)
    assert os.eventfd_read(fds[0]) == 1 and os.eventfd_read(fds[1]) == 1
    with pytest.raises(BlockingIOError):
        os.eventfd_read(fds[2])
    client.set_irqs(0x22, 1, 3, data=b"\0\0\1")
    assert os.eventfd_read(fds[2]) == 1
    client.set_irqs(0x24, 2, 1)  # de-assign vector 2, and no other
    client.set_irqs(0x21, 0, 5)
    assert os.eventfd_read(fds[0]) == 1 and os.eventfd_read(fds[2]) == 1
    with pytest.raises(BlockingIOError):
        os.eventfd_read(fds[1])
    client.set_irqs(0x21, 0, 0)
    assert client.cfg(ctrl, "<H") == 4
    client.set_irqs(0x21, 0, 5)
    with pytest.raises(BlockingIOError):
        os.eventfd_read(fds[0])
    for fd in fds:
        os.close(fd)


def test_irq_full_counter_does_not_block(client):
    fd = os.eventfd(0)
    os.eventfd_write(fd, 0xFFFFFFFFFFFFFFFE)
    client.set_irqs(0x24, 0, 1, [fd])
    client.set_irqs(0x21, 0, 1)
    assert client.info()[3] == 5
    os.close(fd)


def test_msix_enable_without_vectors(client):
    client.set_irqs(0x24, 0, 1)
    assert client.cfg(client.cap(0x11) + 2, "<H") == 0x8004


def test_interrupts_that_do_not_exist_can_be_disabled(client):
    client.set_irqs(0x21, 0, 0, index=0)
    refused(EINVAL, client.set_irqs, 0x21, 0, 1, index=0)


def test_region_bounds(client):
    assert client.read(7, 4096, 0) == b""
    assert client.read(7, 4095, 1) == b"\0"
    refused(EINVAL, client.read, 7, 4095, 2)
    refused(EINVAL, client.read, 0, 0x4001, 0)
    refused(EINVAL, client.read, 0, (1 << 64) - 1, 2)
    refused(EINVAL, client.read, 1, 0, 1)
    refused(EINVAL, client.read, 9, 0, 1)
    refused(EINVAL, client.write, 7, 4094, b"\0" * 4)
    client.write(7, 4096, b"")


def test_msix_table_takes_address_and_mask(client):
    client.write(2, 16, struct.pack("<QII", 0x1122334455667788, 0x99, 0xAAAA0001))
    assert client.read(2, 16, 16) == struct.pack("<QII", 0x1122334455667788, 0x99, 1)
    client.write(2, 0x2000, b"\xff" * 8)
    assert client.read(2, 0x2000, 8) == bytes(8)


def test_dma_maps(client):
    fd = memfd(1 << 20)
    client.dma_map(0x100000, 0x10000, fd)
    refused(EEXIST, client.dma_map, 0x100000, 0x10000, fd)
    refused(EEXIST, client.dma_map, 0x10F000, 0x2000, fd)
    client.dma_map(0x110000, 0x1000, fd, offset=0xFF000)
    client.dma_map(0x200000, 0x1000)  # without a file: known, not reachable
    refused(EINVAL, client.dma_map, 0x300000, 0x2000, fd, offset=0xFF000)
    refused(EINVAL, client.dma_map, 0x300000, 0, fd)
    refused(EINVAL, client.dma_map, 0x300001, 0x1000, fd)
    refused(EINVAL, client.dma_map, 0x300000, 0x800, fd)
    refused(EINVAL, client.dma_map, 0x300000, 0x1000, fd, offset=0x10)
    refused(EINVAL, client.dma_map, 0x300000, 0x1000, fd, prot=4)
    refused(EINVAL, client.dma_map, 0x300000, 0x1000, fd, prot=0)
    refused(EINVAL, client.dma_map, 0x300000, 0x1000, None, offset=0x1000)
    refused(EINVAL, client.dma_map, 0x300000, 0x1000, fd, argsz=31)
    refused(EINVAL, client.dma_map, 0xFFFFFFFFFFFFF000, 0x2000, fd)
    client.dma_map(0xFFFFFFFFFFFFF000, 0x1000, fd)
    client.dma_unmap(0x100000, 0x10000)
    client.dma_map(0x100000, 0x10000, fd)
    os.close(fd)


def test_dma_unmap_takes_what_lies_inside(client, nic):
    fd = memfd(0x10000)
    for i in range(4):
        client.dma_map(0x10000 * i, 0x2000, fd)
    refused(EINVAL, client.dma_unmap, 0x1000, 0x40000)
    assert nic.counters()["dma_maps"] == "4"
    client.dma_unmap(0x8000, 0x10000)
    assert nic.counters()["dma_maps"] == "3"
    client.dma_unmap(0x800000, 0x10000)
    client.dma_unmap(0xFEF00000, 0xFFFFFFFF01100000)  # QEMU's: ends at 2^64
    refused(EINVAL, client.dma_unmap, 0x10000, 0)
    refused(EINVAL, client.dma_unmap, 0xFFFFFFFFFFFFF000, 0x2000)
    refused(EINVAL, client.dma_unmap, 0x10000, 0x1000, flags=1)
    refused(EINVAL, client.dma_unmap, 0x10000, 0x1000, flags=2)
    client.dma_unmap(0, 0, flags=2, fds=[fd])
    assert nic.counters()["dma_maps"] == "0"
    os.close(fd)


def test_dma_file_must_be_memory_that_may_be_written(client, rundir):
    r, w = os.pipe()
    refused(EINVAL, client.dma_map, 0, 0x1000, r)
    fd = memfd(0x1000)
    ro = os.open(f"/proc/self/fd/{fd}", os.O_RDONLY)
    wo = os.open(f"/proc/self/fd/{fd}", os.O_WRONLY)
    refused(13, client.dma_map, 0, 0x1000, ro)
    refused(13, client.dma_map, 0, 0x1000, wo)
    client.dma_map(0, 0x1000, ro, prot=1)
    refused(EINVAL, client.dma_map, 0x10000, 0x1000, os.open("/proc/self/status", os.O_RDONLY),
            prot=1)
    for f in (r, w, fd, ro, wo):
        os.close(f)


def test_many_maps_of_one_file_cost_one_mapping(client, nic):
    fd = memfd(0x400000)
    client.dma_map(0, 0x1000, fd)
    fds, maps = nic.fds(), nic.maps()
    for i in range(1, 1024):
        client.dma_map(0x2000 * i, 0x1000, fd, offset=0x1000 * i)
    assert nic.fds() == fds
    assert nic.maps() < maps + 64  # the heap may have grown, by no mapping per map
    os.close(fd)


def test_no_reply_is_never_answered(client):
    client.send(vc.REGION_READ, struct.pack("<QII", 0, 7, 4), flags=vc.NO_REPLY)
    client.send(vc.REGION_READ, struct.pack("<QII", 0, 99, 4), flags=vc.NO_REPLY)
    client.send(77, b"", flags=vc.NO_REPLY)
    client.send(vc.REGION_WRITE, struct.pack("<QII", 0x3C, 7, 1) + b"\x5a", flags=vc.NO_REPLY)
    assert client.cfg(0x3C, "<B") == 0x5A


def test_pipelined_commands_are_answered_in_order(client):
    ids = [client.send(vc.REGION_READ, struct.pack("<QII", 0, 7, 2)) for _ in range(200)]
    assert [client.recv()[0] for _ in ids] == ids


def test_reset_keeps_maps_and_interrupts(client, nic):
    fd, ev = memfd(0x1000), os.eventfd(0, os.EFD_NONBLOCK)
    client.dma_map(0, 0x1000, fd)
    client.set_irqs(0x24, 0, 1, [ev])
    client.cfg_write(4, 0x6, "<H")
    client.reset()
    assert client.cfg(4, "<H") == 0
    assert nic.counters()["dma_maps"] == "1"
    client.set_irqs(0x21, 0, 1)
    assert os.eventfd_read(ev) == 1
    os.close(fd)
    os.close(ev)


def test_socket_is_private_and_goes_away(vfu_nic):
    nic = vfu_nic()
    assert stat.S_IMODE(os.stat(nic.sock).st_mode) == 0o600
    assert nic.stop() == 0
    assert not os.path.exists(nic.sock)
    assert " done: clients=0 " in nic.text()


def test_summary_tells_the_table_as_it_was(vfu_nic):
    nic = vfu_nic()
    with Client(nic.sock) as c:
        c.tph_enable(1)
        c.st_set(1, [0])
        assert nic.stop() == 0
    done = [x for x in nic.text().splitlines() if " done: " in x]
    assert len(done) == 1
    assert " clients=1 " in done[0] and " st_writes=1 tph_ctrl=0x101 st=1:0x20" in done[0]


def test_telemetry(vfu_nic, rundir):
    nic = vfu_nic("--queues", "2", telemetry=True)
    paths = list(rundir.glob("xdg/dpdk/*/dpdk_telemetry.v2"))
    assert len(paths) == 1, nic.text()
    with Client(nic.sock) as c, socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as t:
        c.tph_enable(1)
        c.st_set(1, [0, 1])
        t.settimeout(5)
        t.connect(str(paths[0]))
        t.recv(4096)

        def ask(cmd):
            t.send(cmd.encode())
            return json.loads(t.recv(16384))[cmd]

        tph = ask("/vfu_nic/tph")
        assert tph == {"tph": "iv-cap", "entries": 5, "control": 0x101, "st_writes": 2,
                       "st": c.st_table(5)}
        info = ask("/vfu_nic/info")
        assert (info["sock"], info["queues"], info["clients"]) == (nic.sock, 2, 1)


@pytest.mark.root
def test_other_users_are_refused(vfu_nic, rundir):
    if os.geteuid() != 0:
        pytest.skip("needs root: takes another user's id")
    nic = vfu_nic()
    os.chmod(rundir, 0o755)
    script = ("import socket,sys; s=socket.socket(socket.AF_UNIX); s.settimeout(5)\n"
              "try: s.connect(sys.argv[1])\n"
              "except PermissionError: print('denied'); sys.exit()\n"
              "print('closed' if s.recv(1) == b'' else 'served')")

    def as_nobody():
        r = subprocess.run(["/usr/bin/python3", "-c", script, nic.sock], user=65534, group=65534,
                           extra_groups=[], capture_output=True, text=True, timeout=20, check=True)
        return r.stdout.strip()

    assert as_nobody() == "denied"  # by the mode of the socket
    os.chmod(nic.sock, 0o666)
    assert as_nobody() == "closed"  # by the credentials of the peer
    assert nic.counters()["refused"] == "1"


def test_stale_socket_is_replaced_and_a_live_one_refused(vfu_nic):
    first = vfu_nic()
    second = vfu_nic(wait=False)
    assert second.p.wait(20) == 1
    with Client(first.sock) as c:
        assert c.info()[0] == 16
    first.kill()
    assert os.path.exists(first.sock)
    third = vfu_nic()
    with Client(third.sock) as c:
        assert c.info()[0] == 16


@pytest.mark.parametrize("args, word", [
    (["--queues", "0"], "--queues"), (["--queues", "129"], "--queues"),
    (["--queues", "2x"], "--queues"), (["--vectors", "258"], "--vectors"),
    (["--ring-size", "100"], "--ring-size"), (["--mac", "01:00:00:00:00:00"], "--mac"),
    (["--mtu", "9217"], "--mtu"), (["--tph", "iv"], "--tph"), (["--tph-get", "x"], "--tph-get"),
    (["--tph-entries", "65"], "--tph-entries"), (["--poll", "no"], "--poll"),
    (["--tph-feature", "13"], "--tph-feature"), (["--test-swap-tags", "1"], "--test-swap-tags"),
    (["--tph-fault", "x"], "--tph-fault"), (["--tph-tags", "x"], "--tph-tags"),
    (["--nonsense"], "--nonsense"), (["--sock", "x" * 108], "--sock"), (["extra"], "extra"),
])
def test_bad_options_give_one_line_and_exit_code_2(build, vfu_nic, args, word):
    binary = build / "app" / "vfu-nic" / "vfu-nic"
    if not binary.exists():
        pytest.skip("vfu-nic is not built")
    r = subprocess.run([binary, "--no-pci", "--", "--sock", "/tmp/none.sock", "--wire", "gen",
                        *args], capture_output=True, text=True, timeout=20, check=False)
    assert r.returncode == 2 and r.stdout == ""
    assert word in r.stderr and r.stderr.count("\n") == 1


def test_help(build):
    binary = build / "app" / "vfu-nic" / "vfu-nic"
    if not binary.exists():
        pytest.skip("vfu-nic is not built")
    for argv in ([binary, "--help"], [binary, "--no-pci", "--", "--help"]):
        r = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False)
        assert r.returncode == 0 and "--tph-entries" in r.stdout and r.stderr == ""
