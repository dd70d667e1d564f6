"""Asks gonogo and its peers the same questions of one log, checks the answers, times them all.

Every timing is a fresh process, whole, from its start to its end. All programs take turns, so
that a disturbance of the machine hits them alike.
"""

import argparse
import pathlib
import statistics
import tempfile

from contenders import Question, gonogo_programs, peers
from machine import machine_lines, version_line
from measure import measured
from question import THRESHOLDS, prove_bins

BY = [[], ["kind"], ["kind", "region", "channel"]]


def first_difference(expected, found):
    """Where two answers part, in words, or None. What one of them cannot answer is not compared."""
    if expected.keys() != found.keys():
        return f"groups differ: {sorted(expected.keys() ^ found.keys())[:5]}"
    for group in expected:
        for name in sorted(expected[group].keys() & found[group].keys()):
            pairs = zip(THRESHOLDS, expected[group][name], found[group][name], strict=True)
            for threshold, left, right in pairs:
                if left != right:
                    return f"group '{group}', threshold {threshold}, {name}: {left} and {right}"
    return None


def check_answers(programs, log, question, work):
    """Runs every program once, which also warms the caches, and stops at the first difference."""
    answers = {}
    for program in programs:
        path = work / "answer.json"
        measured(program.command(log, question), path)
        answers[program.name] = program.read_answer(path.read_text(), question)
    names = list(answers)
    for index, left in enumerate(names):
        for right in names[index + 1 :]:
            difference = first_difference(answers[left], answers[right])
            if difference is not None:
                raise SystemExit(f"{question.title()}: {left} and {right} disagree: {difference}")


def timed(commands, runs, work):
    """Per name, the measurements of all runs; the names take turns."""
    results = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            results[name].append(measured(command, work / "answer.json"))
    return results


def best_seconds(results):
    return min(result["seconds"] for result in results)


def table(results, startup, reference):
    """A Markdown table; ratios are of the best runs, to the program called `reference`."""
    lines = [
        "| program | best s | median s | ratio | peak anonymous MB | peak resident MB | start-up s |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    base = best_seconds(results[reference])
    for name, runs in results.items():
        best = best_seconds(runs)
        median = statistics.median(result["seconds"] for result in runs)
        anonymous = max(result["anonymous_bytes"] for result in runs) / 1e6
        resident = max(result["resident_bytes"] for result in runs) / 1e6
        lines.append(
            f"| {name} | {best:.3f} | {median:.3f} | {best / base:.2f} "
            f"| {anonymous:.0f} | {resident:.0f} | {best_seconds(startup[name]):.3f} |"
        )
    return lines


def print_comparison(arguments, programs, work):
    print(f"## {arguments.log.name}, {arguments.log.stat().st_size / 1e6:.0f} MB\n")
    versions = version_line([peer.package for peer in peers()], arguments.gonogo)
    print("\n".join([*machine_lines(), versions]), flush=True)
    questions = [Question(by, arguments.value) for by in BY]
    able = [[program for program in programs if program.answers(q)] for q in questions]
    for question, answering in zip(questions, able):
        check_answers(answering, arguments.log, question, work)
    startup = timed({p.name: p.startup_command() for p in programs}, arguments.runs, work)
    for question, answering in zip(questions, able):
        commands = {p.name: p.timed_command(arguments.log, question) for p in answering}
        results = timed(commands, arguments.runs, work)
        print(f"\n### {question.title()}{' with value' if question.value else ''}\n")
        print("\n".join(table(results, startup, programs[0].name)), flush=True)
    print(f"\nBest and median of {arguments.runs} runs; ratio to {programs[0].name}; MB = 1,000,000 bytes.")
    print("All programs gave the same counts at every threshold and in every group.\n")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("log", type=pathlib.Path, help="a log written by generate.py")
    parser.add_argument("--gonogo", type=pathlib.Path, default=pathlib.Path("target/release/gonogo"))
    parser.add_argument("--skip-gonogo", action="store_true", help="compare the peers alone")
    parser.add_argument("--value", action="store_true", help="map the value role and sum the amounts")
    parser.add_argument("--runs", type=int, default=5, help="timed runs of each program")
    arguments = parser.parse_args()
    arguments.log = arguments.log.resolve()
    arguments.gonogo = None if arguments.skip_gonogo else arguments.gonogo.resolve()
    return arguments


def main():
    arguments = parse_arguments()
    prove_bins()
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        programs = peers()
        if arguments.gonogo is not None:
            programs = gonogo_programs(arguments.gonogo, arguments.value, work) + programs
        print_comparison(arguments, programs, work)


if __name__ == "__main__":
    main()
