# SPDX-License-Identifier: BSD-3-Clause
"""The software TSM of vfu-nic as a process: VERSION, an attach by hand, hostile envelopes, options."""

import hashlib
import os
import random
import re
import socket
import struct
import subprocess

import pytest
import tsm_client as tc
import vfu_client as vc
import vio_driver as vd
from conftest import need
from patience import wait_for
from telemetry import Telemetry
from tsm_client import CHAIN, MEASUREMENTS, REPORT, VCA, TsmClient
from vfu_client import Client, Gone, VfuError
from vio_driver import Driver, bits

ENXIO, EINVAL, ENOTTY, EOPNOTSUPP = 6, 22, 25, 95
PREFIX = b"dmtf-spdm-v1.2.*" * 4 + bytes(6) + b"responder-measurements signing"


@pytest.fixture
def tsm(vfu_nic):
    """tsm(*options, arch=) -> (server, client)"""
    made = []

    def start(*opts, arch="cca", **kw):
        nic = vfu_nic("--tsm", arch, *opts, name=f"nic{len(made)}", **kw)
        made.append(TsmClient(nic.sock, tc.ARCHS[arch]))
        return nic, made[-1]

    yield start
    for c in made:
        c.close()


@pytest.fixture
def ca(build):
    path = build / "app" / "vfu-nic" / "tsm-ca"
    if not path.exists():
        pytest.skip("no CA in the build folder: ninja app/vfu-nic/tsm-ca.sha384")
    return path


def refused(errno, call, *args, **kw):
    with pytest.raises(VfuError) as e:
        call(*args, **kw)
    assert e.value.errno == errno


# -- VERSION

def key_of(nic, **caps):
    with Client(nic.sock, caps=caps) as c:
        return c.caps.get(tc.KEY)


def test_key_comes_only_when_it_is_offered(vfu_nic):
    nic = vfu_nic("--tsm", "cca")
    assert key_of(nic) is None
    assert key_of(nic, steer_tsm_feature=False) is None
    assert key_of(nic, steer_tsm_feature=1) is None
    assert key_of(nic, steer_tph_feature=True) is None
    assert key_of(nic, steer_tsm_feature=True) == 0xFE01
    with Client(nic.sock) as c:  # and without it there is no envelope
        refused(ENOTTY, c.feature, vc.PROBE | vc.GET, index=0xFE01)
    other = vfu_nic("--tsm", "cca", "--tph-feature", "0xfe01", name="other")
    assert key_of(other, steer_tsm_feature=True) == 0xFE02
    plain = vfu_nic(name="plain")
    assert key_of(plain, steer_tsm_feature=True) is None


def test_version_reply_is_short(vfu_nic):
    """QEMU takes no more than 214 bytes, header included."""
    nic = vfu_nic("--tsm", "tdx", "--tph-feature", "65535")
    with Client(nic.sock, version=False) as c:
        text = b'{"capabilities":{"steer_tph_feature":true,"steer_tsm_feature":true}}\0'
        data, _ = c.call(vc.VERSION, struct.pack("<HH", 0, 0) + text)
        assert b"steer_tsm_feature" in data and b"steer_tph_feature" in data
        assert 16 + len(data) <= 214


def test_tee_bit(vfu_nic):
    for opts, want in (((), 0), (("--tee",), 1), (("--tsm", "sev"), 1)):
        nic = vfu_nic(*opts, name=f"n{len(opts)}{want}")
        with Client(nic.sock) as c:
            assert c.cfg(c.cap(0x10) + 4) >> 30 & 1 == want


# -- an attach by hand

def delivered(d, ring):
    """Buffers that the device has used so far, after some messages to and fro."""
    for _ in range(50):
        d.reg(20, "<B")
    return d.u16(ring.used + 2)


