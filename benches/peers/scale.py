"""Runs gonogo alone on logs of growing length: rows a second, and whether its memory stays flat."""

import argparse
import json
import pathlib
import tempfile

from contenders import Question, gonogo_programs
from machine import machine_lines, version_line
from measure import measured

QUESTION = Question(by=[], value=False)


def row(program, log, runs, work):
    """One line of the table: the best run, and the greatest memory of all runs."""
    answer = work / "answer.json"
    measured(program.command(log, QUESTION), answer)
    rows = json.loads(answer.read_text())["points"][0]["cases"]
    results = [measured(program.timed_command(log, QUESTION), answer) for _ in range(runs)]
    seconds = min(result["seconds"] for result in results)
    anonymous = max(result["anonymous_bytes"] for result in results) / 1e6
    return (
        f"| {log.name} | {program.name} | {rows:,} | {seconds:.3f} "
        f"| {rows / seconds / 1e6:.1f} | {anonymous:.0f} |"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("logs", type=pathlib.Path, nargs="+")
    parser.add_argument("--gonogo", type=pathlib.Path, default=pathlib.Path("target/release/gonogo"))
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    binary = arguments.gonogo.resolve()
    print("\n".join([*machine_lines(), version_line([], binary)]))
    print("\n| log | program | rows | best s | million rows a second | peak anonymous MB |")
    print("|---|---|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        for program in gonogo_programs(binary, QUESTION.value, work):
            for log in arguments.logs:
                print(row(program, log.resolve(), arguments.runs, work), flush=True)


if __name__ == "__main__":
    main()
