// Takes the pictures of docs/report.md and checks that those of the documents are like them. Fonts
// differ from machine to machine, so pixels are not compared.
// usage: node picture.js GONOGO_BINARY MODULES_FOLDER FOLDER; docs/ as FOLDER renews them.
"use strict";
const assert = require("node:assert");
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const { createRequire } = require("node:module");
const os = require("node:os");
const path = require("node:path");

const [binary, modules, folder] = process.argv.slice(2).map((argument) => path.resolve(argument));
const { chromium } = createRequire(path.join(modules, "package.json"))("playwright-core");
const root = path.join(__dirname, "..", "..");
const sample = path.join(root, "sample-data");
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "gonogo-picture-"));
const WIDTH = 940;
const SCALE = 0.85;
const MOST_BYTES = 200000;

/* Width and height, which stand at the beginning of a PNG. */
function dimensions(file) {
  const bytes = fs.readFileSync(file);
  assert.equal(bytes.toString("latin1", 1, 4), "PNG", file);
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}
function check(name) {
  const file = path.join(folder, name);
  const size = fs.statSync(file).size;
  // Other fonts may take more room than those of the picture in docs/.
  assert.ok(size < MOST_BYTES * 1.5, file + " has " + size + " bytes");
  const [width, height] = dimensions(file);
  const [committed, tall] = dimensions(path.join(root, "docs", name));
  assert.ok(fs.statSync(path.join(root, "docs", name)).size < MOST_BYTES, "docs/" + name + " is too large");
  assert.ok(Math.abs(width - committed) < 5 && Math.abs(height - tall) < tall / 5, "docs/" + name + " is another picture: " + [committed, tall] + " instead of " + [width, height]);
  console.log(name + ": " + width + " by " + height + ", " + size + " bytes");
}

async function main() {
  const page = path.join(scratch, "report.html");
  const policy = path.join(sample, "policy_guard_large_loans.toml");
  execFileSync(binary, ["report", path.join(sample, "lending_club.selective.csv"), "--config", path.join(sample, "lending_club_costs.toml"), "--by", "grade", "--policy", policy, "--policy", "0.95", "-o", page, "-q"]);
  fs.mkdirSync(folder, { recursive: true });
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
  const tab = await browser.newPage({ viewport: { width: WIDTH, height: 900 }, deviceScaleFactor: SCALE, colorScheme: "light", offline: true });
  await tab.goto("file://" + page);
  const chart = await (await tab.$("#risk figure svg")).boundingBox();
  await tab.screenshot({ path: path.join(folder, "report.png"), fullPage: true, clip: { x: 0, y: 0, width: WIDTH, height: Math.ceil(chart.y + chart.height) } });
  for (let step = 0; step < 6; step += 1) await tab.press("#t-1", "ArrowRight");
  await (await tab.$("#what-if-panel")).screenshot({ path: path.join(folder, "report-what-if.png") });
  await browser.close();
  fs.rmSync(scratch, { recursive: true });
  ["report.png", "report-what-if.png"].forEach(check);
}
main().catch((error) => { console.error(error); process.exit(1); });
