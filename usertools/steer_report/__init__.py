# SPDX-License-Identifier: BSD-3-Clause
"""A page, pictures and a comparison of result files."""
