// What people do on the pages, and what must hold on every one of them.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { assertAccessible, browser, http, live, open, picture, post, program, simulator, visitor } from "./visitor.mjs";

const PAGES = {
  hall: "/",
  devices: "/devices",
  device: "/devices/ups-a",
  lines: "/lines",
  line: "/lines/sensor-gateway",
  trends: "/trends?point=ups-a/battery.charge&point=inlet-01/temperature&point=ups-a/ups.status",
};

test("every page, in both languages, light and dark, on wall, desk and phone", async (t) => {
  for (const [size, scheme, language] of [
    ["desk", "light", "en"],
    ["desk", "dark", "vi"],
    ["phone", "light", "vi"],
    ["phone", "dark", "en"],
    ["wall", "light", "en"],
  ]) {
    for (const [name, path] of Object.entries(PAGES)) {
      await t.test(`${name} ${size} ${scheme} ${language}`, async () => {
        const { context, complaints } = await visitor({ size, scheme, language });
        const page = await open(context, path);
        await live(page);
        if (name === "trends") await page.locator("canvas").first().waitFor();
        await page.screenshot({ path: picture(`${name}-${size}-${scheme}-${language}.png`), fullPage: true });
        assert.equal(await page.getAttribute("html", "lang"), language);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `wider than the screen by ${overflow} px`);
        assert.deepEqual(complaints, []);
        await assertAccessible(page);
        await context.close();
      });
    }
  }
});

test("the hall page is small", async () => {
  const { context } = await visitor();
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  let bytes = 0;
  const requests = new Set();
  const streams = new Set();
  session.on("Network.requestWillBeSent", ({ requestId, request }) => {
    requests.add(requestId);
    if (request.url.includes("/stream")) streams.add(requestId);
  });
  session.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
  await page.goto(http);
  await live(page);
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN);
  assert.ok(requests.size <= 15, `${requests.size} requests`);
  assert.ok(bytes > 0 && bytes <= 120_000, `${bytes} bytes`);
  // A figure to look at, not to fail by: machines are noisy. The goal is 500 ms in a release build.
  console.log(`hall page: ${requests.size} requests, ${bytes} bytes, first paint after ${Math.round(paint)} ms`);
  await context.close();
});

test("values move without a reload, and the clock ticks", async () => {
  const { context, complaints } = await visitor();
  const page = await open(context, "/devices/ups-a");
  await live(page);
  await page.evaluate(() => (window.stayed = true));
  const [load, clock] = [page.locator('[data-point="ups-a/output.load"]'), page.locator("#clock")];
  const before = [await load.textContent(), await clock.textContent()];
  await page.waitForFunction(
    ([text, time]) =>
      document.querySelector('[data-point="ups-a/output.load"]').textContent !== text &&
      document.getElementById("clock").textContent !== time,
    before,
  );
  assert.ok(await page.evaluate(() => window.stayed));
  assert.deepEqual(complaints, []);
  await context.close();
});

test("two tabs share one stream, and the second goes on when the first is closed", async () => {
  const { context } = await visitor();
  let streams = 0;
  context.on("request", (request) => (streams += request.url().includes("/api/v1/stream") ? 1 : 0));
  const first = await open(context, "/");
  await live(first);
  const second = await open(context, "/");
  await live(second);
  assert.equal(streams, 1);
  const opened = second.waitForRequest((request) => request.url().includes("/api/v1/stream"));
  await first.close();
  await opened;
  await live(second);
  assert.equal(streams, 2, "the second tab has opened a stream of its own");
  await context.close();
});

