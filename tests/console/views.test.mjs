/** The console's views of keys, scenarios and the clock. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { send } from "../e2e/client.mjs";
import { control, sandboxOf } from "../e2e/control.mjs";
import { serve } from "../e2e/server.mjs";
import {
  copied,
  eventually,
  expect,
  expectRows,
  frozen,
  openConsole,
  readTable,
  rejected,
  status,
  table,
} from "./browser.mjs";

test("keys are listed with their limits, and expire by the sandbox's clock", async (t) => {
  const server = await serve(t, frozen);
  const key = { key: "ak_soon", name: "Soon", mode: "read", expires_at: "2024-02-15T12:00:00Z" };
  await control(server, "POST /__admin/keys", key, { wanted: 201 });
  const page = await openConsole(t, server, "#keys");
  await expect(table(page, "Keys").getByRole("row")).toHaveCount(7);
  const columns = ["Id", "Name", "Mode", "Limits", "Created", "Expires"];
  const rows = await readTable(page, "Keys");
  assert.deepEqual(
    rows.slice(1, 4).map((row) => columns.map((column) => row[column])),
    [
      ["2", "Dashboard", "read", "none", "2024-01-02 00:00:00", "never"],
      ["3", "Deploy Bot", "upload", "apps com.demo.app", "2024-01-03 00:00:00", "never"],
      ["4", "Partner", "all", "organizations org_globex", "2024-01-04 00:00:00", "never"],
    ],
  );
  const expiry = (text) => expect(table(page, "Keys").getByRole("row").last()).toContainText(text);
  await expiry("in 3 days");
  await control(server, "POST /__admin/clock/advance", { by: "3d" });
  await expiry("in 12 hours");
  await control(server, "POST /__admin/clock/advance", { by: "31d" });
  await expiry("expired 1 month ago");
});

test("a key is added, used, copied and deleted", async (t) => {
  const server = await serve(t, frozen);
  const questions = [];
  let confirms = true;
  const onDialog = (dialog) => {
    questions.push(dialog.message());
    return confirms ? dialog.accept() : dialog.dismiss();
  };
  const page = await openConsole(t, server, "#keys", { ...rejected, onDialog });
  const form = page.getByRole("form", { name: "Add a key" });
  const add = () => form.getByRole("button", { name: "Add key" }).click();
  await form.getByLabel("Name").fill("Limited");
  await form.getByLabel("Mode").selectOption("upload");
  await form.getByLabel("Limited to apps").fill("com.demo.app, com.demo.admin");
  await form.getByLabel("Limited to organizations").fill("org_acme");
  await form.getByLabel(/^Expires/).fill("2024-02-13T00:00:00Z");
  await add();
  await expect(status(page)).toContainText("Added the key.");
  const { keys } = await control(server, "GET /__admin/state");
  const { key, ...fields } = keys.at(-1);
  assert.deepEqual(fields, {
    id: 6,
    mode: "upload",
    name: "Limited",
    user_id: "user_123",
    created_at: "2024-02-12T00:00:00Z",
    updated_at: "2024-02-12T00:00:00Z",
    limited_to_apps: ["com.demo.app", "com.demo.admin"],
    limited_to_orgs: ["org_acme"],
    expires_at: "2024-02-13T00:00:00Z",
  });
  const row = table(page, "Keys").getByRole("row", { name: "Limited" });
  await expect(row).toContainText("in 1 day");
  assert.equal(await copied(page, row.getByRole("button", { name: /^Copy/ })), key);

  await form.getByLabel("Name").fill("Bad");
  await form.getByLabel(/^Expires/).fill("tomorrow");
  await add();
  await expect(status(page)).toContainText("/expires_at");
  await expect(form.getByLabel("Name")).toHaveValue("Bad");

  confirms = false;
  await row.getByRole("button", { name: "Delete" }).click();
  assert.match(questions.at(-1), /6.*Limited/);
  assert.equal((await control(server, "GET /__admin/state")).keys.length, 6);
  confirms = true;
  await row.getByRole("button", { name: "Delete" }).click();
  await expect(status(page)).toContainText("Deleted key 6.");
  await expect(row).toHaveCount(0);
  assert.equal((await control(server, "GET /__admin/state")).keys.length, 5);
});

test("a key can be added with only a hash of its secret", async (t) => {
  const server = await serve(t, frozen);
  const page = await openConsole(t, server, "#keys");
  const form = page.getByRole("form", { name: "Add a key" });
  await form.getByLabel("Name").fill("Hashed");
  await form.getByLabel("hash").check();
  await form.getByRole("button", { name: "Add key" }).click();
  const secret = await copied(page, form.getByRole("button", { name: "Copy" }));
  await expect(form).toContainText(secret);
  const stored = (await control(server, "GET /__admin/state")).keys.at(-1);
  assert.equal(stored.key, null);
  assert.equal(stored.key_hash, createHash("sha256").update(secret).digest("hex"));
  await expect(table(page, "Keys").getByRole("row", { name: "Hashed" })).toContainText("hashed");
  assert.equal((await send(server, "GET /apikey/", { key: secret })).status, 200);
});

test("the calls that a key may make are listed with the reasons", async (t) => {
  const server = await serve(t, frozen);
  const respond = { status: 200 };
  const rules = [
    { on: "POST /own/", requires: { mode: "upload", app: "body.app_id" }, respond },
    { on: "DELETE /own/:id/", requires: { mode: "all" }, respond },
    { on: "GET /open/", respond },
  ];
  await control(server, "PUT /__admin/scenarios/own", { rules });
  const page = await openConsole(t, server, "#keys");
  const panel = page.getByRole("region", { name: "Public API calls" });
  const own = (rows) => {
    const read = async () =>
      (await readTable(page, "Public API calls"))
        .filter(({ Call: call }) => /\/own\/|\/open\//.test(call))
        .map((row) => [row.Call, row.Allowed, row.Reason]);
    return eventually(read).toEqual(rows);
  };
  const reason = async (fields) => {
    return (await control(server, "POST /__admin/authorize", { key_id: 3, ...fields })).reason;
  };
  await table(page, "Keys").getByRole("button", { name: "Calls of key 3" }).click();
  await expect(
    page.getByRole("heading", { name: 'Calls that key 3, "Deploy Bot", may make' }),
  ).toBeFocused();
  await expect(panel).toBeVisible();
  const denied = ["DELETE /own/:id/", "no", await reason({ call: "DELETE /own/:id/" })];
  await own([["POST /own/", "yes", await reason({ call: "POST /own/" })], denied]);
  await page.getByLabel("App id").fill("com.demo.admin");
  await page.getByRole("button", { name: "Check" }).click();
  await own([
    ["POST /own/", "no", await reason({ call: "POST /own/", app_id: "com.demo.admin" })],
    denied,
  ]);
  // The page may be older than the built-in scenario.
  const builtIn = await send(server, "GET /__admin/scenarios/public-api");
  const { rules: publicRules = [] } = JSON.parse(builtIn.text);
  assert.equal((await readTable(page, "Public API calls")).length, publicRules.length + 2);
});

test("scenarios are toggled, and their rules have counts", async (t) => {
  const server = await serve(t, frozen);
  const page = await openConsole(t, server, "#scenarios");
  await expect(page.getByText("No scenario is active.")).toBeVisible();
  const toggle = page.getByRole("switch", { name: "flaky-create" });
  await toggle.check();
  await expect(status(page)).toContainText("Activated flaky-create.");
  const rules = (rows) =>
    expectRows(page, "Rules of flaky-create", ["On", "Matched", "Fired"], rows);
  const unused = "0 unused";
  const create = { key: "ak_123", body: { name: "New", mode: "read" } };
  const on = "POST /apikey/";
  await rules([
    [on, "0", unused],
    [on, "0", unused],
  ]);
  assert.equal((await send(server, "POST /apikey/", create)).status, 403);
  const { scenarios } = await control(server, "GET /__admin/scenarios");
  const counts = scenarios[0].rules.map(({ matched, fired }) => [matched, fired]);
  assert.deepEqual(counts[0], [1, 1]);
  await rules([
    [on, "1", "1"],
    [on, String(counts[1][0]), unused],
  ]);

  // It was deactivated elsewhere.
  await control(server, "DELETE /__admin/scenarios");
  await expect(toggle).not.toBeChecked();
  await toggle.check();
  await rules([
    [on, "0", unused],
    [on, "0", unused],
  ]);
  await toggle.uncheck();
  await expect(status(page)).toContainText("Deactivated flaky-create.");
  await expect(page.getByText("No scenario is active.")).toBeVisible();
  assert.equal((await send(server, "POST /apikey/", create)).status, 200);
});

/** Whether an element with this text is beside a line of the text area, within a few pixels. */
function isBesideLine(editor, line, text) {
  return editor.evaluate(
    (area, [line, text]) => {
      const { lineHeight, paddingTop } = getComputedStyle(area);
      const height = parseFloat(lineHeight);
      const top = area.getBoundingClientRect().top + parseFloat(paddingTop) + (line - 1) * height;
      const isBeside = (element) => {
        const box = element.getBoundingClientRect();
        return box.height > 0 && Math.abs(box.top - top) < height / 5;
      };
      const hasText = (element) => element.children.length < 3 && element.innerText?.includes(text);
      return [...area.form.querySelectorAll("*")].some((each) => hasText(each) && isBeside(each));
    },
    [line, text],
  );
}

