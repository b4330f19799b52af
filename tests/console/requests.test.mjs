/** The console's view of the requests. */
import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";

import { send } from "../e2e/client.mjs";
import { control, sandboxOf } from "../e2e/control.mjs";
import { require } from "../e2e/npm.mjs";
import { keysFile, repository, run, serve, serveRules } from "../e2e/server.mjs";
import {
  copied,
  eventually,
  expect,
  expectRows,
  openConsole,
  openRequest,
  openView,
  readTable,
  requestTable,
  table,
} from "./browser.mjs";

const frozen = ["--fixtures", keysFile, "--now", "2024-02-12T10:20:30.456Z", "--freeze"];

/** The journal has only its start. */
const ownKey = "ak_long_enough_to_be_redacted";

function addKey(server) {
  const key = { key: ownKey, name: "Own", mode: "all" };
  return control(server, "POST /__admin/keys", key, { wanted: 201 });
}

async function journal(server) {
  return (await control(server, "GET /__admin/requests")).requests;
}

test("a request is shown within a second, above the older ones", async (t) => {
  const server = await serve(t, frozen);
  await send(server, "GET /apikey/", { key: "ak_123" });
  const page = await openConsole(t, server);
  const rows = table(page, requestTable).getByRole("row");
  await expect(rows).toHaveCount(2);
  // The page has just polled, so each wait is a whole interval. A busy machine can delay some.
  const waits = [];
  for (const count of [3, 4]) {
    await send(server, "DELETE /apikey/77/", { key: "ak_123" });
    const sentAt = performance.now();
    await eventually(() => rows.count()).toBe(count);
    waits.push(performance.now() - sentAt);
  }
  assert.ok(Math.min(...waits) < 1000, `they were shown after ${waits} ms`);

  await send(server, "POST /apikey/?dry=1", {
    key: "ak_123",
    body: { name: "CI", mode: "reed" },
    headers: { "x-mock-scenario": "rate_limited" },
  });
  await expect(rows).toHaveCount(5);
  const [newest, deleted] = await readTable(page, requestTable);
  const { Duration: duration, ...facts } = newest;
  assert.match(duration, /^\d+(\.\d)? (µs|ms)$/);
  assert.deepEqual(facts, {
    Time: "2024-02-12 10:20:30.456",
    Method: "POST",
    Path: "/apikey/?dry=1",
    Status: "429",
    "Decided by": "X-Mock-Scenario",
  });
  assert.equal(deleted["Decided by"], (await journal(server)).at(-2).rejected_by);
  assert.notEqual(deleted["Decided by"], "");
});

test("each filter leaves only the requests that it names, and a reload keeps them", async (t) => {
  const rules = [{ on: "PUT /down", respond: { status: 503, body: "down" } }];
  const server = await serveRules(t, rules, "--now", "2024-02-12T00:00:00Z", "--freeze");
  const lines = [
    "GET /apikey/",
    "GET /apikey/77/",
    "PUT /down",
    "POST /apikey/",
    "OPTIONS /apikey/",
  ];
  for (const line of lines)
    await send(server, line, { key: "ak_123", headers: { origin: "http://a" } });
  const page = await openConsole(t, server);
  const filters = page.getByRole("search", { name: "Filter requests" });
  const shows = (rows) => expectRows(page, requestTable, ["Method", "Path", "Status"], rows);
  const list = ["GET", "/apikey/", "200"];
  const missing = ["GET", "/apikey/77/", "404"];
  const down = ["PUT", "/down", "503"];
  const create = ["POST", "/apikey/", "400"];
  await shows([create, down, missing, list]);

  await filters.getByLabel("Status").selectOption("4xx");
  await shows([create, missing]);
  await filters.getByLabel("Path").fill("77");
  await shows([missing]);
  await page.reload();
  await shows([missing]);
  await filters.getByLabel("Path").fill("");
  await filters.getByLabel("Method").selectOption("GET");
  await shows([missing]);
  await filters.getByLabel("Status").selectOption("any");
  await shows([missing, list]);
  await filters.getByLabel("Method").selectOption("OPTIONS");
  await shows([["OPTIONS", "/apikey/", "204"]]);
  await filters.getByLabel("Method").selectOption({ index: 0 });
  await filters.getByLabel("Rejected only").check();
  await shows([create, down, missing]);
  await filters.getByLabel("Status").selectOption("2xx");
  await shows([]);
  await expect(page.getByText("No request matches the filters.")).toBeVisible();
  await filters.getByLabel("Rejected only").uncheck();
  await shows([list]);
  // New requests are filtered too.
  await send(server, "DELETE /apikey/3/", { key: "ak_123" });
  await send(server, "DELETE /apikey/3/", { key: "ak_123" });
  await shows([["DELETE", "/apikey/3/", "200"], list]);
});

