// Drives the page in headless Chromium and compares what it shows with what gonogo says.
// usage: node page.js GONOGO_BINARY MODULES_FOLDER OUTPUT_FOLDER
"use strict";
const assert = require("node:assert");
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const { createRequire } = require("node:module");
const path = require("node:path");
const { page: formulas, root } = require("./formulas.js");

const [binary, modules, folder] = process.argv.slice(2).map((argument) => path.resolve(argument));
const load = createRequire(path.join(modules, "package.json"));
const { chromium } = load("playwright-core");
const axe = fs.readFileSync(load.resolve("axe-core/axe.min.js"), "utf8");
fs.mkdirSync(folder, { recursive: true });
const sample = path.join(root, "sample-data");
const log = [path.join(sample, "lending_club.selective.parquet"), "--config", path.join(sample, "lending_club_costs.toml")];
const at = (name) => path.join(folder, name);
function gonogo(...words) {
  return execFileSync(binary, words, { encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "inherit"] });
}
const json = (...words) => JSON.parse(gonogo(...words, "--format", "json", "-q"));

/* A page with nothing but itself: requests are refused and told, as is every violation. */
async function open(browser, file, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const faults = [];
  await context.route("**/*", (route) => (route.request().url().startsWith("file:") ? route.continue() : (faults.push("request " + route.request().url()), route.abort())));
  const page = await context.newPage();
  page.on("console", (message) => { if (message.type() === "error") faults.push("console " + message.text()); });
  page.on("pageerror", (error) => faults.push("error " + error.stack));
  page.on("dialog", (dialog) => { faults.push("dialog " + dialog.message()); dialog.dismiss(); });
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective + " " + event.blockedURI));
  });
  await page.goto("file://" + file);
  const check = async () => {
    assert.deepEqual(await page.evaluate(() => window.violations), [], "violations of the page's policy");
    assert.deepEqual(faults, []);
  };
  return { page, context, check };
}
const figure = (page, key) => page.textContent('[data-figure="' + key + '"]');
const hash = (page) => page.evaluate(() => location.hash);

/* What the panel must show of an outcome in JSON. */
function expected(outcome, hours) {
  const cases = (share) => formulas.count(Math.round(share * outcome.cases));
  const escaped = outcome.escaped_errors;
  return {
    escalation_rate: formulas.percent(outcome.escalation_rate),
    escalated: formulas.count(outcome.escalated),
    auto_error: formulas.rateText(outcome.auto_error),
    escaped_cases: escaped.estimate !== null ? cases(escaped.estimate) + " (" + cases(escaped.low) + " to " + cases(escaped.high) + ")" : escaped.bounds ? "? (" + cases(escaped.bounds[0]) + " to " + cases(escaped.bounds[1]) + ")" : "–",
    labelled: formulas.count(outcome.auto_error.labelled),
    cost: formulas.amountText(outcome.cost),
    ...(hours === undefined ? {} : { review_hours: formulas.money(hours) }),
  };
}
async function compare(page, outcome, hours, where) {
  for (const [key, text] of Object.entries(expected(outcome, hours))) assert.equal(await figure(page, key), text, key + " " + where);
}

/* Every threshold of the big slider, by keyboard, against the sweep at the same thresholds. */
async function slider(page, thresholds, words) {
  const sweep = json("sweep", ...words, "--thresholds", thresholds.join(","));
  assert.equal(sweep.points.length, thresholds.length);
  await page.focus("#t-all");
  await page.keyboard.press("Home");
  for (let place = 0; place < thresholds.length; place += 1) {
    if (place > 0) await page.keyboard.press("ArrowRight");
    assert.equal(await page.getAttribute("#t-all", "aria-valuetext"), "threshold " + thresholds[place]);
    await compare(page, sweep.points[place], undefined, "at " + thresholds[place]);
  }
  return thresholds.length;
}

