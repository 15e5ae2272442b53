# SPDX-License-Identifier: BSD-3-Clause
"""What a reader has to know before any figure: is the experiment valid, do its rounds agree."""
from .markup import tag

FEW = 4  # points that are named
CONTROL = {
    "valid": ("good", "Negative control valid"),
    "invalid": ("bad", "EXPERIMENT INVALID"),
    "absent": ("plain", "No verdict on the negative control"),
}
VERDICTS = {"few": "too few to tell whether they agree"}
WITNESS = {
    "agrees": ("good", "Witness agrees"),
    "cannot_tell": ("plain", "Witness cannot tell"),
    "contradicts": ("bad", "CONTRADICTED BY THE WITNESS"),
}


def box(kind, name, text):
    return tag("p", tag("strong", name), f": {text}" if text else "", class_=f"verdict {kind}",
               role="alert" if kind == "bad" else None)


def control(run):
    kind, name = CONTROL.get(run.control.verdict, ("warn", f"Control: {run.control.verdict}"))
    why = run.control.why or "no reason is given"
    if kind == "bad":
        why = f"the negative control refutes it: {why}"
    return box(kind, name, f"{why} ({run.label})")


def witness(run):
    """[box] with the counts of the whole machine; none where nothing was counted."""
    told = WITNESS.get(run.witness.verdict)
    if told is None:
        return []
    counts = "; ".join(f"{mode}: per packet {', '.join(s.witnessed)}"
                       for mode, s in run.summary.items() if s.witnessed)
    whole = f"{run.witness.why}. System-wide, all devices: {counts}" if counts else run.witness.why
    return [box(*told, f"{whole} ({run.label})")]


def doubts(run):
    """(name, text) of what weakens a result without refuting it; modes with one doubt together."""
    modes = {}
    for mode, s in run.doubts:
        modes.setdefault((s.verdict, s.why), []).append(f"“{mode}”")
    out = [(f"Rounds of {', '.join(names)}: {VERDICTS.get(verdict, verdict)}", why)
           for (verdict, why), names in modes.items()]
    if not run.complete:
        out.append(("Not complete", "it was ended before all of its rounds were run"))
    if not run.steered:
        out.append(("Not steered", "the device takes no tags"))
    return out


def stability(run):
    """One box for each doubt; one when all rounds agree."""
    found = doubts(run)
    if found:
        return [box("warn", name, f"{text} ({run.label})") for name, text in found]
    told = [s.stability.verdict for s in run.summary.values() if s.stability.verdict]
    return [box("good", "Rounds stable", f"in all modes ({run.label})")] if told else []


def of_run(run):
    return [control(run), *witness(run), *stability(run)]


def some(places):
    """The first few; the table has all of them."""
    more = f" and {len(places) - FEW} more, see the table" if len(places) > FEW else ""
    return "; ".join(places[:FEW]) + more


def refuted_by(runs):
    """The negative control, or what did it where that did not."""
    if any(r.control.verdict == "invalid" for r in runs):
        return "the negative control"
    return "the witness"


def of_sweep(runs):
    """Only what is not as it should be, with its points; then how many were fine."""
    bad, weak, fine = [], {}, 0
    for run in runs:
        found = doubts(run)
        if run.refuted:
            bad.append(f"{run.point_text}: {run.refuted}")
        for name, text in found:
            weak.setdefault(name, []).append(f"{run.point_text}: {text}")
        fine += run.control.verdict == "valid" and not found and not run.refuted
    label = runs[0].label
    out = [box("bad", "EXPERIMENT INVALID", f"{len(bad)} of {len(runs)} points ({label}), "
               f"{refuted_by(runs)} refutes them: {some(bad)}")] if bad else []
    out += [box("warn", name, f"{len(places)} of {len(runs)} points ({label}): {some(places)}")
            for name, places in weak.items()]
    return [*out, box("good" if fine == len(runs) else "plain", f"{fine} of {len(runs)} points",
                      f"have a valid negative control and stable rounds ({label})")]


def of_page(runs):
    """At the top of the page: what is invalid anywhere in it."""
    bad = [r for r in runs if r.refuted]
    if not bad:
        return []
    names = some([r.subject for r in bad])
    what = "the negative control failed" \
        if refuted_by(bad) == "the negative control" else "the system's counters contradict it"
    return [box("bad", "EXPERIMENT INVALID", f"{what}, in {len(bad)} of {len(runs)} results: "
                f"{names}. Do not quote these figures.")]
