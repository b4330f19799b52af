/**
 * The console for people who use a keyboard, a screen reader or a narrow window, in both themes;
 * and the screenshots of the docs, which MOCK_CAPGO_UPDATE_SCREENSHOTS=1 takes.
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { send } from "../e2e/client.mjs";
import { control } from "../e2e/control.mjs";
import { require } from "../e2e/npm.mjs";
import { keysFile, repository, serve } from "../e2e/server.mjs";
import { expect, openConsole, openRequest, openView, requestTable, table } from "./browser.mjs";

const options = ["--now", "2024-02-12T10:20:30Z", "--freeze", "--seed", "1"];
/** What the browser's console reports about a rejected call. */
const expected = /the server responded with a status of 4\d\d/;

/** A server on which an app was developed for a while. */
async function serveExample(t) {
  const server = await serve(t, ["--fixtures", keysFile, ...options]);
  const soon = {
    key: "ak_release",
    name: "Release",
    mode: "write",
    expires_at: "2024-03-01T00:00:00Z",
  };
  await control(server, "POST /__admin/keys", soon, { wanted: 201 });
  await control(server, "POST /__admin/sandboxes", { name: "worker-1" }, { wanted: 201 });
  await control(server, "PUT /__admin/scenarios/bad-afternoon", {
    description: "The first create fails, the third list too, and key 7 cannot be deleted",
    rules: [
      { on: "POST /apikey/", times: 1, error: "permission_denied" },
      { on: "GET /apikey/", every: 3, respond: { status: 503, body: { error: "Down" } } },
      { on: "DELETE /apikey/:id/", match: { id: 7 }, error: "key_not_found" },
    ],
  });
  const requests = [
    ["GET /apikey/", "ak_123"],
    ["POST /apikey/", "ak_123", { name: "CI", mode: "upload", limited_to_apps: ["com.demo.app"] }],
    ["POST /apikey/", "ak_123", { name: "CI", mode: "upload", limited_to_apps: ["com.demo.app"] }],
    ["DELETE /apikey/2/", "ak_123"],
    ["GET /apikey/?page=2", "ak_gone"],
    ["GET /apikeys/", "ak_123"],
    ["POST /apikey/", "ak_123", { name: "Dashboard", mode: "reed" }],
    ["GET /apikey/", "ak_123"],
  ];
  for (const [line, key, body] of requests) {
    const type = body && { "content-type": "application/json" };
    await send(server, line, { key, body, headers: { "user-agent": "my-app/1.2", ...type } });
    await control(server, "POST /__admin/clock/advance", { by: "2s" });
  }
  return server;
}

/** Opens the editor with a scenario that has mistakes. */
async function activateFaultyScenario(page) {
  const form = page.getByRole("form", { name: "Editor" });
  await form.getByLabel("Name").fill("bad-afternoon");
  const rules = [
    { on: "GET /apikey/", every: 3, error: "rate_limted" },
    { on: "DELETE /apikey/:id/", match: { id: 2 }, respond: { status: 503 } },
  ];
  const lines = rules.map((rule) => `    ${JSON.stringify(rule)}`);
  const text = `{\n  "rules": [\n${lines.join(",\n")}\n  ]\n}`;
  await form.getByLabel("Scenario file").fill(text);
  await form.getByRole("button", { name: "Activate" }).click();
  await expect(form.getByText(/did you mean "rate_limited"/).first()).toBeVisible();
}

/** Goes to every view of the example, and calls `visit` with a name in each state of it. */
async function visitAll(page, server, visit) {
  await openRequest(page, "/apikey/?page=2", "GET /apikey/");
  await visit("details");
  await page.getByRole("button", { name: "Close" }).click();
  await visit("requests");
  await openView(page, "Keys");
  await page.getByRole("button", { name: "Calls of key 3" }).click();
  await expect(page.getByRole("region", { name: "Public API calls" })).toBeVisible();
  await visit("keys");
  await openView(page, "Scenarios");
  await activateFaultyScenario(page);
  await visit("scenarios");
  await openView(page, "Clock");
  await expect(page.getByText("frozen", { exact: true })).toBeVisible();
  await visit("clock");
  await openView(page, "Sandboxes");
  await expect(table(page, "Sandboxes").getByRole("row")).toHaveCount(3);
  await visit("sandboxes");
  await page.goto(`${server.url}/__admin/#requests?sandbox=worker-1`);
  await expect(page.getByText("No requests yet.")).toBeVisible();
  await visit("no requests");
  await page.goto(`${server.url}/__admin/#keys?sandbox=gone`);
  await expect(page.getByRole("button", { name: "Create it" })).toBeVisible();
  await visit("no sandbox");
}