@pytest.mark.threads
@pytest.mark.parametrize("arch", tc.ARCHS)
def test_packets_flow_in_run_alone(tsm, arch):
    nic, c = tsm(arch=arch)
    d = Driver(c)
    rx, tx, _ = d.start(bits(vd.MRG), n=64)
    rx[0].fill()
    c.locked()
    assert delivered(d, rx[0]) == 0
    c.set_state(tc.RUN)
    if arch == "sev":
        assert delivered(d, rx[0]) == 0
        c.do(tc.ENABLE_DMA)
    rx[0].wait(64)
    d.send(tx[0], [bytes(60)] * 8)
    assert c.state() == tc.RUN
    c.reset()
    assert c.state() == tc.ERROR
    c.unbind()
    c.running()
    assert c.state() == tc.RUN
    assert nic.counters()["tsm_maps_before_run"] == "1"
    assert "tsm: DMA_MAP before RUN" in nic.text()
    d.bus_master()
    d.works()


def test_no_map_before_run_is_none(tsm):
    nic, c = tsm()
    c.running()
    d = Driver(c)
    d.works()
    c.dma_unmap(0, 0, flags=2)
    got = nic.counters()
    assert got["tsm_maps_before_run"] == "0" and got["tsm"] == "RUN"
    assert "DMA_MAP before RUN" not in nic.text()
    assert all("simulated" in x for x in nic.text().splitlines() if " tsm: " in x)


@pytest.mark.parametrize("action", ["error", "ignore"])
def test_st_write_under_lock(tsm, action):
    nic, c = tsm("--tsm-st-write", action, "--queues", "2")
    c.set_irqs(0x24, 0, 5, fds=[os.eventfd(0) for _ in range(5)])
    c.tph_enable(1)
    c.st_set(1, [1])
    c.running()
    c.st_set(1, [2])
    assert c.st_table(2)[1] == 0x2E
    assert c.state() == (tc.RUN if action == "ignore" else tc.ERROR)
    assert nic.counters()["tsm"] == ("RUN" if action == "ignore" else "ERROR")


def test_the_next_client_finds_it_unlocked(tsm):
    nic, c = tsm()
    c.running()
    c.close()
    wait_for("end of the lock", lambda: nic.counters()["tsm"] == "CONFIG_UNLOCKED")
    with TsmClient(nic.sock) as other:
        refused(ENXIO, other.state)
        other.bind()
        assert other.state() == tc.UNLOCKED
        refused(61, other.size, REPORT)  # ENODATA


def test_telemetry(vfu_nic, rundir):
    nic = vfu_nic("--tsm", "sev", "--tsm-name", "tsm7", telemetry=True)
    tele = Telemetry(rundir, f"{rundir.name}-nic")
    want = {"tsm": "sev", "name": "tsm7", "simulated": 1, "bound": 0, "state": "CONFIG_UNLOCKED",
            "why": "power-on", "fault": "none", "transitions": 0, "locks": 0, "requests": 0,
            "errors": 0, "dma_maps_before_run": 0}
    try:
        assert tele.ask("/vfu_nic/tsm") == want
        with TsmClient(nic.sock, tc.SEV) as c:
            assert c.ident() == ("tsm7", tc.SEV, 3)
            c.running()
            c.reset()
            refused(EINVAL, c.do, tc.VALIDATE, bytes(24))  # not of this architecture
            fd = vc.memfd(4096)
            c.fds.append(fd)
            c.dma_map(0, 4096, fd)
            assert tele.ask("/vfu_nic/tsm") == dict(
                want, bound=1, state="ERROR", why="function reset", transitions=3, locks=1,
                requests=6, errors=1, dma_maps_before_run=1)
    finally:
        tele.close()


def test_telemetry_without_a_tsm(vfu_nic, rundir):
    vfu_nic(telemetry=True)
    tele = Telemetry(rundir, f"{rundir.name}-nic")
    assert tele.ask("/vfu_nic/tsm") in ({}, None)
    tele.close()


def test_bytes_of_the_guide(tsm):
    """The request that doc/guides/tsm_wire.rst prints gets the reply that it prints."""
    guide = os.path.join(os.path.dirname(__file__), "../../doc/guides/tsm_wire.rst")
    with open(guide, encoding="utf-8") as f:
        text = f.read()
    request, reply = (bytes.fromhex("".join(x.split()))
                      for x in re.findall(r"(?:^   [0-9a-f ]+\n)+", text, re.M))
    _, c = tsm()
    c.bind()
    assert c.call(vc.FEATURE, request)[0] == reply
    assert c.state() == tc.LOCKED
    refused(EINVAL, c.call, vc.FEATURE, request[:-1])


# -- evidence, judged by openssl(1)

