// Signing in: each role, a password chosen and aged, an account locked and unlocked, a second factor, a session ended.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { assertAccessible, http, open, picture, post, visitor } from "./visitor.mjs";

const PASSWORD = "Quạt thông gió 9";
// Without "lan", which is a name of both: "lạnh" has it.
const OTHER = "Quạt trần số 12!";

/** Time passes in the hall, and for its accounts. */
const pass = (seconds) => post("/clock/advance", { seconds });

/** Someone types a name and a password, and perhaps a code. */
async function signIn(page, name, password, code = "") {
  await page.goto(`${http}/sign-in?lang=en`);
  await page.getByLabel("Sign-in name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByLabel(/^Code/).fill(code);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** An administrator adds a person: the one-time link. */
async function add(page, name, signInName, role) {
  await page.goto(`${http}/accounts?lang=en`);
  const form = page.locator("form[action='/accounts/add']");
  await form.locator("[name=name]").fill(name);
  await form.locator("[name=sign-in]").fill(signInName);
  await form.locator("[name=role]").selectOption(role);
  await form.getByRole("button").click();
  return page.locator(".secret").first().textContent();
}

/** A person opens a one-time link and chooses a password. */
async function choose(page, link, password) {
  await page.goto(`${link}?lang=en`);
  await page.getByLabel("New password").fill(password);
  await page.getByLabel("The same once more").fill(password);
  await page.getByRole("button", { name: "Choose this password" }).click();
}

/** A deed of an administrator on the page of an account, by its form. */
async function deed(page, form, fields) {
  const place = page.locator(`form[action$='/${form}']`);
  await page.locator("details", { has: place }).locator("summary").click();
  for (const [name, text] of Object.entries(fields)) await place.locator(`[name=${name}]`).fill(text);
  await place.getByRole("button").click();
}

async function out(page) {
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/\/sign-in/);
}

/** The code of an authenticator app with this secret at the hall's time that the page shows. */
async function code(page, base32) {
  await page.goto(`${http}/account?lang=en`);
  const milliseconds = Number(await page.getAttribute("body", "data-now"));
  const bits = [...base32.replaceAll(" ", "")].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(milliseconds / 30_000)));
  const digest = createHmac("sha1", key).update(step).digest();
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

test("each role gets what it may, and no more", async () => {
  for (const [role, sees, acts] of [
    ["viewer", false, false],
    ["operator", false, true],
    ["security", false, false],
    ["administrator", true, true],
  ]) {
    const { context } = await visitor({ role });
    const page = await open(context, "/?lang=en");
    await page.getByRole("link", { name: `Demo ${role}` }).waitFor();
    assert.equal(await page.getByRole("link", { name: "Accounts" }).count(), sees ? 1 : 0, role);
    assert.equal((await page.locator("#simulation button").count()) > 0, acts, role);
    const answer = await page.goto(`${http}/accounts`);
    assert.equal(answer.status(), sees ? 200 : 403, role);
    await context.close();
  }
});

