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
  if (!rest && rules.length > 0 && !counted.has(usual)) usual = rules[0].place;
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

/* ---- The panel ---- */

/* An element with attributes and children; texts are texts, never markup. */
function make(name, attributes, ...children) {
  const svg = ["svg", "path", "circle", "line", "text", "g", "title"].includes(name) && attributes && attributes.svg;
  const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  Object.entries(attributes || {}).forEach(([key, value]) => { if (key !== "svg" && value !== null) element.setAttribute(key, value); });
  element.append(...children);
  return element;
}

/* A name as it may be shown: marks that turn or hide are told, and it is cut. */
function shown(name) {
  const plain = name.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, (mark) => "\\u{" + mark.codePointAt(0).toString(16) + "}");
  const letters = [...plain];
  return letters.length > 60 ? letters.slice(0, 59).join("") + "…" : plain;
}

/* All segments as one. */
function joined(data, segments) {
  return data.cells.map((_, index) => {
    const cell = {};
    segments.forEach((cells) => Object.entries(cells[index]).forEach(([name, column]) => {
      const add = LARGEST[name] ? Math.max : (a, b) => a + b;
      cell[name] = cell[name] ? cell[name].map((value, bin) => add(value, column[bin])) : column.slice();
    }));
    return cell;
  });
}

/* The curve that the "all" slider moves along, and the place of the present setting. */
function drawCurve(points, holder) {
  const [width, height, left, right, top, bottom] = [460, 300, 52, 14, 14, 46];
  const known = points.filter((point) => point.auto_error.estimate !== null);
  const most = Math.max(0.0001, ...known.map((point) => Math.min(point.auto_error.high, 4 * point.auto_error.estimate + 0.002)));
  const step = [1, 2, 5].flatMap((digit) => [-5, -4, -3, -2, -1].map((power) => digit * Math.pow(10, power))).sort((a, b) => a - b).find((size) => most / size <= 5) || 0.25;
  const roof = Math.min(1, Math.ceil(most / step) * step);
  const x = (share) => left + share * (width - left - right);
  const y = (share) => height - bottom - Math.min(1, share / roof) * (height - top - bottom);
  const svg = make("svg", { svg: true, viewBox: "0 0 " + width + " " + height, role: "img", "aria-label": "Escalation rate against auto-approved error rate, with the present setting" });
  const text = (content, at, anchor) => svg.append(make("text", { svg: true, x: at[0], y: at[1], "text-anchor": anchor, "font-size": 13, fill: "#4D4D4D" }, content));
  const line = (x1, y1, x2, y2, color) => svg.append(make("line", { svg: true, x1, y1, x2, y2, stroke: color, "stroke-width": 1 }));
  for (let value = 0; value <= roof + step / 2; value += step) {
    line(left, y(value), width - right, y(value), "#E4E4E4");
    text(digits(Number(value.toPrecision(6))), [left - 6, y(value) + 4], "end");
  }
  [0, 0.25, 0.5, 0.75, 1].forEach((share) => text(String(share * 100), [x(share), height - bottom + 18], "middle"));
  line(left, height - bottom, width - right, height - bottom, "#808080");
  text("escalation rate (%)", [(left + width - right) / 2, height - 8], "middle");
  svg.append(make("text", { svg: true, x: 14, y: (height - bottom + top) / 2, "text-anchor": "middle", "font-size": 13, fill: "#4D4D4D", transform: "rotate(-90 14 " + (height - bottom + top) / 2 + ")" }, "auto-approved error rate (%)"));
  const place = (point, value) => x(point.escalation_rate).toFixed(1) + " " + y(value).toFixed(1);
  if (known.length > 1) {
    const upper = known.map((point) => place(point, point.auto_error.high));
    const lower = known.map((point) => place(point, point.auto_error.low)).reverse();
    svg.append(make("path", { svg: true, d: "M" + upper.concat(lower).join("L") + "Z", fill: "#0072B2", "fill-opacity": 0.18 }));
    svg.append(make("path", { svg: true, d: "M" + known.map((point) => place(point, point.auto_error.estimate)).join("L"), fill: "none", stroke: "#0072B2", "stroke-width": 2 }));
  }
  const bar = make("line", { svg: true, stroke: "#1A1A1A", "stroke-width": 2.5 });
  const dot = make("circle", { svg: true, r: 6, fill: "#E69F00", stroke: "#1A1A1A", "stroke-width": 2 });
  const actual = make("circle", { svg: true, r: 5, fill: "#FFFFFF", stroke: "#1A1A1A", "stroke-width": 2 });
  svg.append(actual, bar, dot);
  holder.replaceChildren(svg);
  const show = (mark, point) => {
    const rate = point && point.auto_error;
    const middle = !rate ? null : rate.estimate !== null ? rate.estimate : rate.bounds && rate.bounds[1];
    mark.setAttribute("visibility", middle === null ? "hidden" : "visible");
    if (middle === null) return;
    mark.setAttribute("cx", x(point.escalation_rate));
    mark.setAttribute("cy", y(middle));
  };
  return {
    actual: (point) => show(actual, point),
    move: (point) => {
      show(dot, point);
      const rate = point.auto_error;
      const [low, high] = rate.estimate !== null ? [rate.low, rate.high] : rate.bounds || [null, null];
      bar.setAttribute("visibility", low === null ? "hidden" : "visible");
      if (low === null) return;
      [["x1", x(point.escalation_rate)], ["x2", x(point.escalation_rate)], ["y1", y(low)], ["y2", y(high)]].forEach(([key, value]) => bar.setAttribute(key, value));
    },
  };
}

