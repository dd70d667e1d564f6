"""Runs one command to its end and prints its seconds and its memory as JSON.

A program of its own, because Linux counts the memory of the process that starts a child into that
child's `ru_maxrss`: the starter has to be small, and a comparison that has parsed answers is not.
"""

import json
import os
import subprocess
import sys
import threading
import time

SAMPLE_SECONDS = 0.002


def anonymous_bytes(pid):
    """Anonymous resident memory now, or 0 once the process has gone."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
            for line in status:
                if line.startswith("RssAnon:"):
                    return int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


def sample_until(ended, pid, peak):
    while not ended.wait(SAMPLE_SECONDS):
        peak["bytes"] = max(peak["bytes"], anonymous_bytes(pid))


def run(command, stdout):
    peak = {"bytes": 0}
    ended = threading.Event()
    started = time.perf_counter()
    child = subprocess.Popen(command, stdout=stdout)
    sampler = threading.Thread(target=sample_until, args=(ended, child.pid, peak))
    sampler.start()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - started
    ended.set()
    sampler.join()
    child.returncode = os.waitstatus_to_exitcode(status)
    return {
        "exit_code": child.returncode,
        "seconds": seconds,
        "anonymous_bytes": peak["bytes"],
        "resident_bytes": usage.ru_maxrss * 1024,
    }


def measured(command, stdout_path):
    """Called by the comparison: `command` in a fresh process, its answer in `stdout_path`."""
    helper = [sys.executable, "-S", "-E", __file__, str(stdout_path), *map(str, command)]
    result = json.loads(subprocess.run(helper, check=True, stdout=subprocess.PIPE).stdout)
    if result["exit_code"] != 0:
        raise SystemExit(f"exit code {result['exit_code']} from: {' '.join(map(str, command))}")
    return result


def main():
    with open(sys.argv[1], "wb") as stdout:
        result = run(sys.argv[2:], stdout)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
