"use strict";
/* What the page computes by itself: the sums behind the sliders to rates, limits and costs, in the
   way the command line does. One file, no library, no request. */

/* ---- Numbers as text: the same digits as the command line's ---- */

/* A number with so many decimals, ties to the even digit, from its exact value. */
function fixed(number, decimals) {
  const exact = number.toFixed(Math.min(100, decimals + 60));
  const kept = decimals === 0 ? exact.indexOf(".") : exact.indexOf(".") + 1 + decimals;
  const rest = exact.slice(kept).replace(".", "");
  let text = number.toFixed(decimals);
  if (/^50*$/.test(rest)) {
    const below = exact.slice(0, kept);
    const last = Number(below[below.length - 1]);
    if (last % 2 === 0) text = below;
  }
  return text;
}

/* Percentage points of three significant digits. Only a share of exactly 1 is 100. */
function digits(share) {
  const percent = share * 100;
  if (percent === 0) return "0";
  const decimals = Math.min(8, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(percent)))));
  let text = fixed(percent, decimals);
  if (text.startsWith("100") && share < 1) text = "> 99.95";
  if (text.includes(".")) text = text.replace(/0+$/, "").replace(/\.$/, "");
  return text;
}
function percent(share) { return digits(share) + " %"; }
function count(number) { return String(number).replace(/\B(?=(\d{3})+$)/g, ","); }
function money(amount) {
  if (Math.abs(amount) < 1000) return fixed(amount, 2).replace(/\.00$/, "");
  return (amount < 0 ? "-" : "") + count(Math.floor(Math.abs(amount) + 0.5));
}
function rateText(rate) {
  if (rate.estimate !== null) return digits(rate.estimate) + " (" + digits(rate.low) + " to " + digits(rate.high) + ") %";
  if (rate.bounds !== null) return "? (" + digits(rate.bounds[0]) + " to " + digits(rate.bounds[1]) + " %)";
  return "–";
}
function shortText(rate) {
  if (rate.estimate !== null) return percent(rate.estimate);
  if (rate.bounds !== null) return "? (" + digits(rate.bounds[0]) + " to " + digits(rate.bounds[1]) + " %)";
  return "–";
}
function amountText(cost) {
  if (cost === null) return "–";
  if (cost.expected !== null) {
    if (cost.low >= cost.high) return money(cost.expected);
    return money(cost.expected) + " (" + money(cost.low) + " to " + money(cost.high) + ")";
  }
  if (cost.bounds !== null) return "? (" + money(cost.bounds[0]) + " to " + money(cost.bounds[1]) + ")";
  return "–";
}

/* ---- Limits ---- */

const HALF_LOG_TWO_PI = 0.9189385332046727;

/* ln(gamma(x)) by Stirling's series (DLMF 5.11.1), less its leading part. */
function stirlingError(x) {
  let shift = 0;
  let z = x;
  while (z < 16) { shift += Math.log(z); z += 1; }
  const s = 1 / (z * z);
  const series = (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - s * (691 / 360360)))))) / z;
  if (z === x) return series;
  const logGamma = (z - 0.5) * Math.log(z) - z + HALF_LOG_TWO_PI + series - shift;
  return logGamma - ((x - 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI);
}

/* x ln(x / m) + m - x (Loader 2000), exact where x and m are near. */
function deviance(x, m) {
  const d = x - m;
  if (Math.abs(d) < 0.1 * (x + m)) {
    const v = d / (x + m);
    let sum = d * v;
    let term = 2 * x * v;
    for (let j = 1; j < 1000; j += 1) {
      term *= v * v;
      const next = sum + term / (2 * j + 1);
      if (next === sum) break;
      sum = next;
    }
    return sum;
  }
  return x * Math.log(x / m) + m - x;
}

