"""Make hypergeometric.csv and binomial_mass.csv: python make_hypergeometric.py (needs mpmath).

Sums of exact integer binomials for small sets; for larger ones sums of masses from logarithms of
gamma functions in 60 digits, outwards from the point until the terms have no more digits.
"""
import csv
import math
import os
import random

import mpmath as mp

mp.mp.dps = 60
HERE = os.path.dirname(os.path.abspath(__file__))


def log_choose(n, k):
    return mp.loggamma(n + 1) - mp.loggamma(k + 1) - mp.loggamma(n - k + 1)


def mass(found, population, errors, drawn):
    if found < max(0, errors + drawn - population) or found > min(errors, drawn):
        return mp.mpf(0)
    if population <= 5000:
        return mp.mpf(math.comb(errors, found) * math.comb(population - errors, drawn - found)) / math.comb(
            population, drawn
        )
    return mp.exp(
        log_choose(errors, found)
        + log_choose(population - errors, drawn - found)
        - log_choose(population, drawn)
    )


def tails(found, population, errors, drawn):
    """P(X <= found) and P(X > found), each by a sum of its own."""
    fewest, most = max(0, errors + drawn - population), min(errors, drawn)

    def run(x, step):
        term, total = mass(x, population, errors, drawn), mp.mpf(0)
        while fewest <= x <= most:
            total += term
            if term < total * mp.mpf(10) ** -40:
                break
            if step < 0:
                term *= mp.mpf(x) * (population - errors - drawn + x)
                term /= mp.mpf(errors - x + 1) * (drawn - x + 1)
            else:
                term *= mp.mpf(errors - x) * (drawn - x)
                term /= mp.mpf(x + 1) * (population - errors - drawn + x + 1)
            x += step
        return total

    below_mean = found * population < errors * drawn
    if below_mean:
        lower = run(found, -1)
        return lower, 1 - lower
    upper = run(found + 1, 1)
    return 1 - upper, upper


def number(value):
    return repr(float(value))


def hypergeometric():
    rows, source = [], random.Random(20260923)
    for population in [10, 100, 500, 5000, 10**5, 10**7, 10**9]:
        while sum(1 for row in rows if row[0] == population) < 30:
            errors = max(1, int(population * 10 ** source.uniform(-math.log10(population), 0)))
            drawn = max(1, int(population * 10 ** source.uniform(-math.log10(population), 0)))
            mean = errors * drawn / population
            spread = math.sqrt(mean * (1 - errors / population) * (1 - drawn / population)) + 1
            found = int(mean + source.uniform(-5, 5) * spread)
            if not max(0, errors + drawn - population) <= found < min(errors, drawn):
                continue
            lower, upper = tails(found, population, errors, drawn)
            if min(lower, upper) < mp.mpf(10) ** -250:
                continue
            rows.append(
                [population, errors, drawn, found]
                + [number(value) for value in (mass(found, population, errors, drawn), lower, upper)]
            )
    write("hypergeometric.csv", ["population", "errors", "drawn", "found", "mass", "cdf", "sf"], rows)


def binomial_mass():
    rows, source = [], random.Random(20260924)
    for n in [1, 5, 60, 1000, 10**6, 10**9]:
        for _ in range(26):
            rate = source.choice([0.5, 0.05, 0.001, source.random(), 10 ** source.uniform(-9, 0)])
            spread = math.sqrt(n * rate * (1 - rate)) + 1
            k = min(n, max(0, int(n * rate + source.uniform(-5, 5) * spread)))
            p = mp.mpf(rate)
            value = mp.exp(log_choose(n, k) + k * mp.log(p) + (n - k) * mp.log1p(-p))
            rows.append([n, k, number(rate), number(value)])
    write("binomial_mass.csv", ["labelled", "errors", "rate", "mass"], rows)


def write(name, header, rows):
    with open(os.path.join(HERE, name), "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        out.writerows(rows)


if __name__ == "__main__":
    hypergeometric()
    binomial_mass()
