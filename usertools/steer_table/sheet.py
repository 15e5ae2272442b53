# SPDX-License-Identifier: BSD-3-Clause
"""CSV: one line per round and queue as measured, then the medians."""
import csv

from steer_result import LEVELS

HEAD = ["source", "platform", "input", "unit", "mode", "round", "queue", "lcore", "cpu", "tag",
        "packets", *[f"lines_{level}" for level in LEVELS],
        *[f"first_touch_{level}" for level in LEVELS], "l2_or_better", "cycles_per_packet",
        "merged", "point", "mpps"]


def common(run):
    return {"source": run.source, "platform": run.platform, "input": run.input, "unit": run.unit,
            "merged": " ".join("+".join(m) for m in run.merged), "point": run.point_text}


def levels(of):
    out = {f"lines_{level}": of.lines[level] for level in LEVELS}
    out.update({f"first_touch_{level}": of.touch[level] for level in LEVELS})
    out["cycles_per_packet"] = of.cycles
    return out


def records(run):
    for r in run.rounds:
        for q in r.cells:
            yield {**common(run), **levels(q), "mode": r.mode, "round": r.round,
                   **{k: getattr(q, k) for k in ("queue", "lcore", "cpu", "tag", "packets")}}
    for mode, s in run.summary.items():
        yield {**common(run), **levels(s), "mode": mode, "round": "median", "queue": "all",
               "packets": s.packets, "l2_or_better": s.near, "mpps": s.mpps}


def write_csv(runs, path):
    with open(path, "w", newline="", encoding="utf-8") as f:
        out = csv.DictWriter(f, HEAD, lineterminator="\n")
        out.writeheader()
        for run in runs:
            out.writerows(records(run))
