# SPDX-License-Identifier: BSD-3-Clause
"""CSV: one line per round and queue as measured, then the medians."""
import csv

from . import LEVELS

HEAD = ["source", "platform", "input", "unit", "mode", "round", "queue", "lcore", "cpu", "tag",
        "packets", *[f"lines_{level}" for level in LEVELS],
        *[f"first_touch_{level}" for level in LEVELS], "l2_or_better", "cycles_per_packet",
        "merged"]


def common(run):
    return {"source": run.source, "platform": run.platform, "input": run.input, "unit": run.unit,
            "merged": " ".join("+".join(m) for m in run.merged)}


def levels(cell):
    out = {f"lines_{level}": cell["lines"].get(level) for level in LEVELS}
    out.update({f"first_touch_{level}": cell["first_touch"].get(level) for level in LEVELS})
    out["cycles_per_packet"] = cell["cycles_per_packet"]
    return out


def records(run):
    for r in run.raw["rounds"]:
        for q in r["per_queue"]:
            yield {**common(run), **levels(q), "mode": r["mode"], "round": r["round"],
                   **{k: q[k] for k in ("queue", "lcore", "cpu", "tag", "packets")}}
    for row in run.summary_rows():
        s = run.raw["summary"][row.mode]
        yield {**common(run), **levels(s), "mode": row.mode, "round": "median", "queue": "all",
               "packets": row.packets, "l2_or_better": s["l2_or_better"]}


def write_csv(runs, path):
    with open(path, "w", newline="", encoding="utf-8") as f:
        out = csv.DictWriter(f, HEAD, lineterminator="\n")
        out.writeheader()
        for run in runs:
            out.writerows(records(run))
