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