test("a device that falls silent is hatched, marked and told in the records", async () => {
  const { context, complaints } = await visitor();
  const page = await open(context, "/");
  await live(page);
  await post("/faults", { device: "ups-b", kind: "silence" });
  await page.locator("#abnormal", { hasText: "UPS B" }).waitFor();
  await page.locator("svg a[href='/devices/ups-b'] .node.hatched").waitFor();
  await page.locator(".tile", { hasText: "Not known: UPS B" }).first().waitFor();
  await page.locator("#records", { hasText: "no longer answers" }).waitFor();
  await page.screenshot({ path: picture("hall-silent-device.png"), fullPage: true });
  await assertAccessible(page);
  assert.equal((await fetch(`${simulator}/faults`, { method: "DELETE" })).ok, true);
  await page.locator("#records", { hasText: "answers again" }).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test("a mains failure is shown within seconds, in both languages, without a reload", async () => {
  const { context, complaints } = await visitor();
  const english = await open(context, "/?lang=en");
  await live(english);
  const vietnamese = await open((await visitor({ language: "vi" })).context, "/");
  await live(vietnamese);
  await post("/scenarios/mains-failure");
  await english.locator(".tile.p2 .big", { hasText: "On battery" }).waitFor({ timeout: 8000 });
  await vietnamese.locator(".tile.p2 .big", { hasText: "Chạy ắc quy" }).waitFor({ timeout: 8000 });
  await english.screenshot({ path: picture("hall-mains-failure.png"), fullPage: true });
  await english.locator(".tile.p2 .big", { hasText: "On generator" }).waitFor({ timeout: 60_000 });
  await english.locator(".count.p2.on").waitFor();
  await english.screenshot({ path: picture("hall-on-generator.png"), fullPage: true });
  await assertAccessible(english);
  await post("/scenarios/mains-restored");
  assert.deepEqual(complaints, []);
  await vietnamese.context().close();
  await context.close();
});

for (const script of [true, false]) {
  test(`a fault and its end are a click each, with script: ${script}`, async () => {
    const { context, complaints } = await visitor({ language: "vi", script });
    const page = await open(context, "/?lang=en");
    const strip = page.locator("#simulation");
    await strip.getByText("SIMULATED").waitFor();
    await strip.getByRole("button", { name: "Mains failure", exact: true }).click();
    assert.equal(page.url(), `${http}/?lang=en`);
    await shows(page, ".tile.p2 .big", /On (battery|generator)/);
    await page.screenshot({ path: picture(`hall-one-click-${script}.png`), fullPage: true });
    await strip.getByRole("button", { name: "Mend everything" }).click();
    await shows(page, ".tile .big", /On mains/);
    assert.deepEqual(complaints, []);
    await context.close();
  });
}

/** Something comes onto the page: by itself, or without script by loading it again, as the page itself does. */
async function shows(page, selector, hasText, tries = 30) {
  const place = page.locator(selector, { hasText }).first();
  for (let n = 0; n < tries; n++) {
    try {
      return await place.waitFor({ timeout: 2000 });
    } catch {
      if (await page.locator("#link", { hasText: "not live" }).count()) await page.reload();
    }
  }
  assert.fail(`no ${hasText} in ${selector}`);
}

test("the simulator's own page tells the truth and lets things happen, in both languages", async () => {
  for (const [size, scheme, language, title] of [
    ["desk", "light", "en", "What is true"],
    ["phone", "dark", "vi", "Thực tế"],
  ]) {
    const { context, complaints } = await visitor({ size, scheme, language });
    const page = await context.newPage();
    await page.goto(simulator);
    await page.getByRole("heading", { name: title, exact: true }).waitFor();
    assert.equal(await page.getAttribute("html", "lang"), language);
    const position = page.locator("#truth article", { hasText: "transfer_switches.ats-1" }).locator("tr", { hasText: "position" });
    await position.locator("td:nth-child(2)", { hasText: /^1$/ }).waitFor();
    await page.getByRole("button", { name: "mains-failure", exact: true }).click();
    await position.locator("td:nth-child(2)", { hasText: /^2$/ }).waitFor({ timeout: 60_000 });
    await page.screenshot({ path: picture(`simulator-${size}-${scheme}-${language}.png`), fullPage: true });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `wider than the screen by ${overflow} px`);
    await assertAccessible(page);
    await page.getByRole("button", { name: "mains-restored", exact: true }).click();
    await position.locator("td:nth-child(2)", { hasText: /^1$/ }).waitFor({ timeout: 60_000 });
    assert.deepEqual(complaints, []);
    await context.close();
  }
});

test("another site cannot give an order", async () => {
  const { context } = await visitor();
  const page = await context.newPage();
  const server = createServer((_, answer) => {
    answer.setHeader("content-type", "text/html");
    answer.end(`<form method="post" action="${http}/simulated/smoke"><button>A prize</button></form>`);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  // Another port of this machine, and another site.
  for (const host of ["127.0.0.1", "localhost"]) {
    await page.goto(`http://${host}:${server.address().port}`);
    const answer = page.waitForResponse(`${http}/simulated/smoke`);
    await page.getByRole("button").click();
    assert.equal((await answer).status(), 403);
  }
  server.close();
  await context.close();
});

test("the keyboard reaches the content, and focus survives a refresh", async () => {
  const { context } = await visitor();
  const page = await open(context, "/");
  await live(page);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  await page.locator("#climate a[href='/devices/inlet-01']").focus();
  const old = await page.evaluateHandle(() => document.activeElement);
  await page.waitForFunction((element) => !element.isConnected, old);
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("href")), "/devices/inlet-01");
  await context.close();
});

test("without script every page can be read", async () => {
  const { context } = await visitor({ script: false });
  for (const [name, path] of Object.entries(PAGES)) {
    const page = await open(context, path);
    await page.locator("main section").first().waitFor();
    assert.match(await page.locator("#clock").textContent(), /^\d\d:\d\d:\d\d /, name);
    if (name === "trends") assert.ok((await page.locator("figure.line polyline").count()) >= 2);
    await page.screenshot({ path: picture(`${name}-without-script.png`), fullPage: true });
    await page.close();
  }
  await context.close();
});

test("a page that gets no events says so, and lives again", async () => {
  const { context } = await visitor();
  const page = await open(context, "/");
  await live(page);
  process.kill(program, "SIGSTOP");
  try {
    await page.locator("body.silent").waitFor({ timeout: 20_000 });
    assert.match(await page.locator("#link").textContent(), /NOT LIVE/);
    assert.match(await page.locator("#announcement").textContent(), /NOT LIVE/);
    await page.screenshot({ path: picture("hall-not-live.png") });
  } finally {
    process.kill(program, "SIGCONT");
  }
  await page.locator("body:not(.silent)").waitFor({ timeout: 20_000 });
  await context.close();
});
