// Opens pages in a browser and says what was seen there. Reads {browser, visits} as JSON from stdin, writes a list of findings to stdout.
// What a visit may ask for: url, width, height, scheme, javascript, policy (a header for what is served from `folder` as http://localhost/),
// obey (whether pages' own policies count), axe, open (unfold everything), keys, read (an expression whose value is wanted), media.
import { readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { chromium } from "playwright-core";

const { browser: executablePath, visits } = JSON.parse(readFileSync(0, "utf8"));
const axe = readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const kinds = { ".html": "text/html", ".css": "text/css", ".js": "text/javascript" };
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
const found = [];
for (const visit of visits) found.push(await look(visit));
await browser.close();
process.stdout.write(JSON.stringify(found));

async function look(visit) {
  const context = await browser.newContext({
    viewport: { width: visit.width ?? 1280, height: visit.height ?? 800 },
    colorScheme: visit.scheme ?? "light",
    reducedMotion: visit.motion ?? "no-preference",
    javaScriptEnabled: visit.javascript ?? true,
    bypassCSP: visit.obey === false || Boolean(visit.axe),
  });
  const told = { url: visit.url, requests: [], dialogs: [], called: [], complaints: [] };
  const page = await context.newPage();
  if (visit.folder) await context.route("http://localhost/**", (route) => serve(route, visit));
  page.on("request", (request) => { told.requests.push(request.url()); });
  page.on("dialog", (dialog) => { told.dialogs.push(dialog.message()); dialog.dismiss(); });
  page.on("popup", (popup) => { told.called.push("popup " + popup.url()); });
  page.on("pageerror", (error) => { told.complaints.push(error.message); });
  page.on("console", (message) => { if (message.type() === "error") told.complaints.push(message.text()); });
  if (visit.javascript !== false) await page.exposeFunction("pwned", (mark) => { told.called.push(String(mark)); });
  for (const url of visit.urls ?? [visit.url]) {
    await page.goto(url);
    if (visit.open) await page.evaluate(() => document.querySelectorAll("details").forEach((details) => { details.open = true; }));
    if (visit.media) await page.emulateMedia({ media: visit.media });
    for (const key of visit.keys ?? []) await press(page, key);
    if (visit.read) (told.read ??= []).push(await page.evaluate(visit.read));
  }
  if (visit.axe) told.violations = await violations(page);
  await context.close();
  return told;
}

async function press(page, key) {
  const going = key === "Enter" ? page.waitForEvent("framenavigated", { timeout: 2000 }).catch(() => null) : null;
  await page.keyboard.press(key);
  if (await going) await page.waitForLoadState();
}

async function serve(route, visit) {
  const path = join(visit.folder, decodeURIComponent(new URL(route.request().url()).pathname));
  const headers = { "Content-Type": kinds[extname(path)] ?? "text/plain", "Content-Security-Policy": visit.policy };
  try {
    await route.fulfill({ body: readFileSync(path), headers });
  } catch {
    await route.fulfill({ status: 404, body: "", headers });
  }
}

async function violations(page) {
  // what is not drawn yet has no place from which a colour could be told
  await page.addStyleTag({ content: "* { content-visibility: visible !important; }" });
  await page.evaluate(axe);
  const result = await page.evaluate((tags) => globalThis.axe.run(document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"], preload: false }), rules);
  return result.violations.map((rule) => `${rule.id}: ${rule.nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary}`).join(" | ")}`);
}
