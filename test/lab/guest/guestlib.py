# SPDX-License-Identifier: BSD-3-Clause
"""What the cases share inside the guest: results, PCI devices and drivers, testpmd."""
import os
import re
import struct
import subprocess
import time
from pathlib import Path

from steerlab import Process

PCI = Path("/sys/bus/pci")
STEER = Path("/steer")
PROMPT = r"testpmd> "
PATIENCE = 120  # seconds of an emulated CPU on a busy machine
_port = open("/dev/ttyS1", "w", encoding="utf-8")


class Skip(Exception):
    """The kernel lacks what a test needs; the text says what."""


def say(line):
    _port.write(line + "\n")
    _port.flush()


def report(good, name, why=""):
    """One result."""
    print(f"### {'ok' if good else 'NOT OK'}: {name}", flush=True)
    say(f"{'ok' if good else 'not'} {' '.join(name.split())}")
    if not good:
        print(why, flush=True)
        for line in str(why).splitlines()[-40:]:
            say("\t" + line)
    return good


def skip(name, reason):
    say(f"skip {' '.join(name.split())}|{' '.join(reason.split())}")


def note(text):
    say(f"note {text}")


def run(*argv, ok=True, **kw):
    """Output of both streams; with ok, a failure is an exception."""
    done = subprocess.run([str(a) for a in argv], stdin=kw.pop("stdin", subprocess.DEVNULL),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **kw)
    text = done.stdout.decode(errors="replace")
    if ok and done.returncode:
        raise OSError(f"{' '.join(map(str, argv))}: {done.returncode}: {text}")
    return text


def modprobe(*names):
    """Load modules that are in the archive, with their parameters: ("name", "a=1")."""
    for name in names:
        words = name.split()
        if not Path("/sys/module", words[0].replace("-", "_")).exists():
            run("insmod", f"/lab/modules/{words[0].replace('-', '_')}.ko", *words[1:])


def command_line():
    """The kernel's, by words; lab.NAME are for the tests."""
    return Path("/proc/cmdline").read_text(encoding="ascii").split()


# ---- PCI
def behind(port):
    """Address of the device below root port NUMBER (see the host's vm.py)."""
    for f in (PCI / "devices" / f"0000:00:{0x10 + port:02x}.0").iterdir():
        if re.fullmatch(r"[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]", f.name):
            return f.name
    raise OSError(f"nothing behind root port {port}")


def driver(bdf):
    link = PCI / "devices" / bdf / "driver"
    return link.resolve().name if link.exists() else None


def group(bdf):
    return (PCI / "devices" / bdf / "iommu_group").resolve().name


def bind(name, *devices):
    """To driver NAME, or to none."""
    run("steer-bind", *(["bind", name] if name else ["unbind"]), *devices)


def tph(bdf, entries):
    """Control register and ST table of the capability as the device itself has them."""
    data, at = (PCI / "devices" / bdf / "config").read_bytes(), 0x100
    while at and struct.unpack_from("<H", data, at)[0] != 0x17:
        at = struct.unpack_from("<I", data, at)[0] >> 20
    if not at:
        raise OSError(f"{bdf} has no TPH capability")
    return struct.unpack_from("<I", data, at + 8)[0], \
        list(struct.unpack_from(f"<{entries}H", data, at + 12))


def interface(bdf, timeout=PATIENCE):
    """Name of the Linux interface of a device."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        for f in (PCI / "devices" / bdf).glob("virtio*/net/*"):
            return f.name
        time.sleep(0.1)
    raise OSError(f"{bdf} has no interface; driver {driver(bdf)}")


def has_feature(bdf, bit):
    """Has Linux's driver agreed on this virtio feature?"""
    for f in (PCI / "devices" / bdf).glob("virtio*/features"):
        return f.read_text(encoding="ascii")[bit] == "1"
    raise OSError(f"{bdf} is no virtio device of Linux's; driver {driver(bdf)}")


# ---- programs
def environment():
    folders = [STEER / "lib" / x for x in ("cache", "pci", "steer", "tph", "tsm", "vfio")]
    folders += [STEER / "drivers" / x for x in ("bus/vfio", "misc/steer", "net/virtio")]
    return dict(os.environ, LD_LIBRARY_PATH=":".join(map(str, folders)), XDG_RUNTIME_DIR="/run",
                RUNTIME_DIRECTORY="/run")


USER = 1000


def as_user(memlock):
    """Words before a command: as an ordinary user with this limit of locked memory, in KiB."""
    Path("/run/user").mkdir(exist_ok=True)
    os.chown("/run/user", USER, USER)
    return ["sh", "-c", f'ulimit -l {memlock}; exec "$@"', "sh", "python3", "-B",
            "/lab/as_user.py", str(USER)]


def bus_tool(*commands, before=(), eal_args=None, prefix="tool"):
    """What our bus says to these commands of bus-tool."""
    env = dict(environment(), XDG_RUNTIME_DIR="/run/user", RUNTIME_DIRECTORY="/run/user") \
        if before else environment()
    words = eal(prefix, "0", 32) if eal_args is None else \
        ["-l", "0", "--file-prefix", prefix, "--no-telemetry", *eal_args]
    done = subprocess.run([*before, STEER / "test/tools/bus-tool", *words, "--no-pci", "-d",
                           "librte_bus_vfio.so"], env=env, stdout=subprocess.PIPE,
                          input="".join(f"{c}\n" for c in (*commands, "quit")).encode(),
                          stderr=subprocess.STDOUT, timeout=PATIENCE, check=False)
    return done.stdout.decode(errors="replace")


