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
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, offline: true, ...options });
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

/* Waits without what the page's policy forbids. */
async function until(page, holds) {
  for (let round = 0; round < 100; round += 1) {
    if (await page.evaluate(holds)) return;
    await new Promise((go) => setTimeout(go, 50));
  }
  assert.fail("never: " + holds);
}

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

/* A waiting time as src/report/number.rs has it. */
function wait(seconds) {
  for (const [unit, name] of [[86400, "d"], [3600, "h"], [60, "min"]]) if (seconds >= unit) return formulas.fixed(seconds / unit, 1) + " " + name;
  return formulas.fixed(seconds, 0) + " s";
}

/* Every figure of the tables that says where it stands in the JSON. */
function figures(page) {
  return page.evaluate(() => [...document.querySelectorAll("tr[data-of]")].flatMap((row) => {
    const keys = [...row.closest("table").tHead.rows[0].cells].map((heading) => heading.dataset.k || "");
    return [...row.cells].map((cell, place) => ({ of: row.dataset.of, key: keys[place], text: cell.textContent })).filter((cell) => cell.key);
  }));
}
const resolve = (from, steps) => steps.reduce((value, step) => (value === null || value === undefined ? value : value[step]), from);
function agrees(document, { of, key, text }) {
  const object = resolve(document, of.split("/").slice(1));
  assert.ok(object !== undefined, of + " is not in the JSON");
  const value = resolve(object, key.replace("~", "").split("."));
  let wanted;
  if (value === null || value === undefined) wanted = "–";
  else if (key === "cost") wanted = formulas.amountText(value);
  else if (key.endsWith("~")) wanted = formulas.shortText(value);
  else if (key === "error" && object.observed) wanted = formulas.count(value.errors_found) + " (" + formulas.percent(value.errors_found / value.cases) + ")";
  else if (typeof value === "object") wanted = formulas.rateText(value);
  else if (key.startsWith("wait_")) wanted = wait(value);
  else if (["review_hours", "value.at_stake", "value.in_error"].includes(key)) wanted = formulas.money(value);
  else if (/rate|share|only|utilisation/.test(key)) wanted = formulas.percent(value);
  else wanted = formulas.count(value);
  if (key === "auto_error.labelled" && text === "few: " + value) return;
  assert.equal(text, wanted, of + " " + key);
}
async function walk(page, document) {
  const cells = await figures(page);
  cells.forEach((cell) => agrees(document, cell));
  // Every object of the JSON that the page has a row for, and every one that it must have a row for.
  const rows = new Set(cells.map((cell) => cell.of));
  const expected = ["/sweep/actual", "/replay/actual", "/replay/actual/queue", ...document.sweep.points.map((_, place) => "/sweep/points/" + place), ...document.sweep.segments.map((_, place) => "/sweep/segments/" + place + "/actual"), ...document.sweep.cells.map((_, place) => "/sweep/cells/" + place)];
  document.replay.policies.forEach((policy, place) => expected.push("/replay/policies/" + place, "/replay/policies/" + place + "/queue", "/replay/policies/" + place + "/swap/newly_escalated", "/replay/policies/" + place + "/swap/newly_auto_approved", ...policy.rules.map((_, rule) => "/replay/policies/" + place + "/rules/" + rule)));
  for (const of of expected) assert.ok(rows.has(of), "the page has no row for " + of);
  // The walk can fail: any figure that is another number is found.
  let noticed = 0;
  for (const cell of cells.filter((one) => /[1-9]/.test(one.text))) {
    const other = { ...cell, text: cell.text.replace(/[1-9]/, (digit) => String((Number(digit) % 9) + 1)) };
    assert.throws(() => agrees(document, other), cell.of + " " + cell.key + " may be anything");
    noticed += 1;
  }
  assert.ok(noticed > cells.length / 2);
  return cells.length;
}

/* Every number of the sentences is one of the tables, a difference of two counts, or the number of
   reviewers. */
