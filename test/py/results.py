# SPDX-License-Identifier: BSD-3-Clause
"""Result objects of revision 2 with made-up figures, by the words of the documentation."""
import copy
import json
import pathlib
import random
import statistics

LEVELS = ["l1", "l2", "other_core", "llc", "memory"]
DATA = pathlib.Path(__file__).resolve().parents[1] / "data" / "results"
# Per mode: lines by level, first touches by level, cycles, Mpps, latency p50.
MODES = {
    "off": ([5.1, 1.2, 0.0, 0.4, 2.1], [0, 0, 0, 0.06, 0.94], 640, 11.2, 910),
    "right": ([5.1, 3.4, 0.0, 0.3, 0.0], [0.01, 0.97, 0, 0.02, 0], 218, 13.9, 700),
    "wrong": ([5.1, 1.2, 2.0, 0.5, 0.0], [0, 0.01, 0.92, 0.07, 0], 391, 12.1, 820),
}
HEAD = {
    "tool": {"name": "dpdk-steerpmd", "version": "0.1.0"}, "time": "2026-11-28T12:00:00Z",
    "machine": {"cpu": "Example CPU 9000 @ 2.50GHz", "cpus": 16, "kernel": "6.1.0-40-amd64",
                "dpdk": "22.11.11"},
}
CONFIG = {
    "forward_mode": "io", "rxq": 2, "txq": 2, "rxd": 256, "txd": 256, "burst": 32, "nb_cores": 2,
    "touch": "header", "work": 0, "noise": None, "noise_lines": None, "size": 64,
    "mix": None, "flows": 64, "zipf": 0.0, "rings": "virtio", "lockstep": 32, "platform": "zen5",
    "seed": 1, "rounds": 10, "round_packets": 8192, "warmup_packets": 512,
}
LABELS = {"model": "modelled", "pmu": "measured by PMU", "timing": "measured by timing probe"}


def levels(values, factor=1.0):
    return dict(zip(LEVELS, (None if v is None else round(v * factor, 6) for v in values)))


def one_queue(queue, source, tag, figures, factor):
    lines, touch, cycles, _, _ = figures
    return {"queue": queue, "lcore": queue + 1, "cpu": 2 * queue, "tag": tag, "packets": 4096,
            "source": source, "lines": levels(lines, factor), "first_touch": levels(touch),
            "cycles_per_packet": round(cycles * factor, 4)}


def latency(figures, factor):
    p50 = figures[4]
    return p50 and {"p50": round(p50 * factor, 1), "p99": round(1.6 * p50 * factor, 1),
                    "p999": round(2.2 * p50 * factor, 1), "samples": 4096}


def one_round(mode, number, source, figures, factor):
    tags = {"off": [0, 0], "right": [0x27, 0x2e], "wrong": [0x2e, 0x27]}.get(mode, [0, 0])
    return {"mode": mode, "round": number, "packets": 8192, "source": source,
            "per_queue": [one_queue(q, source, tags[q], figures, factor) for q in range(2)],
            "mpps": figures[3] and round(figures[3] / factor, 4),
            "cycles_per_packet": round(figures[2] * factor, 4),
            "latency_ns": latency(figures, factor)}


def middle(rounds, pick):
    values = [pick(r) for r in rounds if pick(r) is not None]
    return statistics.median(values) if values else None


def span(rounds, pick):
    values = [pick(r) for r in rounds]
    if None in values:
        return {"min": None, "max": None}, None
    q1, _, q3 = statistics.quantiles(values, n=4, method="inclusive")
    return {"min": min(values), "max": max(values)}, [q1, q3]


def near(r):
    touch = r["per_queue"][0]["first_touch"]
    return None if None in (touch["l1"], touch["l2"]) else round(touch["l1"] + touch["l2"], 6)


def summary(source, rounds, verdict):
    picks = {"l2_or_better": near, "cycles_per_packet": lambda r: r["cycles_per_packet"]}
    lines = {lv: (lambda r, lv=lv: r["per_queue"][0]["lines"][lv]) for lv in LEVELS}
    first = rounds[0]["latency_ns"]
    return {
        "source": source, "rounds": len(rounds), "packets": sum(r["packets"] for r in rounds),
        "lines": {lv: middle(rounds, pick) for lv, pick in lines.items()},
        "first_touch": rounds[0]["per_queue"][0]["first_touch"],
        **{k: middle(rounds, pick) for k, pick in picks.items()},
        "spread": {"lines": {lv: span(rounds, pick)[0] for lv, pick in lines.items()},
                   **{k: span(rounds, pick)[0] for k, pick in picks.items()}},
        "iqr": {"lines": {lv: span(rounds, pick)[1] for lv, pick in lines.items()},
                **{k: span(rounds, pick)[1] for k, pick in picks.items()}},
        "mpps": middle(rounds, lambda r: r["mpps"]),
        "latency_ns": first and {k: middle(rounds, lambda r, k=k: r["latency_ns"][k])
                                 for k in ("p50", "p99", "p999", "samples")},
        "stability": {"verdict": verdict[0], "why": verdict[1]},
    }


