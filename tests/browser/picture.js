// Takes the picture of docs/report.md. usage: node picture.js GONOGO_BINARY MODULES_FOLDER PNG
"use strict";
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const { createRequire } = require("node:module");
const os = require("node:os");
const path = require("node:path");

const [binary, modules, picture] = process.argv.slice(2).map((argument) => path.resolve(argument));
const { chromium } = createRequire(path.join(modules, "package.json"))("playwright-core");
const sample = path.join(__dirname, "..", "..", "sample-data");
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "gonogo-picture-"));

async function main() {
  const page = path.join(folder, "report.html");
  execFileSync(binary, ["report", path.join(sample, "lending_club.selective.csv"), "--config", path.join(sample, "lending_club_costs.toml"), "--by", "grade", "-o", page, "-q"]);
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
  const tab = await browser.newPage({ viewport: { width: 1040, height: 1000 } });
  await tab.goto("file://" + page);
  await (await tab.$("#what-if")).screenshot({ path: picture });
  await browser.close();
  fs.rmSync(folder, { recursive: true });
  const size = fs.statSync(picture).size;
  if (size >= 200000) throw new Error(picture + " has " + size + " bytes");
}
main().catch((error) => { console.error(error); process.exit(1); });
