"""Make the golden tables of the queue: python make_queue_tables.py (needs mpmath).

Waiting times of queues with Poisson arrivals that are known in closed form, in units of the mean
handling time. Each closed formula is compared, in 50 digits, with another way to the same number:
Erlang's C (1917; Gross and Harris, Fundamentals of Queueing Theory, section 2.3) with the sum over
the stationary distribution of the number of cases, the mean of Pollaczek and Khinchine (1930, 1932)
with the integral of Erlang's (1909) distribution for handling times that are all the same, and the
means by priority of Cobham (1954) with the conservation law of Kleinrock (1965).
"""
import csv
import os

import mpmath as mp

mp.mp.dps = 50
HERE = os.path.dirname(os.path.abspath(__file__))
NEAR = mp.mpf(10) ** -30


def write(name, header, rows):
    with open(os.path.join(HERE, name), "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def number(value):
    return mp.nstr(value, 20, min_fixed=-8, max_fixed=8)


def exponential(servers, utilisation):
    """Probability of waiting, mean wait and P(wait > 1) with exponential handling times."""
    load = servers * utilisation
    tail = load**servers / mp.factorial(servers) / (1 - utilisation)
    waits = tail / (sum(load**n / mp.factorial(n) for n in range(servers)) + tail)
    return waits, waits / (servers - load), waits * mp.exp(load - servers)


def exponential_by_states(servers, utilisation):
    """The same from the probabilities of n cases in the system, summed until nothing is left."""
    load = servers * utilisation
    weight, weights = mp.mpf(1), []
    while len(weights) < servers or weight > mp.mpf(10) ** -45:
        weights.append(weight)
        weight *= load / min(len(weights), servers)
    total = sum(weights)
    waits = mean = over = mp.mpf(0)
    poisson, within = mp.exp(-servers), mp.mpf(0)
    for ahead, weight in enumerate(weights[servers:]):
        # A case that finds `ahead` cases waiting needs ahead + 1 ends, which come at rate servers.
        within += poisson
        poisson *= mp.mpf(servers) / (ahead + 1)
        waits += weight / total
        mean += weight / total * (ahead + 1) / servers
        over += weight / total * within
    return waits, mean, over


def fixed(utilisation):
    """The same three for one server and handling times that are all 1."""
    def within(time):
        terms = (
            (-utilisation * (time - k)) ** k / mp.factorial(k) * mp.exp(utilisation * (time - k))
            for k in range(int(mp.floor(time)) + 1)
        )
        return (1 - utilisation) * sum(terms)

    mean = utilisation / (2 * (1 - utilisation))
    integral = mp.quad(lambda time: 1 - within(time), list(range(0, 61)))
    assert abs(integral / mean - 1) < mp.mpf(10) ** -8, (integral, mean)
    return utilisation, mean, 1 - within(mp.mpf(1))


def waits_table():
    rows = []
    for servers, utilisation in [(1, "0.5"), (1, "0.7"), (2, "0.8"), (3, "0.7"), (10, "0.7"), (30, "0.9")]:
        answer = exponential(servers, mp.mpf(utilisation))
        for ours, theirs in zip(answer, exponential_by_states(servers, mp.mpf(utilisation))):
            assert abs(ours / theirs - 1) < NEAR, (servers, utilisation)
        rows.append(["exponential", servers, utilisation, *map(number, answer)])
    for utilisation in ["0.5", "0.7"]:
        rows.append(["fixed", 1, utilisation, *map(number, fixed(mp.mpf(utilisation)))])
    write(
        "queue_waits.csv",
        ["handling", "servers", "utilisation", "wait_probability", "mean_wait", "over_one"],
        rows,
    )


def priority_table():
    """Two classes, exponential handling times of the same mean, nobody is interrupted."""
    rows = []
    for servers, utilisation, share in [(1, "0.7", "0.3"), (3, "0.8", "0.5")]:
        load, part = mp.mpf(utilisation), mp.mpf(share)
        waits, mean, _ = exponential(servers, load)
        high = waits / servers / (1 - load * part)
        low = high / (1 - load)
        assert abs((part * high + (1 - part) * low) / mean - 1) < NEAR
        rows.append([servers, utilisation, share, number(high), number(low)])
    write(
        "queue_priority.csv",
        ["servers", "utilisation", "high_share", "mean_wait_high", "mean_wait_low"],
        rows,
    )


if __name__ == "__main__":
    waits_table()
    priority_table()