def refused(label, said, *words):
    """Report whether our bus said so in one line."""
    lines = [x for x in said.splitlines() if x.startswith("vfio:") and all(w in x for w in words)]
    report(bool(lines), f"refused: {label}", said)
    for line in lines[:1]:
        note(line)


OUR_PLUGINS = ["-d", "librte_bus_vfio.so", "-d", "librte_net_vfio_virtio.so"]


def eal(prefix, lcores="0,1", memory=128):
    return ["-l", lcores, "--huge-dir", "/hp", "-m", str(memory), "--file-prefix", prefix,
            "--no-telemetry"]


class Testpmd(Process):
    """Debian's testpmd at its prompt."""

    __test__ = False

    def __init__(self, *eal_args, app=(), prefix="pmd", ready=True, lcores="0,1", memory=128,
                 before=()):
        argv = [*before, "stdbuf", "-oL", "dpdk-testpmd", *eal(prefix, lcores, memory), *eal_args,
                "--", "-i", "--total-num-mbufs=8192", "--no-flush-rx", *app]
        super().__init__(argv, env=environment())
        if ready:
            self.expect(PROMPT, PATIENCE)

    def ask(self, line):
        self.send(line)
        self.expect(re.escape(line), PATIENCE)  # its echo: another prompt may come before it
        at = self._seen
        self.expect(PROMPT, PATIENCE)
        return self.output[at:self._seen]

    def stats(self, port):
        text = self.ask(f"show port stats {port}")
        return {k: int(v) for k, v in re.findall(r"([RT]X-[a-z]+): +(\d+)", text)}

    def until(self, port, key, least):
        """Wait until a counter has reached this. @return its value then, or at the end."""
        end = time.monotonic() + PATIENCE
        while (value := self.stats(port).get(key)) is not None and value < least and \
                time.monotonic() < end:
            time.sleep(0.2)
        if value is None:
            raise AssertionError(f"no {key} of port {port}:\n{self.output[-3000:]}")
        return value

    def quit(self):
        self.send("quit")
        return self.wait(PATIENCE)


# ---- captures
def packets(path):
    """Frames of a capture file, in order, without their times."""
    data = Path(path).read_bytes()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at, found = 24, []
    while at + 16 <= len(data):
        size = struct.unpack_from(order + "I", data, at + 8)[0]
        found.append(data[at + 16:at + 16 + size])
        at += 16 + size
    return found


def difference(sent, got):
    """Words about how two lists of frames differ, or None."""
    for i, (a, b) in enumerate(zip(sent, got)):
        if a != b:
            return f"frame {i}: {a.hex()} became {b.hex()}"
    if len(sent) != len(got):
        return f"{len(sent)} frames sent, {len(got)} arrived"
    return None


def cards_of(pmd):
    """Port numbers of testpmd by the kind of their names: captures, and the others in order."""
    rows = [x.split() for x in pmd.ask("show port summary all").splitlines()]
    ports = [(r[2], r[0]) for r in rows if len(r) > 3 and r[0].isdigit()]
    return dict(p for p in ports if p[0].startswith("net_pcap")), \
        [p[1] for p in ports if not p[0].startswith("net_pcap")]


def capture_args(queues):
    """Port that plays the capture on each queue, and port that records."""
    play = "".join(f",rx_pcap=/lab/real.pcap,tx_pcap=/tmp/none{q}.pcap" for q in range(queues))
    record = "".join(f",rx_pcap=/lab/empty.pcap,tx_pcap=/tmp/out{q}.pcap" for q in range(queues))
    return ["--vdev", f"net_pcap0{play}", "--vdev", f"net_pcap1{record}"]


def through(label, *eal_args, queues=1, app=(), mode=None):
    """Frames of a capture go out by the first card and come in by the second, byte for byte; in
    order, where there is one queue. mode: words of the cards' burst mode. @return the frames by
    receive queue."""
    for f in Path("/tmp").glob("*.pcap"):
        f.unlink()
    sent = packets("/lab/real.pcap") * queues
    pmd = Testpmd(*eal_args, *capture_args(queues),
                  app=["--port-topology=paired", f"--rxq={queues}", f"--txq={queues}", *app])
    try:
        captures, cards = cards_of(pmd)
        if not report(len(cards) == 2, f"{label}: takes both cards", pmd.output[-4000:]):
            return None
        pmd.ask(f"set portlist {captures['net_pcap0']},{cards[0]},{cards[1]},"
                f"{captures['net_pcap1']}")
        pmd.ask("set fwd io retry")  # the capture is read faster than a card sends
        pmd.ask("set burst tx delay 200 retry 100000")
        if "Not all ports were started" in pmd.ask("start"):
            report(False, f"{label}: starts both cards", pmd.output[:6000])
            return None
        if mode:
            said = [pmd.ask(f"show rxq info {p} 0") for p in cards]
            report(all(mode in s for s in said), f"{label}: {mode} in use", "\n".join(said))
        pmd.until(captures["net_pcap1"], "TX-packets", len(sent))
        pmd.ask("stop")
        pmd.ask("show port stats all")
    finally:
        code = pmd.quit()
    by_queue = [packets(f"/tmp/out{q}.pcap") for q in range(queues)]
    got = [p for q in by_queue for p in q]
    why = difference(sent, got) if queues == 1 else difference(sorted(sent), sorted(got))
    report(why is None, f"{label}: {len(sent)} frames of real programs arrive byte for byte",
           f"{why}\n{pmd.output[-3500:]}")
    report(code == 0, f"{label}: testpmd ends well", f"exit status {code}\n{pmd.output[-3000:]}")
    return [len(q) for q in by_queue]
