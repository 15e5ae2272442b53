# SPDX-License-Identifier: BSD-3-Clause
"""A confidential device in role host: the kernel's TSM core says what an administrator did, which
is no attestation."""
import json
import re
import time
from pathlib import Path

import guestlib as g
from tphlib import Steerpmd

TEE, PLAIN = 0, 1  # root ports (the host's lab/cases.py)
QUARANTINE = "the device is in quarantine"


def policy(name, **keys):
    """tsm-policy= of a file with these keys."""
    path = Path(f"/run/{name}.json")
    path.write_text(json.dumps({k.replace("_", "-"): v for k, v in keys.items()}),
                    encoding="ascii")
    return f",tsm-policy={path}"


def folder(bdf):
    return g.PCI / "devices" / bdf / "tsm"


def card(port):
    bdf = g.behind(port)
    g.bind("vfio-pci", bdf)
    return bdf


class Mock:
    """The TSM is there; gone afterwards, and with it what it connected."""

    def __enter__(self):
        g.modprobe("mock_tsm")
        self.name = next(Path("/sys/class/tsm").iterdir()).name
        return self.name

    def __exit__(self, *_):
        if Path("/sys/module/mock_tsm").exists():
            g.run("rmmod", "mock_tsm")


def connect(bdf, tsm):
    (folder(bdf) / "connect").write_text(f"{tsm}\n", encoding="ascii")


def attach(bdf, words):
    """@return what bus-tool said, and the verdict."""
    said = g.bus_tool(f"attach vfio:{bdf}{words}", f"tsm vfio:{bdf}")
    found = re.search(r"^verdict (.*)$", said, re.M)
    return said, json.loads(found[1]) if found else {}


def refused(label, bdf, words, code, *told):
    said, v = attach(bdf, words)
    lines = [x for x in said.splitlines() if "tsm: " in x and all(w in x for w in told)]
    g.report((v.get("code"), v.get("summary")) == (code, "refused") and lines and
             "attach 0" not in said, f"{label}: refused with {code}", f"{v}\n{said}")
    for line in lines[:1]:
        g.note(line)


def no_tsm_in_the_kernel():
    """a kernel without a TSM"""
    tee, plain = card(TEE), card(PLAIN)
    for mode in ("prefer", "require"):
        refused(f"no TSM, a card that is made for one, {mode}", tee, f",tsm={mode}",
                "UNSUPPORTED", "made for a TSM")
    refused("no TSM, an ordinary card, require", plain, ",tsm=require", "UNSUPPORTED", "neither")
    said, v = attach(plain, ",tsm=prefer")
    g.report("attach 0" in said and v.get("code") == "UNSUPPORTED" and
             "does not protect from a hostile host" in said,
             "no TSM, an ordinary card, prefer: plain, with a warning", f"{v}\n{said}")


def not_connected():
    """a card that nobody connected"""
    bdf = card(TEE)
    with Mock() as tsm:
        for mode in ("prefer", "require"):
            refused(f"unconnected, {mode}", bdf,
                    f",tsm={mode}{policy('host', evidence='host-admin')}", "NOT_CONNECTED",
                    f"echo {tsm} > /sys/bus/pci/devices/{bdf}/tsm/connect")
        now = (folder(bdf) / "connect").read_text(encoding="ascii").strip()
        g.report(now == "", "unconnected: nobody connects it on the way", now)


def connected_is_no_evidence():
    """a connected card under require"""
    bdf = card(TEE)
    with Mock() as tsm:
        connect(bdf, tsm)
        refused("connected, require", bdf, ",tsm=require", "EVIDENCE_MISSING", "no attestation")
        refused("connected, another TSM in the policy", bdf, ",tsm=require" +
                policy("other", tsm="tsm77", evidence="host-admin"), "WRONG_TSM", "tsm77")


class Attached(Steerpmd):
    """Our application on a connected card."""

    def __init__(self, words):
        super().__init__(self.connected(), words)
        self.ask("start")

    def connected(self):
        self.bdf = card(TEE)
        connect(self.bdf, next(Path("/sys/class/tsm").iterdir()).name)
        return self.bdf

    def show(self, label, *words):
        said = self.ask("show tsm 0")
        g.report(all(w in said for w in words), label, said + self.output[-2000:])

    def forwards(self, label):
        self.ask("clear port stats all")
        g.report(self.receives(), label, self.output[-2000:])

    def until(self, words, since):
        """Seconds of guest time until the application says so; None: never."""
        end = since + g.PATIENCE
        while words not in self.output and time.monotonic() < end:
            time.sleep(0.02)
        return time.monotonic() - since if words in self.output else None


