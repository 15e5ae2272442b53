# SPDX-License-Identifier: BSD-3-Clause
"""Every test of the tree, run and counted. `python3 -m devtools.checks --help`."""
