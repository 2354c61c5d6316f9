// A visitor of the pages: a browser of its own, signed in as somebody, and what must hold on every page.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before } from "node:test";
import { join } from "node:path";
import { chromium } from "playwright-core";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
export const http = process.env.HALLWARD_HTTP;
export const simulator = process.env.HALLWARD_SIMULATOR;
export const program = Number(process.env.HALLWARD_PROCESS);
/** A one-time link for each role. */
const links = JSON.parse(process.env.HALLWARD_SIGN_IN);

/** Where a picture goes. */
export const picture = (name) => join(process.env.HALLWARD_SCREENSHOTS, name);

const SIZES = { wall: [1920, 1080], desk: [1440, 900], phone: [360, 780] };
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

let chrome;
export const browser = () => chrome;
/** What a browser keeps of each role's session. */
const signedIn = {};
before(async () => {
  chrome = await chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
  for (const [role, link] of Object.entries(links)) {
    const context = await chrome.newContext();
    const page = await context.newPage();
    await page.goto(link);
    assert.equal(page.url(), `${http}/`, `${role} is let in by its link`);
    signedIn[role] = await context.storageState();
    await context.close();
  }
});
after(() => chrome.close());

/** A fresh visitor, signed in as `role` or as nobody; everything that the browser complains of is collected. */
export async function visitor({ size = "desk", scheme = "light", language = "en", script = true, role = "operator" } = {}) {
  const [width, height] = SIZES[size];
  const context = await chrome.newContext({
    storageState: role ? signedIn[role] : undefined,
    viewport: { width, height },
    colorScheme: scheme,
    locale: language,
    javaScriptEnabled: script,
  });
  const complaints = [];
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  context.on("weberror", (error) => complaints.push(String(error.error())));
  context.on("response", (answer) => {
    if (answer.status() >= 400) complaints.push(`${answer.status()} ${answer.url()}`);
  });
  return { context, complaints };
}

export async function open(context, path) {
  const page = await context.newPage();
  await page.goto(http + path);
  return page;
}

/** The page has become live: an event has just arrived. */
export const live = (page) => page.locator("#link", { hasText: /^(live|trực tiếp) [0-2][.,]/ }).waitFor();

/** An order to the simulated hall. */
export async function post(path, body) {
  const answer = await fetch(simulator + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  assert.ok(answer.ok, `${path}: ${await answer.text()}`);
}

/** No serious finding. The policy is switched off for axe alone, which is put into the page from outside. */
export async function assertAccessible(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Page.setBypassCSP", { enabled: true });
  await page.reload();
  await page.addScriptTag({ path: axe });
  const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
  const grave = violations.filter((found) => ["serious", "critical"].includes(found.impact));
  const told = grave.map((found) => `${found.id}: ${found.help}: ${found.nodes.map((node) => node.html).slice(0, 3).join(" ")}`);
  assert.deepEqual(told, []);
}