/* The probability that a beta variable is at most x, by continued fraction (DLMF 8.17.22). */
function betaCdf(x, a, b) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const n = a + b;
  const peak = 0.5 * Math.log(a * (b / n)) - HALF_LOG_TWO_PI + stirlingError(n) - stirlingError(a) - stirlingError(b);
  const weight = Math.exp(peak - deviance(a, n * x) - deviance(b, n * (1 - x)));
  return x < (a + 1) / (n + 2) ? weight * betaFraction(x, a, b) / a : 1 - weight * betaFraction(1 - x, b, a) / b;
}
function betaFraction(x, a, b) {
  const tiny = 1e-300;
  const safe = (value) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / safe(1 - (a + b) * x / (a + 1));
  let f = d;
  for (let m = 1; m < 100000; m += 1) {
    const even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / safe(1 + even * d);
    c = safe(1 + even / c);
    f *= d * c;
    const odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / safe(1 + odd * d);
    c = safe(1 + odd / c);
    f *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return f;
}

/* The probability that a gamma variable is at most x (DLMF 8.11.4) or above it (DLMF 8.9.2). */
function gammaTails(x, shape) {
  if (x <= 0) return [0, 1];
  const peak = 0.5 * Math.log(shape) - HALF_LOG_TWO_PI - stirlingError(shape);
  const weight = Math.exp(peak - deviance(shape, x));
  if (x < shape + 1) {
    let term = 1 / shape;
    let sum = term;
    for (let n = 1; n < 100000; n += 1) {
      term *= x / (shape + n);
      sum += term;
      if (term < 1e-17 * sum) break;
    }
    const lower = weight * sum;
    return [lower, 1 - lower];
  }
  let denominator = x - shape + 1;
  let f = denominator === 0 ? 1e-300 : denominator;
  let c = f;
  let d = 0;
  for (let m = 1; m < 100000; m += 1) {
    const numerator = m * (shape - m);
    denominator += 2;
    d = 1 / (denominator + numerator * d || 1e-300);
    c = denominator + numerator / c || 1e-300;
    f *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  const upper = weight / f;
  return [1 - upper, upper];
}

/* The point where a rising function passes zero, by bisection. */
function root(rising, low, high) {
  for (let step = 0; step < 200; step += 1) {
    const middle = 0.5 * (low + high);
    if (middle <= low || middle >= high) break;
    if (rising(middle) < 0) low = middle; else high = middle;
  }
  return 0.5 * (low + high);
}

/* Exact binomial limits (Clopper and Pearson 1934), with `tail` left to the side. */
function binomialUpper(errors, labelled, tail) {
  if (errors >= labelled) return 1;
  if (errors === 0) return -Math.expm1(Math.log(tail) / labelled);
  return 1 - root((y) => betaCdf(y, labelled - errors, errors + 1) - tail, 0, 1 - errors / labelled);
}
function binomialLower(errors, labelled, tail) {
  if (errors === 0 || errors > labelled) return 0;
  if (errors === labelled) return Math.exp(Math.log(tail) / labelled);
  return root((x) => betaCdf(x, errors, labelled - errors + 1) - tail, 0, errors / labelled);
}

/* Gamma limits of a weighted sum of errors (Fay and Feuer 1997). */
function weightedLower(sum, tail) {
  const scale = sum.variance / sum.estimate;
  const shape = sum.estimate / scale;
  if (!(scale > 0 && shape > 0 && shape < 1e100)) return 0;
  return scale * root((x) => gammaTails(x, shape)[0] - tail, 0, shape);
}
function weightedUpper(sum, tail) {
  const most = sum.largest;
  if (!(most > 0)) return Infinity;
  const mean = sum.estimate + most;
  const scale = (sum.variance + most * most) / mean;
  const shape = mean / scale;
  let high = shape + 1;
  while (gammaTails(high, shape)[1] > tail) high *= 2;
  return scale * root((x) => tail - gammaTails(x, shape)[1], 0, high);
}

/* ---- Sums ---- */

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The numbers of a segment: digits to the base of 32, a zero with how many more follow. */
function numbers(text) {
  const all = [];
  let place = 0;
  const next = () => {
    let value = 0;
    let scale = 1;
    for (;;) {
      const digit = LETTERS.indexOf(text[place]);
      place += 1;
      value += (digit & 31) * scale;
      scale *= 32;
      if (digit < 32) return value;
    }
  };
  while (place < text.length) {
    const value = next();
    all.push(value);
    if (value === 0) for (let more = next(); more > 0; more -= 1) all.push(0);
  }
  return all;
}

const COUNTS = ["cases", "labelled", "wrong"];
const WEIGHTS = ["w", "wWrong", "w2", "w2Wrong", "wMost"];
const WEIGHT = 4294967296;

/* A segment's columns, added up from the lowest bin: each cell's sums below any threshold. */
function unpack(data, segment) {
  const bins = data.thresholds.length + 1;
  const flat = numbers(segment.sums);
  let place = 0;
  const units = data.units;
  const take = (cell, name, unit) => {
    cell[name] = flat.slice(place, place + bins).map((value) => value * unit);
    while (cell[name].length < bins) cell[name].push(0);
    place += bins;
  };
  return data.cells.map((labelling) => {
    const cell = {};
    const varies = labelling === "varying";
    COUNTS.forEach((name) => take(cell, name, 1));
    if (varies) [1, 1, 2, 2, 1].forEach((power, index) => take(cell, WEIGHTS[index], Math.pow(1 / WEIGHT, power)));
    if (data.cost.error === "sums") {
      take(cell, "stake", units[0]);
      take(cell, "mWrong", units[0]);
      take(cell, "m2Wrong", units[0] * units[0]);
      take(cell, "mMost", units[0]);
      if (varies) {
        take(cell, "wmWrong", units[0] / WEIGHT);
        take(cell, "wm2Wrong", units[0] * units[0] / WEIGHT / WEIGHT);
        take(cell, "wmMost", units[0] / WEIGHT);
      }
    }
    if (data.cost.review === "sums") take(cell, "review", units[1]);
    if (data.cost.has_effort) {
      take(cell, "seconds", units[2]);
      take(cell, "timed", 1);
    }
    return cell;
  });
}

const LARGEST = { wMost: true, mMost: true, wmMost: true };

/* Both sides of a set of segments, each at its own threshold: the auto-approved and the escalated
   cases by cell. `parts` are pairs of unpacked cells and the place of a threshold. */
function split(data, parts) {
  const sides = { auto: [], escalated: [] };
  data.cells.forEach((labelling, index) => {
    const auto = { labelling };
    const escalated = { labelling };
    parts.forEach(([cells, place]) => {
      const cell = cells[index];
      for (const name of Object.keys(cell)) {
        const add = LARGEST[name] ? Math.max : (a, b) => a + b;
        const column = cell[name];
        let below = escalated[name] || 0;
        let above = auto[name] || 0;
        for (let bin = 0; bin < column.length; bin += 1) {
          if (bin <= place) below = add(below, column[bin]); else above = add(above, column[bin]);
        }
        escalated[name] = below;
        auto[name] = above;
      }
    });
    sides.auto.push(auto);
    sides.escalated.push(escalated);
  });
  return sides;
}

function total(cells, name) { return cells.reduce((sum, cell) => sum + (cell[name] || 0), 0); }

/* The error rate of cells, as `estimate/rates.rs` has it. */
function errorRate(cells, level) {
  const tail = (1 - level) / 2;
  const sum = { estimate: 0, variance: 0, largest: 0 };
  let weight = 0;
  let unsupported = 0;
  let used = 0;
  let varying = false;
  cells.filter((cell) => cell.cases > 0).forEach((cell) => {
    const varies = cell.labelling === "varying";
    const own = varies ? cell.w : cell.labelled;
    if (!(own > 0)) { unsupported += cell.cases; return; }
    const expansion = cell.cases / own;
    used += 1;
    varying = varying || varies;
    weight += expansion * own;
    sum.estimate += expansion * (varies ? cell.wWrong : cell.wrong);
    sum.variance += expansion * expansion * (varies ? cell.w2Wrong : cell.wrong);
    sum.largest = Math.max(sum.largest, expansion * (varies ? cell.wMost : 1));
  });
  const cases = total(cells, "cases");
  const labelled = total(cells, "labelled");
  const wrong = total(cells, "wrong");
  const rate = { estimate: null, low: null, high: null, bounds: null, cases, labelled };
  if (cases === 0) return rate;
  if (unsupported > 0) {
    rate.bounds = [sum.estimate / cases, Math.min(1, (sum.estimate + unsupported) / cases)];
    return rate;
  }
  rate.estimate = sum.estimate / cases;
  if (used === 1 && !varying) {
    rate.low = weight * binomialLower(wrong, labelled, tail) / cases;
    rate.high = Math.min(1, weight * binomialUpper(wrong, labelled, tail) / cases);
  } else {
    rate.low = sum.estimate > 0 ? weightedLower(sum, tail) / cases : 0;
    rate.high = Math.min(1, Math.min(weightedUpper(sum, tail), weight) / cases);
  }
  return rate;
}

/* A rate over a part of the cases as a rate over all. */
function asShareOf(rate, cases) {
  if (rate.cases === 0 && cases > 0) return { ...rate, estimate: 0, low: 0, high: 0, cases };
  const scale = (value) => (value === null ? null : value * (rate.cases / cases));
  return { ...rate, estimate: scale(rate.estimate), low: scale(rate.low), high: scale(rate.high), bounds: rate.bounds && rate.bounds.map(scale), cases };
}

/* The expected cost, as `estimate/cost.rs` has it. `prices` are the page's inputs. */
function expectedCost(sides, prices, level) {
  const tail = (1 - level) / 2;
  const bySums = prices.error === "sums";
  if (prices.error === null) return null;
  const factor = bySums ? 1 : prices.error;
  const sum = { estimate: 0, variance: 0, largest: 0 };
  let stake = 0;
  let unsupported = 0;
  sides.auto.filter((cell) => cell.cases > 0).forEach((cell) => {
    const varies = cell.labelling === "varying";
    const own = varies ? cell.w : cell.labelled;
    const at = bySums ? cell.stake : factor * cell.cases;
    stake += at;
    if (!(own > 0)) { unsupported += at; return; }
    const expansion = cell.cases / own;
    const pick = (plain, weighted) => (varies ? cell[weighted] : cell[plain]);
    const wrong = bySums ? pick("mWrong", "wmWrong") : factor * pick("wrong", "wWrong");
    const squares = bySums ? pick("m2Wrong", "wm2Wrong") : factor * factor * pick("wrong", "w2Wrong");
    const most = bySums ? pick("mMost", "wmMost") : factor * (varies ? cell.wMost : 1);
    sum.estimate += expansion * wrong;
    sum.variance += expansion * expansion * squares;
    sum.largest = Math.max(sum.largest, expansion * most);
  });
  const escalated = total(sides.escalated, "cases");
  let reviews = null;
  if (prices.perMinute !== null) {
    const seconds = reviewSeconds(sides, prices);
    if (seconds !== null) reviews = prices.perMinute * seconds / 60;
  } else if (prices.review === "sums") {
    reviews = total(sides.escalated, "review");
  } else if (prices.review !== null) {
    reviews = prices.review * escalated;
  }
  if (reviews === null) return null;
  const missed = prices.reviewerError * (bySums ? total(sides.escalated, "stake") : factor * escalated);
  const known = missed + reviews;
  if (unsupported > 0) {
    const most = Math.min(stake, sum.estimate + unsupported);
    return { expected: null, low: null, high: null, bounds: [Math.min(sum.estimate, most) + known, most + known] };
  }
  const estimate = Math.min(sum.estimate, stake);
  const low = sum.estimate > 0 ? Math.min(weightedLower(sum, tail), estimate) : 0;
  const high = stake > 0 ? Math.min(weightedUpper(sum, tail), stake) : 0;
  return { expected: estimate + known, low: low + known, high: high + known, bounds: null };
}

/* Seconds of review work of the escalated cases; null where a time is neither logged nor stated. */
function reviewSeconds(sides, prices) {
  const escalated = total(sides.escalated, "cases");
  const timed = total(sides.escalated, "timed");
  const known = total(sides.escalated, "seconds");
  if (escalated - timed === 0) return known;
  return prices.seconds === null ? null : known + (escalated - timed) * prices.seconds;
}

function outcome(data, parts, prices) {
  const sides = split(data, parts);
  const escalated = total(sides.escalated, "cases");
  const auto = total(sides.auto, "cases");
  const cases = escalated + auto;
  const rate = errorRate(sides.auto, data.level);
  const seconds = reviewSeconds(sides, prices);
  return {
    cases,
    escalated,
    auto_approved: auto,
    escalation_rate: cases > 0 ? escalated / cases : null,
    auto_error: rate,
    escaped_errors: asShareOf(rate, cases),
    cost: expectedCost(sides, prices, data.level),
    review_hours: seconds === null ? null : seconds / 3600,
  };
}

/* ---- Policy ---- */

function toml(text) {
  return JSON.stringify(text).replace(/\u007f/g, "\\u007F");
}

/* A policy file with what the sliders say. `name` is what reports call it. */
function policyText(data, places, name) {
  const rules = data.segments.map((segment, index) => ({ ...segment, place: places[index] }));
  const rest = rules.find((rule) => rule.when === null);
  const counted = new Map();
  rules.forEach((rule) => counted.set(rule.place, (counted.get(rule.place) || 0) + rule.cases));
  let usual = rest ? rest.place : 0;
  if (!rest) counted.forEach((cases, place) => { if (!counted.has(usual) || cases > counted.get(usual)) usual = place; });
  const lines = ["name = " + toml(name), "threshold = " + data.thresholds[usual] + "   # for the cases that no rule takes"];
  const used = new Set();
  rules.filter((rule) => rule.when !== null && rule.place !== usual).forEach((rule) => {
    let title = [...rule.name].slice(0, 60).join("") || "(empty)";
    while (used.has(title)) title += "'";
    used.add(title);
    lines.push("", "[[rules]]", "name = " + toml(title), "when = " + toml(rule.when), "threshold = " + data.thresholds[rule.place]);
  });
  return lines.join("\n") + "\n";
}

if (typeof module !== "undefined") {
  module.exports = { digits, percent, count, money, rateText, shortText, amountText, binomialUpper, binomialLower, weightedLower, weightedUpper, unpack, outcome, policyText, fixed };
}