test("nobody sees anything, and is led back after signing in", async () => {
  const { context, complaints } = await visitor({ role: null });
  const page = await open(context, "/devices");
  assert.equal(page.url(), `${http}/sign-in?next=%2Fdevices`);
  assert.equal(await page.getByText("UPS").count(), 0);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("pages of the sign-in and of doors stand in both languages, light and dark, on desk and phone", async (t) => {
  const { context: admin } = await visitor({ role: "administrator" });
  const page = await open(admin, "/");
  const link = await add(page, "Trần Bình", "binh", "viewer");
  const accounts = await open(admin, "/accounts");
  const person = await accounts.locator('a[href^="/accounts/p"]').first().getAttribute("href");
  await admin.close();
  for (const [size, scheme, language] of [
    ["desk", "light", "en"],
    ["phone", "dark", "vi"],
    ["phone", "light", "vi"],
    ["desk", "dark", "en"],
  ]) {
    for (const [name, path, role] of [
      ["sign-in", "/sign-in", null],
      ["link", link.slice(http.length), null],
      ["account", "/account", "operator"],
      ["second-factor", "/account/second-factor", "operator"],
      ["accounts", "/accounts", "administrator"],
      ["person", person, "administrator"],
      ["rules", "/accounts/rules", "administrator"],
      ["tokens", "/accounts/tokens", "administrator"],
      ["doors", "/doors", "operator"],
      ["door", "/doors/hall-door", "administrator"],
      ["people", "/people", "administrator"],
      ["holder", "/people/p1", "administrator"],
      ["who-may", "/rules", "administrator"],
      ["presence", "/presence", "operator"],
      ["review", "/review", "security"],
    ]) {
      await t.test(`${name} ${size} ${scheme} ${language}`, async () => {
        const { context, complaints } = await visitor({ size, scheme, language, role });
        const page = await open(context, path);
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

for (const script of [true, false]) {
  const name = script ? "lan" : "hoa";
  test(`a password is chosen, the account locked and unlocked at its owner's request, with script: ${script}`, async () => {
    await pass(60);
    const { context: admin } = await visitor({ role: "administrator", script });
    const { context } = await visitor({ role: null, script });
    const [desk, page] = [await open(admin, "/"), await open(context, "/")];
    const link = await add(desk, "Nguyễn Thị Lan Hoa", name, "operator");
    await choose(page, link, "Lan Hoa 1!");
    await page.getByText("Your name is in it.").waitFor();
    await choose(page, link, PASSWORD);
    await page.waitForURL(`${http}/`);
    await out(page);

    for (let n = 0; n < 5; n++) {
      await signIn(page, name, "Sai mật khẩu 1");
      await page.getByText("Name, password or code are wrong,").waitFor();
    }
    await signIn(page, name, PASSWORD);
    // The right password is answered as a wrong one is: nobody tries passwords out on a locked account.
    await page.getByText("Name, password or code are wrong,").waitFor();

    await desk.goto(`${http}/accounts?lang=en`);
    const row = desk.locator("tr", { has: desk.getByRole("cell", { name, exact: true }) });
    await row.getByText("locked").waitFor();
    await row.getByRole("link").click();
    await desk.screenshot({ path: picture(`locked-${script}.png`), fullPage: true });
    await deed(desk, "unlock", { why: "asked by telephone at 8:10" });
    await desk.locator(".records", { hasText: "asked by telephone at 8:10" }).waitFor();
    await pass(60);
    await signIn(page, name, PASSWORD);
    await page.waitForURL(`${http}/`);
    await context.close();
    await admin.close();
  });
}

test("a second factor is set up, needed, and counts once", async () => {
  await pass(60);
  const { context } = await visitor({ role: null });
  const page = await open(context, "/");
  await signIn(page, "lan", PASSWORD);
  await page.waitForURL(`${http}/`);
  await page.goto(`${http}/account/second-factor?lang=en`);
  await page.screenshot({ path: picture("second-factor.png") });
  const secret = (await page.locator(".secret").textContent()).trim();
  const first = await code(page, secret);
  await page.goto(`${http}/account/second-factor?lang=en`);
  await page.locator("[name=code]").fill(first);
  await page.locator("form", { has: page.locator("[name=code]") }).getByRole("button").click();
  await page.locator("form[action='/account/second-factor-off']").waitFor();
  await pass(30);
  const second = await code(page, secret);
  await out(page);
  await signIn(page, "lan", PASSWORD);
  await page.getByText("needs the code from your app").waitFor();
  await signIn(page, "lan", PASSWORD, second);
  await page.waitForURL(`${http}/`);
  await out(page);
  await signIn(page, "lan", PASSWORD, second);
  await page.getByText("Name, password or code are wrong,").waitFor();
  await context.close();
});

test("whoever ends another session of theirs is alone", async () => {
  await pass(60);
  const [one, two] = [(await visitor({ role: null })).context, (await visitor({ role: null })).context];
  const [here, there] = [await open(one, "/"), await open(two, "/")];
  for (const page of [here, there]) {
    await signIn(page, "hoa", PASSWORD);
    await page.waitForURL(`${http}/`);
  }
  await here.goto(`${http}/account?lang=en`);
  const others = here.locator("form[action='/account/session-end']");
  // All but the one marked as this one.
  while ((await others.count()) > 1) {
    await here.locator("tr", { hasNot: here.locator("b") }).locator("form[action='/account/session-end'] button").first().click();
    await here.waitForLoadState();
  }
  // The other browser, which is live, notices by itself.
  await there.waitForURL(/\/sign-in/, { timeout: 30_000 });
  await here.goto(`${http}/`);
  assert.equal(here.url(), `${http}/`);
  await one.close();
  await two.close();
});

test("an aged password must be chosen anew before anything else", async () => {
  await pass(60);
  const { context: admin } = await visitor({ role: "administrator" });
  const desk = await open(admin, "/accounts/rules?lang=en");
  const form = desk.locator("form", { has: desk.locator("[name=rule][value=acting-password-age-min]") });
  await desk.locator("details", { has: form }).locator("summary").click();
  await form.locator("[name=unit]").selectOption("hours");
  await form.locator("[name=value]").fill("1");
  await form.getByRole("button").click();
  await desk.locator(".outcome [role=status]").waitFor();
  await admin.close();

  await pass(3600);
  const { context } = await visitor({ role: null });
  const page = await open(context, "/");
  await signIn(page, "hoa", PASSWORD);
  await page.waitForURL(`${http}/account`);
  await page.screenshot({ path: picture("aged-password.png") });
  await page.goto(`${http}/devices`);
  await page.waitForURL(`${http}/account`);
  await page.locator("[name=old]").fill(PASSWORD);
  await page.getByLabel("New password").fill(OTHER);
  await page.getByLabel("The same once more").fill(OTHER);
  await page.getByRole("button", { name: "Choose this password" }).click();
  await page.locator(".outcome [role=status]").waitFor();
  await page.goto(`${http}/devices`);
  assert.equal(page.url(), `${http}/devices`);
  await context.close();
});