function panel(data, holder) {
  const segments = data.segments.map((segment) => unpack(data, segment));
  const whole = joined(data, segments);
  const many = data.segments.length > 1;
  const last = data.thresholds.length - 1;
  const state = { all: data.start, places: data.segments.map(() => data.start) };
  const number = (value) => (value === null || value === "sums" ? "" : String(value));
  const inputs = [
    { key: "e", label: "Cost of an error", hint: data.cost.error === "sums" ? "as stated, by case" : null, value: number(data.cost.error) },
    { key: "r", label: data.cost.review_per_minute !== null ? "Cost of a minute of review" : "Cost of a review", hint: data.cost.review === "sums" ? "as stated, by case" : null, value: data.cost.review_per_minute !== null ? number(data.cost.review_per_minute) : number(data.cost.review) },
    { key: "w", label: "Wrong after review (%)", value: String(Number((data.cost.reviewer_error * 100).toPrecision(12))) },
    { key: "m", label: data.cost.has_effort ? "Minutes of a review (where not logged)" : "Minutes of a review", value: data.cost.seconds === null ? "" : String(Number((data.cost.seconds / 60).toPrecision(12))) },
    { key: "n", label: "Reviewers", value: number(data.cost.reviewers) },
  ];
  const read = (key) => {
    const input = inputs.find((one) => one.key === key);
    const raw = input.box.value.trim();
    const value = Number(raw);
    return raw === "" || !Number.isFinite(value) || value < 0 ? null : value;
  };
  const untouched = (key) => { const input = inputs.find((one) => one.key === key); return input.box.value.trim() === input.value; };
  const prices = () => ({
    error: untouched("e") || read("e") === null ? (read("e") === null && !untouched("e") && data.cost.error !== "sums" ? null : data.cost.error) : read("e"),
    review: data.cost.review_per_minute !== null ? null : untouched("r") ? data.cost.review : read("r") === null ? (data.cost.review === "sums" ? "sums" : null) : read("r"),
    perMinute: data.cost.review_per_minute === null ? null : untouched("r") ? data.cost.review_per_minute : read("r"),
    reviewerError: untouched("w") ? data.cost.reviewer_error : Math.min(0.999, (read("w") || 0) / 100),
    seconds: untouched("m") ? data.cost.seconds : read("m") === null ? null : read("m") * 60,
  });

  /* What stands on the panel. */
  const say = make("p", { class: "say" });
  /* A screen reader is told where a slider came to rest, not each step on its way. */
  const heard = make("p", { class: "quiet", role: "status", "aria-live": "polite", id: "heard" });
  let rest = null;
  const rows = [
    ["escalation_rate", "Escalation rate"], ["escalated", "Escalated cases"], ["auto_error", "Auto-approved error rate"],
    ["escaped_cases", "Escaped errors (cases)"], ["labelled", "Labels behind it"], ["cost", "Cost"], ["review_hours", "Reviewer hours"], ["each", "Hours for each reviewer"],
  ].map(([key, label]) => ({ key, now: make("td", { class: "r", "data-figure": key }), then: make("td", { class: "r" }), label }));
  const body = make("tbody", {}, ...rows.map((row) => make("tr", {}, make("th", { scope: "row" }, row.label), row.now, ...(data.actual ? [row.then] : []))));
  const facts = make("table", { class: "facts" }, make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "With " + Number((data.level * 100).toPrecision(10)) + " % intervals"), make("th", { scope: "col", class: "r" }, "Your setting"), ...(data.actual ? [make("th", { scope: "col", class: "r" }, "What happened")] : []))), body);
  const picture = make("div", {});
  const sliders = [];
  const slider = (id, label, extra) => {
    const range = make("input", { type: "range", id, min: 0, max: last, step: 1, value: data.start });
    const out = make("output", { for: id });
    const row = make("div", { class: extra }, make("label", { for: id, title: label }, label), range, out);
    return { range, out, row };
  };
  const all = slider("t-all", many ? "All segments" : "Threshold", "slide all");
  const fact = data.historical ? "in fact " + data.thresholds[data.start] : "";
  all.row.append(make("div", { class: "ends" }, make("span", {}, "\u2190 auto-approve more"), make("span", {}, fact), make("span", {}, "escalate more \u2192")));
  const list = make("div", { class: "segments", tabindex: many ? "0" : null, role: many ? "group" : null, "aria-label": many ? "Thresholds by " + shown(data.by || "segment") : null });
  if (many) {
    data.segments.forEach((segment, index) => {
      const one = slider("t-" + index, shown(segment.name), "slide");
      one.told = make("div", { class: "told", id: "told-" + index });
      one.range.setAttribute("aria-describedby", "told-" + index);
      one.row.append(one.told);
      list.append(one.row);
      sliders.push(one);
    });
  }
  const boxes = make("div", { class: "inputs" }, ...inputs.map((input) => {
    input.box = make("input", { type: "text", inputmode: "decimal", id: "in-" + input.key, value: input.value, placeholder: input.hint || null, autocomplete: "off" });
    return make("div", {}, make("label", { for: "in-" + input.key }, input.label), input.box);
  }));
  const copy = make("button", { type: "button", class: "first", id: "copy" }, "Copy as policy.toml");
  const reset = make("button", { type: "button", id: "reset" }, "Reset");
  const copied = make("span", { role: "status", class: "hint" });
  const policy = make("textarea", { readonly: "", id: "policy", spellcheck: "false", "aria-label": "The setting as policy.toml" });
  holder.className = "panel";
  holder.append(say, heard, make("div", { class: "split" }, facts, make("div", {}, picture, make("p", { class: "hint" }, "Orange: your setting, with its interval." + (data.actual ? " White: what happened." : "")))), make("h3", {}, "Thresholds"), all.row, list, make("h3", {}, "Costs and team"), boxes,
    make("div", { class: "buttons" }, copy, reset, copied),
    make("details", { class: "policy" }, make("summary", {}, "The setting as a policy file"), make("p", { class: "hint" }, "Save it as policy.toml; `gonogo replay LOG policy.toml` replays it over the log."), policy));

  /* What the numbers are. */
  const figures = (result) => {
    const estimate = result.escaped_errors;
    const cases = (share) => count(Math.round(share * result.cases));
    const escaped = estimate.estimate !== null ? cases(estimate.estimate) + " (" + cases(estimate.low) + " to " + cases(estimate.high) + ")" : estimate.bounds ? "? (" + cases(estimate.bounds[0]) + " to " + cases(estimate.bounds[1]) + ")" : "–";
    const hours = result.review_hours;
    const reviewers = read("n");
    return {
      escalation_rate: result.escalation_rate === null ? "–" : percent(result.escalation_rate),
      escalated: count(result.escalated),
      auto_error: rateText(result.auto_error),
      escaped_cases: escaped,
      labelled: count(result.auto_error.labelled),
      cost: amountText(result.cost),
      review_hours: hours === null || hours === undefined ? "–" : money(hours),
      each: hours === null || hours === undefined || !reviewers ? "–" : money(hours / reviewers),
    };
  };
  const parts = () => segments.map((cells, index) => [cells, state.places[index]]);
  const sentence = (result) => {
    let text = percent(result.escalation_rate || 0) + " of the cases are escalated; of those auto-approved ";
    const rate = result.auto_error;
    if (rate.estimate !== null) text += "an estimated " + percent(rate.estimate) + " are wrong (" + digits(rate.low) + " to " + digits(rate.high) + " %).";
    else if (rate.bounds) text += "anything from " + digits(rate.bounds[0]) + " to " + digits(rate.bounds[1]) + " % may be wrong: a part has no labels.";
    else text += "there are none.";
    if (data.actual) {
      const more = result.escalated - data.actual.escalated;
      text += more === 0 ? " That is as many escalations as in fact." : " That is " + count(Math.abs(more)) + (more < 0 ? " fewer" : " more") + " escalations than in fact.";
    }
    return text;
  };
  let curve = null;
  const redraw = () => {
    const asked = prices();
    const points = data.thresholds.map((_, place) => outcome(data, [[whole, place]], asked));
    curve = drawCurve(points, picture);
    curve.actual(data.actual);
  };
  const tell = (one, place) => {
    const text = data.thresholds[place];
    one.range.value = place;
    one.range.setAttribute("aria-valuetext", "threshold " + text);
    one.out.textContent = text;
  };
  const refresh = () => {
    const asked = prices();
    const result = outcome(data, parts(), asked);
    const now = figures(result);
    rows.forEach((row) => { row.now.textContent = now[row.key]; });
    if (data.actual) {
      const then = figures({ ...data.actual, cost: data.actual.cost });
      rows.forEach((row) => { row.then.textContent = then[row.key]; });
    }
    say.textContent = sentence(result);
    if (rest !== null) {
      clearTimeout(rest);
      rest = setTimeout(() => { heard.textContent = say.textContent; }, 500);
    }
    const same = state.places.every((place) => place === state.places[0]);
    if (same) state.all = state.places[0];
    holder.classList.toggle("same", same);
    tell(all, state.all);
    all.out.textContent = same ? data.thresholds[state.all] : "mixed";
    sliders.forEach((one, index) => {
      tell(one, state.places[index]);
      const own = outcome(data, [[segments[index], state.places[index]]], asked);
      one.told.textContent = count(own.cases) + (own.cases === 1 ? " case, " : " cases, ") + percent(own.escalation_rate || 0) + " escalated, error rate " + rateText(own.auto_error);
    });
    policy.value = policyText(data, state.places, "what-if");
    copied.textContent = "";
    if (curve) curve.move(result);
    return result;
  };
  const remember = () => {
    const parts = [];
    const same = state.places.every((place) => place === state.places[0]);
    parts.push("t=" + data.thresholds[state.all]);
    if (!same) state.places.forEach((place, index) => { if (place !== state.all) parts.push(index + "=" + data.thresholds[place]); });
    inputs.forEach((input) => { if (!untouched(input.key)) parts.push(input.key + "=" + encodeURIComponent(input.box.value.trim())); });
    history.replaceState(null, "", "#" + parts.join("&"));
  };
  const recall = () => {
    const wanted = new URLSearchParams(location.hash.slice(1));
    const find = (text) => { const value = Number(text); return data.thresholds.findIndex((threshold) => Number(threshold) === value); };
    const every = find(wanted.get("t") || "x");
    if (every < 0) return false;
    state.all = every;
    state.places = state.places.map((_, index) => { const own = wanted.has(String(index)) ? find(wanted.get(String(index))) : -1; return own < 0 ? every : own; });
    inputs.forEach((input) => { input.box.value = wanted.has(input.key) ? wanted.get(input.key) : input.value; });
    return true;
  };
  all.range.addEventListener("input", () => {
    state.all = Number(all.range.value);
    state.places = state.places.map(() => state.all);
    refresh();
    remember();
  });
  sliders.forEach((one, index) => one.range.addEventListener("input", () => {
    state.places[index] = Number(one.range.value);
    refresh();
    remember();
  }));
  inputs.forEach((input) => input.box.addEventListener("input", () => { refresh(); remember(); }));
  reset.addEventListener("click", () => {
    state.all = data.start;
    state.places = state.places.map(() => data.start);
    inputs.forEach((input) => { input.box.value = input.value; });
    refresh();
    history.replaceState(null, "", location.pathname + location.search);
    copied.textContent = "Back to where it began.";
  });
  copy.addEventListener("click", async () => {
    let done = false;
    try {
      await navigator.clipboard.writeText(policy.value);
      done = true;
    } catch (refused) {
      /* A page from a file may not write the clipboard that way: select it, and copy as a person would. */
      holder.querySelector("details").open = true;
      policy.focus();
      policy.select();
      done = document.execCommand("copy");
    }
    copied.textContent = done ? "Copied." : "Copy the selected text below.";
  });
  window.addEventListener("hashchange", () => { if (recall()) refresh(); });
  recall();
  redraw();
  refresh();
  rest = 0;
}

