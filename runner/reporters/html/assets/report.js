// What a page can do beyond being read: filter, search, sort, keys, copying, light and dark. Everything here is an extra.
"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
  const one = (selector, from = document) => from.querySelector(selector);
  const made = (tag, properties = {}, ...inside) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...inside);
    return element;
  };
  const kept = {
    get(name) { try { return localStorage.getItem("scenario-runner." + name); } catch { return null; } },
    set(name, value) { try { localStorage.setItem("scenario-runner." + name, value); } catch { /* nothing is kept where nothing can be */ } },
  };
  root.classList.add("js");

  // ── light and dark ───────────────────────────────────────────────────────────────────────────────────────────────────────────
  const themes = ["auto", "light", "dark"];
  const wear = (theme) => {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
  };
  let theme = themes.includes(kept.get("theme")) ? kept.get("theme") : "auto";
  wear(theme);

  const main = one("main");
  const tools = made("div", { className: "tools" });
  const themed = made("button", { type: "button" });
  const nameTheme = () => { themed.textContent = "Colours: " + theme; };
  themed.addEventListener("click", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    wear(theme);
    kept.set("theme", theme);
    nameTheme();
  });
  nameTheme();
  const helper = made("button", { type: "button", textContent: "Keys" });
  tools.append(themed, helper);
  (one(".crumbs") || one(".top")).append(tools);

  // ── the table ────────────────────────────────────────────────────────────────────────────────────────────────────────────────
  const rows = all(".rows tbody tr");
  const bodies = all(".rows tbody");
  const most = 100; // rows in a body
  const form = one(".filter");
  const find = one("#find");
  const boxes = all('.filter input[name="outcome"]');
  const chosen = (id) => { const select = one(id); return select ? select.value : ""; };
  let texts = null;
  let order = rows;

  const count = (seen) => {
    const all = rows.length + (rows.length === 1 ? " scenario" : " scenarios");
    one("#shown").textContent = seen === rows.length ? all : seen + " of " + all;
  };

  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const outcomes = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const vendor = chosen("#vendor"), tag = chosen("#tag"), change = chosen("#change");
    if (words.length && !texts) texts = rows.map((row) => row.textContent.toLowerCase());
    rows.forEach((row, n) => {
      const data = row.dataset;
      const wanted = (!outcomes.size || outcomes.has(row.className)) && (!vendor || data.v === vendor) && (!change || data.c === change)
        && (!tag || data.g.split("\n").includes(tag)) && words.every((word) => texts[n].includes(word));
      row.hidden = !wanted;
    });
    arrange();
  };

  // Those in sight fill the bodies from the first; the browser does not lay out a body that nobody sees.
  const arrange = () => {
    const seen = order.filter((row) => !row.hidden);
    const placed = seen.concat(order.filter((row) => row.hidden));
    bodies.forEach((body, n) => {
      body.replaceChildren(...placed.slice(n * most, (n + 1) * most));
      body.hidden = n * most >= seen.length;
    });
    count(seen.length);
  };

  const sortable = () => {
    for (const head of all(".rows th[data-sort]")) {
      const key = head.dataset.sort;
      const button = made("button", { type: "button", textContent: head.textContent });
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        all(".rows th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const value = { o: (row) => row.className, t: (row) => one("th", row).textContent, v: (row) => row.dataset.v, n: (row) => Number(row.dataset.n) }[key];
        const keyed = rows.map((row) => [value(row), row]);
        const compare = key === "n" ? (a, b) => a[0] - b[0] : (a, b) => a[0].localeCompare(b[0]);
        order = keyed.sort((a, b) => down ? compare(b, a) : compare(a, b)).map((pair) => pair[1]);
        arrange();
      });
    }
  };

  const countsFilter = () => {
    for (const part of all(".parts li")) {
      const button = made("button", { type: "button" });
      button.append(...part.childNodes);
      part.append(button);
      button.addEventListener("click", () => {
        boxes.forEach((box) => { box.checked = box.value === part.dataset.outcome; });
        filter();
        one(".scenarios").scrollIntoView();
      });
    }
  };

  if (form) {
    form.hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", filter);
    sortable();
    countsFilter();
    count(rows.length);
  }

  document.addEventListener("click", (event) => {
    const bar = event.target.closest && event.target.closest("g[data-to]");
    if (bar) location.href = bar.dataset.to;
  });

  // ── copying ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────
  document.addEventListener("toggle", (event) => {
    const details = event.target;
    if (!details.open || !details.matches(".curl") || one(".copier", details)) return;
    const text = one("pre", details);
    const button = made("button", { type: "button", className: "copier", textContent: "Copy" });
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(text);
        button.textContent = "Selected: press Ctrl+C";
      }
    });
    text.before(button);
  }, true);

  // ── printing: everything is unfolded on paper ────────────────────────────────────────────────────────────────────────────────
  let unfolded = [];
  addEventListener("beforeprint", () => {
    unfolded = document.body.classList.contains("one") ? all("details:not([open])") : [];
    unfolded.forEach((details) => { details.open = true; });
  });
  addEventListener("afterprint", () => unfolded.forEach((details) => { details.open = false; }));

  // ── keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
  const visit = (elements, way) => {
    const there = elements.filter((element) => element.offsetParent !== null);
    const now = there.indexOf(document.activeElement);
    const next = there[now < 0 ? (way > 0 ? 0 : there.length - 1) : Math.min(there.length - 1, Math.max(0, now + way))];
    if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
  };
  const places = () => all(form ? ".rows tbody a" : ".step > summary");
  const follow = (selector) => { const link = one(selector); if (link) link.click(); };
  const toFailure = () => {
    const steps = all("details.step.failed, details.step.errored, details.step.not_run");
    const step = steps[steps.length - 1];
    if (!step) return;
    for (let outer = step; outer; outer = outer.parentElement && outer.parentElement.closest("details")) outer.open = true;
    const exchanges = all(".exchange", step);
    const last = exchanges[exchanges.length - 1];
    if (last) last.open = true;
    const target = one("summary", last || step);
    target.focus();
    target.scrollIntoView({ block: "center" });
  };
  const unfold = () => {
    const steps = all("details.step");
    const open = !steps.every((details) => details.open);
    steps.forEach((details) => { details.open = open; });
  };
  const keys = form
    ? [["/", "find", () => find.focus()], ["j", "next scenario", () => visit(places(), 1)], ["k", "previous scenario", () => visit(places(), -1)],
      ["f", "only what did not pass, or all again", () => {
        const red = boxes.filter((box) => ["failed", "errored", "not_run"].includes(box.value));
        const on = !red.some((box) => box.checked);
        boxes.forEach((box) => { box.checked = on && red.includes(box); });
        filter();
      }]]
    : [["j", "next step", () => visit(places(), 1)], ["k", "previous step", () => visit(places(), -1)],
      ["f", "to the failure and its exchange", toFailure], ["e", "unfold or fold all steps", unfold],
      ["n", "next scenario that did not pass", () => follow(".crumbs .after")], ["p", "the one before", () => follow(".crumbs .before")],
      ["u", "up to all scenarios", () => follow(".crumbs .up")]];
  keys.push(["?", "this list", () => dialog.showModal()]);

  const on = made("input", { type: "checkbox", checked: kept.get("keys") !== "off" });
  on.addEventListener("change", () => kept.set("keys", on.checked ? "on" : "off"));
  const list = made("dl");
  for (const [key, meaning] of keys) list.append(made("dt", {}, made("kbd", { textContent: key })), made("dd", { textContent: meaning }));
  const closer = made("button", { type: "button", textContent: "Close" });
  const heading = made("h2", { textContent: "Keys", id: "keys" });
  const dialog = made("dialog", {}, heading, made("label", {}, on, " single keys do something"), list, closer);
  dialog.setAttribute("aria-labelledby", "keys");
  closer.addEventListener("click", () => dialog.close());
  helper.addEventListener("click", () => dialog.showModal());
  if (main) document.body.append(dialog);

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.activeElement === find) { find.value = ""; filter(); find.blur(); }
    if (!on.checked || event.ctrlKey || event.metaKey || event.altKey || dialog.open || event.target.closest("input, select, textarea")) return;
    const found = keys.find(([key]) => key === event.key);
    if (found) { event.preventDefault(); found[2](); }
  });
})();
