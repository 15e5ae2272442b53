# SPDX-License-Identifier: BSD-3-Clause
"""What a reader has to know before any figure: is the experiment valid, do its rounds agree."""
from .markup import tag

CONTROL = {
    "valid": ("good", "Negative control valid"),
    "invalid": ("bad", "EXPERIMENT INVALID"),
    "absent": ("plain", "No verdict on the negative control"),
}


def box(kind, name, text):
    return tag("p", tag("strong", name), f": {text}" if text else "", class_=f"verdict {kind}",
               role="alert" if kind == "bad" else None)


def control(run, where=""):
    kind, name = CONTROL.get(run.control.verdict, ("warn", f"Control: {run.control.verdict}"))
    why = run.control.why or "no reason is given"
    if kind == "bad":
        why = f"the negative control refutes it: {why}"
    return box(kind, name, f"{where}{why} ({run.label})")


def stability(run, where=""):
    """One box for each mode whose rounds do not agree; one when all of them do."""
    if run.doubts:
        return [box("warn", f"Rounds of “{mode}”: {s.verdict}", f"{where}{s.why} ({run.label})")
                for mode, s in run.doubts]
    told = [s.stability.verdict for s in run.summary.values() if s.stability.verdict]
    return [box("good", "Rounds stable", f"in all modes ({run.label})")] \
        if told and not where else []


def of_run(run):
    return [control(run), *stability(run)]


def of_sweep(runs):
    """Only what is not as it should be, with its point; then how many were fine."""
    out, fine = [], 0
    for run in runs:
        where = f"at {run.point_text}: "
        if run.control.verdict == "invalid":
            out.append(control(run, where))
        found = stability(run, where)
        out += found
        fine += run.control.verdict == "valid" and not found
    kind = "good" if fine == len(runs) else "plain"
    out.append(box(kind, f"{fine} of {len(runs)} points",
                   "have a valid negative control and stable rounds"))
    return out


def of_page(runs):
    """At the top of the page: what is invalid anywhere in it."""
    bad = [r for r in runs if r.control.verdict == "invalid"]
    if not bad:
        return []
    names = "; ".join(dict.fromkeys(r.subject for r in bad[:5]))
    more = f" and {len(bad) - 5} more" if len(bad) > 5 else ""
    return [box("bad", "EXPERIMENT INVALID", f"what “right” gains, “wrong” gains as well, in "
                f"{len(bad)} of {len(runs)} results: {names}{more}. Do not quote these figures.")]
