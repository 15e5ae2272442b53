# SPDX-License-Identifier: BSD-3-Clause
"""The job of ./demo: per input one emulated NIC, one experiment; then table, CSV and picture."""
import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import livewire
import steerlab

QUEUES = 2
CAPTURE = steerlab.ROOT / "test" / "data" / "real.pcap"
# Packets of a round and rounds per mode: short form, long form, live wire.
QUICK = {"rounds": 3, "packets": 8192}
FULL = {"rounds": 15, "packets": 131072}
LIVE_QUICK = {"rounds": 2, "packets": 2048}
LIVE_FULL = {"rounds": 5, "packets": 4096}


INPUTS = ["gen", "pcap", "tap"]


class DemoError(Exception):
    """One line for the user."""


def inputs(text):
    """Type of --inputs."""
    names = text.split(",")
    unknown = sorted(set(names) - set(INPUTS))
    if unknown:
        raise argparse.ArgumentTypeError(f"'{unknown[0]}' is not {', '.join(INPUTS)}")
    return names


def arguments():
    p = argparse.ArgumentParser(prog="./demo", description="real packets, by cache level, with "
                                "steering off, right and wrong")
    p.add_argument("--quick", action="store_true", help="fewer packets: about 20 s")
    p.add_argument("--json", metavar="FILE", type=Path, help="write the result there too")
    p.add_argument("--inputs", metavar="LIST", type=inputs, default=INPUTS,
                   help="of gen (generated packets), pcap (a capture), tap (live, root only); all")
    p.add_argument("--nic", metavar="OPTION", action="append", default=[],
                   help="pass an option on to vfu-nic, for instance --nic=--tph=none")
    p.add_argument("--platform", default="zen5", help="platform of the cache model (zen5)")
    p.add_argument("--out", metavar="DIR", type=Path, default=steerlab.ROOT / "demo-out",
                   help="where result.json, result.csv and report.png go (demo-out)")
    return p.parse_args()


def cpus():
    """Two CPUs that this process may use (or twice the only one)."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]


def start_server(rundir, wire, name, options=(), enter=()):
    """vfu-nic with that wire, ready to serve; enter is a command that it is started by."""
    first, last = cpus()
    socket = rundir / f"{name}.sock"
    argv = [*enter, steerlab.VFU_NIC,
            *steerlab.eal_args(f"demo-{name}-nic-{os.getpid()}", f"0@{first},1@{last}", 128),
            "--", "--sock", socket, "--queues", QUEUES, "--wire", wire,
            *options]
    server = steerlab.Process(argv, env=steerlab.environment(rundir))
    try:
        server.expect(r"\bready\b")
    except AssertionError as e:
        server.stop()
        raise DemoError(f"demo: vfu-nic did not start: {e}") from e
    return server, socket


def experiment(args, rundir, socket, name, size, mode):
    """Run dpdk-steerpmd's experiment; @return its JSON object."""
    first, last = cpus()
    result = rundir / f"{name.partition(':')[0]}.json"
    lcores = f"0@{first},1@{first},2@{last}"
    argv = [steerlab.STEERPMD,
            *steerlab.eal_args(f"demo-app-{os.getpid()}", lcores, 128),
            "-a", f"vfio:nic0,sock={socket}",
            "--", f"--rxq={QUEUES}", f"--txq={QUEUES}", "--nb-cores=2", f"--forward-mode={mode}",
            "--source=model", "--experiment=off,right,wrong", f"--rounds={size['rounds']}",
            f"--round-packets={size['packets']}", f"--platform={args.platform}",
            f"--input-name={name}", f"--json={result}"]
    app = steerlab.Process(argv, env=steerlab.environment(rundir))
    try:
        code = app.wait(600)
    except subprocess.TimeoutExpired:
        code = "none: it hangs"
    finally:
        app.stop()
    obj = json.loads(result.read_text()) if result.exists() else None
    # tags that lead astray are a finding to show, not a failure of the demonstration
    if obj and obj["control"]["verdict"] == "invalid":
        print(f"   EXPERIMENT INVALID: negative control: {obj['control']['why']}", flush=True)
        return obj
    if code != 0:
        raise DemoError(f"demo: dpdk-steerpmd on {name} failed (exit status {code}):\n"
                        f"{app.output[-3000:]}")
    return obj


def run_input(args, rundir, name, wire, size, mode="io", enter=()):
    print(f"== {name}: {size['rounds']} rounds each of off, right, wrong; {size['packets']} packets "
          "a round", flush=True)
    start = time.monotonic()
    server, socket = start_server(rundir, wire, name.partition(":")[0], args.nic, enter)
    try:
        result = experiment(args, rundir, socket, name, size, mode)
    except DemoError as e:
        raise DemoError(f"{e}\nvfu-nic said:\n{server.output[-3000:]}") from e
    finally:
        server.kill()
    print(f"   {time.monotonic() - start:.0f} s", flush=True)
    return result


def run_live(args, rundir):
    """A TAP wire with real programs on it, in namespaces that vanish with us. @return list."""
    why = livewire.why_not()
    if why:
        print(f"== tap:live: left out: {why}", flush=True)
        return []
    with livewire.LiveWire() as wire:
        return [run_input(args, rundir, "tap:live", f"net_tap0,iface={livewire.TAP}",
                          LIVE_QUICK if args.quick else LIVE_FULL, "rxonly", wire.enter)]


def run_all(args, rundir):
    size = QUICK if args.quick else FULL
    wires = {"gen": ("gen:64", "gen,size=64,flows=64"),
             "pcap": (f"pcap:{CAPTURE.name}", f"net_pcap0,rx_pcap={CAPTURE},infinite_rx=1")}
    runs = [run_input(args, rundir, *wires[name], size) for name in args.inputs if name in wires]
    return runs + (run_live(args, rundir) if "tap" in args.inputs else [])


def report(args, runs):
    args.out.mkdir(parents=True, exist_ok=True)
    result = args.out / "result.json"
    result.write_text(json.dumps({"schema": 1, "runs": runs}, indent=1) + "\n")
    if args.json:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(result, args.json)
    table = [sys.executable, str(steerlab.ROOT / "usertools" / "steer-table"), str(result),
             "--csv", str(args.out / "result.csv"), "--png", str(args.out / "report.png")]
    code = subprocess.run(table, check=False).returncode
    page = args.out / "report.html"
    if code == 0:  # its one line says no more than ours
        code = subprocess.run([sys.executable, str(steerlab.ROOT / "usertools" / "steer-report"),
                               str(result), "--out", str(page)], stdout=subprocess.DEVNULL,
                              check=False).returncode
    print(f"== written: {result} {args.out / 'result.csv'} {args.out / 'report.png'} {page}",
          flush=True)
    return code


def interrupted(signum, frame):
    raise DemoError("demo: interrupted")


def main():
    args = arguments()
    for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sig, interrupted)
    rundir = steerlab.private_dir()
    try:
        return report(args, run_all(args, rundir))
    except (DemoError, OSError) as e:
        print(e, file=sys.stderr)
        return 1
    finally:
        steerlab.remove(rundir)


if __name__ == "__main__":
    sys.exit(main())
