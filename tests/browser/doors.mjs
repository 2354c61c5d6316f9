// Doors, as those on duty use them: orders, settings, a new badge by a swipe, and one deed that ends a person everywhere.

import assert from "node:assert/strict";
import { test } from "node:test";
import { http, open, picture, post, simulator, visitor } from "./visitor.mjs";

/** Time passes in the hall. */
const pass = (seconds) => post("/clock/advance", { seconds });

/** Whether a lock of the simulated hall holds. */
async function locked(door) {
  const { doors } = await (await fetch(`${simulator}/truth`)).json();
  return doors.find((one) => one.id === door).locked;
}

/** Somebody holds a card before a reader; whether the door is unlocked then. */
async function badge(door, facility, card) {
  await post(`/doors/${door}/badge`, { facility, card });
  await pass(1);
  const opens = !(await locked(door));
  await pass(10);
  return opens;
}

/** Fills in the form of a deed, and sends it. */
async function send(page, deed, fields) {
  const form = page.locator("form", { has: page.locator(`[name=deed][value=${deed}]`) }).first();
  const folded = page.locator("details:not([open])", { has: form });
  if (await folded.count()) await folded.locator("summary").click();
  for (const [name, value] of Object.entries(fields)) {
    const field = form.locator(`[name="${name}"]:not([type=hidden])`);
    if ((await field.evaluate((one) => one.tagName)) === "SELECT") await field.selectOption(value);
    else if (value === true) await field.check();
    else await field.fill(value);
  }
  await form.getByRole("button").click();
}

/** What the page says of a deed that was done. */
const done = (page) => page.locator(".outcome [role=status]").waitFor();

test("an operator unlocks a door once, with and without script, and the reviewer reads why", async () => {
  for (const script of [true, false]) {
    const { context, complaints } = await visitor({ script });
    const page = await open(context, "/doors/hall-door?lang=en");
    await send(page, "unlock", { why: `cleaners, script ${script}` });
    await done(page);
    await pass(1);
    assert.equal(await locked("hall-door"), false);
    await pass(10);
    assert.equal(await locked("hall-door"), true);
    // Who did what and why is for those who may read the journal.
    const { context: security } = await visitor({ role: "security" });
    const theirs = await open(security, "/doors/hall-door?lang=en");
    await theirs.getByText(`cleaners, script ${script}`).first().waitFor();
    await security.close();
    assert.deepEqual(complaints, []);
    await context.close();
  }
});

test("a door is held unlocked until a time of day, and locks by itself", async () => {
  const { context, complaints } = await visitor();
  const page = await open(context, "/doors/plant-door?lang=en");
  const now = Number(await page.getAttribute("body", "data-now"));
  // In the hall's zone, as a browser writes it.
  const until = new Date(now + 7 * 3_600_000 + 180_000).toISOString().slice(0, 16);
  await send(page, "hold", { until, why: "a delivery" });
  await done(page);
  await pass(1);
  assert.equal(await locked("plant-door"), false);
  await page.goto(`${http}/doors?lang=en`);
  await page.getByText(`Until ${until.replace("T", " ")}`).waitFor();
  await page.screenshot({ path: picture("door-held.png"), fullPage: true });
  await pass(200);
  assert.equal(await locked("plant-door"), true);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("in a lockdown no badge opens, and it ends by order", async () => {
  const { context } = await visitor({ language: "vi" });
  assert.equal(await badge("hall-door", 42, 1234), true);
  const page = await open(context, "/doors?lang=vi");
  await send(page, "lockdown", { scope: "site", why: "diễn tập" });
  await done(page);
  assert.equal(await badge("hall-door", 42, 1234), false);
  await page.goto(`${http}/doors?lang=vi`);
  await page.screenshot({ path: picture("doors-lockdown.png"), fullPage: true });
  await send(page, "lockdown", { scope: "site", end: true, why: "hết diễn tập" });
  await done(page);
  assert.equal(await badge("hall-door", 42, 1234), true);
  await context.close();
});

test("a door's settings are chosen, and what cannot be is refused without losing what was typed", async () => {
  const { context } = await visitor({ role: "administrator" });
  const page = await open(context, "/doors/hall-door?lang=en");
  await send(page, "set-door", { "setting-unlock": "2h", "setting-relock": "on-open", why: "a heavy door" });
  await page.getByRole("alert").getByText("2h").first().waitFor();
  assert.equal(await page.locator("[name=setting-unlock]").inputValue(), "2h");
  assert.equal(await page.locator("[name=setting-relock]").inputValue(), "on-open");
  await send(page, "set-door", { "setting-unlock": "9s", why: "a heavy door" });
  await done(page);
  assert.equal(await page.locator("[name=setting-unlock]").inputValue(), "9s");
  await post("/doors/hall-door/badge", { facility: 42, card: 1234 });
  await pass(7);
  assert.equal(await locked("hall-door"), false);
  await pass(4);
  assert.equal(await locked("hall-door"), true);
  await context.close();
});

test("a new person gets the badge that was just swiped, enters, and ends everywhere by one deed", async () => {
  const { context } = await visitor({ role: "administrator" });
  const page = await open(context, "/people?lang=en");
  await send(page, "add-person", { name: "Phạm Hoa", groups: "staff", why: "new on shift" });
  await done(page);
  await page.getByRole("link", { name: "Phạm Hoa" }).click();
  // Nobody holds this card yet.
  assert.equal(await badge("hall-door", 42, 4711), false);
  await page.reload();
  const swiped = page.locator("[name=swiped] option", { hasText: "…11" }).first();
  await send(page, "issue-badge", { swiped: await swiped.getAttribute("value"), why: "new on shift" });
  await done(page);
  assert.equal(await badge("hall-door", 42, 4711), true);
  await send(page, "end-person", { why: "left the firm" });
  await page.getByText(/give back|given back/).first().waitFor();
  await page.screenshot({ path: picture("person-ended.png"), fullPage: true });
  assert.equal(await badge("hall-door", 42, 4711), false);
  await context.close();
});

test("who may only look finds no orders, and who operates no settings", async () => {
  const { context } = await visitor({ role: "viewer" });
  const page = await open(context, "/doors/hall-door?lang=en");
  assert.equal(await page.locator("form[action^='/access']").count(), 0);
  const { context: operator } = await visitor();
  const theirs = await open(operator, "/doors/hall-door?lang=en");
  assert.equal(await theirs.locator("form", { has: theirs.locator("[value=set-door]") }).count(), 0);
  await operator.close();
  await context.close();
});
