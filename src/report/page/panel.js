/* ---- The panel ---- */

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

/* The boxes for costs and the team, with what the log's configuration states. */
function costBoxes(data) {
  const cost = data.cost;
  const number = (value) => (value === null || value === "sums" ? "" : String(value));
  const plain = (value) => String(Number(value.toPrecision(12)));
  const asStated = (price) => (price === "sums" ? "as stated, by case" : null);
  const byMinute = cost.review_per_minute !== null;
  const boxes = [
    { key: "e", label: "Cost of an error", hint: asStated(cost.error), value: number(cost.error) },
    { key: "r", label: byMinute ? "Cost of a minute of review" : "Cost of a review", hint: asStated(cost.review), value: number(byMinute ? cost.review_per_minute : cost.review) },
    { key: "w", label: "Wrong after review (%)", value: plain(cost.reviewer_error * 100), below: 100 },
    { key: "m", label: cost.has_effort ? "Minutes of a review (where not logged)" : "Minutes of a review", value: cost.seconds === null ? "" : plain(cost.seconds / 60) },
    { key: "n", label: "Reviewers", value: number(cost.reviewers) },
  ];
  boxes.forEach((one) => {
    const id = "in-" + one.key;
    one.box = make("input", { type: "text", inputmode: "decimal", id, value: one.value, placeholder: one.hint || null, autocomplete: "off", "aria-describedby": id + "-fault" });
    one.told = make("div", { class: "fault", id: id + "-fault", "aria-live": "polite" });
    one.row = make("div", {}, make("label", { for: id }, one.label), one.box, one.told);
  });
  return boxes;
}

/* What a text is not, where it is no number that the box takes. Nothing is fine: it is unknown. */
function fault(one) {
  const text = one.box.value.trim();
  if (text === "") return "";
  if (!/^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) || !Number.isFinite(Number(text))) return "Not a number; write 1234.5";
  if (one.below && Number(text) >= one.below) return "From 0 to below " + one.below;
  return "";
}

/* What the boxes say: the prices, and which of them cannot be understood. */
function readBoxes(data, boxes) {
  const found = {};
  boxes.forEach((one) => {
    const wrong = fault(one);
    const text = one.box.value.trim();
    found[one.key] = { wrong: wrong !== "", touched: text !== one.value, value: wrong || text === "" ? null : Number(text) };
    if (one.told.textContent !== wrong) one.told.textContent = wrong;
    if (wrong) one.box.setAttribute("aria-invalid", "true"); else one.box.removeAttribute("aria-invalid");
  });
  const { e, r, w, m, n } = found;
  const cost = data.cost;
  const byMinute = cost.review_per_minute !== null;
  /* An emptied box goes back to what the log says case by case, where it does. */
  const price = (box, stated) => (!box.touched ? stated : box.value === null && stated === "sums" ? "sums" : box.value);
  return {
    error: price(e, cost.error),
    review: byMinute ? null : price(r, cost.review),
    perMinute: byMinute ? price(r, cost.review_per_minute) : null,
    reviewerError: w.touched ? (w.value || 0) / 100 : cost.reviewer_error,
    seconds: !m.touched ? cost.seconds : m.value === null ? null : m.value * 60,
    reviewers: n.value,
    hidesCost: e.wrong || r.wrong || w.wrong || m.wrong,
    hidesHours: m.wrong,
  };
}

/* What the numbers of an outcome are, as texts. */
function figureTexts(result, asked) {
  const escaped = result.escaped_errors;
  const cases = (share) => count(Math.round(share * result.cases));
  const range = (pair) => cases(pair[0]) + " to " + cases(pair[1]);
  const hours = asked.hidesHours || result.review_hours === undefined ? null : result.review_hours;
  return {
    escalation_rate: result.escalation_rate === null ? "–" : percent(result.escalation_rate),
    escalated: count(result.escalated),
    auto_error: rateText(result.auto_error),
    escaped_cases: escaped.estimate !== null ? cases(escaped.estimate) + " (" + range([escaped.low, escaped.high]) + ")" : escaped.bounds ? "? (" + range(escaped.bounds) + ")" : "–",
    labelled: count(result.auto_error.labelled),
    cost: asked.hidesCost ? "–" : amountText(result.cost),
    review_hours: hours === null ? "–" : money(hours),
    each: hours === null || !asked.reviewers ? "–" : money(hours / asked.reviewers),
  };
}

/* An outcome in a sentence. */
function sentence(result, actual) {
  let text = percent(result.escalation_rate || 0) + " of the cases are escalated; of those auto-approved ";
  const rate = result.auto_error;
  if (rate.estimate !== null) text += "an estimated " + percent(rate.estimate) + " are wrong (" + digits(rate.low) + " to " + digits(rate.high) + " %).";
  else if (rate.bounds) text += "anything from " + digits(rate.bounds[0]) + " to " + digits(rate.bounds[1]) + " % may be wrong: a part has no labels.";
  else text += "there are none.";
  if (actual) {
    const more = result.escalated - actual.escalated;
    text += more === 0 ? " That is as many escalations as in fact." : " That is " + count(Math.abs(more)) + (more < 0 ? " fewer" : " more") + " escalations than in fact.";
  }
  return text;
}

