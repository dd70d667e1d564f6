#!/usr/bin/env python3
"""Draws an audit sample again, without gonogo.

    python3 redraw.py MANIFEST FRAME

MANIFEST is what `gonogo audit sample` wrote; FRAME holds the lines of the frame, which
`gonogo audit verify MANIFEST --log LOG --frame-lines FRAME` writes (or your own query: one JSON
array of texts a line: id, stratum, size and, where the frame has them, cluster and risk).
Needs nothing but Python's standard library. Ends with 0 if the manifest's sample is the one that
frame and seed give, and with 1 if it is not.
"""
import hashlib
import json
import sys
from decimal import Decimal
from fractions import Fraction

SCHEME = "gonogo-draw/1"
failures = []


def check(name, holds, detail=""):
    print(f"{'PASS' if holds else 'FAIL'}  {name}" + (f": {detail}" if detail else ""))
    if not holds:
        failures.append(name)


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


# Canonical JSON (RFC 8785)


def number(value):
    """A number as ECMAScript prints it."""
    if isinstance(value, int):
        return str(value)
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    text = "".join(map(str, digits))
    point = len(text) + exponent
    if -6 < point <= 0:
        text = "0." + "0" * -point + text
    elif 0 < point <= 21:
        text = text.ljust(point, "0")
        text = text[:point] + ("." + text[point:] if text[point:] else "")
    else:
        mantissa = text[0] + ("." + text[1:] if text[1:] else "")
        text = f"{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return "-" * sign + text


def canonical(value):
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        members = [f"{json.dumps(key, ensure_ascii=False)}:{canonical(value[key])}" for key in keys]
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number(value)
    return json.dumps(value, ensure_ascii=False)


# Tickets


def ticket(seed, stream, key):
    return sha256(f"{SCHEME}\n{seed}\n{stream}\n{key}")


def bits(hexadecimal):
    return int(hexadecimal[:13], 16)


def unit(hexadecimal):
    return (bits(hexadecimal) + 0.5) / 2**52


# The frame


def micros(text):
    return None if text == "" else int(Decimal(text) * 1000000)


class Unit:
    """What is drawn: a case, or a cluster of cases."""

    def __init__(self, key, stratum, seed):
        self.key, self.stratum = key, stratum
        self.ticket = ticket(seed, "select/1", key)
        self.size, self.risk, self.cases = None, None, []

    def add(self, case_id, size, risk):
        self.cases.append(case_id)
        if size is not None:
            self.size = size if self.size is None else self.size + size
        if risk is not None:
            self.risk = risk if self.risk is None else max(self.risk, risk)


def units_of(lines, seed):
    units = {}
    for line in lines:
        case_id, stratum, size, cluster, risk = (json.loads(line) + ["", ""])[:5]
        key = cluster if cluster != "" else case_id
        if key not in units:
            units[key] = Unit(key, stratum, seed)
        units[key].add(case_id, micros(size), micros(risk))
    for item in units.values():
        item.cases.sort(key=str.encode)
    return sorted(units.values(), key=lambda item: item.key.encode())


def by_ticket(units):
    return sorted(units, key=lambda item: (item.ticket, item.key.encode()))


def round_of(rank, rounds):
    return 1 + sum(size <= rank for size in rounds)


# The methods: each gives the picks as (unit, certain, round, times), those that come next, and
# how likely each unit is


def srs(units, rounds):
    size = min(rounds[-1], len(units)) if rounds else 0
    order = by_ticket(units)
    picks = [(item, size == len(units), round_of(rank, rounds), 1) for rank, item in enumerate(order[:size])]
    return picks, order[size:], lambda item: float(size) / float(len(units))


def systematic(units, rounds, seed):
    order = sorted(units, key=lambda item: (item.stratum.encode(), item.key.encode()))
    size = min(rounds[-1], len(order))
    start = Fraction(2 * bits(ticket(seed, "start/1", "")) + 1, 2**53)
    places = [int((start + index) * len(order) / size) for index in range(size)]
    hit = set(places)
    picks = [(order[place], size == len(order), 1, 1) for place in places]
    rest = [item for place, item in enumerate(order) if place not in hit]
    return picks, by_ticket(rest), lambda item: float(size) / float(len(order))