def certificates(chain):
    at, out = 52, []
    while at < len(chain):
        assert chain[at:at + 2] == b"\x30\x82"
        n = 4 + int.from_bytes(chain[at + 2:at + 4], "big")
        out.append(chain[at:at + n])
        at += n
    return out


def der_of(raw):
    """ECDSA-Sig-Value of r and s."""
    def integer(b):
        b = b.lstrip(b"\0")
        b = b"\0" + b if not b or b[0] & 0x80 else b
        return b"\x02" + bytes([len(b)]) + b

    body = integer(raw[:48]) + integer(raw[48:])
    return b"\x30" + bytes([len(body)]) + body


def openssl(*args, code=0):
    r = subprocess.run(["openssl", *map(str, args)], capture_output=True, text=True, timeout=60,
                       check=False, env=dict(os.environ, OPENSSL_CONF="/dev/null"))
    assert r.returncode == code, r.stderr + r.stdout
    return r.stdout


def signed(folder, c, leaf):
    """Does the leaf's key sign what the TSM hands out?"""
    vca, meas = c.object(VCA), c.object(MEASUREMENTS)
    digest = hashlib.sha384(vca + meas[:-96]).digest()
    (folder / "leaf.der").write_bytes(leaf)
    (folder / "m").write_bytes(PREFIX + digest)
    (folder / "s").write_bytes(der_of(meas[-96:]))
    (folder / "pub").write_text(openssl("x509", "-inform", "DER", "-in", folder / "leaf.der",
                                        "-noout", "-pubkey"))
    r = subprocess.run(["openssl", "dgst", "-sha384", "-verify", folder / "pub", "-signature",
                        folder / "s", folder / "m"], capture_output=True, timeout=60, check=False)
    return r.returncode == 0


@pytest.mark.parametrize("fault, good", [
    ("none", True), ("measurement-changed", True), ("other-device", True), ("expired-chain", True),
    ("self-signed-chain", True), ("wrong-transcript", False), ("swapped-certificate", False),
    ("key-not-in-chain", False),
])
def test_evidence(tsm, ca, tmp_path, fault, good):
    need("openssl")
    _, c = tsm("--tsm-fault", fault)
    c.locked()
    nonce = os.urandom(32)
    c.regenerate(MEASUREMENTS, nonce)
    meas, chain = c.object(MEASUREMENTS, piece=100), c.object(CHAIN)
    assert meas[:4] == b"\x12\xe0\x01\xff" and meas[4:36] == nonce
    certs = certificates(chain)
    assert chain[:4] == struct.pack("<HH", len(chain), 0)
    assert chain[4:52] == hashlib.sha384(certs[0]).digest()
    assert signed(tmp_path, c, certs[-1]) == good
    honest = fault != "other-device"
    for obj in (VCA, CHAIN, MEASUREMENTS, REPORT):
        same = hashlib.sha384(c.object(obj)).digest() == c.digest(obj)
        assert same == (honest or obj in (VCA, REPORT))
    text = (ca / "root.sha384").read_text().strip()
    assert (chain[4:52].hex() == text) == (fault != "self-signed-chain")


# -- faults that only a process shows

def test_hang_is_no_answer_and_no_dead_server(tsm):
    nic, c = tsm("--tsm-fault", "hang")
    c.bind()
    c.s.settimeout(0.5)
    with pytest.raises(socket.timeout):
        c.set_state(tc.LOCKED)
    c.close()
    with TsmClient(nic.sock) as other:
        assert other.ident()[0] == "tsm0"


def test_half_present(tsm):
    _, c = tsm("--tsm-fault", "half-present")
    assert c.tsm == 0xFE01
    refused(ENOTTY, c.ident)
    refused(ENOTTY, c.feature, vc.PROBE | vc.GET, index=c.tsm)


# -- hostile