/* ---- Tables ---- */

/* The number that a cell is sorted by: its first, or the upper limit where there is no estimate. */
function weight(text) {
  const found = text.replace(/,/g, "").match(/\d+(\.\d+)?/g);
  return found === null ? -1 : Number(text.startsWith("?") ? found[found.length - 1] : found[0]);
}

/* A table that is too wide loses its least important columns, until a reader asks for them. */
function fitting(table) {
  const holder = table.parentElement;
  const heads = [...table.tHead.rows[0].cells];
  const ranks = heads.map((heading) => Number(heading.dataset.r || 0));
  const steps = [...new Set(ranks)].filter((rank) => rank > 0).sort((a, b) => b - a);
  if (steps.length === 0) return () => {};
  const button = make("button", { type: "button", class: "more" });
  holder.after(button);
  let open = false;
  const show = (limit) => [table.tHead, table.tBodies[0]].forEach((part) => [...part.rows].forEach((row) => [...row.cells].forEach((cell, column) => { cell.hidden = ranks[column] >= limit; })));
  const fit = () => {
    let limit = Infinity;
    show(limit);
    const left = steps.slice();
    while (!open && left.length > 0 && table.offsetWidth > holder.clientWidth) {
      limit = left.shift();
      show(limit);
    }
    const hidden = heads.filter((heading) => heading.hidden).map((heading) => heading.textContent);
    button.hidden = !open && hidden.length === 0;
    button.textContent = open ? "Fewer columns" : hidden.length + (hidden.length === 1 ? " more column: " : " more columns: ") + hidden.join(", ");
  };
  button.addEventListener("click", () => { open = !open; fit(); });
  return fit;
}

