# SPDX-License-Identifier: BSD-3-Clause
"""Forms of a result: table of the terminal, sheet, and picture of the table."""
