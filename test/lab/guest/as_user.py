# SPDX-License-Identifier: BSD-3-Clause
"""as_user.py UID PROGRAM...: become an ordinary user, keep the limits."""
import os
import sys

uid = int(sys.argv[1])
os.setgroups([])
os.setresgid(uid, uid, uid)
os.setresuid(uid, uid, uid)
os.execvp(sys.argv[2], sys.argv[2:])