@pytest.mark.sanitize
def test_hostile_envelopes(tsm):
    """Any bytes get an answer; nothing of the request, or of memory, is in what is not asked for."""
    nic, c = tsm("--queues", "2")
    rng = random.Random(6)
    ops = [1, 2, 3, 4, 5, 6, 7, 8, 0, 0x100, 0x101, 0x102, 0x103, 0x104, 0x105, 1 << 31]
    sizes = [0, 1, 3, 4, 8, 12, 15, 16, 24, 40, 47, 48, 49, 64, 1000, 1 << 20, 0xFFFFFFFF]
    done = 0
    for _ in range(3000):
        body = rng.randbytes(rng.choice([0, 4, 16, 24, 48, 64, 200]))
        if rng.random() < 0.7 and len(body) >= 4:
            body = struct.pack("<I", rng.randrange(6)) + bytes(12)[:len(body) - 4] + body[16:]
        lens = (len(body), rng.choice([0, len(body)]))
        if rng.random() < 0.3:
            lens = rng.choice(sizes), rng.choice(sizes)
        head = struct.pack("<IIIIIIQ", rng.choice(ops), rng.choice([1, 1, 1, 2, 0]), *lens, 0,
                           rng.choice([0] * 9 + [7]), rng.getrandbits(64))
        data = (head + body)[:rng.choice([1 << 20] * 9 + [31, 5, 0])]
        argsz = rng.choice([None] * 9 + [0, 8, 1 << 32 - 1])
        try:
            reply = c.feature(rng.choice([vc.GET] * 8 + [vc.PROBE | vc.GET, vc.SET]), data, c.tsm,
                              argsz)
            assert len(reply) == 8 + len(data)
            done += 1
        except VfuError as e:
            assert e.errno in (EINVAL, EOPNOTSUPP, ENXIO, 61, 2)
    assert done > 300
    c.close()
    with TsmClient(nic.sock) as other:
        other.running()
        assert other.state() == tc.RUN


@pytest.mark.sanitize
def test_envelopes_split_at_any_byte(tsm):
    _, c = tsm()
    data = struct.pack("<IIIIIIQ", tc.IDENT, 0, 0, 40, 0, 0, 0) + bytes(40)
    payload = struct.pack("<II", 8 + len(data), vc.GET | c.tsm) + data
    whole = c.header(vc.FEATURE, len(payload)) + payload
    for cut in range(1, len(whole), 5):
        c.raw(whole[:cut])
        c.raw(whole[cut:])
        assert c.recv()[4][40:44] == b"tsm0"


@pytest.mark.sanitize
def test_largest_envelope(tsm):
    """max_data_xfer_size counts with the head."""
    _, c = tsm()
    c.bind()
    most = (1 << 20) - 32
    data, left, code = c.envelope(tc.READ, struct.pack("<IIQ", CHAIN, 0, 0), most)
    size = c.size(CHAIN)
    assert code == 0 and left == most - size and data[size:] == bytes(most - size)
    refused(EINVAL, c.envelope, tc.READ, struct.pack("<IIQ", CHAIN, 0, 0), most + 1)
    assert c.state() == tc.UNLOCKED  # the stream is still in step


@pytest.mark.sanitize
def test_objects_in_pieces_of_a_small_transfer(vfu_nic):
    nic = vfu_nic("--tsm", "cca")
    with TsmClient(nic.sock) as c:
        c.bind()
        whole = c.object(CHAIN)
    caps = {"max_msg_fds": 1, "max_data_xfer_size": 100, tc.KEY: True}
    with TsmClient(nic.sock, caps=caps) as c:
        c.bind()
        assert c.object(CHAIN, piece=68) == whole
        refused(EINVAL, c.read_piece, CHAIN, 0, 69)


@pytest.mark.sanitize
def test_a_client_that_dies_in_an_envelope(tsm):
    nic, c = tsm()
    c.running()
    c.raw(c.header(vc.FEATURE, 1000) + bytes(500))
    c.close()
    wait_for("end of the lock", lambda: nic.counters()["tsm"] == "CONFIG_UNLOCKED")
    with TsmClient(nic.sock) as other:
        other.running()


def test_no_reply_wanted(tsm):
    """A request that wants no reply is done all the same."""
    _, c = tsm()
    data = struct.pack("<IIIIIIQ", tc.BIND, tc.CCA, 0, 0, 0, 0, 0)
    payload = struct.pack("<II", 8 + len(data), vc.GET | c.tsm) + data
    c.send(vc.FEATURE, payload, flags=vc.NO_REPLY)
    assert c.state() == tc.UNLOCKED


# -- options