/* Segments at thresholds of their own, copied as a policy, against its replay. */
async function policies(page, thresholds, words, rounds) {
  const sliders = await page.$$('.segments input[type="range"]');
  let seed = 7;
  for (let round = 0; round < rounds; round += 1) {
    for (const slider of sliders) {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      const wanted = Math.floor((seed / 2147483648) * thresholds.length);
      await slider.focus();
      await page.keyboard.press("Home");
      await page.evaluate(([element, value]) => { element.value = value; element.dispatchEvent(new Event("input", { bubbles: true })); }, [slider, String(wanted)]);
    }
    const text = await page.inputValue("#policy");
    const file = at("copied-" + round + ".toml");
    fs.writeFileSync(file, text);
    const replay = json("replay", ...words, file);
    assert.equal(replay.policies[0].name, "what-if");
    await compare(page, replay.policies[0], replay.policies[0].review_hours ?? undefined, "with policy\n" + text);
  }
}

/* Every figure of the tables that says where it stands in the JSON. */
async function walk(page, document) {
  const cells = await page.evaluate(() => [...document.querySelectorAll("tr[data-of]")].flatMap((row) => {
    const keys = [...row.closest("table").tHead.rows[0].cells].map((heading) => heading.dataset.k || "");
    return [...row.cells].map((cell, place) => ({ of: row.dataset.of, key: keys[place], text: cell.textContent })).filter((cell) => cell.key);
  }));
  const resolve = (from, steps) => steps.reduce((value, step) => (value === null || value === undefined ? value : value[step]), from);
  for (const { of, key, text } of cells) {
    const object = resolve(document, of.split("/").slice(1));
    assert.ok(object !== undefined, of + " is not in the JSON");
    const value = resolve(object, key.replace("~", "").split("."));
    const where = of + " " + key;
    let wanted;
    if (value === null || value === undefined) wanted = "–";
    else if (key === "cost") wanted = formulas.amountText(value);
    else if (key.endsWith("~")) wanted = formulas.shortText(value);
    else if (key === "error" && object.observed) wanted = formulas.count(value.errors_found) + " (" + formulas.percent(value.errors_found / value.cases) + ")";
    else if (typeof value === "object") wanted = formulas.rateText(value);
    else if (["review_hours", "value.at_stake", "value.in_error"].includes(key)) wanted = formulas.money(value);
    else if (/rate|share|only|utilisation/.test(key)) wanted = formulas.percent(value);
    else wanted = formulas.count(value);
    if (key === "auto_error.labelled" && text === "few: " + value) continue;
    assert.equal(text, wanted, where);
  }
  return cells.length;
}

async function accessible(page) {
  // Only the checks are run from outside: the page's own policy stays as it is.
  const found = await page.evaluate(axe + "; axe.run(document, { resultTypes: ['violations'] })");
  const faults = found.violations.map((fault) => fault.id + ": " + fault.help + " (" + fault.nodes.slice(0, 3).map((node) => node.target.join(" ")).join("; ") + ")");
  assert.deepEqual(faults, [], "accessibility");
}