const colorRules = ["color-contrast", "link-in-text-block"];

/**
 * What axe-core finds in a page: `rule: elements`. In the dark theme, only the rules about colors
 * can find more. The page must not enforce its policy.
 */
async function barriersOf(page) {
  if (!(await page.evaluate(() => "axe" in globalThis))) {
    await page.addScriptTag({ content: require("axe-core").source });
  }
  const found = [];
  for (const [colorScheme, more] of Object.entries({ light: {}, dark: { runOnly: colorRules } })) {
    await page.emulateMedia({ colorScheme });
    const options = { resultTypes: ["violations"], preload: false, ...more };
    const { violations } = await page.evaluate((options) => globalThis.axe.run(options), options);
    for (const { id, nodes } of violations) {
      found.push(`${colorScheme}: ${id}: ${nodes.map(({ html }) => html.slice(0, 200))}`);
    }
  }
  return found;
}

test("axe-core finds no barriers, in the light theme and in the dark one", async (t) => {
  const server = await serveExample(t);
  const page = await openConsole(t, server, "", { bypassCSP: true, expected });
  const brightness = async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    const color = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    return Number(/\d+/.exec(color)[0]);
  };
  assert.ok((await brightness("dark")) < 64, "the dark theme is not dark");
  assert.ok((await brightness("light")) > 192, "the light theme is not light");
  await visitAll(page, server, async (name) => assert.deepEqual(await barriersOf(page), [], name));

  const guarded = await serve(t, [...options, "--admin-token", "s3cret"]);
  const other = await openConsole(t, guarded, "", { bypassCSP: true, expected });
  await expect(other.getByRole("dialog", { name: "Admin token" })).toBeVisible();
  assert.deepEqual(await barriersOf(other), [], "the token");
});

test("at 320 px, no view scrolls sideways", async (t) => {
  const server = await serveExample(t);
  const page = await openConsole(t, server, "", {
    viewport: { width: 320, height: 640 },
    expected,
  });
  await visitAll(page, server, async (name) => {
    const [width, left] = await page.evaluate(() => {
      scrollBy(1000, 0);
      return [document.documentElement.scrollWidth, scrollX];
    });
    assert.deepEqual([name, width, left], [name, 320, 0]);
  });
});

/**
 * Presses Tab until an element has the focus, or Shift and Tab if it is above. Every element on the
 * way must show that it has the focus.
 */
async function tabTo(page, target) {
  await expect(target).toBeVisible();
  const look = (element) => {
    const focused = document.activeElement;
    const near = [focused, focused.parentElement, focused.parentElement?.parentElement];
    const isOutlined = (each) => {
      const { outlineStyle, outlineWidth } = each ? getComputedStyle(each) : {};
      return each && outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
    };
    return {
      text: focused.outerHTML.slice(0, 200),
      isVisible: focused === document.body || near.some(isOutlined),
      isThere: focused === element,
      isBelow: Boolean(focused.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING),
    };
  };
  let { isBelow } = await target.evaluate(look);
  for (let presses = 0; presses < 200; ++presses) {
    await page.keyboard.press(isBelow ? "Tab" : "Shift+Tab");
    const focus = await target.evaluate(look);
    assert.ok(focus.isVisible, `the focus is not visible: ${focus.text}`);
    if (focus.isThere) return;
  }
  assert.fail(`Tab does not reach ${target}`);
}