function sortable(table) {
  const body = table.tBodies[0];
  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const numeric = heading.classList.contains("r");
      const before = heading.getAttribute("aria-sort");
      const up = before ? before === "descending" : !numeric;
      [...table.tHead.rows[0].cells].forEach((other) => other.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", up ? "ascending" : "descending");
      const value = (row) => { const text = row.cells[column].textContent; return numeric ? weight(text) : text; };
      const order = (a, b) => { const [one, other] = [value(a), value(b)]; return typeof one === "number" && typeof other === "number" ? one - other : String(one).localeCompare(String(other)); };
      const rows = [...body.rows].sort((a, b) => (up ? order(a, b) : order(b, a)));
      body.append(...rows);
    });
  });
}

if (typeof document !== "undefined") {
  const sums = document.getElementById("sums");
  if (sums) panel(JSON.parse(sums.textContent), document.getElementById("what-if-panel"));
  document.querySelectorAll("table.sorts").forEach(sortable);
  const fits = [...document.querySelectorAll(".scroll > table")].map(fitting);
  const fit = () => fits.forEach((one) => one());
  let width = 0;
  window.addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; fit(); } });
  const folded = [...document.querySelectorAll("main > section > details")];
  folded.forEach((one) => one.addEventListener("toggle", fit));
  /* Paper cannot be unfolded. */
  let closed = [];
  window.addEventListener("beforeprint", () => { closed = folded.filter((one) => !one.open); closed.forEach((one) => { one.open = true; }); });
  window.addEventListener("afterprint", () => closed.forEach((one) => { one.open = false; }));
  fit();
}
