"""The question that every program answers, and the step from grouped sums to curves.

Each peer computes, in one pass, the sums of every (group, route, audit_p, bin), and hands them to
`print_answer`. What is left is a few thousand rows, so plain Python is quick enough here, and no
peer pays for a library that it does not need itself.
"""

import argparse
import itertools
import json
import pathlib

FIRST_PERCENT = 50
LAST_PERCENT = 99
PERCENTS = range(FIRST_PERCENT, LAST_PERCENT + 1)
THRESHOLDS = [percent / 100 for percent in PERCENTS]
GRID = "0.5..0.99/0.01"

# A score belongs to the bin of the last threshold that it reaches. `FLOOR(score * 100)` would put
# 0.57 into bin 56; half of the smallest step between two scores, added first, mends that. It holds
# for scores of six decimals in [0, 1] only, which `prove_bins` tries one by one.
BIN_SHIFT = 0.00005
BINS = 101


def prove_bins():
    """Raises unless the bin agrees with `score >= threshold` for every score of six decimals."""
    edges = [percent / 100 for percent in range(BINS)]
    reached = 0
    for micros in range(1_000_001):
        score = micros / 1_000_000
        while reached + 1 < BINS and score >= edges[reached + 1]:
            reached += 1
        if int(score * 100 + BIN_SHIFT) != reached:
            raise AssertionError(f"score {score} is not in bin {reached}")


def peer_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("log", type=pathlib.Path)
    parser.add_argument("--by", type=lambda text: text.split(","), default=[])
    parser.add_argument("--value", action="store_true", help="sum the amounts as well")
    return parser.parse_args()


def at_or_above(by_bin):
    """For each threshold, the sum over the bins that reach it."""
    from_the_top = list(itertools.accumulate(reversed(by_bin)))
    return [from_the_top[BINS - 1 - percent] for percent in PERCENTS]


def curves(rows, group_width, sums):
    """Per group, the counts at every threshold.

    A row is (group values..., route, audit_p, bin, sums...), where the sums are named in `sums`
    and the first one is the number of cases.
    """
    by_group = {}
    for row in rows:
        bins = by_group.setdefault(",".join(row[:group_width]), [[0] * BINS for _ in sums])
        for total, found in zip(bins, row[group_width + 3 :]):
            total[int(row[group_width + 2])] += found
    return {group: curve(dict(zip(sums, bins))) for group, bins in by_group.items()}


def curve(bins):
    cases = sum(bins["cases"])
    auto_approved = at_or_above(bins["cases"])
    answer = {
        "cases": [cases] * len(PERCENTS),
        "escalated": [cases - auto for auto in auto_approved],
    }
    others = {name: at_or_above(by_bin) for name, by_bin in bins.items() if name != "cases"}
    return answer | others


def sum_names(value):
    """The sums of a row, in their order."""
    return ["cases", "labelled", "errors", *(["cents"] if value else [])]


def print_answer(rows, arguments):
    print(json.dumps(curves(rows, len(arguments.by), sum_names(arguments.value))))