test("the details have the reason, the key, the headers and the formatted bodies", async (t) => {
  const server = await serve(t, frozen);
  await addKey(server);
  const body = { name: "CI", mode: "reed", nested: { list: [1] } };
  await send(server, "POST /apikey/?a=1&b=%26", { key: ownKey, body, headers: { "x-own": "yes" } });
  const page = await openConsole(t, server);
  const details = await openRequest(page, "/apikey/?a=1&b=%26", "POST /apikey/");
  const [entry] = await journal(server);
  await expect(details).toContainText(`Reason: ${entry.response.headers["X-Mock-Reason"]}`);
  for (const text of [
    'key 6, "Own", mode all',
    "2024-02-12 10:20:30",
    "read_mode",
    JSON.stringify(body, null, 2),
    JSON.stringify(JSON.parse(entry.response.body), null, 2),
  ]) {
    await expect(details).toContainText(text.replaceAll(/\s+/g, " "));
    if (text.startsWith("{")) await expect(details.getByText(text, { exact: true })).toBeVisible();
  }
  const pairs = (caption) =>
    details
      .getByRole("table", { name: caption })
      .evaluate((found) =>
        [...found.rows].map((row) => [...row.cells].map((cell) => cell.innerText)),
      );
  assert.deepEqual(await pairs("Query"), [
    ["a", "1"],
    ["b", "&"],
  ]);
  assert.deepEqual(await pairs("Request headers"), Object.entries(entry.headers));
  assert.deepEqual(await pairs("Response headers"), Object.entries(entry.response.headers));

  // The key was deleted: the page says so.
  await control(server, "DELETE /__admin/keys/6");
  await details.getByRole("button", { name: "Close" }).click();
  await expect(details).toBeHidden();
  await openRequest(page, "/apikey/?a=1&b=%26", "POST /apikey/");
  await expect(details).toContainText("key 6, deleted since");
});

test("a copied curl command repeats the request", async (t) => {
  const server = await serve(t, frozen);
  const sandbox = sandboxOf(server, "worker-1");
  const json = JSON.stringify({ name: 'it\'s $HOME `id` \\ "x" \n ü', mode: "read" });
  const requests = [
    ["GET /apikey/?b=%26&c='%20%24(id)", { key: "ak_456" }],
    ["POST /apikey/", { key: ownKey, body: json, headers: { "content-type": "application/json" } }],
    ["POST /apikey/", { key: "ak_123", body: "{", headers: { "content-type": "text/plain" } }],
    [
      "PUT /a%20b/caf%C3%A9/[1-3]/{x}/%25/$HOME",
      { body: "plain", headers: { "x-quote": 'it\'s "$HOME"' } },
    ],
    ["DELETE /apikey/3/", { key: "ak_789", headers: { "x-mock-scenario": "rate_limited" } }],
    ["HEAD /apikey/", { key: "ak_123" }],
    ["POST /apikey/", { key: "ak_123", body: "a\0b\\c\n'%s\\0" }],
    ["POST /nothing", {}],
  ];
  await addKey(sandbox);
  for (const [line, options] of requests) await send(sandbox, line, options);
  const sent = await journal(sandbox);
  const page = await openConsole(t, server, "#requests?sandbox=worker-1");
  const buttons = table(page, requestTable).getByRole("button");
  await expect(buttons).toHaveCount(requests.length);

  const commands = [];
  for (let index = requests.length - 1; index >= 0; --index) {
    await buttons.nth(index).click();
    const details = page.getByRole("region", { name: sent.at(-1 - index).path, exact: false });
    commands.push(await copied(page, details.getByRole("button", { name: "Copy as curl" })));
    await details.getByRole("button", { name: "Close" }).click();
  }
  const comparable = ({
    method,
    path,
    query,
    headers,
    body,
    status,
    key_id: key,
    rejected_by: by,
  }) => {
    const kept = Object.entries(headers)
      .map(([name, value]) => [name.toLowerCase(), value])
      .filter(([name, value]) => !/^(user-agent|accept|connection)$/.test(name) && value !== "0")
      .sort();
    return { method, path, query, kept, body, status, key, by };
  };
  for (const command of commands) {
    const { code, stderr } = await run("sh", ["-c", command]);
    assert.equal(code, 0, `${command}: ${stderr}`);
  }
  const repeated = (await journal(sandbox)).slice(requests.length);
  assert.deepEqual(repeated.map(comparable), sent.map(comparable));
});

