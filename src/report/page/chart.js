/* ---- The curve of the panel ---- */

/* An element with attributes and children; texts are texts, never markup. */
function make(name, attributes, ...children) {
  const element = attributes && attributes.svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  Object.entries(attributes || {}).forEach(([key, value]) => { if (key !== "svg" && value !== null) element.setAttribute(key, value); });
  element.append(...children);
  return element;
}

/* The lower and the upper end of what is known of a point, and whether these are limits only. */
function ends(point) {
  const rate = point && point.auto_error;
  if (!rate) return null;
  if (rate.estimate !== null) return { low: rate.low, high: rate.high, estimate: rate.estimate };
  return rate.bounds ? { low: rate.bounds[0], high: rate.bounds[1], estimate: null } : null;
}

/* How far up a point must be seen: limits whole, an interval as far as it tells more than that the
   rate is not known well. */
function reach(point) {
  const found = ends(point);
  if (!found) return 0;
  return found.estimate === null ? found.high : Math.min(found.high, 4 * found.estimate + 0.002);
}

/* The scales, the grid and the words of the axes. */
function frame(svg, most) {
  const [width, height, left, right, top, bottom] = [460, 300, 52, 14, 14, 46];
  const step = [1, 2, 5].flatMap((digit) => [-5, -4, -3, -2, -1].map((power) => digit * Math.pow(10, power))).sort((a, b) => a - b).find((size) => most / size <= 5) || 0.25;
  const roof = Math.min(1, Math.ceil(most / step - 1e-9) * step);
  const x = (share) => left + share * (width - left - right);
  const y = (share) => height - bottom - Math.min(1, share / roof) * (height - top - bottom);
  const text = (content, at, more) => svg.append(make("text", { svg: true, x: at[0], y: at[1], "text-anchor": "middle", "font-size": 13, fill: "#4D4D4D", ...more }, content));
  const line = (x1, y1, x2, y2, color) => svg.append(make("line", { svg: true, x1, y1, x2, y2, stroke: color, "stroke-width": 1 }));
  for (let value = 0; value <= roof + step / 2; value += step) {
    line(left, y(value), width - right, y(value), "#E4E4E4");
    text(digits(Number(value.toPrecision(6))), [left - 6, y(value) + 4], { "text-anchor": "end" });
  }
  [0, 0.25, 0.5, 0.75, 1].forEach((share) => text(String(share * 100), [x(share), height - bottom + 18]));
  line(left, height - bottom, width - right, height - bottom, "#808080");
  text("escalation rate (%)", [(left + width - right) / 2, height - 8]);
  const middle = (height - bottom + top) / 2;
  text("auto-approved error rate (%)", [14, middle], { transform: "rotate(-90 14 " + middle + ")" });
  return { x, y, roof };
}

/* The band of the points between two ends, and nothing where there are none. */
function band(svg, { x, y }, points, fill) {
  if (points.length < 2) return;
  const place = (point, value) => x(point.escalation_rate).toFixed(1) + " " + y(value).toFixed(1);
  const upper = points.map((point) => place(point, ends(point).high));
  const lower = points.map((point) => place(point, ends(point).low)).reverse();
  svg.append(make("path", { svg: true, d: "M" + upper.concat(lower).join("L") + "Z", fill, "fill-opacity": 0.18 }));
  if (ends(points[0]).estimate === null) return;
  svg.append(make("path", { svg: true, d: "M" + points.map((point) => place(point, ends(point).estimate)).join("L"), fill: "none", stroke: "#0072B2", "stroke-width": 2 }));
}

/* One point: a dot on its interval; or, where nothing but limits is known, a dashed line with two
   feet. An arrow where the line goes on above the picture. */
function mark(svg, { x, y, roof }, point, style) {
  const found = ends(point);
  if (!found) return;
  const [across, low, high] = [x(point.escalation_rate), y(found.low), y(found.high)];
  const limits = found.estimate === null;
  const line = (x1, y1, x2, y2, dashes) => svg.append(make("line", { svg: true, x1, y1, x2, y2, stroke: "#1A1A1A", "stroke-width": style.width, "stroke-dasharray": dashes }));
  if (limits || style.interval) line(across, low, across, high, limits ? "5 3" : null);
  const cut = found.high > roof * (1 + 1e-9);
  if (limits) {
    line(across - 7, low, across + 7, low, null);
    if (!cut) line(across - 7, high, across + 7, high, null);
  }
  if (cut && (limits || style.interval)) svg.append(make("path", { svg: true, class: "cut", d: "M" + (across - 6) + " " + (high + 8) + "L" + across + " " + (high - 3) + "L" + (across + 6) + " " + (high + 8), fill: "none", stroke: "#1A1A1A", "stroke-width": 2 }));
  if (!limits) svg.append(make("circle", { svg: true, cx: across, cy: y(found.estimate), r: style.radius, fill: style.fill, stroke: "#1A1A1A", "stroke-width": 2 }));
}

/* The curve that the "all" slider moves along, what happened, and the present setting. The scale
   takes in all three. */
function drawCurve(points, actual, setting, holder) {
  const known = points.filter((point) => point.auto_error.estimate !== null);
  const limited = points.filter((point) => point.auto_error.bounds !== null);
  const svg = make("svg", { svg: true, viewBox: "0 0 460 300", role: "img", "aria-label": "Escalation rate against auto-approved error rate, with the present setting" });
  const scales = frame(svg, Math.max(0.0001, reach(actual), reach(setting), ...known.map(reach)));
  band(svg, scales, limited, "#808080");
  band(svg, scales, known, "#0072B2");
  mark(svg, scales, actual, { width: 2, radius: 5, fill: "#FFFFFF", interval: false });
  mark(svg, scales, setting, { width: 2.5, radius: 6, fill: "#E69F00", interval: true });
  holder.replaceChildren(svg);
}
