"""Draws from a log of so many cases and says what memory that took; fails above a bound.

usage: frame_memory.py GONOGO ROWS MEGABYTES [OPTION...]
"""

import resource
import subprocess
import sys
import tempfile
import time


def write(path, rows):
    with open(path, "w", encoding="ascii") as log:
        log.write("case_id,escalated,value\n")
        for row in range(rows):
            # An odd factor: every row has an id of its own, in no order.
            number = row * 2654435761 % 2**32
            escalated = "true" if number % 10 == 0 else "false"
            log.write(f"case-{number:010},{escalated},{number % 5000}.{number % 100:02}\n")


def main():
    gonogo, rows, most, *options = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        log = f"{folder}/log.csv"
        write(log, int(rows))
        line = [gonogo, "audit", "sample", log, "-n", "59", "--role", "id=case_id"]
        line += ["--role", "escalated=escalated", "--seed", "48151623421108151623"]
        line += ["--tolerable", "5%", "-q", "-o", f"{folder}/draw.json"]
        start = time.monotonic()
        subprocess.run(line + options, check=True, stdout=subprocess.DEVNULL)
        seconds = time.monotonic() - start
    # Kilobytes on Linux.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{int(rows):,} rows: {peak:.0f} MB at most, {seconds:.1f} s")
    if peak > float(most):
        sys.exit(f"that is more than {most} MB")


main()