test("a rule made from a request answers requests like it, and the page shows it", async (t) => {
  const server = await serve(t, frozen);
  const body = { name: "New", mode: "read" };
  for (const line of ["POST /apikey/", "DELETE /apikey/2/"]) {
    await send(server, line, { key: "ak_123", body });
  }
  const page = await openConsole(t, server);
  const form = page.getByRole("form", { name: "Editor" });
  const editor = form.getByLabel("Scenario file");
  const edit = async (path) => {
    await openView(page, "Requests");
    const details = await openRequest(page, path);
    await details.getByRole("button", { name: "Create a rule from this" }).click();
    await expect(page.getByRole("heading", { level: 2, name: "Scenarios" })).toBeVisible();
    return JSON.parse(await editor.inputValue()).rules;
  };
  const [{ on, match }] = await edit("/apikey/2/");
  assert.deepEqual({ on, match }, { on: "DELETE /apikey/:id/", match: { id: 2, body } });

  const [rule] = await edit("/apikey/");
  assert.deepEqual([rule.on, rule.match], ["POST /apikey/", { body }]);
  const busy = { ...rule, respond: { status: 503, body: { error: "busy" } } };
  await editor.fill(JSON.stringify({ rules: [busy] }));
  await form.getByLabel("Name").fill("busy");
  await form.getByRole("button", { name: "Activate" }).click();
  await expect(page.getByRole("status")).toContainText("Activated busy.");
  const fired = await send(server, "POST /apikey/", { key: "ak_123", body });
  assert.deepEqual([fired.status, fired.text], [503, '{"error":"busy"}']);
  const other = { ...body, name: "Other" };
  assert.equal((await send(server, "POST /apikey/", { key: "ak_123", body: other })).status, 200);
  await expectRows(
    page,
    "Rules of busy",
    ["On", "Matched", "Fired"],
    [["POST /apikey/", "1", "1"]],
  );
});

test("a rule made from an injected error names the error", async (t) => {
  const server = await serve(t, frozen);
  await send(server, "GET /apikey/", {
    key: "ak_123",
    headers: { "x-mock-scenario": "rate_limited" },
  });
  const page = await openConsole(t, server);
  const details = await openRequest(page, "/apikey/");
  await details.getByRole("button", { name: "Create a rule from this" }).click();
  await page
    .getByRole("form", { name: "Editor" })
    .getByRole("button", { name: "Activate" })
    .click();
  await expect(page.getByRole("status")).toContainText("Activated");
  const { status, headers } = await send(server, "GET /apikey/", { key: "ak_123" });
  assert.equal(status, 429);
  assert.match(headers.get("x-mock-reason"), /^scenario .*: error rate_limited$/);
});

