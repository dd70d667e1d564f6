"""Draws by value and at a rate, and what the drawn cases stand for, written from the papers and from docs/audit.md and
not from gonogo's code: the figures of tests/it/audit_weighted.rs. Python's standard library alone.

    python3 tests/golden/make_audit_weighted.py
"""

import hashlib
from math import sqrt

SEED = "48151623421108151623"


def number(case, stream="select/1"):
    text = f"gonogo-draw/1\n{SEED}\n{stream}\n{case}"
    return (int(hashlib.sha256(text.encode()).hexdigest()[:13], 16) + 0.5) / 2**52


# The log of tests/it/audit_commands.rs: every third case is escalated, every eleventh has no value.
VALUES = {f"{n:05}": 0 if n % 11 == 0 else n * 7 % 90 + 1 for n in range(240) if n % 3}
WITH_VALUE = {case: value for case, value in VALUES.items() if value > 0}


def is_wrong(case):
    return int(case) % 5 == 1


def is_not_applicable(case):
    return int(case) % 13 == 3 and not is_wrong(case)


def pps(size):
    """Sequential Poisson (Ohlsson 1998) with a loop for the certain cases: case and probability."""
    certain = set()
    while True:
        rest = {case: value for case, value in WITH_VALUE.items() if case not in certain}
        left, total = size - len(certain), sum(rest.values())
        found = {case for case, value in rest.items() if left * value >= total}
        if not found:
            break
        certain |= found
    drawn = sorted(rest, key=lambda case: number(case) / rest[case])[:left]
    return [(case, 1.0) for case in certain] + [(case, left * rest[case] / total) for case in drawn]


def rosen(cases):
    """Variance of the total of a fixed size (Rosen 1997); cases are probabilities and amounts."""
    cases = [(p, y) for p, y in cases if p < 1]
    m = len(cases)
    centre = sum((1 - p) * y / p for p, y in cases) / sum(1 - p for p, y in cases)
    return m / (m - 1) * sum((1 - p) * (y / p - centre) ** 2 for p, y in cases)


def independent(cases):
    """Variance of the total where each case is drawn by itself."""
    return sum((1 - p) * (y / p) ** 2 for p, y in cases)


def told(name, drawn, variance, wrong=is_wrong, apart=lambda case: False):
    amounts = [(p, None if apart(case) else float(wrong(case))) for case, p in drawn]
    total = sum(y / p for p, y in amounts if y is not None)
    size = sum(1 / p for p, y in amounts if y is not None)
    mean = total / size
    residuals = [(p, 0.0 if y is None else y - mean) for p, y in amounts]
    print(name, "drawn", len(drawn), "wrong", sum(y == 1.0 for p, y in amounts))
    print("  total", repr(total), "error", repr(sqrt(variance([(p, y or 0.0) for p, y in amounts]))))
    print("  mean", repr(mean), "error", repr(sqrt(variance(residuals)) / size))


told("pps, cases", pps(40), rosen)
told("pps, cases, some not applicable", pps(40), rosen, apart=is_not_applicable)
told("poisson", [(case, 0.3) for case in VALUES if number(case) < 0.3], independent)
# The wrong values are too high by a quarter, those of certain cases too.
drawn = pps(40)
errors = [(p, 0.25 * WITH_VALUE[case] if is_wrong(case) else 0.0) for case, p in drawn]
print("pps, value: total", repr(sum(y / p for p, y in errors)), "error", repr(sqrt(rosen(errors))))
