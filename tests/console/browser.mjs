/** Opens the web console in Debian's Chromium, and reads it as its users do. */
import assert from "node:assert/strict";
import { after } from "node:test";

import { require } from "../e2e/npm.mjs";
import { cleanUp, keysFile } from "../e2e/server.mjs";

const playwright = require("@playwright/test");

/** In milliseconds. Sanitizers are slow. */
const timeout = 20_000;

/** Playwright's assertions, which wait until they hold. */
export const expect = playwright.expect.configure({ timeout });

/** Waits until what a function returns satisfies an assertion: `await eventually(read).toBe(3)`. */
export function eventually(read) {
  return playwright.expect.poll(read, { timeout, intervals: [50] });
}

/** Arguments for example keys at a fixed time. */
export const frozen = ["--fixtures", keysFile, "--now", "2024-02-12T00:00:00Z", "--freeze"];

/** What the browser's console reports about a rejected call. */
export const rejected = { expected: /the server responded with a status of 4\d\d/ };

/** The region that shows results and errors. */
export function status(page) {
  return page.getByRole("status");
}

let launched;
after(async () => (await launched)?.close());

/** The browser of this test file. It is closed after its tests. */
export function browser() {
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  launched ??= playwright.chromium.launch({ executablePath: "/usr/bin/chromium", args });
  return launched;
}

/** Pages for the next tests: a new one takes half a second of CPU time. */
const freePages = [];

async function newPage(options) {
  const chromium = await browser();
  const context = await chromium.newContext({
    viewport: { width: 1200, height: 800 },
    permissions: ["clipboard-read", "clipboard-write"],
    ...options,
  });
  context.setDefaultTimeout(timeout);
  return context.newPage();
}

/**
 * Opens the console of a server, like a new window of a new user.
 * @param hash the address within the console, such as `#keys?sandbox=worker-1`
 * @param options `expected`, a pattern of errors in the browser's console that the test causes;
 *   `onDialog`, what answers a question of the page; and options of Playwright's context
 * @returns Playwright's page. After the test, it must not have reported an error, run a script that
 *   is not its own, or sent a request to another server.
 */
export async function openConsole(t, server, hash = "", options = {}) {
  const { expected = /^$/, onDialog = (dialog) => dialog.accept(), ...contextOptions } = options;
  const isOwn = Object.keys(contextOptions).length > 0;
  const page = (!isOwn && freePages.pop()) || (await newPage(contextOptions));
  const problems = [];
  const report = (text) => expected.test(text) || problems.push(text);
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) report(message.text());
  });
  page.on("pageerror", (error) => report(String(error)));
  page.on("request", (request) => {
    if (!/^blob:/.test(request.url()) && new URL(request.url()).origin !== server.url) {
      report(`a request to ${request.url()}`);
    }
  });
  page.on("dialog", (dialog) => {
    if (dialog.type() !== "confirm") report(`${dialog.type()}: ${dialog.message()}`);
    return onDialog(dialog);
  });
  cleanUp(t, async () => {
    if (isOwn) {
      await page.context().close();
    } else {
      await page.goto("about:blank");
      page.removeAllListeners();
      freePages.push(page);
    }
    assert.deepEqual(problems, []);
  });
  await page.goto(`${server.url}/__admin/${hash}`);
  return page;
}

/** Goes to a view by its link. */
export async function openView(page, name) {
  const link = page.getByRole("navigation").getByRole("link", { name });
  await link.click();
  await expect(link).toHaveAttribute("aria-current", "page");
}

/** A table, by its caption or that of the region that it is in. */
export function table(page, name) {
  return page.getByRole("table", { name });
}

/** The visible rows of a table as objects: `[{ Method: "GET", Status: "200" }]`. */
export async function readTable(page, name) {
  const found = table(page, name);
  if (!(await found.isVisible())) return [];
  return found.evaluate(({ tHead, tBodies }) => {
    const names = [...tHead.rows[0].cells].map((cell) => cell.innerText);
    const read = (row) =>
      [...row.cells].map((cell, index) => [names[index], cell.innerText.trim()]);
    return [...tBodies[0].rows].map((row) => Object.fromEntries(read(row)));
  });
}

/** Waits until `columns` of a table are these: `[["POST", "400"], ["GET", "200"]]`. */
export async function expectRows(page, name, columns, rows) {
  const read = async () =>
    (await readTable(page, name)).map((row) => columns.map((column) => row[column]));
  await eventually(read).toEqual(rows);
}

/** The name of the table of requests. */
export const requestTable = "Requests, newest first";

/** Opens the details of the newest request with this path, and returns them. Their title has it. */
export async function openRequest(page, path, title = path) {
  await table(page, requestTable).getByRole("button", { name: path, exact: true }).first().click();
  const details = page.getByRole("region", { name: title });
  await expect(details).toBeVisible();
  return details;
}

/** What a button copies to the clipboard. */
export async function copied(page, button) {
  const nothing = "nothing was copied";
  await page.evaluate((text) => navigator.clipboard.writeText(text), nothing);
  await button.click();
  const read = () => page.evaluate(() => navigator.clipboard.readText());
  await eventually(read).not.toBe(nothing);
  await expect(page.getByRole("status")).toContainText("Copied");
  return read();
}