test("the copied call of the npm package verifies that there was one such request", async (t) => {
  const { connectMockCapgo } = require(path.join(repository, "build/npm/packages/mock-capgo"));
  const server = await serve(t, frozen);
  const create = { key: "ak_123", body: { name: "it's `${1}`", mode: "read" } };
  await send(server, "POST /apikey/", create);
  await send(server, "GET /apikey/77/?x=1", { key: "ak_456" });
  const page = await openConsole(t, server);
  const buttons = table(page, requestTable).getByRole("button");
  await expect(buttons).toHaveCount(2);
  const texts = [];
  for (const index of [0, 1]) {
    await buttons.nth(index).click();
    texts.push(await copied(page, page.getByRole("button", { name: "Copy as verify" })));
    await page.getByRole("button", { name: "Close" }).click();
  }
  const mock = await connectMockCapgo(server.url);
  const AsyncFunction = (async () => {}).constructor;
  for (const text of texts) {
    assert.match(text, /^await mock\.verify\(/);
    await new AsyncFunction("mock", text)(mock);
  }
  await send(server, "POST /apikey/", create);
  await assert.rejects(new AsyncFunction("mock", texts[1])(mock), /2/);
});

test("without requests, the page shows a command that sends one", async (t) => {
  const server = await serve(t, frozen);
  await control(server, "POST /__admin/sandboxes", { name: "worker-1" }, { wanted: 201 });
  for (const hash of ["#requests", "#requests?sandbox=worker-1"]) {
    const page = await openConsole(t, server, hash);
    await expect(page.getByText("No requests yet.")).toBeVisible();
    const command = page.getByText(/^curl /);
    const text = await copied(page, page.getByRole("button", { name: "Copy" }));
    assert.equal(text, await command.innerText());
    const { code, stdout } = await run("sh", ["-c", text]);
    assert.equal(code, 0);
    assert.deepEqual(Object.keys(JSON.parse(stdout)), ["data"]);
    await expectRows(
      page,
      requestTable,
      ["Method", "Path", "Status"],
      [["GET", "/apikey/", "200"]],
    );
    await expect(command).toBeHidden();
  }
});

test("new rows are announced", async (t) => {
  const server = await serve(t, frozen);
  await send(server, "GET /apikey/", { key: "ak_123" });
  const page = await openConsole(t, server);
  const rows = table(page, requestTable).getByRole("row");
  await expect(rows).toHaveCount(2);
  const announcement = page.locator("[aria-live=polite]");
  // The rows that were there when the page was opened are not new.
  assert.deepEqual(await announcement.allInnerTexts(), [""]);
  await send(server, "GET /apikey/", { key: "ak_123" });
  await expect(announcement).toContainText("1 new request");
  await send(server, "GET /apikey/", { key: "ak_123" });
  await send(server, "GET /apikey/", { key: "ak_123" });
  await expect(announcement).toContainText("2 new requests");
});

test("the page follows a journal that is cleared, and starts over", async (t) => {
  const server = await serve(t, frozen);
  await send(server, "GET /apikey/", { key: "ak_123" });
  const page = await openConsole(t, server);
  const shows = (rows) => expectRows(page, requestTable, ["Path"], rows);
  await shows([["/apikey/"]]);
  await control(server, "POST /__admin/reset");
  await send(server, "DELETE /apikey/2/", { key: "ak_123" });
  await shows([["/apikey/2/"]]);
  await control(server, "DELETE /__admin/requests");
  await expect(page.getByText("No requests yet.")).toBeVisible();
});

test("two pages show two sandboxes", async (t) => {
  const server = await serve(t, frozen);
  const sandboxes = ["left", "right"].map((name) => sandboxOf(server, name));
  for (const sandbox of sandboxes) await control(sandbox, "POST /__admin/reset");
  const pages = [];
  for (const name of ["left", "right"]) {
    pages.push(await openConsole(t, server, `#requests?sandbox=${name}`));
  }
  await send(sandboxes[0], "GET /apikey/", { key: "ak_123" });
  await send(sandboxes[1], "DELETE /apikey/2/", { key: "ak_123" });
  await expectRows(pages[0], requestTable, ["Path"], [["/apikey/"]]);
  await expectRows(pages[1], requestTable, ["Path"], [["/apikey/2/"]]);
  // A change through one page does not reach the other sandbox.
  await openView(pages[0], "Clock");
  await openView(pages[1], "Clock");
  await pages[0].getByRole("button", { name: "+31 days" }).click();
  await expect(pages[0].getByText("2024-03-14 10:20:30 UTC")).toBeVisible();
  await expect(pages[1].getByText("2024-02-12 10:20:30 UTC")).toBeVisible();
  assert.equal((await control(sandboxes[1], "GET /__admin/clock")).now, "2024-02-12T10:20:30.456Z");
});