async function sentences(page, document) {
  const texts = await page.$$eval("#answer p.answer, #policies > p", (all) => all.map((one) => one.textContent));
  const known = new Set(["0"]);
  const tell = (text) => (text.match(/[\d.,]*\d/g) || []).forEach((number) => known.add(number));
  const outcomes = [document.sweep.actual, ...document.sweep.points, document.replay.actual, ...document.replay.policies];
  for (const outcome of outcomes) {
    tell(formulas.count(outcome.cases) + " " + formulas.count(outcome.escalated) + " " + formulas.percent(outcome.escalation_rate) + " " + formulas.rateText(outcome.auto_error) + " " + formulas.amountText(outcome.cost) + " " + formulas.count(outcome.auto_error.labelled));
    tell(formulas.count(Math.abs(outcome.escalated - document.sweep.actual.escalated)));
  }
  for (const { swap, queue, name } of document.replay.policies) {
    tell(name);
    tell(formulas.percent(queue.late_share) + " " + queue.smallest_team);
    for (const part of [swap.newly_auto_approved, swap.newly_escalated]) {
      tell(formulas.count(part.cases) + " " + formulas.count(part.error.labelled) + " " + formulas.rateText(part.error));
      tell(formulas.count(part.error.errors_found) + " " + formulas.percent(part.error.errors_found / part.cases));
    }
  }
  known.add("5");
  let tried = 0;
  for (const text of texts) {
    for (const number of text.match(/[\d.,]*\d/g) || []) {
      assert.ok(known.has(number), number + " is in no JSON: " + text);
      tried += 1;
    }
  }
  assert.ok(texts.length >= 4 && tried > 20, texts.length + " sentences, " + tried + " numbers");
  return tried;
}

