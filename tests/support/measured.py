"""Runs a command and writes, as JSON, how long it took, how long of that it had a processor, the most memory that it held at
once, and how much it wrote to disks.

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
used = resource.getrusage(resource.RUSAGE_CHILDREN)
processor, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
with open(sys.argv[1], "w") as measured:
    told = {"seconds": seconds, "processor_seconds": processor, "peak_mib": peak, "written_mib": used.ru_oublock / 2048}
    json.dump(told, measured)
sys.exit(code)
