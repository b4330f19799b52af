/**
 * docs/deployed-2026-07.md agrees with the program: its snippets do what it says, those for the
 * time before with the other contracts, and its tables list the fields and the rejections.
 */
import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { send } from "./client.mjs";
import { goldenExchanges } from "./golden_files.mjs";
import { page, tableRows } from "./pages.mjs";
import { repository, run, serve } from "./server.mjs";
import { snippetFolder } from "./snippets.mjs";

const text = page("docs/deployed-2026-07.md");
const july = "deployed-2026-07";
const before = ["documented", "deployed-2026-02"];
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/;
const secretOf = (contract) => (contract === "documented" ? "ak_[0-9a-f]{32}" : uuid.source);

/** Runs a snippet with `mock-capgo exec` and the demo data. */
async function runSnippet(t, title, contract, ...options) {
  const folder = snippetFolder(t, "capgo.mjs", title);
  symlinkSync(path.join(repository, "build", "npm", "node_modules"), path.join(folder.cwd, "node_modules"));
  const server = ["--contract", contract, "--log", "none", ...options];
  const args = ["exec", ...server, "--", process.execPath, title];
  return run("mock-capgo", args, folder);
}

/** Runs a snippet that must succeed. Returns its output. */
async function printed(...args) {
  const { code, stdout, stderr } = await runSnippet(...args);
  assert.equal(code, 0, stderr);
  return stdout;
}

/** Runs a snippet that must fail with this error of the service. */
async function assertFails(t, title, contract, error) {
  const { code, stderr } = await runSnippet(t, title, contract);
  assert.equal(code, 1, stderr);
  assert.ok(stderr.includes(`Error: ${error}\n`), stderr);
}

for (const contract of before) {
  test(`a key creates, lists and replaces keys as before (${contract})`, async (t) => {
    const secret = secretOf(contract);
    const created = await printed(t, "create-before.mjs", contract);
    assert.match(created, new RegExp(`^\\d+ ${secret}\n$`));
    const list = await printed(t, "list-before.mjs", contract);
    assert.match(list, /^1 all (ak_demo|de300000-0000-4000-8000-000000000001)\n/);
    assert.match(await printed(t, "rotate-before.mjs", contract), new RegExp(`^${secret}\n$`));
  });
}

test("the code from before fails as the page says", async (t) => {
  const cannotCreate = "400 cannot_create_apikey: API keys cannot create other API keys";
  await assertFails(t, "create-before.mjs", july, cannotCreate);
  const list = await printed(t, "list-before.mjs", july);
  assert.match(list, /^(\d undefined undefined\n)+$/);
});

test("a user creates and lists keys, and another key rotates one", async (t) => {
  const created = new RegExp(`^4 ${uuid.source}\n$`);
  assert.match(await printed(t, "create-after.mjs", july), created);
  const list = await printed(t, "list-after.mjs", july);
  assert.equal(list, "1 Demo false\n2 Deploy Bot false\n3 Release Manager false\n");
  assert.match(await printed(t, "rotate-after.mjs", july), new RegExp(`^${uuid.source}\n$`));
  const supabase = await printed(t, "create-supabase.mjs", july, "--base-path", "/functions/v1");
  assert.match(supabase, created);
});

test("a rule responds with an error that has no name", async (t) => {
  const { cwd } = snippetFolder(t, "forbidden-binding.json");
  const server = await serve(t, ["--contract", july, "--scenario", "forbidden-binding.json"], { cwd });
  const { status, text: answer } = await send(server, "POST /apikey/");
  assert.deepEqual([status, JSON.parse(answer).error], [403, "forbidden_binding"]);
});