/* Costs and a team of the reader's own, against a configuration that states them. */
async function prices(page, thresholds) {
  const stated = fs.readFileSync(path.join(sample, "lending_club_costs.toml"), "utf8");
  const other = stated.replace(/^error = "0.4.*$/m, "error = 1234.5").replace(/^review = .*$/m, "review = 12.25").replace(/^reviewer_error = .*$/m, "reviewer_error = 0.035").replace(/^minutes_per_case = .*$/m, "minutes_per_case = 7.5");
  const config = at("prices.toml");
  fs.writeFileSync(config, other);
  const words = [log[0], "--config", config];
  for (const [key, value] of [["e", "1234.5"], ["r", "12.25"], ["w", "3.5"], ["m", "7.5"], ["n", "4"]]) await page.fill("#in-" + key, value);
  const tried = thresholds.filter((_, place) => place % 9 === 4);
  const sweep = json("sweep", ...words, "--thresholds", tried.join(","));
  await page.focus("#t-all");
  for (const [place, threshold] of tried.entries()) {
    await page.$eval("#t-all", (slider, value) => { slider.value = value; slider.dispatchEvent(new Event("input", { bubbles: true })); }, String(thresholds.indexOf(threshold)));
    await compare(page, sweep.points[place], sweep.points[place].escalated * 7.5 / 60, "at prices of one's own, " + threshold);
    assert.equal(await figure(page, "each"), formulas.money(sweep.points[place].escalated * 7.5 / 60 / 4));
  }
  const replay = json("replay", ...words, tried[0]);
  await page.$eval("#t-all", (slider, value) => { slider.value = value; slider.dispatchEvent(new Event("input", { bubbles: true })); }, String(thresholds.indexOf(tried[0])));
  await compare(page, replay.policies[0], replay.policies[0].review_hours, "as replay has it");
  return tried.length;
}

/* Tables show their main columns without scrolling, and all of them when asked to. */
async function columns(page) {
  await page.$$eval("main > section > details", (all) => all.forEach((one) => { one.open = true; }));
  const tables = await page.$$eval(".scroll > table", (all) => all.map((table) => ({ title: table.parentElement.getAttribute("aria-label"), over: table.offsetWidth - table.parentElement.clientWidth })));
  for (const { title, over } of tables) assert.ok(over <= 0, title + " is " + over + " pixels too wide");
  await page.$$eval("main > section > details", (all) => all.forEach((one) => { one.open = false; }));
}

async function accessible(page) {
  // Only the checks are run from outside: the page's own policy stays as it is.
  const found = await page.evaluate(axe + "; axe.run(document, { resultTypes: ['violations'] })");
  const faults = found.violations.map((fault) => fault.id + ": " + fault.help + " (" + fault.nodes.slice(0, 3).map((node) => node.target.join(" ")).join("; ") + ")");
  assert.deepEqual(faults, [], "accessibility");
}

/* A log with a name for every segment. Probabilities of labels differ from row to row. */
function made(name, segments, rows, more = {}) {
  const quoted = (text) => '"' + text.replace(/"/g, '""') + '"';
  const lines = ["id,kind,score,human,wrong,p,loss,handling"];
  let seed = 1;
  const draw = () => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed / 2147483648;
  };
  for (let row = 0; row < rows; row += 1) {
    const score = more.score || 0.5 + draw() * 0.5;
    const human = score < 0.8;
    const wrong = draw() < (1 - score) / 2;
    const p = human ? 1 : [0.15, 0.2, 0.4][row % 3];
    const known = draw() < p;
    lines.push([row, quoted(segments[row % segments.length]), score.toFixed(4), human, known ? wrong : "", p, (draw() * 500).toFixed(2), Math.floor(30 + draw() * 600)].join(","));
  }
  const file = at(name + ".csv");
  fs.writeFileSync(file, lines.join("\n") + "\n");
  const config = at(name + ".toml");
  const roles = '[columns]\nid = "id"\nscore = "score"\nerror = "wrong"\n' + (more.routes === false ? "" : 'escalated = "human"\n');
  fs.writeFileSync(config, roles + (more.roles || "") + (more.segments === false ? "" : '[segments]\nkind = "kind"\n'));
  return [file, "--config", config];
}

/* A page that must show no fault whatever its log lacks. */
async function odd(browser, name, words) {
  const file = at(name + ".html");
  gonogo("report", ...words, "-o", file, "-q");
  const look = await open(browser, file);
  await look.page.focus("#t-all");
  await look.page.keyboard.press("End");
  await accessible(look.page);
  const told = await look.page.textContent("main");
  assert.ok(!/NaN|undefined|Infinity|null/.test(told), told.match(/.{40}(NaN|undefined|Infinity|null)/));
  await look.check();
  return look.page;
}

/* Segments whose values are numbers, truths and days, some of them missing. */
async function kinds(browser) {
  const lines = ["id,score,wrong,flag,number,day"];
  for (let row = 0; row < 3000; row += 1) lines.push([row, (0.5 + (row * 37 % 500) / 1000).toFixed(3), row % 17 === 0, ["True", "false", "TRUE", ""][row % 4], ["1", "1.0", "0.5", "", "-3"][row % 5], "2016-01-0" + (row % 3 + 1)].join(","));
  fs.writeFileSync(at("kinds.csv"), lines.join("\n") + "\n");
  const roles = '[columns]\nid = "id"\nscore = "score"\nerror = "wrong"\n[types]\nday = "timestamp"\n[segments]\ntwice = "number * 2"\nalias = "number"\n';
  fs.writeFileSync(at("kinds.toml"), roles);
  const words = [at("kinds.csv"), "--config", at("kinds.toml")];
  for (const by of ["flag", "number", "day", "twice", "alias", "flag,number"]) {
    const page = await odd(browser, "kinds", [...words, "--by", by]);
    assert.ok((await page.$$('.segments input[type="range"]')).length > 1, by);
    await policies(page, JSON.parse(await page.textContent("#sums")).thresholds, words, 2);
    await page.context().close();
  }
  console.log("numbers, truths and days: policies are those of replay");
}

/* What cannot be known is drawn over the whole of its limits, and not as a point. */
async function unknown(browser) {
  const lines = ["id,score,human,wrong"];
  for (let row = 0; row < 2000; row += 1) lines.push([row, (0.5 + (row * 37 % 500) / 1000).toFixed(3), row * 37 % 500 < 250, row * 37 % 500 < 250 ? row % 9 === 0 : ""].join(","));
  fs.writeFileSync(at("unknown.csv"), lines.join("\n") + "\n");
  fs.writeFileSync(at("unknown.toml"), '[columns]\nid = "id"\nscore = "score"\nerror = "wrong"\nescalated = "human"\n');
  const page = await odd(browser, "unknown", [at("unknown.csv"), "--config", at("unknown.toml")]);
  await page.click("#reset");
  const drawn = await page.evaluate(() => {
    const svg = document.querySelector(".panel svg");
    const dashed = svg.querySelectorAll("[stroke-dasharray]");
    const line = dashed[dashed.length - 1];
    return { dots: svg.querySelectorAll("circle").length, height: line.getAttribute("y1") - line.getAttribute("y2") };
  });
  assert.equal(drawn.dots, 0, "a point is drawn where there is no estimate");
  assert.ok(drawn.height > 150, "limits from 0 to 100 % are " + drawn.height + " high");
  await page.locator(".panel").screenshot({ path: at("unknown.png") });
}

/* A box that cannot be understood says so, and its numbers are not told. */
async function misread(page) {
  for (const [key, hidden] of [["e", ["cost"]], ["w", ["cost"]], ["m", ["cost", "review_hours", "each"]]]) {
    const before = await figure(page, "cost");
    assert.notEqual(before, "–");
    for (const text of ["3 %", "2,5", "1,000", "100+", "-1", "ten", ...(key === "w" ? ["100", "150"] : [])]) {
      await page.fill("#in-" + key, text);
      assert.equal(await page.getAttribute("#in-" + key, "aria-invalid"), "true", key + " " + text);
      assert.notEqual(await page.textContent("#in-" + key + "-fault"), "");
      for (const figureKey of hidden) assert.equal(await figure(page, figureKey), "–", key + " " + text);
      assert.notEqual(await figure(page, "auto_error"), "–");
    }
    await accessible(page);
    await page.fill("#in-" + key, "7.5");
    assert.equal(await page.getAttribute("#in-" + key, "aria-invalid"), null);
    assert.notEqual(await figure(page, "cost"), "–");
  }
  await page.click("#reset");
}

/* Links of the page's contents lead there, by keyboard too, and keep the setting. */
async function contents(page) {
  await page.focus("#t-all");
  await page.keyboard.press("End");
  const setting = await hash(page);
  const place = await page.textContent(".slide.all output");
  assert.match(setting, /^#t=/);
  await page.click('nav a[href="#segments"]');
  assert.equal(await hash(page), setting);
  assert.ok(Math.abs(await page.$eval("#segments", (one) => one.getBoundingClientRect().top)) < 200, "not scrolled");
  await page.focus('nav a[href="#manifest"]');
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "manifest-h");
  assert.equal(await hash(page), setting);
  assert.equal(await page.textContent(".slide.all output"), place);
  await page.evaluate(() => { location.hash = ""; });
  await until(page, () => document.querySelector(".slide.all output").textContent === JSON.parse(document.querySelector("#sums").textContent).thresholds[JSON.parse(document.querySelector("#sums").textContent).start]);
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
  console.log(await sentences(page, document), "numbers of the sentences are in the JSON");
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
  console.log(await prices(page, thresholds), "thresholds at other prices are those of sweep");
  const link = await hash(page);
  assert.match(link, /e=1234\.5/);
  // A screen reader is told where the slider came to rest.
  await until(page, () => document.querySelector("#heard").textContent === document.querySelector(".say").textContent);
  await page.click("#copy");
  await until(page, () => /Copied|selected/.test(document.querySelector(".buttons .hint").textContent));
  await page.click("#reset");
  assert.equal(await hash(page), "");
  assert.equal(await page.inputValue("#in-e"), "");
  assert.equal(await page.inputValue("#in-n"), "5");
  const sums = JSON.parse(await page.textContent("#sums"));
  assert.equal(await page.textContent(".slide.all output"), thresholds[sums.start], "reset");
  await misread(page);
  await contents(page);
  console.log("boxes that are misread, links of the contents");
  // Sorting.
  await page.click("table.sorts thead button >> nth=1");
  assert.equal(await page.getAttribute("table.sorts thead th >> nth=1", "aria-sort"), "descending");
  const sorted = await page.$$eval("table.sorts >> nth=0 >> tbody tr td:nth-child(2)", (all) => all.map((cell) => Number(cell.textContent.replace(/,/g, ""))));
  assert.deepEqual(sorted, sorted.slice().sort((a, b) => b - a));
  // Columns that a narrow page hides come when asked for.
  const narrow = await page.$$eval("table.sorts >> nth=0 >> thead th:not([hidden])", (all) => all.length);
  await page.click("#segments button.more >> nth=0");
  assert.ok((await page.$$eval("table.sorts >> nth=0 >> thead th:not([hidden])", (all) => all.length)) > narrow);
  await accessible(page);
  await check();
  console.log("mouse, link, reset, sorting, accessibility");
  for (const [name, width] of [["desktop", 1280], ["phone", 390]]) {
    for (const scheme of ["light", "dark"]) {
      const look = await open(browser, main, { viewport: { width, height: 900 }, colorScheme: scheme });
      const wide = await look.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, name + " is " + wide + " pixels too wide");
      await columns(look.page);
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
  // Labels by differing chances, and costs and times from case to case.
  const roles = 'label_probability = "p"\nreview_seconds = "handling"\n';
  const varying = made("varying", ["north", "south", "east"], 12000, { roles, });
  fs.appendFileSync(varying[2], '[cost]\nerror = "loss"\nreview = "handling / 20.0"\nreviewer_error = 0.1\n[reviewers]\ncount = 3\nhours = "Mon-Fri 09:00-17:00 UTC"\nminutes_per_case = 4\n');
  const weighted = await odd(browser, "varying", varying);
  await policies(weighted, JSON.parse(await weighted.textContent("#sums")).thresholds, varying, 3);
  console.log("labels by differing chances, costs and times by case: as replay has them");
  await kinds(browser);
  await unknown(browser);
  await odd(browser, "no-routes", made("no-routes", ["a", "b"], 3000, { routes: false }));
  await odd(browser, "no-segments", made("no-segments", ["a"], 3000, { segments: false }));
  await odd(browser, "one-score", made("one-score", ["a", "b"], 300, { score: 0.75 }));
  await odd(browser, "few", made("few", ["a", "b"], 12));
  console.log("logs that lack something make pages without fault");
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