def run(build, *args):
    binary = build / "app" / "vfu-nic" / "vfu-nic"
    if not binary.exists():
        pytest.skip("vfu-nic is not built")
    return subprocess.run([binary, "--no-pci", "--no-huge", "--no-shconf", "-m", "16",
                           "--file-prefix", f"tsm-{os.getpid()}", "--", *map(str, args)],
                          capture_output=True, text=True, timeout=60, check=False)


def test_list_of_faults(build):
    r = run(build, "--tsm-fault", "help")
    assert r.returncode == 0 and r.stderr == ""
    names = [line.split()[0] for line in r.stdout.splitlines()]
    assert {"none", "replayed-nonce", "wrong-transcript", "swapped-certificate",
            "key-not-in-chain", "expired-chain", "self-signed-chain", "measurement-changed",
            "truncated-object", "oversized-object", "report-omits-bar", "report-foreign-range",
            "stale-report", "tph-differs", "wrong-tsm", "other-device", "state-lie",
            "unlock-before-run", "error-in-run", "error-after-commit", "tsm-code-nonzero",
            "half-present", "hang"} == set(names)
    assert len(names) == 23


@pytest.mark.parametrize("args, word", [
    (["--tsm", "arm"], "--tsm"), (["--tsm", ""], "--tsm"),
    (["--tsm", "cca", "--tsm-name", ""], "--tsm-name"),
    (["--tsm", "cca", "--tsm-name", "x" * 32], "--tsm-name"),
    (["--tsm", "cca", "--tsm-fault", "hangs"], "--tsm-fault"),
    *[(["--tsm", "cca", "--tsm-fault", x], "@LOCK")
      for x in ("hang@", "hang@0", "hang@65536", "hang@1x", "@1")],
    (["--tsm", "cca", "--tsm-st-write", "no"], "--tsm-st-write"),
    (["--tsm-fault", "hang"], "--tsm"), (["--tsm-name", "tsm1"], "--tsm"),
    (["--tsm-st-write", "ignore"], "--tsm"), (["--tsm-ca", "/tmp"], "--tsm"),
])
def test_bad_options(build, args, word):
    r = run(build, "--sock", "/tmp/none.sock", "--wire", "gen", *args)
    assert r.returncode == 2 and r.stdout == ""
    assert word in r.stderr and r.stderr.count("\n") == 1


def test_no_ca_says_how_to_make_one(build, rundir, env):
    r = run(build, "--sock", rundir / "s", "--wire", "gen", "--tsm", "cca", "--tsm-ca", rundir)
    assert r.returncode == 1
    line = [x for x in r.stderr.splitlines() if "tsm" in x and "vfu-nic:" in x][0]
    assert f"{rundir}/device.key: No such file" in line and "devtools/make-ca DIR" in line


# -- make-ca

def test_make_ca(build, tmp_path, tsm):
    need("openssl")
    make = os.path.join(os.path.dirname(__file__), "..", "..", "devtools", "make-ca")
    digests = []
    for _ in range(2):
        r = subprocess.run([make, tmp_path / "ca"], capture_output=True, text=True, timeout=60,
                           check=True)
        assert re.fullmatch(r"[0-9a-f]{96}\n", r.stdout) and r.stderr == ""
        digests.append(r.stdout.strip())
    root = (tmp_path / "ca" / "root.der").read_bytes()
    assert hashlib.sha384(root).hexdigest() == digests[1] != digests[0]
    assert {p.name.split(".")[0] for p in (tmp_path / "ca").iterdir()} == {
        "root", "intermediate", "device", "device2", "expired", "self", "foreign"}
    for key in (tmp_path / "ca").glob("*.key"):
        assert key.stat().st_mode & 0o77 == 0
    _, c = tsm("--tsm-ca", str(tmp_path / "ca"))
    c.bind()
    assert c.object(CHAIN)[4:52].hex() == digests[1]
    for args in ([], ["-x"], ["a", "b"]):
        r = subprocess.run([make, *args], capture_output=True, text=True, timeout=60, check=False)
        assert r.returncode == 2 and "make-ca" in r.stderr


def test_gone_is_gone(tsm):
    nic, c = tsm()
    c.running()
    nic.kill()
    with pytest.raises(Gone):
        c.state()
