# SPDX-License-Identifier: BSD-3-Clause
"""Sphinx: python3 -m sphinx -W -b html doc build/doc"""
import re
from pathlib import Path

_meson = (Path(__file__).resolve().parent.parent / "meson.build").read_text()

project = "dpdk-steer"
author = "the dpdk-steer authors"
copyright = f"2026, {author}"
release = version = re.search(r"version: '([^']+)'", _meson).group(1)
exclude_patterns = []
html_theme = "alabaster"
html_theme_options = {"page_width": "1080px", "description": "PCIe steering tags for DPDK ports"}
nitpicky = True
highlight_language = "console"
