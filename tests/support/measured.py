"""Runs a command and writes, as JSON, how long it took and the most memory that it held at once.

    python3 measured.py FILE COMMAND [ARGUMENT ...]

It ends as the command did.
"""

import json
import resource
import subprocess
import sys
import time

begin = time.monotonic()
code = subprocess.run(sys.argv[2:]).returncode
seconds = time.monotonic() - begin
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
with open(sys.argv[1], "w") as measured:
    json.dump({"seconds": seconds, "peak_mib": peak}, measured)
sys.exit(code)