def chance_by_size(draws, total):
    def chance(item):
        share = draws * max(item.size, 0)
        return 1.0 if share >= total else float(share) / float(total)

    return chance


def pps(units, rounds):
    order = sorted(units, key=lambda item: (unit(item.ticket) / float(item.size), item.ticket, item.key.encode()))
    drawn = {}
    for number_of_round, size in enumerate(rounds, 1):
        certain = set(item.key for item in order) if size >= len(order) else set()
        while True:
            rest = [item for item in order if item.key not in certain]
            left, total = max(size - len(certain), 0), sum(item.size for item in rest)
            found = [item.key for item in rest if left * item.size >= total]
            if not found:
                break
            certain.update(found)
        kept = sum(key not in certain for key in drawn)
        draws = left = max(kept, size - len(certain))
        for item in order:
            takes = item.key in certain or left > 0
            left -= item.key not in certain and left > 0
            if takes:
                drawn.setdefault(item.key, number_of_round)
    sure = sorted((item for item in order if item.key in certain), key=lambda item: item.ticket)
    others = [item for item in order if item.key in drawn and item.key not in certain]
    picks = [(item, item.key in certain, drawn[item.key], 1) for item in sure + others]
    total = sum(item.size for item in order if item.key not in certain)
    return picks, [item for item in order if item.key not in drawn], chance_by_size(draws, total)


def mus_interval(units, rounds, seed):
    order, count = by_ticket(units), rounds[-1]
    total = sum(item.size for item in order)
    start = Fraction(2 * bits(ticket(seed, "start/1", "")) + 1, 2**53)
    picks, rest, end, following = [], [], 0, 0
    for item in order:
        end += item.size
        first = following
        while following < count and (start + following) * total < end * count:
            following += 1
        if following > first:
            picks.append((item, count * item.size >= total, 1, following - first))
        else:
            rest.append(item)
    return picks, rest, chance_by_size(count, total)


def poisson(units, rates):
    order = by_ticket(units)
    picks = [(item, False, 1 + sum(unit(item.ticket) >= rate for rate in rates), 1)
             for item in order if unit(item.ticket) < rates[-1]]
    rest = [item for item in order if unit(item.ticket) >= rates[-1]]
    return picks, rest, lambda item: float(rates[-1])


# How a sample is spread over strata: largest remainder between a floor and what there is


def allocate(populations, sample, rule):
    sample = min(sample, sum(populations.values()))
    floors = next(floors for floors in ({name: min(least, size) for name, size in populations.items()} for least in (2, 1, 0))
                  if sum(floors.values()) <= sample)
    weight = {name: (size if rule == "proportional" else int(size > 0)) for name, size in populations.items()}
    settled = {}
    while True:
        left = max(sample - sum(settled.values()), 0)
        free = [name for name in populations if name not in settled]
        weights = sum(weight[name] for name in free)
        share = {name: left * weight[name] for name in free}
        lacking = sum(max(floors[name] * weights - share[name], 0) for name in free)
        spare = sum(max(share[name] - populations[name] * weights, 0) for name in free)
        if lacking == 0 and spare == 0:
            break
        for name in free:
            if lacking >= spare and share[name] < floors[name] * weights:
                settled[name] = floors[name]
            elif spare >= lacking and share[name] > populations[name] * weights:
                settled[name] = populations[name]
    if weights:
        for name in free:
            settled[name] = share[name] // weights
        over = max(left - sum(settled[name] for name in free), 0)
        order = sorted(free, key=lambda name: (-(share[name] % weights), -populations[name], name.encode()))
        for name in order[:over]:
            settled[name] += 1
    return {name: settled.get(name, floors[name]) for name in populations}


def stratified(units, rounds, allotment):
    strata = {}
    for item in units:
        strata.setdefault(item.stratum, []).append(item)
    populations = {name: len(strata[name]) for name in sorted(strata, key=str.encode)}
    allotment = allotment or {"rule": "proportional"}
    sizes = {name: [] for name in populations}
    for place, size in enumerate(rounds):
        if allotment["rule"] == "fixed":
            given = {name: allotment["sizes"].get(name, []) for name in populations}
            shares = {name: min(given[name][place], populations[name]) if place < len(given[name]) else 0
                      for name in populations}
        else:
            shares = allocate(populations, size, allotment["rule"])
        for name in populations:
            sizes[name].append(max([shares[name]] + sizes[name]))
    return [(name, srs(strata[name], sizes[name])) for name in populations]


