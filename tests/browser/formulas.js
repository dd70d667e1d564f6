// The formulas of the page against tables from independent sources (tests/golden), and the digits
// of its numbers against those that the command line prints. Needs Node only.
"use strict";
const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const root = path.join(__dirname, "..", "..");
const page = require(path.join(root, "src", "report", "page", "formulas.js"));

function rows(file) {
  const lines = fs.readFileSync(path.join(root, "tests", "golden", file), "utf8").split("\n").filter((line) => line && !line.startsWith("#"));
  const names = lines[0].split(",");
  return lines.slice(1).map((line) => Object.fromEntries(line.split(",").map((value, place) => [names[place], Number(value)])));
}
function near(found, expected, what) {
  const off = Math.abs(found - expected) / Math.max(Math.abs(expected), 1e-12);
  assert.ok(off < 1e-7 || found === expected, what + ": " + found + " instead of " + expected);
}

module.exports = { rows, near, page, root };

if (require.main === module) {
  let tried = 0;
  for (const row of rows("clopper_pearson.csv")) {
    const [errors, labelled, tail] = [row.k ?? row.errors, row.n ?? row.labelled, row.tail];
    // Beyond this a bisection over a continued fraction takes too long for a page.
    if (labelled > 2e7) continue;
    if (row.lower !== undefined) near(page.binomialLower(errors, labelled, tail), row.lower, "lower " + JSON.stringify(row));
    if (row.upper !== undefined) near(page.binomialUpper(errors, labelled, tail), row.upper, "upper " + JSON.stringify(row));
    tried += 1;
  }
  assert.ok(tried > 50, "too few rows: " + tried);
  // Without errors, equal weights: w ln(1 / tail), which is the exact Poisson limit.
  near(page.weightedUpper({ estimate: 0, variance: 0, largest: 0.01 }, 0.025), 0.01 * Math.log(1 / 0.025), "no errors");
  // Equal weights of 1: Poisson limits of 10 errors (Garwood 1936).
  near(page.weightedUpper({ estimate: 10, variance: 10, largest: 1 }, 0.025), 18.390356044, "Poisson upper");
  near(page.weightedLower({ estimate: 10, variance: 10 }, 0.025), 4.795388695, "Poisson lower");
  // As src/report/number.rs has it.
  const texts = [[0, "0 %"], [1, "100 %"], [0.999999, "> 99.95 %"], [0.106, "10.6 %"], [0.006369, "0.637 %"], [0.0001612, "0.0161 %"], [0.5, "50 %"]];
  for (const [share, text] of texts) assert.equal(page.percent(share), text);
  assert.equal(page.money(12.5), "12.50");
  assert.equal(page.money(999), "999");
  assert.equal(page.money(1234567.4), "1,234,567");
  // Ties go to the even digit, as in Rust.
  assert.equal(page.fixed(2.5, 0), "2");
  assert.equal(page.fixed(3.5, 0), "4");
  assert.equal(page.fixed(0.25, 1), "0.2");
  assert.equal(page.fixed(0.35, 1), "0.3");
  console.log("formulas of the page: " + tried + " limits agree");
}