/* A log with a name for every segment. */
function made(name, segments, rows) {
  const quoted = (text) => '"' + text.replace(/"/g, '""') + '"';
  const lines = ["id,kind,score,human,wrong"];
  let seed = 1;
  for (let row = 0; row < rows; row += 1) {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    const score = 0.5 + (seed / 2147483648) * 0.5;
    const human = score < 0.8;
    seed = (seed * 1103515245 + 12345) % 2147483648;
    const wrong = seed / 2147483648 < (1 - score) / 2;
    const known = human || seed % 5 === 0;
    lines.push([row, quoted(segments[row % segments.length]), score.toFixed(4), human, known ? wrong : ""].join(","));
  }
  const file = at(name + ".csv");
  fs.writeFileSync(file, lines.join("\n") + "\n");
  const config = at(name + ".toml");
  fs.writeFileSync(config, '[columns]\nid = "id"\nscore = "score"\nerror = "wrong"\nescalated = "human"\n[segments]\nkind = "kind"\n');
  return [file, "--config", config];
}

async function main() {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
  const main = at("report.html");
  const policyFiles = ["policy_guard_large_loans.toml", "policy_trust_good_grades.toml"].flatMap((name) => ["--policy", path.join(sample, name)]);
  gonogo("report", ...log, "--by", "grade", "--by", "term", ...policyFiles, "-o", main, "-o", at("report.json"), "-o", at("report.md"), "--charts", at("charts"), "-q");
  const document = JSON.parse(fs.readFileSync(at("report.json"), "utf8"));
  const { page, check } = await open(browser, main);
  const thresholds = JSON.parse(await page.textContent("#sums")).thresholds;
  console.log(await walk(page, document), "figures of the tables are those of the JSON");
  console.log(await slider(page, thresholds, log), "thresholds by keyboard are those of sweep");
  await policies(page, thresholds, log, 4);
  console.log("copied policies are those of replay");
  // A setting lives in the address.
  const before = await figure(page, "auto_error");
  const copy = await open(browser, main + (await hash(page)));
  assert.equal(await figure(copy.page, "auto_error"), before, "a link with the setting");
  await copy.check();
  // By mouse.
  const box = await (await page.$("#t-all")).boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 30, box.y + box.height / 2, { steps: 5 });
  await page.mouse.up();
  assert.ok(Number(await page.inputValue("#t-all")) > thresholds.length * 0.8, "dragged to the right");
  // Costs of one's own.
  await page.fill("#in-e", "100");
  await page.fill("#in-r", "2.5");
  await page.fill("#in-w", "0");
  assert.notEqual(await figure(page, "cost"), "–");
  await page.click("#copy");
  await page.waitForFunction(() => /Copied|selected/.test(document.querySelector(".buttons .hint").textContent));
  await page.click("#reset");
  assert.equal(await hash(page), "");
  const sums = JSON.parse(await page.textContent("#sums"));
  assert.equal(await page.textContent(".slide.all output"), thresholds[sums.start], "reset");
  // Sorting.
  await page.click("table.sorts thead button >> nth=1");
  assert.equal(await page.getAttribute("table.sorts thead th >> nth=1", "aria-sort"), "descending");
  await accessible(page);
  await check();
  console.log("mouse, link, reset, sorting, accessibility");
  for (const [name, width] of [["desktop", 1280], ["phone", 390]]) {
    for (const scheme of ["light", "dark"]) {
      const look = await open(browser, main, { viewport: { width, height: 900 }, colorScheme: scheme });
      const wide = await look.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, name + " is " + wide + " pixels too wide");
      await accessible(look.page);
      await look.page.screenshot({ path: at(name + "-" + scheme + ".png"), fullPage: true });
      await look.check();
      await look.context.close();
    }
  }
  const print = await open(browser, main);
  await print.page.pdf({ path: at("print.pdf"), format: "A4", margin: { top: "12mm", bottom: "12mm", left: "12mm", right: "12mm" } });
  await print.context.close();

  const evil = ["<script>alert(1)</script>", "</script><img src=x onerror=alert(2)>", "\u202egnp.exe\u202c", "it's \"quoted\" \\ ' OR 1=1", "x".repeat(10000), "plain", "", "{{7*7}}<!--", "&lt;b&gt;"];
  const hostile = made("hostile", evil, 9000);
  gonogo("report", ...hostile, "-o", at("hostile.html"), "-q");
  const worst = await open(browser, at("hostile.html"));
  assert.equal(await worst.page.evaluate(() => document.images.length + document.scripts.length), 2);
  const grid = JSON.parse(await worst.page.textContent("#sums")).thresholds;
  await policies(worst.page, grid, hostile, 1);
  await accessible(worst.page);
  await worst.check();
  console.log("hostile names do no harm");
  for (const number of [1, 10, 100, 1000]) {
    const words = made("many-" + number, Array.from({ length: number }, (_, place) => "segment " + place), 40000);
    const file = at("many-" + number + ".html");
    gonogo("report", ...words, "-o", file, "-q");
    const size = fs.statSync(file).size;
    console.log(number + " segments: " + size + " bytes");
    assert.ok(size < 300000);
    const many = await open(browser, file);
    if (number === 100) {
      await accessible(many.page);
      await policies(many.page, JSON.parse(await many.page.textContent("#sums")).thresholds, words, 1);
      await many.page.screenshot({ path: at("many-100.png"), fullPage: true });
    }
    await many.check();
  }
  console.log("report.html: " + fs.statSync(main).size + " bytes, report.md: " + fs.statSync(at("report.md")).size + " bytes");
  assert.ok(fs.statSync(at("report.md")).size < 60000);
  await browser.close();
}
main().catch((error) => { console.error(error); process.exit(1); });