test("the server's messages about a scenario are beside the faulty lines", async (t) => {
  const server = await serve(t, frozen);
  const page = await openConsole(t, server, "#scenarios", rejected);
  const form = page.getByRole("form", { name: "Editor" });
  const editor = form.getByLabel("Scenario file");
  await form.getByLabel("Name").fill("my-own");
  const lines = [
    '{"rules": [',
    '  {"on": "GET /apikey/", "error": "rate_limted"},',
    "",
    '  {"on": "GET"}',
    "]}",
  ];
  await editor.fill(lines.join("\n"));
  await form.getByRole("button", { name: "Activate" }).click();
  const misspelled = 'did you mean "rate_limited"?';
  await expect(form.getByRole("listitem").filter({ hasText: misspelled })).toBeVisible();
  assert.ok(await isBesideLine(editor, 2, misspelled), "the first message is not beside line 2");
  assert.ok(!(await isBesideLine(editor, 3, misspelled)), "the first message is beside line 3");
  await expect(editor).toHaveAttribute("aria-invalid", "true");
  await expect(editor).toHaveAccessibleDescription(new RegExp(misspelled.replace("?", "\\?")));
  const [, second] = await form.getByRole("listitem").allInnerTexts();
  assert.match(second, /^Line 4, column \d+ /);
  assert.ok(await isBesideLine(editor, 4, second.replace(/^Line \d+, column \d+ /, "")));

  // The button of a message moves the cursor there.
  await form.getByRole("button", { name: /^Line 2/ }).click();
  await expect(editor).toBeFocused();
  const cursor = await editor.evaluate((area) => area.selectionStart);
  assert.equal(lines.join("\n").slice(cursor, cursor + 14), '"rate_limted"}');

  await editor.fill('{"rules": [{"on": "GET /apikey/", "error": "rate_limited"}]}');
  await form.getByRole("button", { name: "Activate" }).click();
  await expect(status(page)).toContainText("Activated my-own.");
  await expect(form.getByRole("listitem")).toHaveCount(0);
  assert.equal((await send(server, "GET /apikey/", { key: "ak_123" })).status, 429);

  // An active one can be edited, and keeps its name.
  await page.getByRole("button", { name: "Edit my-own" }).click();
  await expect(editor).toHaveValue(/rate_limited/);
  await editor.fill((await editor.inputValue()).replace("rate_limited", "server_error"));
  await form.getByRole("button", { name: "Activate" }).click();
  await expectRows(page, "Rules of my-own", ["On", "Fired"], [["GET /apikey/", "0 unused"]]);
  assert.equal((await send(server, "GET /apikey/", { key: "ak_123" })).status, 500);
  await page.getByRole("button", { name: "Deactivate my-own" }).click();
  await expect(page.getByText("No scenario is active.")).toBeVisible();
});