test("everything works with the keyboard", async (t) => {
  const server = await serveExample(t);
  const page = await openConsole(t, server, "", { expected });
  const { keyboard } = page;
  const status = page.getByRole("status");
  const go = async (view) => {
    await tabTo(page, page.getByRole("navigation").getByRole("link", { name: view }));
    await keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 2, name: view })).toBeVisible();
  };
  const press = async (button, key = "Enter") => {
    await tabTo(page, button);
    await keyboard.press(key);
  };
  const type = async (field, text) => {
    await tabTo(page, field);
    await keyboard.type(text);
  };

  const rows = table(page, requestTable).getByRole("button");
  await tabTo(page, rows.first());
  await keyboard.press("ArrowDown");
  await expect(rows.nth(1)).toBeFocused();
  await keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "POST /apikey/" })).toBeFocused();
  await press(page.getByRole("button", { name: "Copy as curl" }));
  await expect(status).toContainText("Copied the curl command.");
  await keyboard.press("Escape");
  await expect(rows.nth(1)).toBeFocused();
  await press(page.getByLabel("Rejected only"), "Space");
  await expect(rows).toHaveCount(5);

  await go("Keys");
  await type(page.getByRole("form", { name: "Add a key" }).getByLabel("Name"), "Typed");
  await keyboard.press("Enter");
  const key = table(page, "Keys").getByRole("row", { name: "Typed" });
  await press(key.getByRole("button", { name: "Calls" }));
  await expect(page.getByRole("heading", { name: /^Calls that key/ })).toBeFocused();
  await press(key.getByRole("button", { name: "Delete" }));
  await expect(key).toHaveCount(0);

  await go("Scenarios");
  await press(page.getByRole("switch", { name: "hang" }), "Space");
  await expect(status).toContainText("Activated hang.");
  await press(page.getByRole("button", { name: "Deactivate hang" }));
  await expect(status).toContainText("Deactivated hang.");
  await type(page.getByLabel("Scenario file"), "?");
  await press(page.getByRole("form", { name: "Editor" }).getByRole("button", { name: "Activate" }));
  const problem = page
    .getByRole("form", { name: "Editor" })
    .getByRole("listitem")
    .getByRole("button");
  await expect(problem.first()).toBeFocused();
  await keyboard.press("Enter");
  await expect(page.getByLabel("Scenario file")).toBeFocused();

  await go("Clock");
  await press(page.getByRole("button", { name: "+1 day" }));
  await expect(page.getByText(/^2024-02-13 /)).toBeVisible();

  await go("Sandboxes");
  await type(page.getByRole("form", { name: "Create a sandbox" }).getByLabel("Name"), "worker-2");
  await keyboard.press("Enter");
  const picker = page.getByRole("banner").getByLabel("Sandbox");
  await expect(picker).toHaveValue("worker-2");
  await tabTo(page, picker);
  await keyboard.press("ArrowUp");
  await expect(picker).toHaveValue("worker-1");
  await expect(page).toHaveURL(/sandbox=worker-1/);
  await press(page.getByRole("button", { name: "Reset worker-1" }));
  await expect(status).toContainText("Reset");
  const chooser = page.waitForEvent("filechooser");
  await press(page.getByLabel("Replace with a file"));
  await chooser;
});

/** Takes a screenshot for the docs if it was requested. The one in the docs must be small. */
async function takeScreenshot(page, name) {
  const file = path.join(repository, "docs", "images", `console-${name}.png`);
  if (process.env.MOCK_CAPGO_UPDATE_SCREENSHOTS) {
    mkdirSync(path.dirname(file), { recursive: true });
    await page.mouse.move(0, 0);
    await page.screenshot({ path: file, caret: "hide", animations: "disabled" });
  }
  const content = readFileSync(file);
  const width = content.readUInt32BE(16);
  assert.ok(width <= 1200, `${file} is ${width} px wide`);
  assert.ok(content.length <= 120_000, `${file} has ${content.length} bytes`);
}

test("the docs have screenshots of the console", async (t) => {
  const server = await serveExample(t);
  const viewport = { width: 1200, height: 520 };
  const page = await openConsole(t, server, "#clock", { viewport, expected, colorScheme: "light" });
  // What differs from run to run.
  await page.route("**/__admin/requests?*", async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    for (const entry of body.requests) {
      entry.microseconds = 40 + ((entry.id * 37) % 60);
      entry.headers.host = "127.0.0.1:12113";
    }
    await route.fulfill({ response, json: body });
  });
  await openView(page, "Requests");
  await page.reload();
  const details = await openRequest(page, "/apikey/?page=2", "GET /apikey/");
  await expect(details).toContainText("Reason: authenticate");
  await takeScreenshot(page, "requests");
  await openView(page, "Scenarios");
  await expect(table(page, "Rules of bad-afternoon")).toBeVisible();
  await activateFaultyScenario(page);
  await page.setViewportSize({ ...viewport, height: 720 });
  await page.evaluate(() => scrollTo(0, 0));
  await takeScreenshot(page, "scenarios");
});