/* The table of figures: your setting, and what happened. */
function factTable(data) {
  const rows = [
    ["escalation_rate", "Escalation rate"], ["escalated", "Escalated cases"], ["auto_error", "Auto-approved error rate"],
    ["escaped_cases", "Escaped errors (cases)"], ["labelled", "Labels behind it"], ["cost", "Cost"], ["review_hours", "Reviewer hours"], ["each", "Hours for each reviewer"],
  ].map(([key, label]) => ({ key, now: make("td", { class: "r", "data-figure": key }), then: make("td", { class: "r" }), label }));
  const happened = (cell) => (data.actual ? [cell] : []);
  const head = make("tr", {}, make("th", { scope: "col" }, "With " + Number((data.level * 100).toPrecision(10)) + " % intervals"), make("th", { scope: "col", class: "r" }, "Your setting"), ...happened(make("th", { scope: "col", class: "r" }, "What happened")));
  const body = make("tbody", {}, ...rows.map((row) => make("tr", {}, make("th", { scope: "row" }, row.label), row.now, ...happened(row.then))));
  const show = (result, asked) => {
    const now = figureTexts(result, asked);
    rows.forEach((row) => { row.now.textContent = now[row.key]; });
    if (!data.actual) return;
    const then = figureTexts(data.actual, { ...asked, hidesCost: false, hidesHours: false });
    rows.forEach((row) => { row.then.textContent = then[row.key]; });
  };
  return { element: make("table", { class: "facts" }, make("thead", {}, head), body), show };
}

function slider(data, id, label, extra) {
  const range = make("input", { type: "range", id, min: 0, max: data.thresholds.length - 1, step: 1, value: data.start });
  const out = make("output", { for: id });
  const row = make("div", { class: extra }, make("label", { for: id, title: label }, label), range, out);
  const tell = (place) => {
    range.value = place;
    range.setAttribute("aria-valuetext", "threshold " + data.thresholds[place]);
    out.textContent = data.thresholds[place];
  };
  return { range, out, row, tell };
}

/* The slider of all cases, and one for each segment where there are several. */
function allSliders(data) {
  const many = data.segments.length > 1;
  const all = slider(data, "t-all", many ? "All segments" : "Threshold", "slide all");
  const fact = data.historical ? "in fact " + data.thresholds[data.start] : "";
  all.row.append(make("div", { class: "ends" }, make("span", {}, "\u2190 auto-approve more"), make("span", {}, fact), make("span", {}, "escalate more \u2192")));
  const list = make("div", { class: "segments", tabindex: many ? "0" : null, role: many ? "group" : null, "aria-label": many ? "Thresholds by " + shown(data.by || "segment") : null });
  const each = !many ? [] : data.segments.map((segment, index) => {
    const one = slider(data, "t-" + index, shown(segment.name), "slide");
    one.told = make("div", { class: "told", id: "told-" + index });
    one.range.setAttribute("aria-describedby", "told-" + index);
    one.row.append(one.told);
    list.append(one.row);
    return one;
  });
  return { all, list, each };
}

/* A setting as the part of an address behind the #, and back. */
function writeHash(data, state, boxes) {
  const parts = ["t=" + data.thresholds[state.all]];
  if (state.places.some((place) => place !== state.places[0])) state.places.forEach((place, index) => { if (place !== state.all) parts.push(index + "=" + data.thresholds[place]); });
  boxes.forEach((one) => { if (one.box.value.trim() !== one.value) parts.push(one.key + "=" + encodeURIComponent(one.box.value.trim())); });
  history.replaceState(null, "", "#" + parts.join("&"));
}
function startAgain(data, state, boxes) {
  state.all = data.start;
  state.places = data.segments.map(() => data.start);
  boxes.forEach((one) => { one.box.value = one.value; });
}
/* Whether there is a setting in the address, which is then taken; none at all is the first one. */
function readHash(data, state, boxes) {
  if (location.hash.length < 2) {
    startAgain(data, state, boxes);
    return true;
  }
  const wanted = new URLSearchParams(location.hash.slice(1));
  const find = (text) => { const value = Number(text); return data.thresholds.findIndex((threshold) => Number(threshold) === value); };
  const every = find(wanted.get("t") || "x");
  if (every < 0) return false;
  state.all = every;
  state.places = data.segments.map((_, index) => { const own = wanted.has(String(index)) ? find(wanted.get(String(index))) : -1; return own < 0 ? every : own; });
  boxes.forEach((one) => { one.box.value = wanted.has(one.key) ? wanted.get(one.key) : one.value; });
  return true;
}

