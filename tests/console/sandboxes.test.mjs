/** The console's sandboxes: the picker, the view, and the state. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { send } from "../e2e/client.mjs";
import { control, sandboxOf } from "../e2e/control.mjs";
import { serve } from "../e2e/server.mjs";
import {
  expect,
  expectRows,
  frozen,
  openConsole,
  openView,
  rejected,
  requestTable,
  status,
  table,
} from "./browser.mjs";

test("sandboxes are created, selected, reset and deleted", async (t) => {
  const server = await serve(t, frozen);
  const questions = [];
  const onDialog = (dialog) => questions.push(dialog.message()) && dialog.accept();
  const page = await openConsole(t, server, "#sandboxes", { ...rejected, onDialog });
  const names = async () =>
    (await control(server, "GET /__admin/sandboxes")).sandboxes.map(({ name }) => name).sort();
  const form = page.getByRole("form", { name: "Create a sandbox" });
  const create = async (name) => {
    await form.getByLabel("Name").fill(name);
    await form.getByRole("button", { name: "Create" }).click();
  };
  const picker = page.getByRole("banner").getByLabel("Sandbox");
  await create("a b");
  await expect(status(page)).toContainText("name");
  await create("worker-1");
  await expect(picker).toHaveValue("worker-1");
  await create("");
  await expect(picker).not.toHaveValue("worker-1");
  const generated = await picker.inputValue();
  assert.deepEqual(await names(), [generated, "worker-1"].sort());

  await picker.selectOption("worker-1");
  await openView(page, "Requests");
  const worker = sandboxOf(server, "worker-1");
  await send(worker, "GET /apikey/", { key: "ak_123" });
  await expectRows(page, requestTable, ["Path"], [["/apikey/"]]);
  // A reload keeps the view and the sandbox.
  await page.reload();
  await expect(picker).toHaveValue("worker-1");
  await expectRows(page, requestTable, ["Path"], [["/apikey/"]]);

  await openView(page, "Sandboxes");
  const row = (name) => table(page, "Sandboxes").getByRole("row", { name });
  await expect(row("worker-1")).toContainText(`${server.url}/sandbox/worker-1`);
  await control(worker, "DELETE /__admin/keys/1");
  await row("worker-1").getByRole("button", { name: "Reset" }).click();
  await expect(status(page)).toContainText("Reset");
  assert.match(questions.at(-1), /worker-1/);
  assert.equal((await control(worker, "GET /__admin/state")).keys.length, 5);
  assert.deepEqual((await control(worker, "GET /__admin/requests")).requests, []);

  await row(generated).getByRole("button", { name: "Delete" }).click();
  await expect(row(generated)).toHaveCount(0);
  await row("worker-1").getByRole("button", { name: "Delete" }).click();
  await expect(row("worker-1")).toHaveCount(0);
  await expect(picker).toHaveValue("");
  assert.deepEqual(await names(), []);
});

test("a sandbox that is deleted is not created again by a call in progress", async (t) => {
  const server = await serve(t, frozen);
  await control(server, "POST /__admin/sandboxes", { name: "worker-1" }, { wanted: 201 });
  const onDialog = (dialog) => dialog.accept();
  const page = await openConsole(t, server, "#sandboxes?sandbox=worker-1", { onDialog });
  const row = table(page, "Sandboxes").getByRole("row", { name: "worker-1" });
  await expect(row).toHaveCount(1);
  const held = new Promise((resolve) =>
    page.route("**/sandbox/worker-1/__admin/requests?*", resolve, { times: 1 }));
  const route = await held;
  await row.getByRole("button", { name: "Delete" }).click();
  await expect(page).toHaveURL(/#sandboxes$/);
  const answered = page.waitForResponse("**/sandbox/worker-1/__admin/requests?*");
  await route.continue();
  await answered;
  await expect(row).toHaveCount(0);
  await expect(status(page)).toContainText("Deleted");
  assert.deepEqual((await control(server, "GET /__admin/sandboxes")).sandboxes, []);
});

test("a selected sandbox that does not exist is not created by looking at it", async (t) => {
  const server = await serve(t, frozen);
  const page = await openConsole(t, server, "#keys?sandbox=gone");
  await expect(page.getByRole("heading", { name: 'There is no sandbox "gone"' })).toBeVisible();
  assert.deepEqual((await control(server, "GET /__admin/sandboxes")).sandboxes, []);
  await page.getByRole("button", { name: "Create it" }).click();
  await expect(table(page, "Keys").getByRole("row")).toHaveCount(6);
  assert.equal((await control(server, "GET /__admin/sandboxes")).sandboxes[0].name, "gone");
});

test("the state is downloaded as a fixture file, and replaced by one", async (t) => {
  const server = await serve(t, frozen);
  const worker = sandboxOf(server, "worker-1");
  await control(worker, "DELETE /__admin/keys/2");
  const page = await openConsole(t, server, "#sandboxes?sandbox=worker-1", rejected);
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  const download = await downloading;
  assert.equal(download.suggestedFilename(), "worker-1.json");
  const text = readFileSync(await download.path(), "utf8");
  const state = await control(worker, "GET /__admin/state");
  assert.deepEqual(JSON.parse(text), state);
  await serve(t, ["--fixtures", await download.path()]); // It is a fixture file.

  const upload = (content) => {
    const buffer = Buffer.from(content);
    const file = { name: "keys.json", mimeType: "application/json", buffer };
    return page.getByLabel("Replace with a file").setInputFiles(file);
  };
  await upload('{"keys": [{"name": "A", "mode": "reed"}]}');
  await expect(status(page)).toContainText('did you mean "read"?');
  assert.deepEqual(await control(worker, "GET /__admin/state"), state);
  await upload('{"keys": [{"key": "ak_new", "name": "Only", "mode": "all"}]}');
  await expect(status(page)).toContainText("Replaced the state.");
  await openView(page, "Keys");
  await expectRows(page, "Keys", ["Name", "Mode"], [["Only", "all"]]);
  assert.equal((await control(server, "GET /__admin/state")).keys.length, 5);
});
