# SPDX-License-Identifier: BSD-3-Clause
"""A report for people."""
import re

MOST_GROUPS = 8


def _groups(lists):
    """0,1 | 2,3 | and so on."""
    shown = " | ".join(lists[:MOST_GROUPS])
    return shown + (f" | ... ({len(lists)} in all)" if len(lists) > MOST_GROUPS else "")


def _kernel(kernel):
    where = f"its options in {kernel['config_file']}" if kernel["config_file"] else \
        "its options cannot be read"
    words = [f"{kernel['release']}, {where}"]
    if kernel["boot_options"]:
        words.append("booted with " + " ".join(kernel["boot_options"]))
    if kernel["lockdown"] not in (None, "none"):
        words.append(f"lockdown ({kernel['lockdown']}): modules must be signed")
    return ", ".join(words)


def machine(facts):
    cpus = facts["cpus"]
    rows = [("kernel", _kernel(facts["kernel"])),
            ("IOMMU", ", ".join(facts["iommus"]) or "none"),
            ("CPUs", f"{cpus['online'] or 'unknown'} on {max(1, len(cpus['nodes']))} NUMA node"
             + "s" * (len(cpus["nodes"]) > 1))]
    rows += [(f"share {name}", _groups(cpus[key])) for key, name in
             (("cores", "a core"), ("l2", "an L2"), ("l3", "an L3")) if cpus[key]]
    if facts["tsms"]:
        rows.append(("TSM", ", ".join(facts["tsms"])))
    return [f"{name:12} {text}" for name, text in rows]


def _title(dev):
    ids = ":".join((dev[k] or "unknown").removeprefix("0x") for k in ("vendor", "device"))
    words = [f"{dev['address']}  {ids} {dev['class_name']}"]
    words += [f"interface {n}" for n in dev["interfaces"]]
    if dev["physical_function"]:
        words.append(f"virtual function of {dev['physical_function']}")
    if dev["root_port"]:
        path = [p["address"] for p in (dev["root_port"], *dev["switches"])]
        words.append("below " + ", ".join(path))
    return ", ".join(words)


def device(dev):
    verdict = dev["verdict"]
    yield _title(dev)
    for c in dev["checks"]:
        yield f"  {c['what']:20} {c['have']:8} {c['text']}"
    yield f"  verdict: {verdict['summary']}"
    yield from (f"    missing   {line}" for line in verdict["missing"])
    yield from (f"    not seen  {line}" for line in verdict["not_seen"])
    yield from (f"    do        {line}" for line in verdict["fixes"])
    advice = [c for c in dev["checks"] if c["purpose"] == "advice" and c["have"] == "no"
              and c["fix"]]
    yield from (f"    advice    {c['what']}: {c['fix']}" for c in advice)


def report(examined):
    lines = machine(examined["machine"])
    for dev in examined["devices"]:
        lines += ["", *device(dev)]
    if not examined["devices"]:
        lines += ["", "no PCI network device"]
    return re.sub(r" +$", "", "\n".join(lines), flags=re.M)