def parts_of(units, design, seed):
    """The strata of the draw: name, picks, those that come next, and probabilities."""
    method, rounds = design["method"], design["rounds"]
    if method == "srs":
        return [("", srs(units, rounds))]
    if method == "stratified":
        return stratified(units, rounds, design["allotment"])
    if method == "systematic":
        return [("", systematic(units, rounds, seed))]
    if method == "poisson":
        return [("", poisson(units, design["rates"]))]
    positive = [item for item in units if item.size is not None and item.size > 0]
    taken = pps(positive, rounds) if method == "pps" else mus_interval(positive, rounds, seed)
    parts = [("", taken)]
    for name, others in (
        ("zero", [item for item in units if item.size == 0]),
        ("negative", [item for item in units if item.size is not None and item.size < 0]),
        ("missing", [item for item in units if item.size is None]),
    ):
        if others:
            parts.append((name, srs(others, [design["without_size"]] * len(rounds))))
    return parts


def draw(units, manifest):
    design, seed = manifest["design"], manifest["seed"]["value"]
    selected, reserve, keys = [], [], set()
    for name, (picks, rest, chance) in parts_of(units, design, seed):
        for item, certain, number_of_round, times in picks:
            keys.add(item.key)
            selected += [("random", name, item, case, certain, number_of_round, times, chance(item)) for case in item.cases]
        reserve += [(case, name, item.ticket) for item in rest[: design["reserve"]] for case in item.cases]
    risky = sorted((item for item in units if item.key not in keys),
                   key=lambda item: (item.risk is None, -(item.risk or 0), item.ticket))
    for item in risky[: design["targeted"]]:
        selected += [("targeted", "", item, case, False, 1, 1, None) for case in item.cases]
    return selected, reserve


def main(manifest_file, frame_file):
    with open(manifest_file, encoding="utf-8", newline="") as file:
        text = file.read()
    manifest = json.loads(text)
    if manifest["seed"] is None:
        sys.exit("nothing is drawn yet: the manifest is frozen")
    check("the manifest is canonical JSON", canonical(manifest) == text)
    aside = ("created_at", "created_sha256", "self_sha256")
    content = {key: value for key, value in manifest.items() if key not in aside}
    check("the manifest's digest", sha256(canonical(content)) == manifest["self_sha256"])
    check("the scheme", manifest["tool"]["scheme"] == SCHEME and manifest["stream"] == "select/1")

    with open(frame_file, "rb") as file:
        frame = file.read()
    lines = sorted(frame.split(b"\n")[:-1])
    digest = hashlib.sha256(b"".join(line + b"\n" for line in lines)).hexdigest()
    check("the digest of the frame", digest == manifest["population"]["frame_digest"], digest)
    check("the number of cases", len(lines) == manifest["population"]["cases"], str(len(lines)))

    units = units_of([line.decode() for line in lines], manifest["seed"]["value"])
    check("the number of units", len(units) == manifest["population"]["units"], str(len(units)))
    selected, reserve = draw(units, manifest)
    found = [
        (case["purpose"], case["stratum"], case["case_id"], case["ticket"], case["certainty"],
         case["round"], case["times"], case["pi"], case["weight"], case["seq"])
        for case in manifest["selected"]
    ]
    expected = [
        (purpose, stratum, case, item.ticket, certain, number_of_round, times, pi,
         None if pi is None else 1 / pi, place)
        for place, (purpose, stratum, item, case, certain, number_of_round, times, pi) in enumerate(selected, 1)
    ]
    check("the cases, in order, with tickets, probabilities and weights", found == expected, f"{len(expected)} cases")
    found = [(case["case_id"], case["stratum"], case["ticket"]) for case in manifest["reserve"]]
    check("the reserve", found == reserve, f"{len(reserve)} cases")
    return 1 if failures else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2]))