def result(source="model", modes=None, rounds=10, noise=0.01, seed=1, stability=None,
           **more):
    """
    An object. modes: as MODES; noise: largest relative deviation of a round; stability: {mode:
    (verdict, why)}; more: keys to set, or to take away by "...".
    """
    modes, dice = modes or MODES, random.Random(seed)
    made = [one_round(m, n, source, figures, 1 + noise * dice.uniform(-1, 1))
            for n in range(rounds) for m, figures in modes.items()]
    out = {"schema": 1, "revision": 2, "source": source, "label": LABELS[source],
           "unit": {"model": "lines", "pmu": "loads", "timing": "samples"}[source],
           "platform": "zen5", "input": "gen:64", "queues": 2, "merged": [], **HEAD,
           "config": dict(CONFIG, rounds=rounds), "rounds": made,
           "summary": {m: summary(source, [r for r in made if r["mode"] == m],
                                  (stability or {}).get(m, ("stable", "")))
                       for m in modes},
           "comparisons": [{"a": "right", "b": "off", "figure": "cycles_per_packet",
                            "difference": -422.0, "low": -424.5, "high": -419.25,
                            "confidence": 0.95},
                           {"a": "right", "b": "off", "figure": "l2_or_better",
                            "difference": 0.98, "low": 0.98, "high": 0.98, "confidence": 0.95},
                           {"a": "right", "b": "off", "figure": "mpps", "difference": 2.7,
                            "low": -0.1, "high": 2.9, "confidence": 0.95}],
           "control": {"verdict": "valid", "why": "wrong gains 0.01 of L2 or better"},
           "resteer": {"moves": 64, "median_us": 41.5, "max_us": 188.0, "packets_lost": 3},
           "source_detail": {"seed": 1, "note": "made up"}}
    out.update(more)
    return copy.deepcopy({k: v for k, v in out.items() if v is not ...})


def witnessed(verdict, why, source="timing", **counts):
    """An object with system-wide counts per packet, the same in all rounds."""
    keys = ["write_hit", "write_miss", "io_writes", "dram_writes", "stash_sent", "stash_pulled",
            "write_hit_share", "stash_taken_share"]
    seen = {k: counts.get(k) for k in keys}
    out = result(source, witness={"verdict": verdict, "why": why, "label": "counted"})
    for part in [*out["rounds"], *out["summary"].values()]:
        part["witness"] = dict(seen)
    return out


def scaled(cycles=1.0, mpps=1.0, only=None):
    """MODES with other figures, for all modes or one."""
    return {m: (a, b, c * cycles, d * mpps, e) if only in (None, m) else (a, b, c, d, e)
            for m, (a, b, c, d, e) in MODES.items()}


def point_modes(size, ring):
    """The larger packet and ring, the more comes from afar; nothing in it is measured."""
    far = min(1.0, size * ring / 3e6)
    return {"off": ([5.1, 1.2, 0, 0.4, 2 + 2 * far], [0, 0, 0, 0.06, 0.94], 600 + 300 * far, None,
                    None),
            "right": ([5.1, 3.4 - far, 0, 0.3 + far, far], [0.01, 0.97 - far * 0.9, 0,
                                                            0.02 + far * 0.9, 0],
                      200 + 500 * far, None, None),
            "wrong": ([5.1, 1.2, 2, 0.5, far], [0, 0.01, 0.92, 0.07, 0], 380 + 300 * far, None,
                      None)}


def sweep(sizes=(64, 256, 1024, 1500), rings=(128, 512, 1024, 4096), rounds=3, seed=1, **more):
    """Lines of a sweep: its head, then a result for each point."""
    head = {"schema": 1, "revision": 2, "kind": "sweep",
            "axes": {"size": list(sizes), "ring": list(rings)}, "preset": "atc20",
            "fingerprint": "5f0c1a2b3c4d5e6f", **HEAD}
    points = [result(modes=point_modes(s, r), rounds=rounds, seed=f"{seed} {s} {r}", resteer=None,
                     input=f"gen:{s}", point={"size": s, "ring": r}, elapsed_s=1.5,
                     config=dict(CONFIG, size=s, rxd=r, txd=r, rounds=rounds), **more)
              for s in sizes for r in rings]
    return [json.dumps(x) for x in [head, *points]]


def write(path, value):
    """One value as JSON, or a list of lines."""
    text = "\n".join(value) + "\n" if isinstance(value, list) else json.dumps(value)
    path.write_text(text)
    return path