test("every button of the clock changes the sandbox's time", async (t) => {
  const server = await serve(t, frozen);
  const sandbox = sandboxOf(server, "worker-1");
  await control(sandbox, "POST /__admin/reset");
  const page = await openConsole(t, server, "#clock?sandbox=worker-1", rejected);
  const click = (name) => page.getByRole("button", { name }).click();
  const shows = async (text) => {
    await expect(page.getByText(`${text} UTC`)).toBeVisible();
    const { now } = await control(sandbox, "GET /__admin/clock");
    assert.equal(now.slice(0, 19).replace("T", " "), text);
  };
  await shows("2024-02-12 00:00:00");
  await expect(page.getByText("frozen", { exact: true })).toBeVisible();
  await click("+1 hour");
  await shows("2024-02-12 01:00:00");
  await click("+1 day");
  await shows("2024-02-13 01:00:00");
  await click("+31 days");
  await shows("2024-03-15 01:00:00");
  const form = page.getByRole("form", { name: "Set the clock" });
  await form.getByLabel("Time").fill("2030-05-06T07:08:09Z");
  await form.getByRole("button", { name: "Set" }).click();
  await shows("2030-05-06 07:08:09");
  await form.getByLabel("Time").fill("soon");
  await form.getByRole("button", { name: "Set" }).click();
  await expect(status(page)).toContainText("/now");

  await click("Unfreeze");
  await expect(page.getByText("running", { exact: true })).toBeVisible();
  await expect(page.getByText("2030-05-06 07:08:09 UTC")).toBeHidden();
  await click("Freeze");
  await expect(page.getByText("frozen", { exact: true })).toBeVisible();
  assert.equal((await control(sandbox, "GET /__admin/clock")).frozen, true);
  await click("Reset to the real time");
  await expect(page.getByText("running", { exact: true })).toBeVisible();
  const { now, frozen: isFrozen } = await control(sandbox, "GET /__admin/clock");
  assert.equal(isFrozen, false);
  assert.ok(Math.abs(Date.parse(now) - Date.now()) < 60_000, now);
  // The clock of the default sandbox has not moved.
  assert.equal((await control(server, "GET /__admin/clock")).now, "2024-02-12T00:00:00Z");
});
