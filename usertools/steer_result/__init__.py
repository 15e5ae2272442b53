# SPDX-License-Identifier: BSD-3-Clause
"""Result files of dpdk-steerpmd and ./demo, read for the programs that show them."""
from .fields import ResultError
from .levels import HIERARCHY, LEVELS, NAMES, SHORT, SOURCES
from .load import load, load_file

__all__ = ["HIERARCHY", "LEVELS", "NAMES", "SHORT", "SOURCES", "ResultError", "load", "load_file"]