HOST_ADMIN = {"tsm": "tsm0", "role": "host", "evidence": "host-admin"}


def lost(label, how):
    """Under require with host-admin: it attaches, forwards, and stops when the TSM lets go."""
    with Mock():
        app = Attached(",tsm=require" + policy("admin", **HOST_ADMIN))
        app.show(f"{label}: the verdict is 'connected, not attested'", "connected, not attested",
                 "OK", "role host", f"security managed by {app.bdf}", "no interface is bound",
                 "state run")
        app.forwards(f"{label}: it forwards")
        since = time.monotonic()
        how(app.bdf)
        after = app.until(QUARANTINE, since)
        g.report(after is not None, f"{label}: the application is told, and stops",
                 app.output[-3000:])
        g.note(f"{label}: noticed after {after or 0:.2f} s of guest time")
        app.expect("closing the port", g.PATIENCE)
        g.report(app.quit() == 0, f"{label}: the application ends well", app.output[-3000:])


def disconnect(bdf):
    (folder(bdf) / "disconnect").write_text("tsm0\n", encoding="ascii")


def disconnected_while_attached():
    """a card that is disconnected while attached"""
    lost("disconnected, require", disconnect)


def tsm_removed_while_attached():
    """a TSM that goes away while a card is attached"""
    lost("TSM removed, require", lambda bdf: g.run("rmmod", "mock_tsm"))


class Tool(g.Process):
    """bus-tool at its prompt: the verdict can be asked for when no port is left."""

    def __init__(self, words):
        super().__init__([g.STEER / "test/tools/bus-tool", *g.eal("tool", "0", 32), "--no-pci",
                          "-d", "librte_bus_vfio.so"], env=g.environment())
        self.name = f"vfio:{words.partition(',')[0]}"
        self.send(f"attach vfio:{words}")
        self.expect("^attach 0", g.PATIENCE)

    def verdict(self):
        self.send(f"tsm {self.name}")
        return json.loads(self.expect(r"^verdict (.*)$", g.PATIENCE)[1])

    def end(self):
        self.send("quit")
        return self.wait(g.PATIENCE)


def verdict_when_lost():
    """the verdict on a card that was disconnected"""
    bdf = card(TEE)
    with Mock() as tsm:
        connect(bdf, tsm)
        tool = Tool(f"{bdf},tsm=require" + policy("admin", **HOST_ADMIN))
        v = tool.verdict()
        g.report((v["summary"], v["code"], v["state"], [c["name"] for c in v["checks"]]) ==
                 ("connected, not attested", "OK", "run", ["connected", "dsm", "bound"]),
                 "attached: connected, not attested; in three checks", v)
        disconnect(bdf)
        tool.expect(QUARANTINE, g.PATIENCE)
        v = tool.verdict()
        g.report((v["summary"], v["code"], v["state"]) == ("refused", "STATE_LOST", "unknown"),
                 "disconnected: the verdict says so", v)
        g.report(tool.end() == 0, "disconnected: bus-tool ends well", tool.output[-2000:])


def prefer_goes_on():
    """a card that is disconnected under prefer"""
    with Mock():
        app = Attached(",tsm=prefer")
        app.show("prefer: the verdict is 'connected, not attested'", "connected, not attested")
        since = time.monotonic()
        disconnect(app.bdf)
        after = app.until("goes on plain", since)
        g.report(after is not None, "prefer, disconnected: a warning", app.output[-3000:])
        app.show("prefer, disconnected: the verdict is plain", "plain", "STATE_LOST")
        app.forwards("prefer, disconnected: it forwards all the same")
        g.report(app.quit() == 0, "prefer: the application ends well", app.output[-3000:])


def no_complaints():
    """the kernel's log"""
    log = [x for x in g.run("dmesg").splitlines()
           if re.search(r"WARNING|BUG:|Oops|Call Trace|INFO: task", x)]
    g.report(not log, "the kernel has nothing to complain about", "\n".join(log))


TESTS = [no_tsm_in_the_kernel, not_connected, connected_is_no_evidence,
         disconnected_while_attached, tsm_removed_while_attached, verdict_when_lost,
         prefer_goes_on, no_complaints]
