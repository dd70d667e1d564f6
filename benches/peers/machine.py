"""The facts about the machine and the versions that a time means nothing without."""

import importlib.metadata
import os
import pathlib
import platform
import subprocess


def field(path, name):
    """The first value of `name : value` in a file of /proc."""
    for line in pathlib.Path(path).read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "unknown"


def gonogo_version(binary):
    return subprocess.run([binary, "--version"], check=True, capture_output=True, text=True).stdout.strip()


def machine_lines():
    memory = int(field("/proc/meminfo", "MemTotal").split()[0]) * 1024 / 2**30
    return [
        f"- CPU: {field('/proc/cpuinfo', 'model name')}, {len(os.sched_getaffinity(0))} cores in use",
        f"- memory: {memory:.0f} GiB; {platform.system()} {platform.release()}",
        f"- load average at the start: {os.getloadavg()[0]:.1f}",
    ]


def version_line(packages, binary):
    versions = [f"Python {platform.python_version()}"]
    versions += [f"{name} {importlib.metadata.version(name)}" for name in dict.fromkeys(packages)]
    if binary is not None:
        versions.insert(0, gonogo_version(binary))
    return "- versions: " + ", ".join(versions)
