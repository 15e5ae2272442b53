# SPDX-License-Identifier: BSD-3-Clause
"""steer-doctor as a program: exit status, only reading, hostile trees, recorded machines."""
import json
import random
import subprocess
import sys

import pytest

from doctor_tree import DATA, NIC, PORT, TOOL, Machine, look, steerable

from steer_doctor import examine
from steer_doctor.text import report


def run(*args, root):
    return subprocess.run([str(TOOL), "--root", str(root), *args], capture_output=True, text=True,
                          check=False, timeout=60)


@pytest.fixture
def folder(tmp_path):
    return steerable().save(tmp_path / "machine")


def test_exit_status(folder, tmp_path):
    assert run(root=folder).returncode == 0
    (folder / "proc/cmdline").write_text("pci=notph\n")
    done = run("01:00.0", root=folder)
    assert done.returncode == 1 and "missing   boot options: booted with pci=notph" in done.stdout
    for args in (["eth0"], ["--what"], ["01:00.9"]):
        done = run(*args, root=folder)
        assert done.returncode == 2 and done.stdout == "", args
    assert "eth0: not a PCI address: give one like 0000:01:00.0" in \
        run("eth0", root=folder).stderr
    done = run("0000:09:00.0", root=folder)
    assert done.returncode == 1 and done.stderr.startswith(
        "steer-doctor: 0000:09:00.0: no such PCI device")
    done = run(root=tmp_path / "nowhere")
    assert done.returncode == 1 and done.stderr.count("\n") == 1


def test_no_network_device(tmp_path):
    done = run(root=tmp_path)
    assert done.returncode == 1 and done.stdout.endswith("no PCI network device\n")


def test_only_network_devices_unless_named(folder):
    assert [d["address"] for d in json.loads(run("--json", root=folder).stdout)["devices"]] == [NIC]
    named = json.loads(run("--json", PORT, NIC, PORT, root=folder).stdout)["devices"]
    assert [d["address"] for d in named] == [PORT, NIC]


def test_text_has_every_check_and_the_verdict(folder):
    text = run(root=folder).stdout
    for c in json.loads(run("--json", root=folder).stdout)["devices"][0]["checks"]:
        assert f"  {c['what']:20} {c['have']:8} {c['text']}\n" in text
    assert f"{NIC}  1af4:1041 Ethernet controller, below {PORT}\n" in text
    assert "  verdict: DPDK can have it; it can be steered" in text


def test_reader_that_goes_away(folder):
    done = subprocess.run(["bash", "-c", f"{TOOL} --root {folder} --json | head -1"],
                          capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == "{\n" and done.stderr == ""


AUDIT = """
import os, runpy, sys
def hook(event, args):
    wrote = event == "open" and (args[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if wrote or event in ("os.remove", "os.rename", "os.mkdir", "os.chmod", "os.truncate",
                          "os.system", "subprocess.Popen", "os.exec", "os.fork", "socket.connect"):
        os.write(2, f"{event} {args}".encode())
        os._exit(99)
sys.dont_write_bytecode = True
sys.argv = sys.argv[1:]
sys.path.insert(0, os.path.dirname(sys.argv[0]))
sys.addaudithook(hook)
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_it_only_reads(folder):
    """Also this very machine, whatever it is."""
    for args in (["--root", str(folder)], ["--json"], []):
        done = subprocess.run([sys.executable, "-c", AUDIT, str(TOOL), *args], capture_output=True,
                              text=True, check=False, timeout=60)
        assert done.returncode in (0, 1) and done.stderr == "", done.stderr
    hit = subprocess.run([sys.executable, "-c", AUDIT, str(TOOL), "--root", str(folder), "--record",
                          str(folder / "x.tar")], capture_output=True, text=True, check=False)
    assert hit.returncode == 99  # the hook sees what it is there to see


# ---- hostile trees
def test_absolute_links_start_at_the_root():
    m = steerable()
    m.files[f"{m.real(NIC)}/vendor"] = "link", f"/{m.real(NIC)}/device"
    assert look(m)["vendor"] == "0x1041"


def test_links_do_not_leave_the_root(tmp_path):
    folder = steerable().save(tmp_path / "machine")
    (tmp_path / "secret").write_text("0xsecret")
    vendor = folder / steerable().real(NIC) / "vendor"
    for target in ("../" * 20 + "secret", str(tmp_path / "secret"), "vendor"):
        vendor.unlink()
        vendor.symlink_to(target)
        done = run("--json", root=folder)
        assert done.returncode in (0, 1) and "secret" not in done.stdout and not done.stderr


def test_control_characters_do_not_reach_the_terminal():
    m = Machine()
    m.put(f"{m.real(NIC)}/vendor", "0x1\x1b[2J\x9b1")
    m.driver(NIC, "evil\x1b]0;x\x07")
    m.put("proc/cmdline", "pci=\x1b[31m")
    text = report(examine(m.tree()))
    assert all(c.isprintable() or c == "\n" for c in text)


def test_garbage_in_any_file_is_no_traceback():
    """300 machines whose files are cut, random, missing, folders, or links to anywhere."""
    rnd = random.Random(11)
    for _ in range(300):
        m = steerable()
        m.interface(NIC, "eth0", route=True)
        paths = sorted(m.files)
        for path in rnd.sample(paths, 25):
            m.files[path] = rnd.choice((
                rnd.randbytes(rnd.randrange(80)), b"", b"-1", b"99999999999999999999", None,
                ("link", rnd.choice(paths)), ("link", "../" * rnd.randrange(9) + "x\0y"),
                (m.files[path] or b"x")[:3] if isinstance(m.files[path], bytes) else b"x"))
            if rnd.randrange(4) == 0:
                del m.files[path]
        examined = examine(m.tree())
        json.dumps(examined)
        assert "\x1b" not in report(examined)


# ---- recorded machines
RECORDED = sorted(DATA.glob("*.tar.gz"))


@pytest.mark.parametrize("path", RECORDED, ids=lambda p: p.name)
def test_recorded_machine_reads_as_it_did(path):
    golden = path.with_name(path.name.replace(".tar.gz", ".golden"))
    assert run(root=path).stdout == golden.read_text()


def test_verdicts_of_recorded_machines():
    """What each was known to be when it was recorded."""
    found = {}
    for path in RECORDED:
        device, = json.loads(run("--json", root=path).stdout)["devices"]
        found[path.name] = device["verdict"]["use"], device["verdict"]["steering"]
    assert found == {"vm-virtio.tar.gz": ("no", "no"), "lab-stock.tar.gz": ("yes", "no"),
                     "lab-module.tar.gz": ("yes", "yes")}