/* Links within the page lead there without taking the setting out of the address. */
function keepHash() {
  document.querySelectorAll('a[href^="#"]').forEach((link) => link.addEventListener("click", (event) => {
    const target = document.getElementById(link.getAttribute("href").slice(1));
    if (!target || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const heading = target.querySelector(":scope > h2") || target;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    target.scrollIntoView();
  }));
}

/* Puts a policy into the clipboard, and says whether that is done. */
async function copyText(policy, holder) {
  try {
    await navigator.clipboard.writeText(policy.value);
    return true;
  } catch (refused) {
    /* A page from a file may not write the clipboard that way: select it, and copy as a person would. */
    holder.querySelector("details").open = true;
    policy.focus();
    policy.select();
    return document.execCommand("copy");
  }
}

/* How the picture is to be read. */
function legend(data, points) {
  let text = "Orange: your setting, with its interval.";
  if (data.actual) text += " White: what happened.";
  if (points.some((point) => point.auto_error.bounds !== null)) text += " Dashed, and grey: no labels, so nothing but limits is known.";
  return text + " An arrow: it goes on above.";
}

function panel(data, holder) {
  const segments = data.segments.map((segment) => unpack(data, segment));
  const state = { all: data.start, places: data.segments.map(() => data.start) };
  const boxes = costBoxes(data);
  const whole = joined(data, segments);
  const stated = readBoxes(data, boxes);
  const points = data.thresholds.map((_, place) => outcome(data, [[whole, place]], stated));
  const say = make("p", { class: "say" });
  /* A screen reader is told where a slider came to rest, not each step on its way. */
  const heard = make("p", { class: "quiet", role: "status", "aria-live": "polite", id: "heard" });
  let rest = null;
  const facts = factTable(data);
  const picture = make("div", {});
  const { all, list, each } = allSliders(data);
  const copy = make("button", { type: "button", class: "first", id: "copy" }, "Copy as policy.toml");
  const reset = make("button", { type: "button", id: "reset" }, "Reset");
  const copied = make("span", { role: "status", class: "hint" });
  const policy = make("textarea", { readonly: "", id: "policy", spellcheck: "false", "aria-label": "The setting as policy.toml" });
  holder.className = "panel";
  holder.append(say, heard, make("div", { class: "split" }, facts.element, make("div", {}, picture, make("p", { class: "hint" }, legend(data, points)))),
    make("h3", {}, "Thresholds"), all.row, list, make("h3", {}, "Costs and team"), make("div", { class: "inputs" }, ...boxes.map((one) => one.row)),
    make("div", { class: "buttons" }, copy, reset, copied),
    make("details", { class: "policy" }, make("summary", {}, "The setting as a policy file"), make("p", { class: "hint" }, "Save it as policy.toml; `gonogo replay LOG policy.toml` replays it over the log."), policy));

  const announce = () => {
    if (rest === null) return;
    clearTimeout(rest);
    rest = setTimeout(() => { heard.textContent = say.textContent; }, 500);
  };
  const refresh = () => {
    const asked = readBoxes(data, boxes);
    const result = outcome(data, segments.map((cells, index) => [cells, state.places[index]]), asked);
    facts.show(result, asked);
    say.textContent = sentence(result, data.actual);
    announce();
    const same = state.places.every((place) => place === state.places[0]);
    if (same) state.all = state.places[0];
    holder.classList.toggle("same", same);
    all.tell(state.all);
    if (!same) all.out.textContent = "mixed";
    each.forEach((one, index) => {
      one.tell(state.places[index]);
      const own = outcome(data, [[segments[index], state.places[index]]], asked);
      one.told.textContent = count(own.cases) + (own.cases === 1 ? " case, " : " cases, ") + percent(own.escalation_rate || 0) + " escalated, error rate " + rateText(own.auto_error);
    });
    policy.value = policyText(data, state.places, "what-if");
    copied.textContent = "";
    drawCurve(points, data.actual, result, picture);
  };
  const changed = () => { refresh(); writeHash(data, state, boxes); };
  all.range.addEventListener("input", () => {
    state.all = Number(all.range.value);
    state.places = state.places.map(() => state.all);
    changed();
  });
  each.forEach((one, index) => one.range.addEventListener("input", () => {
    state.places[index] = Number(one.range.value);
    changed();
  }));
  boxes.forEach((one) => one.box.addEventListener("input", changed));
  reset.addEventListener("click", () => {
    startAgain(data, state, boxes);
    refresh();
    history.replaceState(null, "", location.pathname + location.search);
    copied.textContent = "Back to where it began.";
  });
  copy.addEventListener("click", async () => {
    copied.textContent = (await copyText(policy, holder)) ? "Copied." : "Copy the selected text below.";
  });
  window.addEventListener("hashchange", () => { if (readHash(data, state, boxes)) refresh(); });
  keepHash();
  readHash(data, state, boxes);
  refresh();
  rest = 0;
}