test("the names of scenarios give the errors in the table", async (t) => {
  const server = await serve(t, ["--contract", july]);
  const lines = ["GET /apikey", "GET /apikey/1", "POST /apikey", "PUT /apikey/1", "DELETE /apikey/1"];
  const rows = tableRows(text, "Rejections on purpose", /^`/);
  for (const [names, statuses, errors] of rows) {
    const listed = (cell) => new Set(cell.match(/(?<=`)[a-z_]+(?=`)|\d{3}/g));
    for (const name of listed(names)) {
      const answers = lines.map((line) =>
        send(server, line, { key: server.ready.key, headers: { "X-Mock-Scenario": name } }));
      const all = await Promise.all(answers);
      const got = all.map((answer) => JSON.parse(answer.text).error);
      assert.deepEqual(new Set(got), listed(errors), name);
      assert.deepEqual(new Set(all.map(({ status }) => `${status}`)), listed(statuses), name);
    }
  }
});

test("responses have the fields in the table, in its order", async (t) => {
  const rows = tableRows(text, "Fields", /^(list|update|create)/);
  const listed = rows.map(([, fields]) => fields.match(/(?<=`)[a-z_]+(?=`)/g));
  const server = await serve(t, ["--contract", july]);
  const call = async (line, body) => {
    const key = `Bearer ${server.ready.user_token}`;
    const { status, text: answer } = await send(server, line, { key, body });
    assert.equal(status, 200, answer);
    return JSON.parse(answer);
  };
  const org_id = "0a000000-0000-4000-8000-00000000000a";
  const bindings = [{ role_name: "org_member", scope_type: "org", org_id }];
  const [first] = await call("GET /apikey");
  const answers = [
    first,
    await call("PUT /apikey/1", { name: "CI", global_permissions: [] }),
    await call("PUT /apikey/1", { regenerate: true }),
    await call("POST /apikey", { name: "New", bindings }),
  ];
  assert.deepEqual(answers.map(Object.keys), listed);
  const renamed = await call("PUT /apikey/1", { name: "CI" });
  assert.deepEqual(Object.keys(renamed), listed[1].slice(0, -1));
  assert.deepEqual(Object.keys(await call("GET /apikey/1")), listed[0]);
});

/** The table of rejections, one item for each row. Some texts in it are examples. */
const rejections = tableRows(text, "Rejections", /^[A-Za-z, ]+$/)
  .filter(([, , , status]) => /^\d/.test(status))
  .map(([on, steps, , status, error, message, moreInfo]) => {
    const plain = (cell) => cell.replaceAll("`", "");
    return { on, steps: steps.match(/\w+/g), moreInfo, text: normalized(status, plain(error), plain(message)) };
  });

/** The rejections in the golden files. */
const golden = goldenExchanges(july)
  .filter(({ body }) => body.message !== undefined)
  .map(({ name, request: { method }, response, body }) => {
    const { error, message, moreInfo } = body;
    const like = method === "HEAD" ? "GET" : method;
    const [, step] = /^(\w+): /.exec(response.headers["X-Mock-Reason"]) ?? [];
    return { name, method: like, moreInfo, step, isInjected: step === undefined, text: normalized(response.status, error, message) };
  });

/** A rejection without the parts of its message that depend on the data. */
function normalized(status, error, message) {
  const general = message
    .replace(/exceed \d+ days/, "exceed N days")
    .replace(/assign the \w+ role/, "assign the R role")
    .replace(/for org .+/, "for org ID");
  return `${status} ${error}: ${general}`;
}

test("the table lists exactly the rejections of the golden files", () => {
  // Golden files have no failing store.
  const failingStore = "500 failed_to_update_apikey: Failed to regenerate API key";
  const sorted = (all) => [...new Set(all)].sort();
  assert.deepEqual(
    sorted(rejections.map((each) => each.text)),
    sorted([...golden.map((each) => each.text), failingStore]),
  );
});

/** Whether a row is for a call with this method and has these details. */
function describes({ on, moreInfo: cell }, method, moreInfo) {
  const methods = on.replace("list", "GET").replace("get", "GET");
  if (!/^a/.test(on) && !methods.includes(method)) return false;
  if (moreInfo === undefined) return cell === "no `moreInfo`";
  const isOmitted = cell.startsWith("on PUT") && method !== "PUT";
  const named = isOmitted ? [] : (cell.match(/(?<=`)\w+(?=`)/g) ?? []);
  return JSON.stringify(named.sort()) === JSON.stringify(Object.keys(moreInfo).sort());
}

test("the table has the step and the details of each rejection in the golden files", () => {
  for (const each of golden.filter(({ isInjected }) => !isInjected)) {
    const { name, method, moreInfo, step, text: rejection } = each;
    const rows = rejections.filter((row) => row.text === rejection && row.steps.includes(step));
    const what = `${name}: ${method}, ${step}, ${rejection}: ${JSON.stringify(moreInfo)}`;
    assert.ok(rows.some((row) => describes(row, method, moreInfo)), what);
  }
});
